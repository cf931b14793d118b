//! What must not be seen: in logs, in tables, on pages, in headers, by other sites.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::{App as Site, HttpResponse, HttpServer, web};
use latchkey::base::Seconds;
use latchkey::http::frame::frame;

use super::http_level::routes;
use crate::support::wire::say;
use crate::support::world::{Answer, BEGIN, PASSWORD, VERIFIER, World, form, request_of};
use crate::support::{log, postgres, tables};

const SPA: &str = "https://spa.example";

/// An answer of every address to every method, and of addresses that lead nowhere.
fn every_answer(world: &World) -> Vec<(String, Answer)> {
    let mut paths: Vec<String> = routes().into_keys().collect();
    paths.extend(["/nowhere", "/v1/nowhere", "/v1", "/openid/%74oken", "/static/nothing.css", "/openid/token;x"].map(str::to_owned));
    let mut answers = Vec::new();
    for path in paths {
        for method in ["GET", "HEAD", "POST", "PUT", "OPTIONS"] {
            let body = (method == "POST").then_some("a=b");
            for kind in ["application/x-www-form-urlencoded", "text/plain"] {
                let answer = world.request(method, &path, &[("content-type", kind), ("origin", &world.issuer)], body);
                answers.push((format!("{method} {path} ({kind}): {}", answer.status), answer));
            }
        }
    }
    answers
}

/// The pages of a whole walk, by name.
fn every_page(world: &World) -> Vec<(&'static str, Answer)> {
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let sign_in = ada.opens(&w, &[]);
    let wrong = ada.signs_in(&sign_in, "wrong");
    let answer = ada.signs_in(&sign_in, PASSWORD);
    let consent = ada.get(answer.location());
    let home = ada.get("/");
    let sign_out = ada.get_with("/openid/logout", &[("sec-fetch-site", "cross-site")]);
    let again = ada.opens(&w, &[("prompt", "login")]);
    let gone = ada.get("/openid/logout");
    vec![
        ("sign-in", sign_in),
        ("wrong", wrong),
        ("consent", consent),
        ("home", home),
        ("sign-out", sign_out),
        ("again", again),
        ("signed-out", gone),
        ("bad client", world.get("/openid/authorize?client_id=nobody")),
        ("not found", world.get("/nowhere")),
        ("callback", world.get("/oauth2/callback?code=abc&state=s")),
    ]
}

