//! A developer's own keys at the portal: made, changed, given new secrets, looked into, deleted.

use latchkey::base::Seconds;
use latchkey::base::id::KeyId;
use latchkey::flows::usage;
use latchkey::platform::role::Role;

use crate::support::platform::MLS;
use crate::support::world::{Answer, Application, Person, World};

const KEYS: &str = "/developers/keys";

/// Dora, activated and signed in.
fn scene() -> World {
    let world = World::new();
    world.activated(70, "dora@example.com");
    world
}

fn wish<'a>() -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", "Open House"),
        ("application_uri", "https://app.example/"),
        ("redirect_uris", "https://app.example/callback\r\nhttps://app.example/other"),
    ]
}

/// What stands in the box with this id.
fn copied(answer: &Answer, id: &str) -> Option<String> {
    let rest = answer.body.split(&format!("id=\"{id}\"")).nth(1)?;
    let text = rest.split('>').nth(1)?.split('<').next()?;
    Some(text.replace("&#38;", "&").replace("&#39;", "'").trim().to_owned())
}

/// Makes a key; the application with its secret.
fn made(dora: &Person<'_>, kind: &str) -> Application {
    let chosen = dora.post(&format!("{KEYS}/new"), &[("kind", kind)]);
    assert_eq!((chosen.status, chosen.location()), (303, &*format!("{KEYS}/new/{kind}")));
    assert!(dora.get(chosen.location()).body.contains("What its key may do"));
    let told = dora.post(&format!("{KEYS}/new/{kind}"), &wish());
    assert_eq!(told.status, 200, "{told:?}");
    let path = told.body.split("id=\"to-key\" href=\"").nth(1).unwrap().split('"').next().unwrap();
    Application {
        client_id: copied(&told, "client-id").unwrap(),
        secret: copied(&told, "secret"),
        redirect_uri: "https://app.example/callback".into(),
        id: KeyId(path.rsplit('/').next().unwrap().parse().unwrap()),
    }
}

/// Whether the token endpoint takes that secret: it goes on to look at the code.
fn takes(world: &World, application: &Application, secret: &str) -> bool {
    let with = Application { secret: Some(secret.to_owned()), ..application.clone() };
    let answer = world.exchange(&with, "lkc_nothing");
    assert!(matches!(answer.status, 400 | 401), "{answer:?}");
    answer.status == 400
}

#[test]
fn the_wizard_explains_the_role_before_it_makes_a_key_on_sample_data() {
    let world = scene();
    let dora = world.builder("dora@example.com");
    assert!(dora.get(KEYS).body.contains("No keys yet"));
    let refused = dora.post(&format!("{KEYS}/new"), &[("kind", "toaster")]);
    assert!(refused.status == 422 && refused.body.contains("Choose what you are building."), "{refused:?}");
    let page = dora.get(&format!("{KEYS}/new/site"));
    assert!(page.body.contains("that session alone sees more") && page.body.contains("Sample data"));

    let site = made(&dora, "site");
    assert!(site.secret.as_ref().unwrap().starts_with("lks_"));
    let list = dora.get(KEYS);
    assert!(list.body.contains("Open House") && list.body.contains(&site.client_id));
    let page = dora.get(&format!("{KEYS}/{}", site.id));
    assert!(page.body.contains("(sample)") && page.body.contains("idx"));
    assert!(!page.body.contains(site.secret.as_ref().unwrap()));
    // People of a real MLS cannot be asked to sign in through it.
    let ada = world.agent("cv.ada");
    let answer = ada.signs_in(&ada.opens(&site, &[]), crate::support::world::PASSWORD);
    assert!(answer.header("location").is_none_or(|to| !to.contains("code=")), "{answer:?}");

    let browser = made(&dora, "browser");
    assert_eq!(browser.secret, None);
    assert!(!dora.get(&format!("{KEYS}/{}", browser.id)).body.contains("id=\"secret-form\""));
}

