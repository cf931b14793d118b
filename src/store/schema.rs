//! The tables as diesel sees them; `migrations/` makes them. Times are milliseconds since 1970, lists and documents are JSON text.
#![expect(missing_docs, reason = "diesel's table! makes many items that cannot be documented one by one")]

diesel::table! { mlses (id) { id -> Text, name -> Text, time_zone -> Text, logo -> Nullable<Text>, accent -> Nullable<Text>, support -> Nullable<Text>, created_at -> BigInt, } }

diesel::table! {
    accounts (id) {
        id -> Text, mls_id -> Text, login_name -> Text, login_key -> Text, user_type -> Text, active -> Bool, password_hash -> Nullable<Text>,
        tokens_valid_after -> Nullable<BigInt>, roster_key -> Text, profile -> Text, created_at -> BigInt, modified_at -> BigInt,
    }
}

diesel::table! {
    keys (id) {
        id -> BigInt, identity_id -> Nullable<BigInt>, mls_id -> Nullable<Text>, name -> Text, key -> Text, kind -> Text, application_uri -> Text, redirect_uris -> Text,
        roles -> Text, template_id -> Nullable<Text>, multiple_mls -> Bool, mls_ids -> Text, enabled -> Bool, openid_enabled -> Bool, policy -> Text, comments -> Text,
        deleted_at -> Nullable<BigInt>, last_active -> Nullable<Text>, tokens_valid_after -> Nullable<BigInt>, created_at -> BigInt, modified_at -> BigInt,
    }
}

diesel::table! { key_secrets (id) { id -> BigInt, key_id -> BigInt, name -> Text, digest -> Text, created_at -> BigInt, expires_at -> Nullable<BigInt>, last_used_on -> Nullable<Text>, } }

diesel::table! {
    grants (id) {
        id -> BigInt, key_id -> BigInt, account_id -> Text, state -> Text, scope -> Text, nonce -> Nullable<Text>, challenge -> Nullable<Text>, redirect_uri -> Text,
        claims -> Nullable<Text>, auth_time -> BigInt, session_id -> Nullable<BigInt>, offered_at -> BigInt, offer_ends -> BigInt, ends_at -> BigInt, generation -> BigInt,
        rotated_at -> BigInt, front_channel -> Bool, some_revoked -> Bool, sweep_at -> BigInt,
    }
}

diesel::table! { revoked_tokens (nonce) { nonce -> BigInt, sweep_at -> BigInt, } }

diesel::table! { consents (account_id, key_id) { account_id -> Text, key_id -> BigInt, scope -> Text, terms -> Text, granted_at -> BigInt, } }

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

diesel::table! { facts (name) { name -> Text, value -> Text, } }

diesel::joinable!(grants -> accounts (account_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(accounts -> mlses (mls_id));
diesel::allow_tables_to_appear_in_same_query!(grants, accounts, sessions, mlses, keys, key_secrets);
