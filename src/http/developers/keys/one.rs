//! `/developers/keys/{key}`: what a key is, may do and did, and what its owner may change of it.

use crate::app::App;
use crate::base::id::KeyId;
use crate::base::{Fault, Problems};
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::platform::key_record::KeyRecord;
use crate::flows::platform::secrets::SecretRecord;
use crate::flows::portal::applications::{self as flow, Owner, Settings};
use crate::flows::portal::reports::{self, Report};
use crate::http::developers::frame;
use crate::http::door::{Asked, Shown, said};
use crate::http::form::{Form, line, lines};
use crate::http::key_state::badge;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{
    Bar, Block, Button, CardLink, Cell, Chart, Choice, Empty, Facts, Field, FormBlock, Notice, Pager, Section, Table, Tone,
};
use crate::platform::key::check_application_uri;
use crate::platform::lines::KeyState;
use crate::platform::role::Role;
use crate::protocol::client::ClientKind;
use crate::store::Conn;

use super::{KEYS, at, beside, crumbs, key, owner, redirects};

/// `GET /developers/keys/{key}`
pub fn show(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let owner = owner!(guest);
    let page = page(app, conn, guest, &owner, asked, None)?;
    Ok(page.map_or(Shown::Nothing, |mut page| {
        page.notice = said::told(&asked.query);
        Shown::Page(Box::new(page))
    }))
}

/// The page; with `form` as it was sent where one was refused.
pub fn page(
    app: &App,
    conn: &mut Conn,
    guest: &DeveloperGuest,
    owner: &Owner<'_>,
    asked: &Asked,
    form: Option<&Form>,
) -> Result<Option<ConsolePage>, Fault> {
    let id = key(asked);
    let Ok(shown) = flow::get(conn, owner, id)? else { return Ok(None) };
    let Ok(report) = reports::of_key(app, conn, owner, id)? else { return Ok(None) };
    let record = &shown.record;
    let mut page = frame::page(guest, &asked.path, &record.name, "");
    page.shell.crumbs = crumbs(None);
    let roles: Vec<Role> = record.roles.iter().filter_map(|name| name.parse().ok()).collect();
    let state = flow::state(conn, record)?;
    let facts = Facts::new(
        "key-facts",
        [
            ("Key (client_id)", Cell::Code(record.key.clone())),
            ("State", badge(state)),
            ("Data of", Cell::text(shown.mls.clone())),
            ("Roles", Cell::List(record.roles.iter().map(|role| (*role).to_owned()).collect())),
            ("It may", Cell::List(roles.iter().map(|role| role.allows().to_owned()).collect())),
            ("Kind", Cell::text(if record.kind == "public" { "Public: it has no secret" } else { "Confidential: it keeps a secret" })),
            ("People who allowed it", Cell::text(report.people.to_string())),
            ("Last used", Cell::day_or(record.last_active.as_deref(), "Never used")),
        ],
    );
    let mut ways = links(id, record);
    if matches!(state, KeyState::Suspended | KeyState::Appealed) {
        let appeal = CardLink::action("to-suspension", "See why and appeal", format!("{}/suspension", at(id)));
        ways.insert(0, CardLink { about: "See the reason, and appeal.".to_owned(), ..appeal });
    }
    let mut blocks = vec![Block::Section(Section::new("about", "What it is", "", vec![Block::Facts(facts), Block::Links(ways)]))];
    blocks.extend(used(&report));
    if record.kind != "public" && record.auth_type == "OAuth2" {
        let Ok(secrets) = flow::secrets_of(app, conn, owner, id)? else { return Ok(None) };
        blocks.push(secrets_block(id, &secrets, form));
    }
    blocks.push(settings_block(id, &shown, form.unwrap_or(&filled(record))));
    let end = CardLink {
        about: "Everything issued for it ends immediately.".to_owned(),
        ..CardLink::action("to-delete", "Delete this key", format!("{}/delete", at(id)))
    };
    blocks.push(Block::Section(Section::new("end", "Delete", "", vec![Block::Links(vec![end])])));
    page.blocks = blocks;
    Ok(Some(page))
}