#[test]
fn each_redirect_address_that_will_not_do_is_told_why_and_nothing_typed_is_lost() {
    let world = scene();
    let dora = world.builder("dora@example.com");
    let site = made(&dora, "site");
    let path = format!("{KEYS}/{}", site.id);
    let before = world.rows();
    let typed = "https://app.example/good\r\nhttp://app.example/plain\r\nhttps://app.example/#x\r\nhttps://*.example/";
    let answer = dora.post(&path, &[("name", "New name"), ("application_uri", "https://app.example/"), ("redirect_uris", typed)]);
    assert_eq!(answer.status, 422);
    for line in ["http://app.example/plain: it must begin with https", "must not have a fragment", "stars are not patterns"] {
        assert!(answer.body.contains(line), "{line}: {}", answer.body);
    }
    assert!(!answer.body.contains("https://app.example/good:") && answer.body.contains("value=\"New name\""));
    world.changed_nothing_since(&before, &path);

    let good = [
        ("name", "New name"),
        ("application_uri", "https://app.example/"),
        ("redirect_uris", "https://app.example/new"),
        ("addresses", "192.0.2.7\n2001:db8::/32"),
        ("agents", "Feed/1.0"),
        ("require_pkce", "1"),
    ];
    assert_eq!(dora.post(&path, &good).location(), format!("{path}?said=saved"));
    let page = dora.get(&path);
    for kept in ["New name", "https://app.example/new", "192.0.2.7\n2001:db8::/32", "Feed/1.0"] {
        assert!(page.body.contains(kept), "{kept}");
    }
    let bad = [
        ("name", "New name"),
        ("application_uri", "https://app.example/"),
        ("redirect_uris", "https://app.example/new"),
        ("addresses", "nowhere"),
    ];
    let answer = dora.post(&path, &bad);
    assert!(answer.status == 422 && answer.body.contains("id=\"addresses-problem\""), "{answer:?}");
}

