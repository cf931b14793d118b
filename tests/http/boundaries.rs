//! What nobody gets past: between the consoles, the portal of developers and the pages of home buyers, and between staff and secrets.

use diesel::prelude::*;
use latchkey::base::{Fault, Seconds};
use latchkey::flows::audit_chain::{self, Found};
use latchkey::flows::console::enter::Area;
use latchkey::http::console::places;
use latchkey::http::door::{Needs, People, Place, form_token};
use latchkey::store::{Conn, accounts, audit, consumers, developers, facts, schema};
use serde_json::json;

use crate::http::account::at;
use crate::support::datamart::presses;
use crate::support::platform::{ADA, MIA, MLS};
use crate::support::world::{Answer, PASSWORD, Person, World};

const CARLA: &str = "carla@example.com";
const DORA: &str = "dora@example.com";

/// An address of a console about something nobody has.
fn somewhere<P: People>(place: &Place<P>) -> String {
    place.path.split('/').map(|part| if part.starts_with('{') { "999" } else { part }).collect::<Vec<_>>().join("/")
}

/// Carla, signed in at her own page.
fn carla(world: &World) -> Person<'_> {
    world.consumer(CARLA, "Carla Consumer");
    let carla = world.agent(CARLA);
    let page = carla.get("/my/sign-in");
    let fields = [("flow", page.field("flow")), ("username", CARLA.to_owned()), ("password", PASSWORD.to_owned())];
    let answer = carla.post("/my/sign-in", &fields.each_ref().map(|(name, value)| (*name, value.as_str())));
    assert_eq!((answer.status, answer.location()), (303, "/my/sessions"), "{answer:?}");
    carla
}

/// Staff of the platform, who is nobody special at her MLS.
fn mia(world: &World) -> Person<'_> {
    world.makes_platform_staff("hc.mia");
    at(world, "hc.mia", "/admin").0
}

fn is_a_stranger(answer: &Answer, said: &str) {
    assert!(answer.body.contains("id=\"sign-in\""), "{said}: {answer:?}");
}

#[test]
fn ad_01_developers_and_home_buyers_are_strangers_at_every_console_and_staff_keeps_to_its_own() {
    let world = World::new();
    world.activated(1, DORA);
    let (dora, carla, mia) = (world.builder(DORA), carla(&world), mia(&world));
    let (sam, _) = at(&world, "cv.staff", "/mls");
    for place in places() {
        let path = somewhere(place);
        let barred: &[&Person<'_>] = match place.whose {
            Area::Account => &[],
            Area::Mls => &[&mia],
            Area::Admin => &[&sam],
        };
        if place.get.is_some() {
            for person in [&dora, &carla] {
                is_a_stranger(&person.get(&path), &format!("{} GET {path}", person.login));
            }
            for person in [&mia, &sam] {
                let shut = barred.iter().any(|known| known.login == person.login);
                assert_eq!(person.get(&path).status == 403, shut, "{} GET {path}", person.login);
            }
        }
        if place.post.is_some() {
            let before = world.rows();
            for person in [&dora, &carla] {
                is_a_stranger(&person.post(&path, &[("current_password", PASSWORD)]), &format!("{} POST {path}", person.login));
            }
            for person in barred {
                assert_eq!(person.post(&path, &[("current_password", PASSWORD)]).status, 403, "{} POST {path}", person.login);
            }
            world.changed_nothing_since(&before, &path);
        }
    }
    // Nor does anybody else enter where home buyers see what is theirs.
    for person in [&dora, &mia, &sam] {
        is_a_stranger(&person.get("/my/sessions"), &person.login);
    }
}

