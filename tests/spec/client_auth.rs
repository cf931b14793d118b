//! Client authentication: a secret that fits, shown in a place that is not logged, or nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use latchkey::base::Seconds;
use latchkey::base::id::{KeyId, KeySecretId};
use latchkey::protocol::client::{GrantType, Policy};
use latchkey::store::keys;

use crate::support::rows::text;
use crate::support::world::{Answer, Application, BEGIN, World, form};

const OWN: (&str, &str) = ("grant_type", "client_credentials");
/// The doors at which clients prove themselves, and what each wants besides.
const DOORS: [(&str, (&str, &str)); 4] =
    [("/openid/token", OWN), ("/v1/oauth2/grant", OWN), ("/openid/introspect", ("token", "lka_x")), ("/openid/revoke", ("token", "lka_x"))];

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

/// Form encoding of one half, as RFC 6749 §2.3.1 wants it.
fn encoded(text: &str) -> String {
    form(&[("", text)]).trim_start_matches('=').to_owned()
}

fn asks(world: &World, path: &str, authorization: Option<&str>, fields: &[(&str, &str)]) -> Answer {
    let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
    headers.extend(authorization.map(|value| ("authorization", value)));
    world.request("POST", path, &headers, Some(&form(fields)))
}

#[test]
fn ca_01_basic_credentials_are_form_encoded_first_and_not_accepted_otherwise() {
    let world = World::new();
    let (id, secret) = ("a:b%41 c+d \u{e9}", "p:q%41 r+s \u{fc}&=");
    let policy = Policy { grant_types: vec![GrantType::ClientCredentials], ..Policy::default() };
    world.change(move |conn| {
        let new = keys::NewKey {
            id: KeyId(50),
            mls_id: None,
            name: "Odd",
            key: id,
            kind: "confidential",
            application_uri: "https://odd.example/",
            redirect_uris: &[],
            roles: &[],
            policy: &policy,
            comments: "",
        };
        keys::add(conn, &new, BEGIN)?;
        let digest = latchkey::base::Digest::of(secret.as_bytes());
        keys::add_secret(conn, KeySecretId(50), KeyId(50), "odd", &digest, None, BEGIN)
    });
    for (path, extra) in DOORS {
        let good = asks(&world, path, Some(&basic(&encoded(id), &encoded(secret))), &[extra]);
        assert_eq!(good.status, 200, "{path}: {good:?}");
        let percent = |text: &str| encoded(text).replace('+', "%20");
        assert_eq!(asks(&world, path, Some(&basic(&percent(id), &percent(secret))), &[extra]).status, 200, "{path}");
        for (id, secret) in [(id.to_owned(), secret.to_owned()), (encoded(id), secret.to_owned()), (id.to_owned(), encoded(secret))] {
            let raw = asks(&world, path, Some(&basic(&id, &secret)), &[extra]);
            raw.is_token_error(401, "invalid_client");
            assert!(raw.header("www-authenticate").unwrap().starts_with("Basic "), "{path}: {raw:?}");
            world.told(&raw, "client.auth_failed");
        }
    }
    // In a body everything is encoded once, by the form itself.
    assert_eq!(asks(&world, "/openid/token", None, &[OWN, ("client_id", id), ("client_secret", secret)]).status, 200);
}