#[test]
fn lr_01_neither_log_nor_database_holds_anything_a_thief_could_use() {
    log::keep();
    let world = World::new();
    let mut secrets: Vec<(String, String)> = vec![("password".into(), PASSWORD.into()), ("verifier".into(), VERIFIER.into())];
    let keep = |secrets: &mut Vec<(String, String)>, name: &str, text: &str| {
        assert!(text.len() > 7, "{name}: {text}");
        secrets.push((name.to_owned(), text.to_owned()));
    };
    let ada = world.agent("cv.ada");
    for name in ["w", "hybrid", "es256"] {
        let application = world.key(name);
        keep(&mut secrets, "client secret", application.secret.as_deref().unwrap());
        let extra: &[(&str, &str)] =
            if name == "hybrid" { &[("response_type", "code id_token token"), ("state", "canary-state-0123456789")] } else { &[] };
        let page = ada.opens(&application, extra);
        if page.status == 200 && page.body.contains("id=\"sign-in\"") {
            keep(&mut secrets, "flow", &page.field("flow"));
            ada.signs_in(&page, "canary-wrong-password");
            // A password in the wrong field.
            ada.post("/openid/sign-in", &[("flow", &page.field("flow")), ("username", "canary-name-password"), ("password", "x")]);
        }
        let answer = ada.walks(page);
        let code = answer.redirected("code").unwrap();
        for (name, text) in ["code", "access_token", "id_token"].iter().filter_map(|name| Some((name, answer.redirected(name)?))) {
            keep(&mut secrets, name, &text);
        }
        let tokens = world.exchange(&application, &code).json();
        let again = world.refresh(&application, tokens["refresh_token"].as_str().unwrap()).json();
        for tokens in [&tokens, &again] {
            for name in ["access_token", "refresh_token", "id_token"] {
                if let Some(text) = tokens[name].as_str() {
                    keep(&mut secrets, name, text);
                }
            }
        }
        let access = again["access_token"].as_str().unwrap();
        world.introspect(access);
        world.userinfo(access);
        world.my_account(access);
        // Secrets where they do not belong, and requests that fail.
        world.get(&format!("/openid/token?code={code}&client_secret={}", application.secret.as_deref().unwrap()));
        world.get(&format!("/openid/userinfo?access_token={access}"));
        world.get(&format!("/openid/introspect/{access}"));
        world.get(&format!("/{code}"));
        world.get(&format!("/oauth2/callback?code={code}"));
        world.post_form(&format!("/openid/token?code={code}"), &[("client_id", access), ("client_secret", "canary-client-secret")]);
        world.post_form("/openid/token", &[("grant_type", access), ("client_id", &application.client_id)]);
        world.request("GET", "/v1/my/account", &[("authorization", &format!("Basic {access}")), ("x-request-id", &code)], None);
        world.exchange(&application, &code);
        world.refresh(&application, "canary-refresh-token");
        world.as_client(&application, "/openid/revoke", &[("token", access)]);
        ada.get(&format!("/openid/logout?id_token_hint={}", tokens["id_token"].as_str().unwrap_or_default()));
        ada.walks(ada.opens(&application, &[]));
    }
    // A fault tells the log what broke, not with what.
    world.change(|conn| conn.batch("ALTER TABLE sessions RENAME TO sessions_away"));
    assert_eq!(ada.get("/").status, 500);
    world.change(|conn| conn.batch("ALTER TABLE sessions_away RENAME TO sessions"));
    for name in ["__Host-latchkey_browser", "__Host-latchkey_session", "__Host-latchkey_device"] {
        let value = ada.cookie(name).unwrap();
        // The half before the dot is the session's row.
        keep(&mut secrets, name, value.rsplit('.').next().unwrap());
    }
    for canary in
        ["canary-wrong-password", "canary-name-password", "canary-client-secret", "canary-refresh-token", "canary-state-0123456789"]
    {
        keep(&mut secrets, "canary", canary);
    }
    let (log, tables) = (log::text(), tables::text(&world.app.db));
    assert!(log.contains("/openid/token") && tables.contains("login.success") && tables.contains("grants: "));
    for (name, text) in &secrets {
        for spelled in [text.clone(), form(&[("", text)]).trim_start_matches('=').to_owned()] {
            assert!(!log.contains(&spelled), "the log holds a {name}: {spelled}");
            assert!(!tables.contains(&spelled), "the database holds a {name}: {spelled}");
        }
    }
}

#[test]
fn lr_02_what_strangers_write_is_one_line_of_the_log_and_cut() {
    log::keep();
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let long = "x".repeat(10 * 1024);
    for (number, nasty) in
        ["two\r\nlines", "\u{1b}[31mred", "\"quoted\" status=200", "turn\u{202e}ed", long.as_str()].into_iter().enumerate()
    {
        let id = format!("lr-02-nasty-{number}");
        let header = nasty.replace(['\r', '\n', '\u{1b}', '\u{202e}'], "\t");
        let query = form(&[("client_id", nasty), ("state", nasty)]);
        world.request("GET", &format!("/openid/authorize?{query}"), &[("x-request-id", &id), ("user-agent", &header)], None);
        world.post_form("/openid/token", &[("client_id", nasty), ("client_secret", "x"), ("grant_type", nasty)]);
        let page = ada.opens(&w, &[("login_hint", nasty), ("state", nasty)]);
        if page.status == 200 && page.body.contains("id=\"sign-in\"") {
            ada.post("/openid/sign-in", &[("flow", &page.field("flow")), ("username", nasty), ("password", "x")]);
            let answer = ada.post_with(
                "/openid/sign-in",
                &[("origin", &world.issuer), ("user-agent", &header)],
                &[("flow", &page.field("flow")), ("username", "cv.ada"), ("password", PASSWORD)],
            );
            assert_eq!(answer.status, 303, "{answer:?}");
        }
        ada.get("/openid/logout");
        let log = log::text();
        assert_eq!(log.lines().filter(|line| line.contains(&id)).count(), 1);
        assert!(!log.contains('\u{1b}') && !log.contains('\u{202e}') && !log.contains('\r'));
        assert!(!log.contains(&"x".repeat(1100)));
    }
    let tables = tables::text(&world.app.db);
    assert!(!tables.contains('\u{1b}') && !tables.contains('\u{202e}') && !tables.contains(&"x".repeat(257)));
    // An id that could be anything is not taken over.
    for bad in ["short", "with space and more", &"x".repeat(65), "<script>alert(1)</script>"] {
        let answer = world.request("GET", "/health/live", &[("x-request-id", bad)], None);
        assert_ne!(answer.header("x-request-id"), Some(bad));
    }
}