#[test]
fn ad_02_no_token_opens_a_console_nor_the_keys_api_to_who_may_not() {
    let world = World::new();
    let bond = world.bond("cv.ada", CARLA);
    let everything = [("scope", "openid profile email address phone RESO FBS offline_access")];
    let w = world.w();
    let code = world.agent("cv.ada").approves_with(&w, &everything).redirected("code").unwrap();
    let agents = world.exchange(&w, &code).json()["access_token"].as_str().unwrap().to_owned();
    let buyers = world.tokens_by(&bond, &world.key("site"))["access_token"].as_str().unwrap().to_owned();
    let staffs = world.staff();
    world.developer(70, MLS);
    let before = world.rows();
    for token in [&agents, &buyers] {
        for (method, path) in [
            ("GET", "/v1/developers/identities"),
            ("POST", "/v1/developers/identities"),
            ("GET", "/v1/developers/identities/70"),
            ("PUT", "/v1/developers/identities/70"),
            ("DELETE", "/v1/developers/identities/70"),
            ("POST", "/v1/developers/identities/70/keys"),
        ] {
            world.api(token, method, path, (method != "GET").then(|| json!({}))).is_api_error(403, 1500);
        }
    }
    for token in [&agents, &buyers, &staffs] {
        let bearer = format!("Bearer {token}");
        for place in places() {
            let path = somewhere(place);
            let stranger = world.browser();
            if place.get.is_some() {
                is_a_stranger(&stranger.get_with(&path, &[("authorization", &bearer)]), &path);
                is_a_stranger(&stranger.get(&format!("{path}?access_token={token}")), &path);
            }
            if place.post.is_some() {
                let headers = [("authorization", bearer.as_str()), ("origin", world.issuer.as_str())];
                is_a_stranger(&stranger.post_with(&path, &headers, &[("current_password", PASSWORD)]), &path);
            }
        }
    }
    world.changed_nothing_since(&before, "tokens at consoles and at the Keys API");
}

#[test]
fn ad_03_and_cs_02_no_form_of_another_site_changes_anything_at_any_console_or_own_page() {
    let world = World::new();
    let (mia, carla) = (mia(&world), carla(&world));
    let (sam, _) = at(&world, "cv.staff", "/mls");
    let own = latchkey::http::consumers::places().filter(|place| place.post.is_some()).map(|place| (&carla, somewhere(place)));
    let open = ["/my/sign-in", "/my/forgot", "/account/sign-in"].map(|path| (&carla, path.to_owned()));
    let consoles = places().filter(|place| place.post.is_some());
    let all = consoles.map(|place| (if place.whose == Area::Mls { &sam } else { &mia }, somewhere(place)));
    let before = world.rows();
    for (person, path) in all.chain(own).chain(open) {
        for headers in [
            &[("origin", "https://evil.example")] as &[_],
            &[("origin", "null")],
            &[],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site"), ("origin", "https://sub.evil.example")],
        ] {
            let token = person.form_token(&path).unwrap_or_default();
            let fields = [("current_password", PASSWORD), ("email", CARLA), (form_token::NAME, token.as_str())];
            let answer = person.post_with(&path, headers, &fields);
            assert_eq!(answer.status, 403, "{path} {headers:?}: {answer:?}");
        }
    }
    world.changed_nothing_since(&before, "forms of other sites");
}

#[test]
fn ad_03_a_form_does_nothing_without_the_token_of_the_session_its_page_was_drawn_in() {
    let world = World::new();
    world.activated(1, "dora@example.com");
    world.activated(2, "dave@example.com");
    let (mia, carla, dora) = (mia(&world), carla(&world), world.builder("dora@example.com"));
    let (sam, dave) = (at(&world, "cv.staff", "/mls").0, world.builder("dave@example.com"));
    let consoles = places().filter(|place| place.post.is_some()).map(|place| match place.whose {
        Area::Mls => (&sam, &mia, somewhere(place)),
        _ => (&mia, &sam, somewhere(place)),
    });
    let own = latchkey::http::consumers::places().filter(|place| place.post.is_some()).map(|place| (&carla, &mia, somewhere(place)));
    let portal = latchkey::http::developers::places().filter(|place| place.post.is_some()).map(|place| (&dora, &dave, somewhere(place)));
    let before = world.rows();
    let mut seen = 0;
    for (person, other, path) in consoles.chain(own).chain(portal) {
        let others = [other.form_token(&path), other.form_token("/account"), other.form_token("/developers")];
        let forged = others.into_iter().flatten().chain([String::new(), "x".to_owned()]).map(Some).chain([None]);
        for token in forged {
            let mut fields = vec![("current_password", PASSWORD)];
            fields.extend(token.as_deref().map(|token| (form_token::NAME, token)));
            let answer = person.post_with(&path, &[("origin", &world.issuer)], &fields);
            assert_eq!(answer.status, 403, "{path}: {answer:?}");
            world.audited_because("csrf.rejected", "form_token");
            seen += 1;
        }
    }
    assert!(seen > 200, "{seen}");
    world.changed_nothing_since(&before, "forms without the token of their session");
    // What the pages themselves carry is taken, in every form of theirs, and whoever is signed in.
    for (person, page, path) in [
        (&mia, "/account", "/account/sign-out"),
        (&carla, "/my/sessions", "/my/everywhere"),
        (&dora, "/developers", "/developers/sign-out"),
    ] {
        let page = person.get(page);
        assert_eq!(page.body.matches("<form").count(), page.body.matches(form_token::NAME).count(), "{}", page.body);
        let token = page.field(form_token::NAME);
        assert_eq!(person.post_with(path, &[("origin", &world.issuer)], &[(form_token::NAME, &token)]).status, 200);
    }
}

