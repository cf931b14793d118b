//! The tables as diesel sees them; `migrations/` makes them. Times are milliseconds since 1970, lists and documents are JSON text.
#![expect(missing_docs, reason = "diesel's table! makes many items that cannot be documented one by one")]

diesel::table! { mlses (id) { id -> Text, name -> Text, time_zone -> Text, logo -> Nullable<Text>, accent -> Nullable<Text>, support -> Nullable<Text>, created_at -> BigInt, sample -> Bool, } }

diesel::table! {
    accounts (id) {
        id -> Text, mls_id -> Text, login_name -> Text, login_key -> Text, user_type -> Text, active -> Bool, password_hash -> Nullable<Text>,
        tokens_valid_after -> Nullable<BigInt>, roster_key -> Text, profile -> Text, created_at -> BigInt, modified_at -> BigInt, platform_staff -> Bool,
        locked_by_platform -> Bool,
    }
}

diesel::table! {
    keys (id) {
        id -> BigInt, identity_id -> Nullable<BigInt>, mls_id -> Nullable<Text>, name -> Text, key -> Text, kind -> Text, application_uri -> Text, redirect_uris -> Text,
        roles -> Text, template_id -> Nullable<Text>, multiple_mls -> Bool, mls_ids -> Text, enabled -> Bool, openid_enabled -> Bool, policy -> Text, comments -> Text,
        deleted_at -> Nullable<BigInt>, last_active -> Nullable<Text>, tokens_valid_after -> Nullable<BigInt>, created_at -> BigInt, modified_at -> BigInt,
        auth_type -> Text, sealed_secret -> Nullable<Text>, permitted_addresses -> Text, permitted_agents -> Text,
    }
}

diesel::table! { key_secrets (id) { id -> BigInt, key_id -> BigInt, name -> Text, digest -> Text, created_at -> BigInt, expires_at -> Nullable<BigInt>, last_used_on -> Nullable<Text>, } }

diesel::table! {
    grants (id) {
        id -> BigInt, key_id -> BigInt, account_id -> Text, state -> Text, scope -> Text, nonce -> Nullable<Text>, challenge -> Nullable<Text>, redirect_uri -> Text,
        claims -> Nullable<Text>, auth_time -> BigInt, session_id -> Nullable<BigInt>, offered_at -> BigInt, offer_ends -> BigInt, ends_at -> BigInt, generation -> BigInt,
        rotated_at -> BigInt, front_channel -> Bool, some_revoked -> Bool, sweep_at -> BigInt,
        consumer_id -> Nullable<Text>, contact_id -> Nullable<Text>, consumer_role -> Nullable<Text>,
    }
}

diesel::table! { revoked_tokens (nonce) { nonce -> BigInt, sweep_at -> BigInt, } }

diesel::table! {
    consents (account_id, key_id) {
        account_id -> Text, key_id -> BigInt, scope -> Text, terms -> Text, granted_at -> BigInt, id -> BigInt, given_by -> Nullable<Text>, created_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt, digest -> Text, account_id -> Text, auth_time -> BigInt, seen_at -> BigInt, ends_at -> BigInt, ended_at -> Nullable<BigInt>,
        peer -> Nullable<Text>, user_agent -> Text, sweep_at -> BigInt,
    }
}

diesel::table! { throttles (bucket) { bucket -> Text, attempts -> BigInt, last_at -> BigInt, blocked_until -> BigInt, sweep_at -> BigInt, } }

diesel::table! {
    signing_keys (kid) {
        kid -> Text, algorithm -> Text, sealed_private -> Text, public_jwk -> Text, published_at -> BigInt, active_from -> BigInt,
        signs_until -> Nullable<BigInt>, withdrawn_at -> Nullable<BigInt>,
    }
}

diesel::table! { mac_keys (version) { version -> BigInt, sealed -> Text, created_at -> BigInt, } }

diesel::table! {
    audit (id) {
        id -> BigInt, at -> BigInt, event -> Text, outcome -> Text, actor -> Nullable<Text>, subject -> Nullable<Text>, client -> Nullable<Text>, session -> Nullable<Text>,
        peer -> Nullable<Text>, request_id -> Nullable<Text>, reason -> Nullable<Text>, times -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt, recipient -> Text, subject -> Text, text_body -> Text, html_body -> Text, state -> Text, attempts -> BigInt, next_at -> BigInt,
        problem -> Nullable<Text>, sweep_at -> BigInt,
    }
}

diesel::table! {
    identities (id) {
        id -> BigInt, mls_id -> Nullable<Text>, account_id -> Nullable<Text>, first_name -> Text, last_name -> Text, company -> Text, email -> Text, website -> Text,
        phone -> Text, comments -> Text, additional_contacts -> Text, deleted_at -> Nullable<BigInt>, last_active -> Nullable<Text>, created_at -> BigInt, modified_at -> BigInt,
    }
}