#[test]
fn lr_03_a_broken_database_is_told_to_the_log_and_to_nobody_else() {
    log::keep();
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let access = ada.grants(&w)["access_token"].as_str().unwrap().to_owned();
    for (table, id) in [("keys", "lr-03-keys"), ("accounts", "lr-03-accounts"), ("grants", "lr-03-grants")] {
        world.change(move |conn| conn.batch(&format!("ALTER TABLE {table} RENAME TO {table}_away")));
        let bearer = format!("Bearer {access}");
        let query = form(&request_of(&w, &[]));
        let cookie = format!("__Host-latchkey_session={}", ada.cookie("__Host-latchkey_session").unwrap());
        let mut broken = 0;
        for (path, headers) in [
            (format!("/openid/authorize?{query}"), vec![("cookie", cookie.as_str())]),
            ("/openid/userinfo".to_owned(), vec![("authorization", bearer.as_str())]),
            ("/v1/my/account".to_owned(), vec![("authorization", bearer.as_str())]),
            ("/".to_owned(), vec![("cookie", cookie.as_str())]),
        ] {
            world.app.keys.forget();
            let headers: Vec<_> = headers.into_iter().chain([("x-request-id", id)]).collect();
            let answer = world.request("GET", &path, &headers, None);
            if answer.status == 500 {
                broken += 1;
                if answer.header("content-type").unwrap().starts_with("text/html") {
                    answer.is_page(500);
                    assert!(answer.body.contains(id), "the id by which the operator finds it");
                }
            }
            assert!(matches!(answer.status, 500 | 200 | 303 | 401), "{path}: {answer:?}");
            let all = format!("{answer:?}").to_lowercase();
            for word in ["no such", "does not exist", "relation", "select", "sqlite", "postgres", "diesel", "src/", ".rs", "_away", "actix"]
            {
                assert!(!all.contains(word), "{path} tells {word}: {all}");
            }
        }
        assert!(broken > 0, "{table} was not needed");
        let log = log::text();
        assert!(
            log.lines().any(|line| line.contains(id) && line.contains("ERROR") && line.contains("broken: ")),
            "the log does not tell it"
        );
        world.change(move |conn| conn.batch(&format!("ALTER TABLE {table}_away RENAME TO {table}")));
    }
    assert_eq!(world.userinfo(&access).status, 200);
}