#[test]
fn ad_06_nobody_raises_their_own_role_and_the_last_of_the_platforms_staff_stays() {
    let world = World::new();
    let mia = mia(&world);
    let (sam, _) = at(&world, "cv.staff", "/mls");
    let raise = [("user_type", "Mls"), ("UserType", "Mls"), ("platform_staff", "true"), ("role", "admin"), ("current_password", PASSWORD)];
    let standing = || {
        let all = world.app.db.read(|conn| {
            let mut all = Vec::new();
            for login in ["cv.ada", "cv.staff", "hc.mia"] {
                let (account, _) = accounts::by_login(conn, login)?.unwrap();
                all.push((account.user_type, account.active, accounts::is_platform_staff(conn, &account.id)?));
            }
            Ok(all)
        });
        all.unwrap()
    };
    let before = standing();
    assert_eq!(sam.post(&format!("/admin/accounts/{ADA}/lock"), &raise).status, 403);
    for path in [format!("/mls/accounts/{ADA}"), "/account".into(), "/account/profile".into(), format!("/admin/accounts/{MIA}/staff")] {
        assert!(matches!(sam.post(&path, &raise).status, 403..=405), "{path}");
    }
    sam.post("/account/security", &raise);
    let token = world.staff();
    world.api(&token, "PUT", "/v1/my/account", Some(json!({ "UserType": "Mls", "Roles": ["private"] }))).is_api_error(400, 1053);
    // No console makes anybody staff of the platform, and nobody locks their own account: one of them always stays.
    assert_eq!(mia.post(&format!("/admin/accounts/{MIA}/lock"), &[]).status, 409);
    assert_eq!(standing(), before);
}

#[test]
fn ad_07_what_the_platforms_staff_changes_asks_for_a_password_given_lately() {
    let world = World::new();
    let mia = mia(&world);
    world.advance(Seconds::minutes(5));
    let mut seen = 0;
    for place in places().filter(|place| place.whose == Area::Admin) {
        let Some((needs, _)) = place.post else { continue };
        assert_eq!(needs, Needs::Recent, "{} changes others without a recent password", place.path);
        let answer = mia.post(&somewhere(place), &[("reason", "x")]);
        assert!(answer.status == 403 && answer.body.contains("id=\"confirm-form\""), "{}: {answer:?}", place.path);
        seen += 1;
    }
    assert!(seen > 5);
}

