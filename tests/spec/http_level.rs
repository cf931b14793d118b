//! HTTP itself: limits, second spellings, and bytes that are no request.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use crate::support::tables;
use crate::support::wire::{connect, listen, say};
use crate::support::world::{Application, World, form, request_of};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const JSON: (&str, &str) = ("content-type", "application/json");
const TOKEN_DOORS: [&str; 4] = ["/openid/token", "/v1/oauth2/grant", "/openid/revoke", "/openid/introspect"];
/// What no address here knows.
const ODD_METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"];

/// Every address with its `Allow`, as `src/http/routes.rs` mounts them.
pub fn routes() -> BTreeMap<String, String> {
    let source = include_str!("../../src/http/routes.rs");
    let mount = source.split("pub fn mount").nth(1).unwrap().split("\n}\n").next().unwrap();
    let mut words = mount.split('"').skip(1).step_by(2).peekable();
    let mut found = BTreeMap::new();
    let mut without = Vec::new();
    while let Some(word) = words.next() {
        assert!(word.starts_with('/'), "{word}");
        without.push(word.replace("{name}", "latchkey.css"));
        if let Some(allow) = words.next_if(|next| !next.starts_with('/')) {
            found.extend(without.drain(..).map(|path| (path, allow.to_owned())));
        }
    }
    assert!(without.is_empty() && found.len() >= 20, "{found:?}");
    found
}

fn token_request(w: &Application, more: &[(&str, &str)]) -> String {
    let mut fields = vec![
        ("grant_type", "client_credentials"),
        ("client_id", w.client_id.as_str()),
        ("client_secret", w.secret.as_deref().unwrap_or_default()),
    ];
    fields.extend(more);
    form(&fields)
}

fn post(path: &str, headers: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\n{headers}\r\n{body}")
}

#[test]
fn ht_01_a_body_beyond_64_kib_is_refused_before_it_is_read_and_the_connection_ends() {
    let world = World::new();
    for path in TOKEN_DOORS.iter().copied().chain(["/openid/authorize", "/openid/logout", "/openid/userinfo"]) {
        // The body never comes: the answer does.
        let heard = say(&world, post(path, &format!("Content-Length: {}\r\n", 64 * 1024 + 1), ""));
        assert_eq!((heard.status(), heard.closed), (413, true), "{path}: {heard:?}");
    }
    std::thread::scope(|scope| {
        for path in TOKEN_DOORS.iter().copied().chain(["/openid/authorize", "/openid/logout", "/health/live", "/nowhere"]) {
            let world = &world;
            scope.spawn(move || {
                // Nobody says how long this will be; it is not waited for, whether somebody wants it or not.
                let mut endless = connect(world);
                let mut failed = endless.write_all(post(path, "Transfer-Encoding: chunked\r\n", "").as_bytes()).is_err();
                let chunk = format!("1000\r\n{}\r\n", "a".repeat(4096));
                let began = std::time::Instant::now();
                while !failed && began.elapsed() < Duration::from_secs(30) {
                    failed = endless.write_all(chunk.as_bytes()).is_err();
                }
                assert!(failed, "{path} takes whatever comes");
            });
        }
    });
    let heard =
        say(&world, post("/openid/token", "Transfer-Encoding: chunked\r\n", &format!("11170\r\n{}\r\n0\r\n\r\n", "a".repeat(70_000))));
    assert_eq!((heard.status(), heard.closed), (413, true), "{heard:?}");
    let json = format!("{{\"grant_type\":\"{}\"}}", "a".repeat(1024 * 1024));
    let head =
        format!("POST /openid/token HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", json.len());
    let heard = say(&world, head);
    assert_eq!((heard.status(), heard.closed), (413, true), "{heard:?}");
    // Exactly as long as it may be.
    let w = world.w();
    let mut body = token_request(&w, &[("x", "")]);
    body.push_str(&"a".repeat(64 * 1024 - body.len()));
    assert_eq!(world.request("POST", "/openid/token", &[FORM], Some(&body)).status, 200);
    // A body in pieces is as good as one in a piece, and the connection serves on.
    let body = token_request(&w, &[]);
    let chunked = post(
        "/openid/token",
        "Transfer-Encoding: chunked\r\n",
        &format!("1\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n", &body[..1], body.len() - 1, &body[1..]),
    );
    let heard = say(&world, format!("{chunked}{chunked}"));
    assert_eq!((heard.text.matches("access_token").count(), heard.closed), (2, false), "{heard:?}");
}