#[test]
fn lr_03_a_panic_is_answered_with_an_id_and_nothing_else_and_everybody_else_is_served() {
    log::keep();
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let site = format!("http://{}", listener.local_addr().unwrap());
    let hands = web::Data::from(Arc::clone(&world.app));
    let (ready, started) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                let site = Site::new().app_data(hands.clone()).wrap(from_fn(frame));
                site.route("/panics", web::get().to(panics)).route("/v1/panics", web::get().to(panics))
            });
            let server = server.workers(1).listen(listener).unwrap().run();
            ready.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    let server = started.recv().unwrap();
    for _ in 0..3 {
        let answer = world.request("GET", &format!("{site}/panics"), &[("x-request-id", "lr-03-panic")], None);
        answer.is_page(500);
        assert!(answer.body.contains("lr-03-panic"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(!format!("{answer:?}").contains("canary-in-a-panic"));
    }
    world.request("GET", &format!("{site}/v1/panics"), &[], None).is_api_error(500, 500);
    drop(server.stop(false));
    let log = log::text();
    assert!(log.lines().any(|line| line.contains("lr-03-panic") && line.contains("ERROR")));
    assert!(!log.contains("canary-in-a-panic"));
}

async fn panics() -> HttpResponse {
    panic!("canary-in-a-panic")
}

#[test]
fn lr_04_a_database_that_does_not_answer_is_503_and_its_name_is_not_told() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let page = ada.opens(&w, &[]);
    let held = tables::hold(&world.app.db, "throttles");
    let answer = ada.signs_in(&page, PASSWORD);
    answer.is_page(503);
    assert!(answer.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    assert!(!answer.body.to_lowercase().contains("locked") && !answer.body.contains("throttles"));
    drop(held);
    assert_eq!(ada.signs_in(&page, PASSWORD).status, 303);
    if !postgres::chosen() {
        return;
    }
    let name = world.app.db.read(|conn| tables::lines(conn, "SELECT current_database()::text AS line")).unwrap().remove(0);
    let server = postgres::url().unwrap();
    let away = format!(
        "ALTER DATABASE {name} ALLOW_CONNECTIONS false; SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = '{name}'"
    );
    for statement in away.split("; ") {
        postgres::statement(&server, statement).unwrap();
    }
    for (answer, what) in [
        (world.get(&format!("/openid/authorize?{}", form(&request_of(&w, &[])))), "page"),
        (world.token(&w, &[("grant_type", "refresh_token"), ("refresh_token", "x")]), "token"),
        (world.userinfo("lka_x"), "userinfo"),
        (world.get("/health/ready"), "health"),
    ] {
        assert!(matches!(answer.status, 503 | 400 | 401), "{what}: {answer:?}");
        for word in [name.as_str(), "127.0.0.1:", "postgres", "connect"] {
            assert!(!answer.body.contains(word), "{what} tells {word}: {answer:?}");
        }
    }
    assert_eq!(world.get("/health/ready").status, 503);
    assert_eq!(world.get("/health/live").status, 200);
    assert_eq!(world.get("/openid/jwks.json").status, 200, "what needs no database is answered");
    postgres::statement(&server, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).unwrap();
    assert_eq!(world.get("/health/ready").status, 200, "and all is well again by itself");
}

#[test]
fn lr_05_only_what_is_everybodys_may_be_kept() {
    let world = World::new();
    let public = |path: &str| path.starts_with("/static/") || path.starts_with("/.well-known/") || path.starts_with("/openid/jwks");
    let mut kept = 0;
    for (name, answer) in every_answer(&world) {
        let path = name.split(' ').nth(1).unwrap();
        let keep = answer.header("cache-control").unwrap_or_else(|| panic!("{name} says nothing"));
        if public(path) && answer.status == 200 {
            kept += 1;
            assert!(keep.starts_with("public, max-age="), "{name}: {keep}");
            let seconds: u32 = keep.trim_start_matches("public, max-age=").split(',').next().unwrap().parse().unwrap();
            if !path.starts_with("/static/") {
                assert!(
                    i64::from(seconds) <= world.app.settings.signing.publish_ahead.0,
                    "{name} is kept longer than a key is published ahead"
                );
            }
            assert_eq!(answer.header("set-cookie"), None, "{name}");
        } else {
            assert_eq!(keep, "no-store", "{name}");
        }
    }
    assert!(kept >= 10);
    for (name, page) in every_page(&world) {
        assert_eq!(page.header("cache-control"), Some("no-store"), "{name}");
    }
    let token = world.token(&world.w(), &[("grant_type", "client_credentials")]);
    assert_eq!((token.header("cache-control"), token.header("pragma")), (Some("no-store"), Some("no-cache")));
}

#[test]
fn lr_06_only_pages_of_the_public_key_itself_may_read_what_is_said_to_it() {
    let world = World::new();
    let (w, p, ada) = (world.w(), world.key("p"), world.agent("cv.ada"));
    let allowed = |answer: &Answer| answer.header("access-control-allow-origin").map(str::to_owned);
    let form_kind = ("content-type", "application/x-www-form-urlencoded");
    let strangers = [
        "null",
        "https://evil.example",
        "https://app.example",
        "http://spa.example",
        "https://spa.example.evil.example",
        "https://sub.spa.example",
        "https://spa.example:8443",
        "https://SPA.example",
        "https://spa",
        "*",
        "",
    ];

    for path in ["/openid/token", "/openid/userinfo", "/openid/revoke"] {
        let ask = [("access-control-request-method", "POST"), ("access-control-request-headers", "authorization")];
        let answer = world.request("OPTIONS", path, &[&[("origin", SPA)], ask.as_slice()].concat(), None);
        assert_eq!((answer.status, allowed(&answer).as_deref()), (204, Some(SPA)), "{path}");
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_eq!(answer.header("vary"), Some("Origin"));
        for stranger in strangers {
            let answer = world.request("OPTIONS", path, &[&[("origin", stranger)], ask.as_slice()].concat(), None);
            assert_eq!((answer.status, allowed(&answer)), (405, None), "{path} {stranger}");
        }
    }

    let tokens = world.agent("cv.ben").grants(&p);
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    let foreign = ada.grants(&w)["access_token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {access}");
    let refreshing = form(&[("grant_type", "refresh_token"), ("client_id", &p.client_id), ("refresh_token", refresh)]);
    let revoking = form(&[("client_id", &p.client_id), ("token", "lka_nothing")]);
    for origin in strangers.into_iter().chain([SPA]) {
        let seen = (origin == SPA).then(|| SPA.to_owned());
        for (name, answer) in [
            ("token", world.request("POST", "/openid/token", &[form_kind, ("origin", origin)], Some(&refreshing))),
            ("userinfo", world.request("GET", "/openid/userinfo", &[("authorization", &bearer), ("origin", origin)], None)),
            ("revoke", world.request("POST", "/openid/revoke", &[form_kind, ("origin", origin)], Some(&revoking))),
        ] {
            assert_eq!((answer.status, allowed(&answer)), (200, seen.clone()), "{name} {origin}");
            assert_eq!(answer.header("vary"), Some("Origin"), "{name}");
            assert_eq!(answer.header("access-control-allow-credentials"), None, "{name}");
        }
    }
    // Another key's token is nothing for this key's pages, and a confidential key has no pages.
    let answer = world.request("GET", "/openid/userinfo", &[("authorization", &format!("Bearer {foreign}")), ("origin", SPA)], None);
    assert_eq!((answer.status, allowed(&answer)), (200, None));
    for origin in [SPA, "https://app.example"] {
        let own =
            form(&[("grant_type", "client_credentials"), ("client_id", &w.client_id), ("client_secret", w.secret.as_deref().unwrap())]);
        let answer = world.request("POST", "/openid/token", &[form_kind, ("origin", origin)], Some(&own));
        assert_eq!((answer.status, allowed(&answer)), (200, None));
    }

    for (path, allow) in routes() {
        let everybodys = path.starts_with("/.well-known/") || path.starts_with("/openid/jwks");
        for origin in [SPA, "https://evil.example", "null"] {
            let answer = world.request(allow.split(", ").next().unwrap(), &path, &[("origin", origin)], None);
            assert_eq!(allowed(&answer), everybodys.then(|| "*".to_owned()), "{path}");
            assert_eq!(answer.header("access-control-allow-credentials"), None, "{path}");
        }
    }
}

/// The sources a directive names.
fn sources<'a>(answer: &'a Answer, directive: &str) -> Vec<&'a str> {
    let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("no policy: {answer:?}"));
    let mut found = policy.split(';').map(str::trim).filter_map(|part| part.strip_prefix(directive)?.strip_prefix(' '));
    let sources = found.next().unwrap_or_else(|| panic!("no {directive} in {policy}")).split(' ').filter(|word| !word.is_empty()).collect();
    assert_eq!(found.next(), None, "{directive} twice in {policy}");
    sources
}