#[test]
fn ad_08_staff_read_no_secret_and_set_nobodys_password() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let token = ada.grants(&w)["access_token"].as_str().unwrap().to_owned();
    let dora = world.dora();
    let enrolment = world.enrolled(&dora);
    let link = world.link_to("ada@example.com").rsplit('/').next().unwrap().to_owned();
    let hash = |login: &'static str| world.app.db.read(move |conn| accounts::by_login(conn, login)).unwrap().unwrap().1.unwrap();
    let mia = mia(&world);
    let (sam, _) = at(&world, "cv.staff", "/mls");
    let hidden = [w.secret.clone().unwrap(), token, link, hash("cv.ada"), "$argon2".into(), "lks_".into(), "lkp_".into(), "lkl_".into()];
    let pages = [
        (&mia, vec![format!("/admin/keys/{}", w.id), format!("/admin/accounts/{ADA}"), "/admin/developers/1".into()]),
        (&mia, ["/admin/audit", "/admin/outbox", "/admin/signing", "/admin/keys", "/admin/accounts"].map(String::from).to_vec()),
        (&sam, vec![format!("/mls/accounts/{ADA}"), format!("/mls/enrolments/{enrolment}"), "/mls/keys".into(), "/mls/accounts".into()]),
    ];
    for (person, path) in pages.iter().flat_map(|(person, paths)| paths.iter().map(move |path| (person, path))) {
        let page = person.get(path);
        assert_eq!(page.status, 200, "{path}: {page:?}");
        for secret in &hidden {
            assert!(!page.body.contains(secret.as_str()), "{path} shows {secret}");
        }
    }
    let before = hash("cv.ada");
    let typed =
        [("password", "chosen by the staff"), ("new_password", "chosen by the staff"), ("new_password_again", "chosen by the staff")];
    for deed in ["password", "reset", "security", "tokens", "impersonate"] {
        assert_eq!(sam.post(&format!("/mls/accounts/{ADA}/{deed}"), &typed).status, 404, "{deed}");
        assert_eq!(mia.post(&format!("/admin/accounts/{ADA}/{deed}"), &typed).status, 404, "{deed}");
        assert_eq!(mia.post(&format!("/admin/developers/1/{deed}"), &typed).status, 404, "{deed}");
    }
    for deed in ["lock", "unlock"] {
        assert_eq!(sam.post(&format!("/mls/accounts/{ADA}/{deed}"), &typed).status, 303, "{deed}");
    }
    assert_eq!(hash("cv.ada"), before);
}

#[test]
fn ad_09_the_database_refuses_changes_of_the_audit_and_nobody_makes_one_unseen() {
    let world = World::new();
    let (db, seal) = (&world.app.db, &world.app.seal);
    assert_eq!((audit_chain::grow(db, seal, world.app.now()).unwrap(), audit_chain::verify(db, seal).unwrap()), (None, Found::Nothing));
    let mia = mia(&world);
    world.agent("cv.ada").grants(&world.w());
    // No door changes a line.
    for path in ["/admin/audit", "/admin/audit/1", "/v1/developers/audit"] {
        for method in ["PUT", "DELETE", "PATCH"] {
            assert!(matches!(world.request(method, path, &[("origin", &world.issuer)], None).status, 401 | 404 | 405), "{method} {path}");
        }
        assert!(matches!(mia.post(path, &[]).status, 401 | 404 | 405), "{path}");
    }
    // What was written just now may have company yet.
    assert_eq!(audit_chain::grow(db, seal, world.app.now()).unwrap(), None);
    world.advance(Seconds::minutes(16));
    let first = audit_chain::grow(db, seal, world.app.now()).unwrap().unwrap();
    assert!(first.lines > 3);
    assert_eq!(audit_chain::verify(db, seal).unwrap(), Found::Sound(first.clone()));
    world.agent("cv.ben").grants(&world.w());
    world.advance(Seconds::minutes(16));
    let reached = audit_chain::grow(db, seal, world.app.now()).unwrap().unwrap();
    assert!(reached.lines > first.lines);
    let sound = || assert_eq!(audit_chain::verify(db, seal).unwrap(), Found::Sound(reached.clone()));
    let broken = |there: i64| {
        assert_eq!(audit_chain::verify(db, seal).unwrap(), Found::Broken { tied: reached.lines, there }, "{there}");
    };
    sound();

    let line = db.read(|conn| audit::newest(conn, Some("login.success"), 1)).unwrap().remove(0);
    let id = line.id;
    let rename = |to: &str| {
        let to = to.to_owned();
        world.change(move |conn| conn.execute(diesel::update(schema::audit::table.find(id)).set(schema::audit::outcome.eq(to))));
    };
    // The database itself refuses it to whoever speaks to it as the server does.
    let tampered = |work: fn(&mut Conn, i64) -> Result<usize, Fault>| world.app.db.write(move |conn| work(conn, id));
    assert!(
        tampered(|conn, id| conn.execute(diesel::update(schema::audit::table.find(id)).set(schema::audit::outcome.eq("refused")))).is_err()
    );
    assert!(tampered(|conn, id| conn.execute(diesel::delete(schema::audit::table.find(id)))).is_err());
    assert!(tampered(|conn, _| conn.execute(diesel::delete(schema::facts::table.find("audit chain")))).is_err());
    sound();
    // Who owns the database takes that guard away, and is found out.
    world.change(|conn| {
        let on = if conn.is_postgres() { " ON audit" } else { "" };
        conn.batch(&format!("DROP TRIGGER audit_unchanged{on}; DROP TRIGGER audit_kept{on};"))
    });
    rename("refused");
    broken(reached.lines);
    rename("ok");
    sound();
    world.change(move |conn| conn.execute(diesel::delete(schema::audit::table.find(id))));
    broken(reached.lines - 1);
    let again = line.clone();
    world.change(move |conn| audit::write(conn, &again));
    sound();
    world.change(move |conn| audit::write(conn, &audit::Entry { id: 1, ..line }));
    broken(reached.lines + 1);
    world.change(move |conn| conn.execute(diesel::delete(schema::audit::table.find(1))));
    // A chain of one's own making, without the master secret.
    let forged = format!("v1.{}.{}.{}", reached.lines, reached.last, "0".repeat(64));
    let was = format!("v1.{}.{}.{}", reached.lines, reached.last, reached.link);
    let (before, after) = (was.clone(), forged.clone());
    assert!(world.change(move |conn| facts::replace(conn, "audit chain", Some(&before), &after)));
    broken(reached.lines);
    assert!(!world.change(move |conn| facts::replace(conn, "audit chain", Some("something else"), &was)));
    assert!(world.change(move |conn| facts::replace(conn, "audit chain", Some(&forged), "nonsense")));
    assert_eq!(audit_chain::verify(db, seal).unwrap(), Found::Broken { tied: 0, there: 0 });
    assert!(audit_chain::grow(db, seal, world.app.now()).is_err(), "it is not begun anew by itself");
}