fn links(id: KeyId, record: &KeyRecord) -> Vec<CardLink> {
    // A key that nobody signs in through has nothing to try.
    let signs_in = record.auth_type == "OAuth2" && !record.roles.contains(&Role::SingleSession.name());
    let trial = CardLink {
        about: "Build the sign-in address step by step.".to_owned(),
        ..CardLink::action("to-trial", "Try it", format!("{}/try", at(id)))
    };
    signs_in
        .then_some(trial)
        .into_iter()
        .chain([CardLink {
            about: "Requests of the last week, with the reason for each refusal.".to_owned(),
            ..CardLink::action("to-requests", "Request log", format!("{}/requests", at(id)))
        }])
        .collect()
}

fn used(report: &Report) -> Vec<Block> {
    let bars = report.days.iter().map(|(day, sums)| Bar {
        label: crate::http::pages::parts::day(day),
        good: sums.successes,
        bad: sums.client_errors + sums.server_errors,
    });
    let chart = Chart { id: "usage", title: "Requests per day".to_owned(), parts: ("done", "refused"), bars: bars.collect() };
    let mut blocks = vec![Block::Chart(chart)];
    if !report.reasons.is_empty() {
        blocks.push(Block::Table(Table {
            id: "reasons",
            caption: "Why requests were refused".to_owned(),
            columns: vec!["Reason", "Requests kept"],
            rows: report.reasons.iter().map(|(reason, many)| vec![Cell::Code(reason.clone()), Cell::text(many.to_string())]).collect(),
            empty: Empty::default(),
            pager: Pager::default(),
        }));
    }
    vec![Block::Section(Section::new(
        "used",
        "Usage",
        "The last thirty days (UTC), and why requests of the last week were refused.",
        blocks,
    ))]
}

/// For how long the secrets before a new one may be accepted beside it.
pub const OVERLAPS: [(&str, &str); 5] =
    [("72", "three days"), ("24", "one day"), ("168", "one week"), ("1", "one hour"), ("0", "no time: end them now")];

fn secrets_block(id: KeyId, secrets: &[SecretRecord], form: Option<&Form>) -> Block {
    let rows = secrets.iter().map(|secret| {
        let about = format!("the secret {}", secret.name);
        let path = format!("{}/secrets/{}", at(id), secret.id);
        let act = if secret.live {
            Button::new(format!("end-{}", secret.id), "Switch off", format!("{path}/end")).about(about).ends()
        } else {
            Button::new(format!("delete-{}", secret.id), "Delete", format!("{path}/delete")).about(about).ends()
        };
        let state = match (&secret.expires_timestamp, secret.live) {
            (_, false) => Cell::badge("Switched off", Tone::Bad),
            (Some(at), true) => Cell::Lines(vec![Cell::badge("Accepted", Tone::Waiting), Cell::text(format!("until {at}"))]),
            (None, true) => Cell::badge("Accepted", Tone::Good),
        };
        vec![Cell::text(secret.name.clone()), state, Cell::day_or(secret.last_used.as_deref(), "Never used"), act.cell()]
    });
    let table = Table {
        id: "secrets",
        caption: "Secrets".to_owned(),
        columns: vec!["Name", "State", "Last used", ""],
        rows: rows.collect(),
        empty: Empty::new("No secret", "Without one the key cannot prove itself."),
        pager: Pager::default(),
    };
    let choices = OVERLAPS.map(|(hours, words)| Choice::new(hours, words, "")).to_vec();
    let empty = Form::default();
    let form = form.unwrap_or(&empty);
    let fields = vec![
        Field { longest: 64, ..Field::line("secret_name", "Name of the new secret") }.hint("So you can recognize it later.").from(form),
        Field::select("overlap", "Keep earlier secrets working for", choices).required().from(form),
    ];
    let sheet = FormBlock::new("secret-form", format!("{}/secrets", at(id)), ("new-secret", "Create new secret"), fields);
    let lede = "Replace a secret without downtime: create a new one, deploy it, then let the old one end.";
    Block::Section(Section::new("secrets-section", "Secrets", lede, vec![Block::Table(table), Block::Form(sheet)]))
}