#[test]
fn lr_07_a_page_runs_no_script_of_its_text_is_framed_by_nobody_and_posts_only_where_its_walk_ends() {
    let world = World::new();
    for (name, answer) in every_answer(&world) {
        assert_eq!(sources(&answer, "default-src"), ["'none'"], "{name}");
        assert_eq!(sources(&answer, "frame-ancestors"), ["'none'"], "{name}");
        assert_eq!(answer.headers.iter().filter(|(known, _)| known == "content-security-policy").count(), 1, "{name}");
    }
    for (name, page) in every_page(&world) {
        let policy = page.header("content-security-policy").unwrap();
        assert_eq!(sources(&page, "default-src"), ["'none'"], "{name}");
        assert_eq!(sources(&page, "base-uri"), ["'none'"], "{name}");
        assert_eq!(sources(&page, "frame-ancestors"), ["'none'"], "{name}");
        assert!(!policy.contains("unsafe") && !policy.contains('*') && !policy.contains("script-src"), "{name}: {policy}");
        let towards: &[&str] =
            if matches!(name, "sign-in" | "wrong" | "consent" | "again") { &["'self'", "https://app.example"] } else { &["'self'"] };
        assert_eq!(sources(&page, "form-action"), towards, "{name}");
        assert!(!page.body.contains("<script") && !page.body.contains("style="), "{name}");
    }
    // The one page with a script posts to the one registered place.
    let hybrid = world.key("hybrid");
    let page = world.agent("cv.ada").approves_with(&hybrid, &[("response_type", "code id_token"), ("response_mode", "form_post")]);
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(sources(&page, "form-action"), ["https://hybrid.example"]);
    assert_eq!(sources(&page, "script-src"), ["'self'"]);
    assert_eq!(page.body.matches("<script").count(), page.body.matches("<script src=\"/static/").count());
}