#[test]
fn cs_22_an_approval_takes_ones_own_press_on_ones_own_page() {
    let world = World::new();
    let dora = world.dora();
    let id = world.enrolled(&dora);
    let home = format!("/account/approvals/{id}");
    let (ada, page) = at(&world, "cv.ada", &home);
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    assert!(page.header("content-security-policy").unwrap().contains("frame-ancestors 'none'"));
    let shown = page.field("shown");
    let before = world.rows();
    for query in ["action=approve", "approve=1", &format!("shown={shown}&approve=Approve"), "_method=POST"] {
        assert_eq!(ada.get(&format!("{home}?{query}")).status, 200, "{query}");
        assert_eq!(ada.get(&format!("{home}/approve?{query}")).status, 405, "{query}");
    }
    for headers in [&[("origin", "https://evil.example")] as &[_], &[], &[("sec-fetch-site", "cross-site"), ("origin", "null")]] {
        assert_eq!(ada.post_with(&format!("{home}/approve"), headers, &[("shown", &shown)]).status, 403);
    }
    for unread in ["", "0", "action=approve"] {
        assert_eq!(ada.post(&format!("{home}/approve"), &[("shown", unread), ("action", "approve")]).status, 409, "{unread}");
    }
    world.changed_nothing_since(&before, "approvals nobody gave");
    assert_eq!(presses(&ada, &page, "approve-form", &[]).status, 303);
}