/// The settings as they are.
fn filled(record: &KeyRecord) -> Form {
    let text = |list: &Option<Vec<String>>| list.as_ref().map_or_else(String::new, |list| list.join("\n"));
    let form = Form::default()
        .with("name", record.name.clone())
        .with("application_uri", record.application_uri.clone().unwrap_or_default())
        .with("redirect_uris", record.redirect_uris.join("\n"))
        .with("addresses", text(&record.permitted_addresses))
        .with("agents", text(&record.permitted_agents));
    if record.require_pkce { form.with("require_pkce", "1") } else { form }
}

fn settings_block(id: KeyId, shown: &flow::Shown, form: &Form) -> Block {
    let mut lede = Vec::new();
    if shown.verified {
        lede.push(format!(
            "{} verified this application, and people who sign in are told so. If you change its name, website or a redirect address, it must be verified again.",
            shown.mls
        ));
    }
    if !shown.his_own {
        lede.push("You can tighten IP address, User-Agent and PKCE limits here. To loosen them, ask the MLS.".to_owned());
    }
    let pkce = Choice::new("require_pkce", "Every sign-in must use PKCE", "A stolen code is then worthless.");
    let mut fields = vec![
        Field { longest: 128, ..Field::line("name", "Name") }.required().from(form),
        Field::typed("application_uri", "Website", "url").required().from(form),
        Field::lines("redirect_uris", "Redirect addresses", 4)
            .hint("One per line. People are sent back only to these, matched character by character.")
            .required()
            .from(form),
        Field::lines("addresses", "Allowed IP addresses", 3)
            .hint("One address or network per line, such as 192.0.2.7 or 2001:db8::/32. Leave empty to allow any.")
            .from(form),
        Field::lines("agents", "Allowed User-Agents", 3).hint("One per line. Leave empty to allow any.").from(form),
    ];
    if shown.record.kind != "public" {
        fields.push(Field::boxes("pkce", "Protection", vec![pkce]).from(form));
    }
    let sheet = FormBlock::new("settings-form", at(id), ("save", "Save"), fields);
    Block::Section(Section::new("settings", "Settings", lede.join(" "), vec![Block::Form(sheet)]))
}

/// `POST /developers/keys/{key}`
pub fn change(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let (owner, id) = (owner!(guest), key(asked));
    let Ok(shown) = flow::get(conn, &owner, id)? else { return Ok(Shown::Nothing) };
    let public = shown.record.kind == "public";
    let wish = Settings {
        name: line(&asked.form, "name", 128).unwrap_or_default(),
        redirect_uris: lines(&asked.form, "redirect_uris", 2048),
        application_uri: line(&asked.form, "application_uri", 2048).unwrap_or_default(),
        addresses: lines(&asked.form, "addresses", 64),
        agents: lines(&asked.form, "agents", 512),
        require_pkce: if public { shown.record.require_pkce } else { asked.form.has("require_pkce") },
    };
    let mut problems = Problems::default();
    if wish.name.is_empty() {
        problems.add("name", "Enter a name of at most 128 characters.");
    }
    if let Err(why) = check_application_uri(&wish.application_uri) {
        problems.add("application_uri", format!("The website {why}."));
    }
    redirects(&wish.redirect_uris, if public { ClientKind::Public } else { ClientKind::Confidential }, &mut problems);
    if problems.is_empty() {
        match flow::change(app, conn, &owner, id, &wish)? {
            Ok(_) => {
                let still = flow::get(conn, &owner, id)?.is_ok_and(|now| now.verified);
                let said = if shown.verified && !still { "saved-unverified" } else { "saved" };
                return Ok(Shown::Go(format!("{KEYS}/{id}?said={said}")));
            }
            Err(problem) => problems = beside(&problem),
        }
    }
    let form = Form::sent(&asked.form, problems.clone());
    Ok(page(app, conn, guest, &owner, asked, Some(&form))?.map_or(Shown::Nothing, |mut page| {
        page.notice = Some(Notice::problems(&problems));
        Shown::Refused(Box::new(page))
    }))
}