#[test]
fn a_secret_is_replaced_with_both_accepted_in_the_overlap_and_switched_off_before_it_is_deleted() {
    let world = scene();
    let dora = world.builder("dora@example.com");
    let site = made(&dora, "site");
    let first = site.secret.clone().unwrap();
    let path = format!("{KEYS}/{}", site.id);
    let told = dora.post(&format!("{path}/secrets"), &[("secret_name", "spring"), ("overlap", "1")]);
    let second = copied(&told, "secret").unwrap();
    assert!(takes(&world, &site, &first) && takes(&world, &site, &second));
    world.advance(Seconds::hours(1));
    world.app.keys.forget();
    assert!(!takes(&world, &site, &first) && takes(&world, &site, &second));

    // The password was given a while ago: it is asked for again, and what was wanted is kept.
    let dora = world.builder("dora@example.com");
    world.advance(Seconds::minutes(6));
    let page = dora.get(&path);
    let actions = page.body.split("action=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let live = actions.filter_map(|action| action.strip_suffix("/end")).next().unwrap().to_owned();
    let answer = dora.post(&format!("{live}/end"), &[]);
    assert!(answer.status == 403 && answer.body.contains("Confirm it&#39;s you"), "{answer:?}");
    let password = [("current_password", crate::support::world::PASSWORD)];
    // One that is accepted is not deleted by one slip.
    assert_eq!(dora.post(&format!("{live}/delete"), &password).location(), path);
    assert!(takes(&world, &site, &second));
    assert_eq!(dora.post(&format!("{live}/end"), &[]).location(), format!("{path}?said=secret-ended"));
    assert!(!takes(&world, &site, &second));
    assert_eq!(dora.post(&format!("{live}/delete"), &[]).location(), format!("{path}?said=secret-deleted"));
    assert!(!dora.get(&path).body.contains("spring"));
}

#[test]
fn the_log_finds_an_error_by_its_id_and_tells_the_real_reason() {
    let world = scene();
    let dora = world.builder("dora@example.com");
    let site = made(&dora, "agents");
    let path = format!("{KEYS}/{}", site.id);
    let wrong = Application { secret: Some("lks_wrong".into()), ..site.clone() };
    let refused = world.exchange(&wrong, "lkc_nothing");
    let id = refused.header("x-request-id").unwrap().to_owned();
    world.audited_because("client.auth_failed", "secret_wrong");
    let page = dora.get(&format!("{path}/requests?q={id}"));
    assert!(page.body.contains("secret wrong") && page.body.contains(&id), "{}", page.body);
    assert!(dora.get(&format!("{path}/requests?q=nothing")).body.contains("No request of this key has that id."));
}

#[test]
fn usage_is_drawn_day_by_day() {
    let world = scene();
    let dora = world.builder("dora@example.com");
    world.key_of(70, 71, MLS, &[Role::Private]);
    let application = Application { secret: None, ..world.w() };
    let id = application.id.0;
    world.change(move |conn| {
        use diesel::prelude::*;
        use latchkey::store::schema::keys;
        conn.execute(diesel::update(keys::table.find(id)).set(keys::identity_id.eq(70)))
    });
    let token = world.token_of("cv.ada", "w");
    world.my_account(&token);
    world.api(&token, "GET", "/v1/developers/roles", None).is_api_error(403, 1500);
    usage::flush(&world.app).unwrap();
    let page = dora.get(&format!("{KEYS}/{id}"));
    assert!(page.body.contains("<svg") && page.body.contains("1 done, 1 refused"), "{}", page.body);
    assert!(page.body.contains("not_at_this_level") && page.body.contains("Cascade Valley MLS"));
    let log = dora.get(&format!("{KEYS}/{id}/requests"));
    assert!(log.body.contains("GET /v1/my/account") && log.body.contains("not at this level"), "{}", log.body);
}

#[test]
fn the_address_is_built_step_by_step_and_a_token_is_read() {
    let world = scene();
    let dora = world.builder("dora@example.com");
    let site = made(&dora, "agents");
    let path = format!("{KEYS}/{}/try", site.id);
    assert!(dora.get(&path).body.contains("id=\"scope_openid\""));
    let built =
        dora.post(&path, &[("redirect_uri", "https://evil.example/"), ("scope_openid", "1"), ("scope_reso", "1"), ("pkce_on", "1")]);
    let url = url::Url::parse(&copied(&built, "authorize-url").unwrap()).unwrap();
    let part = |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    assert_eq!(part("redirect_uri").as_deref(), Some("https://app.example/callback"));
    assert_eq!((part("scope").as_deref(), part("client_id").as_deref()), (Some("openid RESO"), Some(site.client_id.as_str())));
    assert!(part("nonce").is_some() && part("state").is_some() && part("code_challenge").is_some());
    assert!(world.browser().get(url.as_str()).body.contains("id=\"sign-in\""));
    assert!(copied(&built, "exchange").unwrap().contains("code_verifier="));

    let tokens = world.agent("cv.ada").grants(&world.w());
    let read = |token: &str| dora.post("/developers/tokens", &[("token", token)]);
    let jwt = read(tokens["id_token"].as_str().unwrap());
    assert!(jwt.body.contains("Signed by this server.") && jwt.body.contains("&#34;nonce&#34;"), "{}", jwt.body);
    assert!(read("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.").body.contains("Not signed by this server."));
    let opaque = read(tokens["access_token"].as_str().unwrap());
    assert!(opaque.body.contains("access token") && !opaque.body.contains(tokens["access_token"].as_str().unwrap()));
    assert!(read(world.w().secret.as_ref().unwrap()).body.contains("client secret"));
    assert!(read("nonsense").body.contains("This is not a token we can read"));
}

#[test]
fn pb_04_nobody_elses_key_is_there() {
    let world = scene();
    world.activated(80, "dan@example.com");
    let (dora, dan) = (world.builder("dora@example.com"), world.builder("dan@example.com"));
    let site = made(&dora, "site");
    let before = world.rows();
    for (own, nobodys) in [(site.id.0, 99)] {
        for rest in ["", "/delete", "/requests", "/try"] {
            let (foreign, absent) = (dan.get(&format!("{KEYS}/{own}{rest}")), dan.get(&format!("{KEYS}/{nobodys}{rest}")));
            assert_eq!((foreign.status, absent.status), (404, 404), "{rest}");
        }
        for rest in ["", "/delete", "/secrets", "/secrets/1/end", "/secrets/1/delete", "/try"] {
            let answer = dan.post(&format!("{KEYS}/{own}{rest}"), &wish());
            assert_eq!(answer.status, 404, "{rest}: {answer:?}");
        }
    }
    world.changed_nothing_since(&before, "someone else's key");
}

#[test]
fn dr_11_no_application_is_called_as_the_platform_is_at_any_form() {
    let world = scene();
    let dora = world.builder("dora@example.com");
    let site = made(&dora, "site");
    let before = world.rows();
    let named = |mut typed: Vec<(&'static str, &'static str)>, field: &str, name: &'static str| {
        typed.iter_mut().filter(|(known, _)| *known == field).for_each(|(_, value)| *value = name);
        typed
    };
    for name in ["Latchkey", "Lat\u{441}hkey Homes", "Front Porch (verified)", "MLS login"] {
        for path in [format!("{KEYS}/new/site"), format!("{KEYS}/{}", site.id)] {
            let answer = dora.post(&path, &named(wish(), "name", name));
            assert!(answer.status == 422 && answer.body.contains("id=\"name-problem\""), "{name} at {path}: {answer:?}");
        }
        let answer = world.browser().post("/register/developers", &[("company", name)]);
        assert!(answer.status == 422 && answer.body.contains("This name would pass for the platform&#39;s own"), "{name}: {answer:?}");
    }
    world.changed_nothing_since(&before, "names that pass for the platform's own");
}