#[test]
fn pw_17_an_address_is_verified_by_its_letter_and_changed_by_nobody() {
    let world = World::new();
    let bond = world.bond("cv.ada", CARLA);
    let token = world.tokens_by(&bond, &world.key("site"))["access_token"].as_str().unwrap().to_owned();
    let agent = world.token_of("cv.ada", "w");
    world.change_policy(&world.w(), |policy| policy.privileges.push(latchkey::protocol::client::Privilege::Consumers));
    let who = bond.consumer.clone();
    let address = || {
        world.app.db.read({
            let who = who.clone();
            move |conn| consumers::get(conn, &who)
        })
    };
    let before = address().unwrap().unwrap().consumer;
    for (name, value) in [
        ("Email", json!("eve@example.com")),
        ("PrimaryEmail", json!("eve@example.com")),
        ("Emails", json!([{ "Address": "eve@example.com" }])),
        ("EmailVerified", json!(true)),
        ("LoginName", json!("eve@example.com")),
    ] {
        for path in ["/v1/consumers/me", "/v1/my/account", "/v1/my/contact"] {
            world.api(&token, "PUT", path, Some(json!({ name: value }))).is_api_error(400, 1053).names(name);
        }
        world.api(&agent, "PUT", &format!("/v1/consumers/{who}"), Some(json!({ name: value }))).is_api_error(400, 1053).names(name);
    }
    // What an agent writes to is the agent's own; it is nobody's way in.
    let contact = format!("/v1/contacts/{}", bond.contact);
    world.api(&agent, "PUT", &contact, Some(json!({ "PrimaryEmail": "eve@example.com" }))).result(200);
    let after = address().unwrap().unwrap().consumer;
    assert_eq!((after.email, after.login_name, after.email_verified_at), (before.email, before.login_name, before.email_verified_at));
    let eve = world.browser();
    let page = eve.get("/my/sign-in");
    let fields = [("flow", page.field("flow")), ("username", "eve@example.com".into()), ("password", PASSWORD.to_owned())];
    assert_eq!(eve.post("/my/sign-in", &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).status, 422);

    // Staff who keep another address of a developer do not change where his links go and what he signs in with.
    world.activated(1, DORA);
    let identity = world.app.db.read(|conn| developers::by_email(conn, DORA)).unwrap().unwrap().0.identity_id.unwrap();
    let platform = world.privileged(None, &[]);
    let path = format!("/v1/developers/identities/{identity}");
    world.api(&platform, "PUT", &path, Some(json!({ "Email": "eve@example.com" }))).result(200);
    for address in [DORA, "eve@example.com"] {
        assert_eq!(world.browser().post("/developers/reset", &[("email", address)]).status, 200);
    }
    assert_eq!(world.letters_to(DORA).last().unwrap().0, "Choose a new password");
    assert!(world.letters_to("eve@example.com").is_empty());
    world.builder(DORA);
}

#[test]
fn dr_07_no_page_loads_anything_of_an_application_or_of_a_stranger() {
    let world = World::new();
    let (w, ada) = (world.w(), world.agent("cv.ada"));
    let opened = ada.opens(&w, &[]);
    let answer = ada.signs_in(&opened, PASSWORD);
    let consent = ada.get(answer.location());
    assert!(consent.body.contains("id=\"consent-allow\""), "{consent:?}");
    let (mia, carla) = (mia(&world), carla(&world));
    world.portal("cv.ada", "Ada's Homes");
    let key = format!("/admin/keys/{}", w.id);
    let pages = [
        ("sign-in", opened),
        ("consent", consent),
        ("key", mia.get(&key)),
        ("own page", carla.get("/my/sessions")),
        ("portal", carla.enters_at("/auth/vow/adashomes", &world.key("site"), &[])),
    ];
    for (name, page) in pages {
        let policy = page.header("content-security-policy").unwrap_or_else(|| panic!("{name}: {page:?}"));
        for directive in policy.split(';').map(str::trim).filter(|part| !part.starts_with("form-action")) {
            assert!(!directive.contains("http") && !directive.contains('*') && !directive.contains("data:"), "{name}: {policy}");
        }
        for attribute in
            [" src=\"", " srcset=\"", " poster=\"", " data=\"", "<link rel=\"stylesheet\" href=\"", "<link rel=\"icon\" href=\""]
        {
            for source in page.body.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                assert!(source.starts_with('/') && !source.starts_with("//"), "{name} loads {source}");
            }
        }
    }
    // A key has no picture and no further pages of its own that anybody could load.
    let staff = world.staff();
    world.developer(70, MLS);
    for name in ["LogoUri", "logo_uri", "PolicyUri", "TosUri"] {
        let body = json!({
            "Name": "Open House", "Type": "OAuth2", "RedirectUri": "https://app.example/callback", "Roles": ["private"],
            "ApplicationUri": "https://app.example/", name: "https://evil.example/x.png",
        });
        world.api(&staff, "POST", "/v1/developers/identities/70/keys", Some(body)).is_api_error(400, 1053).names(name);
    }
}