#[test]
fn lr_08_every_answer_has_the_headers_that_protect_who_reads_it() {
    let world = World::new();
    let answers: Vec<_> =
        every_answer(&world).into_iter().chain(every_page(&world).into_iter().map(|(name, page)| (name.to_owned(), page))).collect();
    for (name, answer) in answers {
        let has = |header: &str, value: &str| assert_eq!(answer.header(header), Some(value), "{name}: {header}");
        has("x-content-type-options", "nosniff");
        has("referrer-policy", "no-referrer");
        has("x-frame-options", "DENY");
        has("cross-origin-opener-policy", "same-origin");
        assert!(answer.header("strict-transport-security").unwrap().starts_with("max-age=63072000"), "{name}");
        assert!(answer.header("permissions-policy").unwrap().contains("camera=()"), "{name}");
        assert!(answer.header("x-request-id").is_some_and(|id| id.len() >= 8), "{name}");
        assert_eq!((answer.header("server"), answer.header("x-powered-by")), (None, None), "{name}");
        if !answer.body.is_empty() {
            assert!(answer.header("content-type").is_some(), "{name}");
        }
    }
}

#[test]
fn lr_10_a_page_asks_nobody_else_for_anything() {
    let world = World::new();
    for (name, page) in every_page(&world) {
        for attribute in [" src=\"", " srcset=\"", "<link rel=\"stylesheet\" href=\"", "url(", "@import"] {
            for rest in page.body.split(attribute).skip(1) {
                assert!(rest.starts_with("/static/"), "{name}: {attribute}{}", &rest[..rest.len().min(60)]);
            }
        }
    }
}

#[test]
fn lr_13_a_path_with_markup_is_not_shown_again() {
    let world = World::new();
    for path in
        ["/<script>alert(1)</script>", "/%3Cscript%3Ealert(1)%3C/script%3E", "/v1/<script>alert(1)</script>", "/static/<script>alert(1)"]
    {
        for method in ["GET", "POST", "<script>"] {
            let heard = say(&world, format!("{method} {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"));
            assert!(matches!(heard.status(), 400 | 404 | 405), "{heard:?}");
            assert!(!heard.text.contains("alert(1)"), "{heard:?}");
        }
    }
    for query in ["error=%3Cscript%3Ealert(1)%3C/script%3E", "code=%3Cscript%3Ealert(1)", "error=x&error_description=%22%3E%3Cscript%3E"] {
        let page = world.get(&format!("/oauth2/callback?{query}"));
        assert!(!page.body.contains("<script"), "{page:?}");
    }
}

#[test]
fn lr_15_what_cannot_be_told_to_the_audit_does_not_happen() {
    let world = World::new();
    let (w, ada, ben) = (world.w(), world.agent("cv.ada"), world.agent("cv.ben"));
    let tokens = ada.grants(&w);
    let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
    let page = ben.opens(&w, &[]);
    let code = ada.opens(&w, &[]).redirected("code").unwrap();
    assert_eq!(world.exchange(&w, &code).status, 200);
    let before = tables::quiet(&world.app.db);
    world.change(|conn| conn.batch("ALTER TABLE audit RENAME TO audit_away"));
    for (what, answer) in [
        ("a session", ben.signs_in(&page, PASSWORD)),
        ("a grant", ada.opens(&w, &[])),
        ("the end of a family", world.as_client(&w, "/openid/revoke", &[("token", refresh)])),
        ("the end of a token", world.as_client(&w, "/openid/revoke", &[("token", access)])),
        ("a replay", world.exchange(&w, &code)),
        ("the end of a session", ada.get("/openid/logout")),
    ] {
        assert_eq!(answer.status, 500, "{what}: {answer:?}");
        assert_eq!(answer.header("set-cookie"), None, "{what}");
    }
    world.change(|conn| conn.batch("ALTER TABLE audit_away RENAME TO audit"));
    tables::are_unchanged(&world.app.db, &before);
    assert!(world.is_active(access) && world.is_active(refresh));
    // And what happens is told, with who and with what.
    world.advance(Seconds(1));
    assert_eq!(world.as_client(&w, "/openid/revoke", &[("token", refresh)]).status, 200);
    let entry = world.audited("family.revoked").unwrap();
    assert_eq!(entry.client.as_deref(), Some(w.client_id.as_str()));
    assert!(entry.at > BEGIN.0 && entry.request_id.is_some() && entry.peer.as_deref() == Some("127.0.0.1"));
}