#[test]
fn ht_02_ht_03_whoever_sends_slowly_is_hung_up_on_and_keeps_nobody_waiting() {
    let world = World::new();
    let mut slow_heads: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = connect(&world);
            stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: h\r\nX-Slow: ").unwrap();
            stream
        })
        .collect();
    let mut slow_body = connect(&world);
    slow_body.write_all(post("/openid/token", "Content-Length: 100\r\n", "").as_bytes()).unwrap();
    let mut dripping = slow_body.try_clone().unwrap();
    let drips = std::thread::spawn(move || {
        // One byte a second, never all of them.
        (0..40).find(|_| {
            std::thread::sleep(Duration::from_secs(1));
            dripping.write_all(b"a").is_err()
        })
    });
    assert_eq!(world.get("/health/ready").status, 200);
    assert_eq!(world.token(&world.w(), &[("grant_type", "client_credentials")]).status, 200);
    for stream in &mut slow_heads {
        let heard = listen(stream, Duration::from_secs(30));
        assert!(heard.closed && matches!(heard.status(), 408 | 0), "{heard:?}");
    }
    let heard = listen(&mut slow_body, Duration::from_secs(30));
    assert_eq!((heard.status(), heard.closed), (408, true), "{heard:?}");
    assert!(drips.join().unwrap().is_some(), "the connection stayed open");
}

#[test]
fn ht_04_too_many_or_too_long_headers_are_refused() {
    let world = World::new();
    let many: String = (0..200).map(|n| format!("X-{n}: a\r\n")).collect();
    let cookies = format!("Cookie: {}\r\n", (0..10_000).map(|n| format!("c{n}=v; ")).collect::<String>());
    let long = format!("X-Long: {}\r\n", "a".repeat(64 * 1024));
    let longer = format!("X-Long: {}\r\n", "a".repeat(1024 * 1024));
    let mut answers = Vec::new();
    for headers in [many, cookies, long, longer] {
        let heard = say(&world, format!("GET /health/live HTTP/1.1\r\nHost: h\r\n{headers}\r\n"));
        answers.push((heard.status(), heard.closed));
        assert_eq!(heard.answers(), 1, "{heard:?}");
    }
    for answer in answers.iter() {
        assert!(matches!(answer, (400 | 431, true)), "{answers:?}");
    }
    assert_eq!(world.get("/health/live").status, 200);
}

#[test]
fn ht_05_a_parameter_that_comes_twice_is_refused_one_by_one() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    for name in latchkey::protocol::token::request::PARAMETERS {
        for path in ["/openid/token", "/v1/oauth2/grant"] {
            let body = format!(
                "{}&{name}=a&{name}=a",
                token_request(&w, &[]).split('&').filter(|pair| !pair.starts_with(&format!("{name}="))).collect::<Vec<_>>().join("&")
            );
            let answer = world.request("POST", path, &[FORM], Some(&body));
            answer.is_token_error(400, "invalid_request");
        }
    }
    let before = tables::quiet(&world.app.db);
    for name in latchkey::protocol::authorize::request::PARAMETERS {
        let query = form(&request_of(&w, &[(name, "")]));
        let value = match *name {
            "client_id" => w.client_id.as_str(),
            "redirect_uri" => w.redirect_uri.as_str(),
            "response_type" => "code",
            "scope" => "openid",
            _ => "a",
        };
        let pair = form(&[(name, value)]);
        let answer = ada.get(&format!("/openid/authorize?{query}&{pair}&{pair}"));
        match *name {
            "client_id" | "redirect_uri" => {
                answer.is_page(400);
            }
            _ => {
                answer.is_refused_to(&w, "invalid_request", &world.issuer);
                assert_eq!(answer.redirected("state").as_deref(), (*name != "state").then_some("s-1"), "{name}");
            }
        }
    }
    tables::are_unchanged(&world.app.db, &before);
    for path in ["/openid/introspect", "/openid/revoke"] {
        let body = format!("{}&token=a&token=a", form(&[("client_id", &w.client_id), ("client_secret", w.secret.as_deref().unwrap())]));
        world.request("POST", path, &[FORM], Some(&body)).is_token_error(400, "invalid_request");
    }
}

