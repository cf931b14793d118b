//! The events of the audit in the words of people: one table for every page that tells of them.

/// Each event, as the audit spells it and as people say it.
const WORDS: &[(&str, &str)] = &[
    ("access.denied", "Was refused access"),
    ("account.locked", "Account locked"),
    ("account.unlocked", "Account unlocked"),
    ("admin.action", "Administrative change"),
    ("approval.rejected", "Tried to answer a request that was not open to them"),
    ("authz.denied", "Sign-in to an application was refused"),
    ("authz.rejected", "Sign-in link of an application was not valid"),
    ("client.auth_failed", "Application failed to prove itself"),
    ("code.client_mismatch", "Sign-in code was used by another application"),
    ("code.issued", "Started signing in to an application"),
    ("code.replay_unproven", "Sign-in code was used again without proof"),
    ("code.replayed", "Sign-in code was used twice"),
    ("consent.granted", "Allowed an application"),
    ("consent.revoked", "Disconnected an application"),
    ("consumer.registered", "Home buyer signed up"),
    ("consumer.updated", "Home buyer's details changed"),
    ("consumer.verified", "Home buyer confirmed their address"),
    ("contact.closed", "Contact closed"),
    ("contact.created", "Contact added"),
    ("contact.deleted", "Contact deleted"),
    ("contact.invited", "Contact invited"),
    ("contact.linked", "Contact connected with a login"),
    ("contact.portal_created", "Contact got a login for the portal"),
    ("contact.portal_disabled", "Contact's login for the portal switched off"),
    ("contact.portal_updated", "Contact's login for the portal changed"),
    ("contact.updated", "Contact changed"),
    ("credentials.requested", "New link to a key's credentials requested"),
    ("credentials.shown", "Credentials of a key shown"),
    ("csrf.rejected", "Form from another site was refused"),
    ("developer.activated", "Developer activated"),
    ("developer.disabled", "Developer switched off"),
    ("developer.enabled", "Developer switched on"),
    ("developer.refused", "Developer's registration declined"),
    ("developer.registered", "Developer registered"),
    ("developer.verified", "Developer confirmed their address"),
    ("enrolment.accepted", "New terms of a plan accepted"),
    ("enrolment.approved", "Enrollment approved"),
    ("enrolment.commented", "Comment on an enrollment"),
    ("enrolment.declined", "Enrollment declined"),
    ("enrolment.delegated", "Enrollment handed to a colleague"),
    ("enrolment.expired", "Enrollment expired"),
    ("enrolment.issued", "Key issued for an enrollment"),
    ("enrolment.restarted", "Enrollment began again because its plan changed"),
    ("enrolment.submitted", "Enrollment sent"),
    ("enrolment.withdrawn", "Enrollment withdrawn"),
    ("family.revoked", "Application's access ended"),
    ("gateway.denied", "Request for data was refused"),
    ("grant.issued", "Signed in to an application"),
    ("grant.revoked", "Application signed out"),
    ("identity.asserted", "Signed in to an older application"),
    ("identity.created", "Developer record added"),
    ("identity.deleted", "Developer record deleted"),
    ("identity.updated", "Developer record changed"),
    ("introspect.denied", "Question about a token was refused"),
    ("key.appealed", "Suspension of a key appealed"),
    ("key.created", "Key created"),
    ("key.deleted", "Key deleted"),
    ("key.disabled", "Key switched off"),
    ("key.restriction_denied", "Key was used from where it may not be"),
    ("key.resumed", "Key reinstated"),
    ("key.secret_rotated", "Secret of a key replaced"),
    ("key.suspended", "Key suspended"),
    ("key.updated", "Key changed"),
    ("key.user_changed", "User of a key changed"),
    ("key.verified", "Application verified"),
    ("link.rejected", "Link in an e-mail was not valid"),
    ("login.confirmed", "Entered the password again"),
    ("login.failure", "Sign-in failed"),
    ("login.success", "Signed in"),
    ("login.throttled", "Too many sign-in attempts"),
    ("password.changed", "Password changed"),
    ("payment_account.set", "Invoice account changed"),
    ("personal_token.created", "Personal token created"),
    ("personal_token.revoked", "Personal token revoked"),
    ("plan.ended", "Plan ended"),
    ("plan.published", "Plan published"),
    ("portal.created", "Portal created"),
    ("portal.disabled", "Portal switched off"),
    ("portal.updated", "Portal changed"),
    ("purge.done", "Old records deleted"),
    ("ratelimit.hit", "Too many requests"),
    ("reset.done", "Password reset"),
    ("reset.requested", "Password reset requested"),
    ("revoke.denied", "Revoking a token was refused"),
    ("session.ended", "Signed out"),
    ("session.started", "Session started"),
    ("signingkey.rotated", "Signing keys rotated"),
    ("template.created", "Template created"),
    ("template.deleted", "Template deleted"),
    ("template.updated", "Template changed"),
    ("token.leak_suspected", "Token may have leaked"),
    ("token.rejected", "Request for a token was refused"),
    ("token.reuse_detected", "Refresh token was used twice"),
    ("token.revoked", "Token revoked"),
];

/// An event in the words of people.
pub fn words(event: &str) -> &'static str {
    WORDS.iter().find(|(known, _)| *known == event).map_or("Something else", |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Names with a dot that are no events: fields, parameters of OpenID 2.0, files, hosts.
    const OTHERS: [&str; 4] = ["keys.key", "houses.name", "a.b", "ps.pat"];
    const ENDINGS: [&str; 12] = [".html", ".css", ".svg", ".txt", ".js", ".json", ".toml", ".db", ".pem", ".example", ".com", ".localhost"];

    fn dotted(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !path.ends_with("demo") && !path.ends_with("tests") {
                    dotted(&path, found);
                }
                continue;
            }
            if path.ends_with("events.rs") || path.ends_with("tests.rs") {
                continue;
            }
            let whole = std::fs::read_to_string(&path).unwrap();
            for text in whole.split("#[cfg(test)]").next().unwrap().split('"') {
                let words: Vec<&str> = text.split('.').collect();
                let word = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                if words.len() == 2 && words.iter().all(word) {
                    found.insert(text.to_owned());
                }
            }
        }
    }

    #[test]
    fn every_event_the_code_records_has_words() {
        let mut found = BTreeSet::new();
        for room in ["flows", "http", "protocol", "platform", "identity", "cli"] {
            dotted(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room), &mut found);
        }
        found.retain(|text| {
            !OTHERS.contains(&text.as_str()) && !text.starts_with("openid.") && !ENDINGS.iter().any(|ending| text.ends_with(ending))
        });
        assert!(found.len() > 60, "{found:?}");
        let without: Vec<&String> = found.iter().filter(|event| words(event) == "Something else").collect();
        assert!(without.is_empty(), "no words for {without:?}");
    }
}