diesel::table! {
    personal_tokens (id) {
        id -> BigInt, key_id -> BigInt, account_id -> Text, digest -> Text, last_four -> Text, restriction -> Nullable<Text>, created_by -> Text, created_at -> BigInt,
        last_used_on -> Nullable<Text>, revoked_at -> Nullable<BigInt>, sweep_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    templates (id) {
        id -> Text, mls_id -> Nullable<Text>, owner_id -> Nullable<Text>, association_id -> Nullable<Text>, name -> Text, description -> Text, syndication_id -> Nullable<Text>,
        listing_photo_limit -> Nullable<BigInt>, role -> Text, restrictive_filters -> Text, field_overrides -> Text, created_at -> BigInt, modified_at -> BigInt,
    }
}

diesel::table! { domains (id) { id -> BigInt, key_id -> BigInt, uri -> Text, created_at -> BigInt, modified_at -> BigInt, } }

diesel::table! {
    change_history (id) {
        id -> BigInt, mls_id -> Nullable<Text>, action -> Text, record_type -> Text, record_id -> Text, identity_id -> Nullable<BigInt>, key_id -> Nullable<BigInt>,
        changed_fields -> Text, changed_values -> Text, changed_by -> Text, at -> BigInt,
    }
}

diesel::table! { purchases (key_id, account_id) { key_id -> BigInt, account_id -> Text, purchased -> Bool, modified_at -> BigInt, } }

diesel::table! {
    usage_hours (key_id, hour, account_id, role) {
        hour -> BigInt, key_id -> BigInt, account_id -> Text, role -> Text, successes -> BigInt, client_errors -> BigInt, server_errors -> BigInt, last_at -> BigInt,
        sweep_at -> BigInt,
    }
}

diesel::table! {
    usage_details (id) {
        id -> BigInt, at -> BigInt, method -> Text, status -> BigInt, uri -> Text, micros -> BigInt, peer -> Nullable<Text>, user_agent -> Text, spark_user_agent -> Nullable<Text>,
        key_id -> BigInt, role -> Text, mls_id -> Nullable<Text>, account_id -> Nullable<Text>, api_error -> Nullable<BigInt>, reason -> Nullable<Text>, request_id -> Text, sweep_at -> BigInt,
    }
}

diesel::table! { rate_windows (bucket) { bucket -> Text, began_at -> BigInt, taken -> BigInt, sweep_at -> BigInt, } }

diesel::table! {
    developers (id) {
        id -> BigInt, email -> Text, email_key -> Text, password_hash -> Text, first_name -> Text, last_name -> Text, company -> Text, website -> Text, phone -> Text,
        building -> Text, terms_version -> Text, state -> Text, enabled -> Bool, submitted_at -> BigInt, verified_at -> Nullable<BigInt>, decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<Text>, reason -> Nullable<Text>, identity_id -> Nullable<BigInt>, sessions_valid_after -> Nullable<BigInt>, modified_at -> BigInt,
        sweep_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    developer_sessions (id) {
        id -> BigInt, digest -> Text, developer_id -> BigInt, auth_time -> BigInt, seen_at -> BigInt, ends_at -> BigInt, ended_at -> Nullable<BigInt>,
        peer -> Nullable<Text>, user_agent -> Text, sweep_at -> BigInt,
    }
}

diesel::table! {
    payment_accounts (developer_id) {
        developer_id -> BigInt, legal_name -> Text, billing_address -> Text, email -> Text, tax_id -> Text, created_at -> BigInt, modified_at -> BigInt,
    }
}

diesel::table! { plans (id) { id -> BigInt, mls_id -> Text, version -> BigInt, created_at -> BigInt, ended_at -> Nullable<BigInt>, } }

diesel::table! {
    plan_versions (plan_id, version) {
        plan_id -> BigInt, version -> BigInt, content -> Text, digest -> Text, published_at -> BigInt, published_by -> Text,
    }
}

diesel::table! {
    enrolments (id) {
        id -> BigInt, developer_id -> BigInt, plan_id -> BigInt, version -> BigInt, mls_id -> Text, account_id -> Nullable<Text>, own_data -> Nullable<Text>,
        application -> Text, website -> Text, redirect_uri -> Nullable<Text>, purpose -> Text, answers -> Text, state -> Text, content -> Text, accepted -> Text,
        accepted_version -> BigInt, accepted_at -> BigInt, round -> BigInt, submitted_at -> BigInt, waiting_since -> BigInt, reminders -> BigInt, revision -> BigInt, next_at -> Nullable<BigInt>,
        closed_at -> Nullable<BigInt>, reason -> Nullable<Text>, key_id -> Nullable<BigInt>, revealed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    approval_steps (id) { id -> BigInt, enrolment_id -> BigInt, place -> Text, approved_by -> Nullable<Text>, approved_at -> Nullable<BigInt>, }
}

diesel::table! { approvers (account_id, step_id) { account_id -> Text, step_id -> BigInt, } }

diesel::table! {
    enrolment_events (id) {
        id -> BigInt, enrolment_id -> BigInt, at -> BigInt, kind -> Text, place -> Nullable<Text>, actor -> Text, actor_id -> Nullable<Text>, words -> Text,
    }
}

diesel::table! {
    links (id) {
        id -> BigInt, purpose -> Text, digest -> Text, subject -> Text, address -> Text, created_at -> BigInt, expires_at -> BigInt, used_at -> Nullable<BigInt>,
        detail -> Text, sweep_at -> BigInt,
    }
}

diesel::table! {
    consumers (id) {
        id -> Text, email -> Text, email_key -> Text, login_name -> Text, login_key -> Text, name -> Text, given_name -> Text, family_name -> Text, phone -> Text, address -> Text,
        language -> Text, email_updates -> Bool, password_hash -> Text, email_verified_at -> Nullable<BigInt>, tokens_valid_after -> Nullable<BigInt>,
        current_agent -> Nullable<Text>, signup -> Nullable<Text>, last_login_at -> Nullable<BigInt>, created_at -> BigInt, modified_at -> BigInt, sweep_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    portals (id) {
        id -> Text, account_id -> Text, name -> Text, display_name -> Text, enabled -> Bool, required_fields -> Text, created_at -> BigInt, modified_at -> BigInt,
    }
}

diesel::table! {
    contacts (id) {
        id -> Text, account_id -> Text, consumer_id -> Nullable<Text>, display_name -> Text, given_name -> Text, family_name -> Text, email -> Text, email_key -> Text, phone -> Text,
        street -> Text, locality -> Text, region -> Text, postal_code -> Text, tags -> Text, vow_enabled -> Bool, record_status -> Text, portal_login -> Nullable<Text>,
        portal_enabled -> Bool, portal_language -> Text, last_active -> Nullable<BigInt>, created_at -> BigInt, modified_at -> BigInt, deleted_at -> Nullable<BigInt>,
        sweep_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    consumer_sessions (id) {
        id -> BigInt, digest -> Text, consumer_id -> Text, auth_time -> BigInt, seen_at -> BigInt, ends_at -> BigInt, ended_at -> Nullable<BigInt>,
        peer -> Nullable<Text>, user_agent -> Text, sweep_at -> BigInt,
    }
}

diesel::table! {
    consumer_consents (consumer_id, key_id, account_id) {
        consumer_id -> Text, key_id -> BigInt, account_id -> Text, scope -> Text, terms -> Text, granted_at -> BigInt, created_at -> BigInt,
    }
}

diesel::table! {
    key_suspensions (id) {
        id -> BigInt, key_id -> BigInt, reason -> Text, suspended_by -> Text, suspended_at -> BigInt, appeal -> Nullable<Text>, appealed_at -> Nullable<BigInt>,
        resumed_by -> Nullable<Text>, resumed_at -> Nullable<BigInt>, by_platform -> Bool,
    }
}

diesel::table! {
    key_approvals (id) {
        id -> BigInt, key_id -> BigInt, approved_by -> Text, approved_on -> Text, document -> Text, recorded_by -> Text, recorded_at -> BigInt,
        account_id -> Nullable<Text>, own_data -> Nullable<Text>,
    }
}

diesel::table! { facts (name) { name -> Text, value -> Text, } }

diesel::joinable!(grants -> accounts (account_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(accounts -> mlses (mls_id));
diesel::joinable!(identities -> accounts (account_id));
diesel::joinable!(personal_tokens -> accounts (account_id));
diesel::joinable!(consents -> accounts (account_id));
diesel::joinable!(purchases -> accounts (account_id));
diesel::joinable!(keys -> identities (identity_id));
diesel::joinable!(keys -> mlses (mls_id));
diesel::joinable!(key_suspensions -> keys (key_id));
diesel::joinable!(enrolments -> developers (developer_id));
diesel::joinable!(plans -> mlses (mls_id));
diesel::joinable!(plan_versions -> plans (plan_id));
diesel::joinable!(approval_steps -> enrolments (enrolment_id));
diesel::joinable!(approvers -> approval_steps (step_id));
diesel::joinable!(portals -> accounts (account_id));
diesel::joinable!(contacts -> accounts (account_id));
diesel::joinable!(contacts -> consumers (consumer_id));
diesel::allow_tables_to_appear_in_same_query!(
    grants,
    accounts,
    sessions,
    mlses,
    keys,
    key_secrets,
    identities,
    personal_tokens,
    consents,
    purchases,
    usage_hours,
    usage_details,
    domains,
    plans,
    plan_versions,
    enrolments,
    approval_steps,
    approvers,
    developers,
    key_suspensions,
    consumers,
    portals,
    contacts
);