#[test]
fn ht_06_a_body_in_another_format_is_refused() {
    let world = World::new();
    let w = world.w();
    let body = token_request(&w, &[]);
    let good = |kind: &str| world.request("POST", "/openid/token", &[("content-type", kind)], Some(&body)).status;
    assert_eq!(good("application/x-www-form-urlencoded"), 200);
    assert_eq!(good("application/x-www-form-urlencoded; charset=UTF-8"), 200);
    for kind in [
        "application/json",
        "application/x-www-form-urlencoded; charset=utf-7",
        "application/x-www-form-urlencoded; charset=utf-16",
        "application/x-www-form-urlencoded, application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/json",
        "application/xml",
        "",
        "*/*",
    ] {
        for path in TOKEN_DOORS {
            world.request("POST", path, &[("content-type", kind)], Some(&body)).is_token_error(400, "invalid_request");
        }
    }
    for path in TOKEN_DOORS {
        let heard =
            say(&world, format!("POST {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()));
        assert_eq!(heard.status(), 400, "{heard:?}");
        let twice = "Content-Type: application/x-www-form-urlencoded\r\nContent-Type: application/json";
        let heard = say(
            &world,
            format!("POST {path} HTTP/1.1\r\nHost: h\r\n{twice}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
        );
        assert_eq!(heard.status(), 400, "{heard:?}");
    }
}

#[test]
fn ht_07_a_method_that_is_not_offered_is_405_with_allow_and_nothing_is_echoed() {
    let world = World::new();
    for (path, allow) in routes() {
        let offered: Vec<&str> = allow.split(", ").collect();
        for method in ODD_METHODS {
            let answer = world.request(method, &path, &[FORM, ("x-canary", "canary-in-a-header")], (method == "POST").then_some(""));
            assert!(!answer.body.contains("canary-in-a-header"), "{method} {path}");
            if offered.contains(&method) {
                assert_ne!(answer.status, 405, "{method} {path}");
            } else {
                assert_eq!(answer.status, 405, "{method} {path}");
                assert_eq!(answer.header("allow"), Some(allow.as_str()), "{method} {path}");
            }
        }
    }
    for target in ["example.com:443", "127.0.0.1:80"] {
        let heard = say(&world, format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"));
        assert!(matches!(heard.status(), 400 | 404 | 405), "{heard:?}");
    }
}

#[test]
fn ht_08_a_request_whose_end_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_answered() {
    let world = World::new();
    let w = world.w();
    let body = token_request(&w, &[]);
    let length = body.len();
    let smuggled = "GET /.well-known/openid-configuration HTTP/1.1\r\nHost: h\r\n\r\n";
    for (name, headers) in [
        ("two lengths", format!("Content-Length: {length}\r\nContent-Length: {}\r\n", length + 5)),
        ("two lengths in one", format!("Content-Length: {length}, {length}\r\n")),
        ("two lengths in one, different", format!("Content-Length: {length}, 5\r\n")),
        ("length and chunked", format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n")),
        ("chunked and length", format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n")),
        ("another coding", "Transfer-Encoding: xchunked\r\n".to_owned()),
        ("chunked not last", "Transfer-Encoding: chunked, identity\r\n".to_owned()),
        ("chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n".to_owned()),
        ("plus", format!("Content-Length: +{length}\r\n")),
        ("minus", "Content-Length: -1\r\n".to_owned()),
        ("hexadecimal", "Content-Length: 0x10\r\n".to_owned()),
        ("too large", "Content-Length: 99999999999999999999\r\n".to_owned()),
        ("space before colon", format!("Content-Length : {length}\r\n")),
        ("folded", format!("X-Folded: a\r\n b\r\nContent-Length: {length}\r\n")),
        ("NUL", format!("X-Nul: a\0b\r\nContent-Length: {length}\r\n")),
        ("bare CR", format!("X-Cr: a\rb\r\nContent-Length: {length}\r\n")),
        ("no name", format!(": a\r\nContent-Length: {length}\r\n")),
    ] {
        let heard = say(&world, format!("{}{smuggled}", post("/openid/token", &headers, &body)));
        assert!(!heard.text.contains("access_token") && !heard.text.contains("issuer"), "{name}: {heard:?}");
        assert_eq!((heard.status(), heard.closed, heard.answers()), (400, true, 1), "{name}: {heard:?}");
    }
    for (name, chunks) in [
        ("not a number", "zz\r\n"),
        ("negative", "-1\r\n"),
        ("hexadecimal prefix", "0x5\r\naaaaa\r\n0\r\n\r\n"),
        ("too large", "fffffffffffffffff\r\naaaaa\r\n0\r\n\r\n"),
        ("longer than said", "3\r\naaaaa\r\n0\r\n\r\n"),
        ("empty size", "\r\naaaaa\r\n0\r\n\r\n"),
    ] {
        let heard = say(&world, format!("{}{smuggled}", post("/openid/token", "Transfer-Encoding: chunked\r\n", chunks)));
        assert!(!heard.text.contains("issuer"), "{name}: {heard:?}");
        assert!(heard.closed && heard.answers() <= 1 && matches!(heard.status(), 0 | 400 | 408), "{name}: {heard:?}");
    }
    assert_eq!(world.get("/health/live").status, 200);
}

#[test]
fn ht_09_whatever_host_a_request_names_the_configured_issuer_answers() {
    let world = World::new();
    let ours = world.get("/.well-known/openid-configuration").body;
    for request in [
        "GET /.well-known/openid-configuration HTTP/1.1\r\n\r\n".to_owned(),
        "GET /.well-known/openid-configuration HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(),
        "GET /.well-known/openid-configuration HTTP/1.1\r\nHost: a.example\r\nHost: evil.example\r\n\r\n".to_owned(),
        "GET /.well-known/openid-configuration HTTP/1.1\r\nHost: evil.example/x?y\r\n\r\n".to_owned(),
        "GET /.well-known/openid-configuration HTTP/1.1\r\nHost: h\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n\r\n".to_owned(),
        "GET http://evil.example/.well-known/openid-configuration HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(),
        "GET evil.example:80 HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(),
        "GET * HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(),
        "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n".to_owned(),
        "GET /.well-known/openid-configuration\r\n\r\n".to_owned(),
        "GET /.well-known/openid-configuration HTTP/0.9\r\n\r\n".to_owned(),
        "GET /.well-known/openid-configuration HTTP/1.0\r\n\r\n".to_owned(),
        "GET /.well-known/openid-configuration HTTP/2.0\r\nHost: h\r\n\r\n".to_owned(),
    ] {
        let heard = say(&world, &request);
        assert!(!heard.text.contains("evil.example"), "{request:?}: {heard:?}");
        match heard.status() {
            200 => assert_eq!(heard.body(), ours, "{request:?}"),
            status => assert!(matches!(status, 400 | 404 | 405 | 505), "{request:?}: {heard:?}"),
        }
    }
    let query = form(&request_of(&world.w(), &[("prompt", "none")]));
    let heard = say(&world, format!("GET /openid/authorize?{query} HTTP/1.1\r\nHost: evil.example\r\n\r\n"));
    assert!(heard.header("location").unwrap().contains(&form(&[("iss", &world.issuer)])), "{heard:?}");
}

#[test]
fn ht_10_a_path_in_a_second_spelling_leads_nowhere() {
    let world = World::new();
    let body = token_request(&world.w(), &[]);
    let length = body.len();
    for path in [
        "//openid//token",
        "/openid//token",
        "//openid/token",
        "/openid/./token",
        "/./openid/token",
        "/x/../openid/token",
        "/openid/%2e/token",
        "/x/%2e%2e/openid/token",
        "/x/%2E%2E/openid/token",
        "/openid/token;x=1",
        "/openid;x=1/token",
        "/openid\\token",
        "/openid%5ctoken",
        "/openid%2ftoken",
        "/openid%2Ftoken",
        "/openid/%74oken",
        "/openid/tok%65n",
        "/openid/%c0%aftoken",
        "/openid%c0%aftoken",
        "/openid/token.",
        "/openid/token%20",
        "/openid/token%00",
        "/openid/token/",
        "/openid/token%3f",
        "/OPENID/TOKEN",
        "/openid/Token",
        "/openid/token/..;/token",
    ] {
        let heard = say(&world, post(path, &format!("Content-Length: {length}\r\nConnection: close\r\n"), &body));
        assert!(matches!(heard.status(), 400 | 404), "{path}: {heard:?}");
        assert!(!heard.text.contains("access_token") && !heard.text.contains("invalid_client"), "{path}: {heard:?}");
    }
    for path in [
        "/static/../Cargo.toml",
        "/static/..%2fCargo.toml",
        "/static/%2e%2e/Cargo.toml",
        "/static/./latchkey.css",
        "/static//latchkey.css",
        "/static/latchkey.css/",
        "/static/",
    ] {
        let heard = say(&world, format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
        assert!(matches!(heard.status(), 400 | 404), "{path}: {heard:?}");
    }
}

#[test]
fn ht_11_text_that_is_none_is_the_callers_mistake_everywhere() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    ada.grants(&w);
    let token_fields =
        ["client_id", "client_secret", "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "token", "x"];
    for bad in ["%zz", "%", "%4", "%c0%af", "%ff", "%ed%a0%80", "%00", "a%00b"] {
        for path in TOKEN_DOORS {
            for name in token_fields {
                let body = format!("{}&{name}={bad}", form(&[("client_id", &w.client_id), ("grant_type", "authorization_code")]));
                world.request("POST", path, &[FORM], Some(&body)).is_token_error(400, "invalid_request");
                world.request("POST", path, &[FORM], Some(&format!("{bad}=1"))).is_token_error(400, "invalid_request");
            }
        }
        for name in latchkey::protocol::authorize::request::PARAMETERS {
            let rest = form(&request_of(&w, &[(name, "")]));
            for path in ["/openid/authorize", "/oauth2"] {
                let answer = ada.get(&format!("{path}?{rest}&{name}={bad}"));
                // Whose request it is must be readable; what else is not, the client is told.
                if ["client_id", "redirect_uri"].contains(name) {
                    answer.is_page(400);
                } else {
                    assert_eq!((answer.status, answer.redirected("code")), (303, None), "{path} {name}={bad}: {answer:?}");
                    assert!(
                        answer.redirected("error").is_some_and(|word| word.starts_with("invalid_")
                            || word.ends_with("_not_supported")
                            || word == "unsupported_response_type"),
                        "{name}={bad}: {answer:?}"
                    );
                }
            }
            ada.post_with("/openid/authorize", &[], &[]).is_page(400);
        }
        for path in [
            "/openid/continue?flow=",
            "/openid/logout?state=",
            "/openid/logout?id_token_hint=",
            "/oauth2/callback?code=",
            "/oauth2/callback?state=",
        ] {
            ada.get(&format!("{path}{bad}")).is_page(400);
        }
        let origin = ("origin", world.issuer.as_str());
        for (path, names) in [
            ("/openid/sign-in", &["flow", "username", "password"] as &[_]),
            ("/openid/consent", &["flow", "decision"]),
            ("/openid/logout", &["form_token", "state"]),
        ] {
            for name in names {
                world.request("POST", path, &[FORM, origin], Some(&format!("{name}={bad}"))).is_page(400);
            }
        }
        let answer = world.request("POST", "/openid/userinfo", &[FORM], Some(&format!("access_token={bad}")));
        answer.is_token_error(400, "invalid_request");
    }
    // Still signed in: none of it was taken for something else.
    assert!(ada.opens(&w, &[]).redirected("code").is_some());
}

#[test]
fn ht_11_what_is_not_text_in_json_is_refused_and_bytes_that_are_no_text_in_headers_prove_nothing() {
    let world = World::new();
    let w = world.w();
    for value in ["1", "-1", "1.5", "true", "[]", "[\"a\"]", "{}", "{\"a\":1}", "\"\\u0000\"", "\"a\\u0000b\""] {
        for name in latchkey::protocol::token::request::PARAMETERS {
            let body = format!("{{\"client_id\":\"{}\",\"{name}\":{value}}}", w.client_id);
            for path in ["/openid/token", "/v1/oauth2/grant", "/openid/revoke"] {
                let answer = world.request("POST", path, &[JSON], Some(&body));
                assert!(matches!(answer.status, 400 | 401), "{path} {body}: {answer:?}");
                assert_eq!(answer.json()["error"], if answer.status == 400 { "invalid_request" } else { "invalid_client" });
            }
        }
    }
    for bytes in [b"\xff\xfe".as_slice(), b"\xc0\xaf", b"\xed\xa0\x80"] {
        for (path, header) in [
            ("/openid/userinfo", "Authorization: Bearer "),
            ("/v1/my/account", "Authorization: OAuth "),
            ("/openid/userinfo", "Authorization: "),
        ] {
            let request =
                [format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{header}").as_bytes(), bytes, b"\r\n\r\n"].concat();
            let heard = say(&world, request);
            assert_eq!(heard.status(), 401, "{heard:?}");
        }
        for header in ["Cookie: __Host-latchkey_session=", "User-Agent: ", "X-Request-Id: ", "X-Forwarded-For: ", "Origin: "] {
            let request = [format!("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{header}").as_bytes(), bytes, b"\r\n\r\n"].concat();
            let heard = say(&world, request);
            assert_eq!(heard.status(), 200, "{heard:?}");
        }
        // In a login name, past the form: to the database of both engines.
        let request = [b"POST /openid/token HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\n\r\nclient_id=".as_slice(), &bytes[..2]].concat();
        assert_eq!(say(&world, request).status(), 400);
    }
}

#[test]
fn ht_13_json_made_to_hurt_is_refused() {
    let world = World::new();
    let w = world.w();
    let own =
        format!("\"grant_type\":\"client_credentials\",\"client_id\":\"{}\",\"client_secret\":\"{}\"", w.client_id, w.secret.unwrap());
    let many = |name: fn(usize) -> String| (0..4000).map(|n| format!("\"{}\":1,", name(n))).collect::<String>();
    for (name, body) in [
        ("deep list", format!("{{{own},\"x\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000))),
        ("deep object", format!("{{{own},\"x\":{}1{}}}", "{\"a\":".repeat(5_000), "}".repeat(5_000))),
        ("never closed", "[".repeat(60_000)),
        ("many members", format!("{{{}{own}}}", many(|n| format!("k{n}")))),
        ("one member many times", format!("{{{}{own}}}", many(|_| "k".to_owned()))),
        ("huge number", format!("{{{own},\"x\":1e999999}}")),
        ("grant type twice", format!("{{{own},\"grant_type\":\"client_credentials\"}}")),
        ("list", format!("[{{{own}}}]")),
        ("text", "\"grant_type\"".to_owned()),
        ("behind it", format!("{{{own}}} {{{own}}}")),
        ("nothing", String::new()),
        ("comment", format!("{{/**/{own}}}")),
    ] {
        for path in ["/openid/token", "/v1/oauth2/grant"] {
            let answer = world.request("POST", path, &[JSON], Some(&body));
            assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_request")), "{name}: {answer:?}");
        }
    }
    let known = format!("{{{own},\"x\":{{\"y\":[1,2,{{}}]}},\"z\":null}}");
    assert_eq!(world.request("POST", "/openid/token", &[JSON], Some(&known)).status, 200, "members we do not know may hold anything");
}

#[test]
fn ht_14_a_form_has_at_most_a_hundred_parameters() {
    let world = World::new();
    let w = world.w();
    let more = |count: usize| (0..count).map(|n| format!("&p{n}=")).collect::<String>();
    let own = token_request(&w, &[]);
    assert_eq!(world.request("POST", "/openid/token", &[FORM], Some(&format!("{own}{}", more(97)))).status, 200);
    for count in [98, 5_000] {
        for path in TOKEN_DOORS {
            world.request("POST", path, &[FORM], Some(&format!("{own}{}", more(count)))).is_token_error(400, "invalid_request");
        }
        world.get(&format!("/openid/authorize?{}{}", form(&request_of(&w, &[])), more(count))).is_page(400);
    }
}