#[test]
fn a_key_that_is_deleted_is_over() {
    let world = scene();
    let dora = world.builder("dora@example.com");
    let site = made(&dora, "site");
    let path = format!("{KEYS}/{}", site.id);
    assert!(dora.get(&format!("{path}/delete")).body.contains("This cannot be undone"));
    assert_eq!(dora.post(&format!("{path}/delete"), &[]).location(), format!("{KEYS}?said=key-deleted"));
    assert_eq!(dora.get(&path).status, 404);
    assert!(!takes(&world, &site, site.secret.as_ref().unwrap()));
}

#[test]
fn a_developer_changes_the_password_and_ends_other_sessions() {
    let world = scene();
    let (dora, other) = (world.builder("dora@example.com"), world.builder("dora@example.com"));
    let page = dora.get("/developers/security");
    let end = page
        .body
        .split("action=\"")
        .find(|rest| rest.starts_with("/developers/security/sessions/"))
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(dora.post(&end, &[]).location(), "/developers/security?said=session-ended");
    assert!(other.get("/developers").body.contains("id=\"sign-in\""));
    let change = |current: &str, new: &str, again: &str| {
        dora.post("/developers/security", &[("current_password", current), ("new_password", new), ("new_password_again", again)])
    };
    let now = crate::support::world::PASSWORD;
    for (answer, field) in [
        (change("wrong", "a new and longer one", "a new and longer one"), "current_password-problem"),
        (change(now, "short", "short"), "new_password-problem"),
        (change(now, "a new and longer one", "another one, too"), "new_password_again-problem"),
    ] {
        assert!(answer.status == 422 && answer.body.contains(field), "{answer:?}");
    }
    assert_eq!(change(now, "a new and longer one", "a new and longer one").location(), "/developers/security?said=password-changed");
    assert_eq!(dora.get("/developers/security").status, 200);
    assert_eq!(world.letters_to("dora@example.com").len(), 1);
}
