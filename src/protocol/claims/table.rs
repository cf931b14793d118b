//! The 37 claims of the platform's discovery document, and the scope that opens each.

use crate::protocol::scope::{Scope, Scopes};

use super::ClaimsRequest;

/// Every claim and the scope that opens it; `None` is said always (it is the protocol's own).
pub const CLAIMS: [(&str, Option<Scope>); 37] = [
    ("sub", None),
    ("iss", None),
    ("name", Some(Scope::Profile)),
    ("given_name", Some(Scope::Profile)),
    ("family_name", Some(Scope::Profile)),
    ("middle_name", Some(Scope::Profile)),
    ("MemberNameSuffix", Some(Scope::Profile)),
    ("preferred_username", Some(Scope::Profile)),
    ("website", Some(Scope::Profile)),
    ("address", Some(Scope::Address)),
    ("phone_number", Some(Scope::Phone)),
    ("phone_number_verified", Some(Scope::Phone)),
    ("picture", Some(Scope::Profile)),
    ("email", Some(Scope::Email)),
    ("email_verified", Some(Scope::Email)),
    ("zoneinfo", Some(Scope::Profile)),
    ("MemberMlsId", Some(Scope::Reso)),
    ("OfficeKey", Some(Scope::Reso)),
    ("Office", Some(Scope::Reso)),
    ("OfficeMlsId", Some(Scope::Reso)),
    ("MemberNrdsId", Some(Scope::Reso)),
    ("MemberStateLicense", Some(Scope::Reso)),
    ("MemberAOR", Some(Scope::Reso)),
    ("MemberAORkey", Some(Scope::Reso)),
    ("MemberPrimaryAorId", Some(Scope::Reso)),
    ("MemberPrimaryAorKey", Some(Scope::Reso)),
    ("MemberType", Some(Scope::Reso)),
    ("MemberStatus", Some(Scope::Reso)),
    ("UserType", Some(Scope::Fbs)),
    ("UserLevel", Some(Scope::Fbs)),
    ("FlexmlsMemberType", Some(Scope::Fbs)),
    ("user_is_visible", Some(Scope::Fbs)),
    ("user_profile_visible", Some(Scope::Fbs)),
    ("user_is_enabled", Some(Scope::Fbs)),
    ("user_is_active", Some(Scope::Fbs)),
    ("mls_system_access", Some(Scope::Fbs)),
    ("user_is_billable", Some(Scope::Fbs)),
];

/// The claims the userinfo endpoint says: those of the scopes, and those asked for one by one as far as the key may have them (`limit`).
///
/// Spec: OpenID Connect Core §5.4, §5.5
pub fn at_userinfo(scope: Scopes, limit: Scopes, request: Option<&ClaimsRequest>) -> impl Iterator<Item = &'static str> + use<'_> {
    opened(move |name, by| {
        scope.has(by) || (limit.has(by) && request.is_some_and(|request| request.userinfo.iter().any(|asked| asked == name)))
    })
}

/// The claims an ID token says beside its own: those asked for one by one as far as the key may have them (`limit`), and those of the
/// scopes only where no access token is handed out by which they could be fetched.
///
/// Spec: OpenID Connect Core §5.4
pub fn in_id_token(
    scope: Scopes,
    limit: Scopes,
    request: Option<&ClaimsRequest>,
    alone: bool,
) -> impl Iterator<Item = &'static str> + use<'_> {
    opened(move |name, by| {
        (alone && scope.has(by)) || (limit.has(by) && request.is_some_and(|request| request.id_token.iter().any(|asked| asked == name)))
    })
}

fn opened<'a>(open: impl Fn(&str, Scope) -> bool + 'a) -> impl Iterator<Item = &'static str> + 'a {
    CLAIMS.into_iter().filter_map(move |(name, by)| by.filter(|by| open(name, *by)).map(|_| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_said_only_where_its_scope_was_granted() {
        let said: Vec<_> = at_userinfo(Scopes::known("openid email"), Scopes::all(), None).collect();
        assert_eq!(said, ["email", "email_verified"]);
        assert_eq!(in_id_token(Scopes::all(), Scopes::all(), None, false).count(), 0);
        assert_eq!(in_id_token(Scopes::known("openid phone"), Scopes::all(), None, true).count(), 2);
    }

    #[test]
    fn a_claim_asked_for_by_name_is_said_where_it_was_asked_for() {
        let request = ClaimsRequest::parse(r#"{"userinfo":{"name":{"essential":true},"sparkle":null},"id_token":{"email":null}}"#).unwrap();
        let openid = Scopes::known("openid");
        assert_eq!(at_userinfo(openid, Scopes::all(), Some(&request)).collect::<Vec<_>>(), ["name"]);
        assert_eq!(in_id_token(openid, Scopes::all(), Some(&request), false).collect::<Vec<_>>(), ["email"]);
        assert_eq!(request.scopes().to_string(), "profile email");
        assert_eq!(at_userinfo(openid, openid, Some(&request)).chain(in_id_token(openid, openid, Some(&request), false)).count(), 0);
    }

    #[test]
    fn the_protocols_own_claims_come_from_nobodys_profile() {
        assert!(at_userinfo(Scopes::all(), Scopes::all(), None).all(|name| !matches!(name, "sub" | "iss" | "aud" | "exp")));
        assert_eq!(at_userinfo(Scopes::all(), Scopes::all(), None).count(), 35);
    }
}