#[test]
fn ca_02_header_and_body_may_say_the_same_and_never_different_things() {
    let world = World::new();
    let (w, w2) = (world.w(), world.key("w2"));
    let secret = w.secret.clone().unwrap();
    let header = basic(&w.client_id, &secret);
    for (path, extra) in DOORS {
        for same in [&[][..], &[("client_id", w.client_id.as_str())], &[("client_id", &w.client_id), ("client_secret", &secret)]] {
            let mut fields = vec![extra];
            fields.extend(same);
            assert_eq!(asks(&world, path, Some(&header), &fields).status, 200, "{path} {same:?}");
        }
        for other in [
            &[("client_id", w2.client_id.as_str()), ("client_secret", w2.secret.as_deref().unwrap())][..],
            &[("client_id", &w2.client_id)],
            &[("client_id", &w.client_id), ("client_secret", "other")],
            &[("client_secret", "other")],
            &[("client_assertion", "a.b.c")],
            &[("client_assertion", "a.b.c"), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")],
        ] {
            let mut fields = vec![extra];
            fields.extend(other);
            let answer = asks(&world, path, Some(&header), &fields);
            assert_eq!(answer.status, 400, "{path} {other:?}: {answer:?}");
            answer.is_token_error(400, "invalid_request");
            world.told_because(&answer, "token.rejected", "credentials_disagree", path);
        }
        let post_and_assertion = [extra, ("client_id", w.client_id.as_str()), ("client_secret", &secret), ("client_assertion", "a.b.c")];
        asks(&world, path, None, &post_and_assertion).is_token_error(400, "invalid_request");
        for twice in ["client_id", "client_secret"] {
            let fields = [extra, ("client_id", &w.client_id), ("client_secret", &secret), (twice, &w.client_id)];
            let answer = asks(&world, path, None, &fields);
            answer.is_token_error(400, "invalid_request");
            world.told_because(&answer, "token.rejected", "parameter_repeated", twice);
        }
    }
}

#[test]
fn ca_03_a_public_key_has_no_secret_and_a_confidential_key_has_no_other_way_than_its_secret() {
    let world = World::new();
    let (p, w) = (world.key("p"), world.w());
    let code = world.agent("cv.ada").approves(&p);
    let with_secret = Application { secret: Some("anything".into()), ..p.clone() };
    world.refused_client(&world.exchange(&with_secret, &code), "secret_missing", "a public key with a secret in the body");
    let answer = asks(&world, "/openid/token", Some(&basic(&p.client_id, "anything")), &[("grant_type", "authorization_code")]);
    world.refused_client(&answer, "secret_missing", "a public key with a secret in the header");
    let without = Application { secret: None, ..w };
    world.refused_client(&world.token(&without, &[OWN]), "secret_missing", "a confidential key as if it were public");
    // A secret in the row does not make a public key confidential.
    world.adds_secret(&p, 60, "anything", None);
    world.refused_client(&world.exchange(&with_secret, &code), "secret_missing", "a public key with a secret in its row");
    world.token(&p, &[OWN]).is_token_error(400, "unauthorized_client");
    assert_eq!(world.exchange(&p, &code).status, 200);
}

#[test]
fn ca_04_a_credential_in_the_url_is_refused_though_the_body_is_right() {
    let world = World::new();
    let w = world.w();
    let secret = w.secret.clone().unwrap();
    let code = world.agent("cv.ada").approves(&w);
    let before = world.rows();
    for path in ["/openid/token", "/v1/oauth2/grant", "/openid/introspect", "/openid/revoke"] {
        for query in [
            format!("client_secret={secret}"),
            format!("code={code}"),
            "refresh_token=lkr_x".to_owned(),
            "token=lka_x".to_owned(),
            "client_assertion=a.b.c".to_owned(),
            "code_verifier=x".to_owned(),
            "password=x".to_owned(),
            "client%5Fsecret=x".to_owned(),
            "client_secret=".to_owned(),
            "a=b&client_secret".to_owned(),
        ] {
            let answer = world.as_client(
                &w,
                &format!("{path}?{query}"),
                &[
                    ("grant_type", "authorization_code"),
                    ("code", &code),
                    ("redirect_uri", &w.redirect_uri),
                    ("code_verifier", crate::support::world::VERIFIER),
                    ("token", &code),
                ],
            );
            assert_eq!(answer.status, 400, "{path}?{query}: {answer:?}");
            answer.is_token_error(400, "invalid_request");
            assert!(!answer.body.contains(&code) && !answer.body.contains(&secret));
            world.told_because(&answer, "token.rejected", "credential_in_query", &query);
        }
    }
    world.changed_nothing_since(&before, "credentials in the URL");
    assert_eq!(world.exchange(&w, &code).status, 200);
}

#[test]
fn ca_05_thirty_failures_a_minute_stop_one_address_and_no_other() {
    let world = World::with(&[("client_failures", "30"), ("trusted_proxies", "127.0.0.1")]);
    let w = world.w();
    let from = |address: &str, secret: &str| {
        let body = form(&[OWN, ("client_id", w.client_id.as_str()), ("client_secret", secret)]);
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", address)];
        world.request("POST", "/openid/token", &headers, Some(&body))
    };
    let right = w.secret.as_deref().unwrap();
    for attempt in 0..30 {
        from("192.0.2.1", "guess").is_token_error(401, "invalid_client");
        assert_eq!(from("192.0.2.2", right).status, 200, "{attempt}");
    }
    let limited = from("192.0.2.1", "guess");
    assert_eq!(limited.status, 429, "{limited:?}");
    assert!(limited.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    assert_eq!(limited.header("cache-control"), Some("no-store"));
    let told = world.told(&limited, "ratelimit.hit");
    assert_eq!((told.reason.as_deref(), told.peer.as_deref()), (Some("throttled"), Some("192.0.2.1")));
    assert_eq!(from("192.0.2.1", right).status, 429, "the right secret would tell a guesser that he guessed");
    assert_eq!(from("192.0.2.2", right).status, 200);
    let w2 = world.key("w2");
    let body = form(&[OWN, ("client_id", &w2.client_id), ("client_secret", w2.secret.as_deref().unwrap())]);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", "192.0.2.1")];
    assert_eq!(world.request("POST", "/openid/token", &headers, Some(&body)).status, 200, "another key at that address");
}

#[test]
fn ca_06_an_unknown_client_is_answered_like_one_with_a_wrong_secret() {
    let world = World::new();
    let (w, off) = (world.w(), world.key("w2"));
    world.switches(&off, false);
    let plain = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.retain(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
        headers.sort();
        (answer.status, headers, answer.body.clone())
    };
    for (path, extra) in DOORS {
        let failures = [
            ("wrong", w.client_id.as_str(), "wrong", "secret_wrong"),
            ("unknown", "nobody0000000000000000000", "wrong", "client_unknown"),
            ("odd", "' OR 1=1 --", "wrong", "client_unknown"),
            ("disabled", &off.client_id, off.secret.as_deref().unwrap(), "client_disabled"),
            ("disabled and wrong", &off.client_id, "wrong", "secret_wrong"),
        ];
        let mut shown = Vec::new();
        for (said, id, secret, reason) in failures {
            let by_body = asks(&world, path, None, &[extra, ("client_id", id), ("client_secret", secret)]);
            world.refused_client(&by_body, reason, said);
            let by_header = asks(&world, path, Some(&basic(id, secret)), &[extra]);
            world.refused_client(&by_header, reason, said);
            shown.push((said, plain(&by_body), plain(&by_header)));
        }
        for (said, by_body, by_header) in &shown {
            assert_eq!((by_body, by_header), (&shown[0].1, &shown[0].2), "{path}: {said}");
        }
    }
}

#[test]
fn ca_07_an_empty_secret_never_equals_an_empty_or_missing_one() {
    let world = World::new();
    let (w, p) = (world.w(), world.key("p"));
    // Freshly registered: no secret yet; and one whose row holds the digest of nothing.
    let policy = Policy { grant_types: vec![GrantType::ClientCredentials], ..Policy::default() };
    world.change(move |conn| {
        for (number, key) in [(51, "fresh"), (52, "hollow")] {
            let new = keys::NewKey {
                id: KeyId(number),
                mls_id: None,
                name: key,
                key,
                kind: "confidential",
                application_uri: "https://fresh.example/",
                redirect_uris: &[],
                roles: &[],
                policy: &policy,
                comments: "",
            };
            keys::add(conn, &new, BEGIN)?;
        }
        let nothing = latchkey::base::Digest::of(b"");
        keys::add_secret(conn, KeySecretId(52), KeyId(52), "hollow", &nothing, None, BEGIN)
    });
    let before = world.rows();
    for id in [w.client_id.as_str(), "fresh", "hollow"] {
        for (path, extra) in DOORS {
            for body in [&[][..], &[("client_secret", "")]] {
                let mut fields = vec![extra, ("client_id", id)];
                fields.extend(body);
                world.refused_client(&asks(&world, path, None, &fields), "secret_missing", &format!("{id} {path} {body:?}"));
            }
            let said = format!("{id} {path} Basic");
            let answer = asks(&world, path, Some(&basic(id, "")), &[extra]);
            answer.is_token_error(401, "invalid_client");
            world.told(&answer, "client.auth_failed");
            for header in ["Basic", "Basic ", "Basic =", "Basic !", &format!("Basic {}", STANDARD.encode(id))] {
                let answer = asks(&world, path, Some(header), &[extra]);
                assert_eq!(answer.status, 401, "{said} {header}: {answer:?}");
            }
        }
        for (path, extra) in DOORS {
            let body = format!("{}&client_id={id}&client_secret=%00", form(&[extra]));
            let answer = world.request("POST", path, &[("content-type", "application/x-www-form-urlencoded")], Some(&body));
            // A NUL is nowhere in the alphabet of a request: it is not read at all.
            answer.is_token_error(400, "invalid_request");
            if path == "/openid/token" || path == "/v1/oauth2/grant" {
                world.told_because(&answer, "token.rejected", "parameters_malformed", path);
            }
        }
    }
    let answer = asks(&world, "/openid/token", Some(&basic(&p.client_id, "")), &[("grant_type", "refresh_token")]);
    world.refused_client(&answer, "secret_missing", "a public key with an empty secret in the header");
    world.changed_nothing_since(&before, "empty secrets");
    // RFC 6749 §3.2: in a body a parameter without a value was not sent, and a public key need not send it.
    let code = world.agent("cv.ada").approves(&p);
    assert_eq!(world.exchange(&Application { secret: Some(String::new()), ..p }, &code).status, 200);
}

#[test]
fn ca_08_a_confidential_key_that_only_says_its_name_is_refused_everywhere() {
    let world = World::new();
    let w = world.w();
    let tokens = world.agent("cv.ada").grants(&w);
    let nameless = Application { secret: None, ..w.clone() };
    let before = world.rows();
    world.refused_client(&world.refresh(&nameless, text(&tokens, "refresh_token")), "secret_missing", "refresh");
    for (path, extra) in DOORS {
        let answer = world.as_client(&nameless, path, &[extra]);
        world.refused_client(&answer, "secret_missing", path);
        let nobody = asks(&world, path, None, &[extra]);
        world.refused_client(&nobody, "client_missing", path);
    }
    world.as_client(&nameless, "/openid/revoke", &[("token", text(&tokens, "access_token"))]).is_token_error(401, "invalid_client");
    world.changed_nothing_since(&before, "a name without a secret");
    assert!(world.is_active(text(&tokens, "access_token")));
}

#[test]
fn ca_09_to_ca_16_assertions_are_not_offered_whatever_they_say() {
    let world = World::new();
    let w = world.w();
    let part = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
    let claims = format!(
        r#"{{"iss":"{0}","sub":"{0}","aud":"{1}","jti":"1","iat":{2},"exp":{3}}}"#,
        w.client_id,
        world.issuer,
        BEGIN.seconds(),
        BEGIN.seconds() + 60
    );
    let key = data_encoding::BASE64URL_NOPAD.encode(&[7; 32]);
    let before = world.rows();
    for header in [
        r#"{"alg":"none"}"#.to_owned(),
        r#"{"alg":"NoNe"}"#.to_owned(),
        r#"{"alg":"HS256"}"#.to_owned(),
        r#"{"alg":"RS256","kid":"../../x"}"#.to_owned(),
        r#"{"alg":"RS256","jku":"http://127.0.0.1:1/keys"}"#.to_owned(),
        r#"{"alg":"RS256","x5u":"http://127.0.0.1:1/chain"}"#.to_owned(),
        format!(r#"{{"alg":"EdDSA","jwk":{{"kty":"OKP","crv":"Ed25519","x":"{key}"}}}}"#),
        r#"{"alg":"RS256","crit":["b64"],"b64":false}"#.to_owned(),
    ] {
        for signature in ["", "AAAA"] {
            let three = format!("{}.{}.{signature}", part(&header), part(&claims));
            let two = format!("{}.{}", part(&header), part(&claims));
            for assertion in [three.as_str(), &two, ""] {
                let kind = ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                for fields in [
                    &[("client_assertion", assertion), kind, ("client_id", &w.client_id)][..],
                    &[("client_assertion", assertion), ("client_id", &w.client_id)],
                    &[kind, ("client_id", &w.client_id)],
                ] {
                    let mut all = vec![OWN];
                    all.extend(fields);
                    world.refused_client(&asks(&world, "/openid/token", None, &all), "method_unsupported", &header);
                }
            }
        }
    }
    for (path, extra) in DOORS {
        // Without client_id the subject of the assertion would have to be believed.
        asks(&world, path, None, &[extra, ("client_assertion", "a.b.c")]).is_token_error(401, "invalid_client");
    }
    world.changed_nothing_since(&before, "assertions");
    let document = world.get("/.well-known/openid-configuration").json();
    for member in ["token", "revocation", "introspection"] {
        let offered = document[format!("{member}_endpoint_auth_methods_supported")].as_array().unwrap();
        assert!(offered.iter().all(|method| ["client_secret_basic", "client_secret_post", "none"].contains(&method.as_str().unwrap())));
    }
}

#[test]
fn ca_20_a_secret_is_replaced_without_a_gap_and_taken_away_at_once() {
    let world = World::new();
    let w = world.w();
    let old = w.secret.clone().unwrap();
    let asks = |secret: &str| world.token(&Application { secret: Some(secret.to_owned()), ..w.clone() }, &[OWN]).status;
    world.adds_secret(&w, 70, "the second secret", None);
    assert_eq!((asks(&old), asks("the second secret")), (200, 200));
    let ends = world.app.now() + Seconds(3600);
    assert_eq!(world.change(move |conn| keys::expire_other_secrets(conn, KeyId(1), KeySecretId(70), ends)), 1);
    world.advance(Seconds(3599));
    assert_eq!((asks(&old), asks("the second secret")), (200, 200), "within the overlap");
    world.advance(Seconds(1));
    assert_eq!((asks(&old), asks("the second secret")), (401, 200), "after it");
    // At once; and another node, which remembers a key for a second, notices within that second.
    world.adds_secret(&w, 71, "the third secret", None);
    assert_eq!(asks("the second secret"), 200);
    let now = world.app.now();
    world.app.db.write(move |conn| keys::expire_other_secrets(conn, KeyId(1), KeySecretId(71), now)).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1050));
    assert_eq!((asks("the second secret"), asks("the third secret")), (401, 200));
    let answer = world.token(&Application { secret: Some(old), ..w.clone() }, &[OWN]);
    world.refused_client(&answer, "secret_wrong", "an expired secret");
}

#[test]
fn ca_22_a_header_that_claims_a_certificate_proves_nothing() {
    let world = World::new();
    let w = world.w();
    for name in [
        "x-client-cert",
        "x-ssl-client-cert",
        "ssl-client-cert",
        "x-forwarded-client-cert",
        "client-cert",
        "x-ssl-client-verify",
        "x-ssl-client-s-dn",
    ] {
        let headers = [("content-type", "application/x-www-form-urlencoded"), (name, "SUCCESS CN=w")];
        let answer = world.request("POST", "/openid/token", &headers, Some(&form(&[OWN, ("client_id", &w.client_id)])));
        world.refused_client(&answer, "secret_missing", name);
    }
}

#[test]
fn ca_23_a_disabled_or_deleted_key_opens_no_door() {
    let world = World::new();
    let w = world.w();
    let ada = world.agent("cv.ada");
    let tokens = ada.grants(&w);
    let own = world.token(&w, &[OWN]).json();
    for deleted in [false, true] {
        if deleted {
            world.switches(&w, true);
            assert!(world.is_active(text(&tokens, "access_token")), "switched on again");
            world.deletes(&w, true);
        } else {
            world.switches(&w, false);
        }
        let before = world.rows();
        let page = ada.opens(&w, &[]);
        page.is_page(400);
        world.told_because(&page, "authz.rejected", "client_disabled", "authorize");
        world.refused_client(&world.refresh(&w, text(&tokens, "refresh_token")), "client_disabled", "refresh");
        for (path, extra) in DOORS {
            world.refused_client(&world.as_client(&w, path, &[extra]), "client_disabled", path);
        }
        world.is_dead(text(&tokens, "access_token"), "a person's token");
        world.is_dead(text(&own, "access_token"), "the key's own token");
        world.changed_nothing_since(&before, "a key that is switched off");
    }
}

#[test]
fn ca_25_there_is_no_password_grant_and_no_grant_a_key_was_not_given() {
    let world = World::new();
    let w = world.w();
    let before = world.rows();
    for unknown in [
        "password",
        "implicit",
        "token",
        "id_token",
        "Authorization_Code",
        "authorization_code ",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "urn:ietf:params:oauth:grant-type:device_code",
        "urn:example:nonsense",
    ] {
        for path in ["/openid/token", "/v1/oauth2/grant"] {
            let fields = [("grant_type", unknown), ("username", "cv.ada"), ("password", crate::support::world::PASSWORD)];
            let answer = world.as_client(&w, path, &fields);
            assert_eq!(answer.status, 400, "{unknown}: {answer:?}");
            answer.is_token_error(400, "unsupported_grant_type");
            world.told_because(&answer, "token.rejected", "grant_type_unknown", unknown);
        }
    }
    // RFC 6749 §3.2: a parameter without a value was not sent, and §5.2 has a word for one that is missing.
    for fields in [&[][..], &[("grant_type", "")]] {
        let answer = world.token(&w, fields);
        answer.is_token_error(400, "invalid_request");
        world.told_because(&answer, "token.rejected", "parameter_missing", "grant_type");
    }
    world.changed_nothing_since(&before, "unknown grant types");

    let code = world.agent("cv.ada").approves(&w);
    let tokens = world.agent("cv.ben").grants(&w);
    world.change_policy(&w, |policy| policy.grant_types = vec![GrantType::Implicit]);
    let before = world.rows();
    for answer in [world.exchange(&w, &code), world.refresh(&w, text(&tokens, "refresh_token")), world.token(&w, &[OWN])] {
        assert_eq!(answer.status, 400, "{answer:?}");
        answer.is_token_error(400, "unauthorized_client");
        world.told_because(&answer, "token.rejected", "grant_type_closed", "switched off");
    }
    world.token(&w, &[("grant_type", "implicit")]).is_token_error(400, "unsupported_grant_type");
    world.changed_nothing_since(&before, "grant types switched off");
    // A key cannot even be written with it.
    assert!(serde_json::from_str::<Policy>(r#"{"grant_types":["password"]}"#).is_err());
    let offered = world.get("/.well-known/openid-configuration").json()["grant_types_supported"].clone();
    assert!(!offered.as_array().unwrap().contains(&"password".into()), "{offered}");
    // A public key never speaks for itself, whatever its policy says.
    let p = world.key("p");
    world.change_policy(&p, |policy| policy.grant_types.push(GrantType::ClientCredentials));
    let answer = world.token(&p, &[OWN]);
    answer.is_token_error(400, "unauthorized_client");
    world.told_because(&answer, "token.rejected", "grant_type_closed", "public");
}
