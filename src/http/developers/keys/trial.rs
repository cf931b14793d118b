//! `/developers/keys/{key}/try`: the sign-in address built step by step, with what each part is for.

use url::form_urlencoded;

use crate::app::App;
use crate::base::Fault;
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::platform::key_record::KeyRecord;
use crate::flows::portal::applications as flow;
use crate::http::developers::frame;
use crate::http::door::{Asked, Shown};
use crate::http::form::Form;
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, CardLink, Cell, Choice, Copy, Empty, Field, FormBlock, Notice, Pager, Section, Table, Tone};
use crate::protocol::pkce::{Challenge, METHOD};
use crate::protocol::scope::Scope;
use crate::store::Conn;

use super::{at, crumbs, key, owner};

/// `GET /developers/keys/{key}/try`
pub fn show(_: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let (owner, id) = (owner!(guest), key(asked));
    let Ok(shown) = flow::get(conn, &owner, id)? else { return Ok(Shown::Nothing) };
    let usual = ["openid", "profile", "email"].iter().fold(Form::default(), |form, name| form.with(&scope_box(name), "1"));
    Ok(Shown::Page(Box::new(page(guest, asked, &shown.record, &usual.with("pkce_on", "1")))))
}

fn scope_box(name: &str) -> String {
    format!("scope_{}", name.to_ascii_lowercase())
}

fn page(guest: &DeveloperGuest, asked: &Asked, record: &KeyRecord, form: &Form) -> ConsolePage {
    let id = crate::base::id::KeyId(record.id);
    let mut page = frame::page(guest, &asked.path, "Try it", "Build the address your application sends people to for signing in.");
    page.shell.crumbs = crumbs(Some((id, &record.name)));
    if record.redirect_uris.is_empty() {
        let settings = CardLink::action("to-settings", "Add a redirect address", format!("{}#settings", at(id)));
        let text = "People are sent back only to addresses you registered.";
        page.blocks = vec![
            Block::Notice(Notice::new("no-address", Tone::Waiting, "Add a redirect address first.", text)),
            Block::Links(vec![settings]),
        ];
        return page;
    }
    let uris = record.redirect_uris.iter().map(|uri| Choice::new(uri.clone(), uri.clone(), "")).collect();
    let scopes = Scope::ALL.iter().map(|scope| Choice::new(scope_box(scope.name()), scope.name(), scope_about(*scope))).collect();
    let mut fields = vec![
        Field::select("redirect_uri", "Redirect address", uris).required().from(form),
        Field::boxes("scopes", "What to ask for", scopes).from(form),
    ];
    if record.kind != "public" {
        let pkce = Choice::new("pkce_on", "Use PKCE", "Recommended: a stolen code is then worthless.");
        fields.push(Field::boxes("pkce", "Protection", vec![pkce]).from(form));
    }
    let sheet = FormBlock::new("trial-form", format!("{}/try", at(id)), ("build", "Build address"), fields);
    page.blocks = vec![Block::Section(Section::new("trial", "Step 1: what to ask", "", vec![Block::Form(sheet)]))];
    page
}

const fn scope_about(scope: Scope) -> &'static str {
    match scope {
        Scope::Openid => "An ID token that says who signed in; without it, the platform's plain OAuth.",
        Scope::Profile => "Name, picture, website, time zone.",
        Scope::Email => "E-mail address.",
        Scope::Address => "Postal address.",
        Scope::Phone => "Phone number.",
        Scope::Reso => "Member and Office fields of the RESO Data Dictionary.",
        Scope::Fbs => "The platform's own fields.",
    }
}

/// `POST /developers/keys/{key}/try`
pub fn build(app: &App, conn: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let (owner, id) = (owner!(guest), key(asked));
    let Ok(shown) = flow::get(conn, &owner, id)? else { return Ok(Shown::Nothing) };
    let record = &shown.record;
    let form = Form::sent(&asked.form, crate::base::Problems::default());
    let chosen =
        record.redirect_uris.iter().find(|uri| uri.as_str() == form.value("redirect_uri")).or_else(|| record.redirect_uris.first());
    let Some(redirect_uri) = chosen.cloned() else { return Ok(Shown::Nothing) };
    let scopes = Scope::ALL.iter().map(|scope| scope.name()).filter(|name| form.checked(&scope_box(name))).collect::<Vec<_>>().join(" ");
    let verifier = (record.kind == "public" || form.checked("pkce_on")).then(|| app.random.token());
    let built = Built::of(app, record, &redirect_uri, &scopes, verifier.as_deref());
    let mut page = page(guest, asked, record, &form);
    page.blocks.extend(built.blocks(app, record, &redirect_uri, verifier.as_deref()));
    Ok(Shown::Page(Box::new(page)))
}

/// The address, part by part.
struct Built {
    parts: Vec<(&'static str, String, &'static str)>,
    url: String,
}

impl Built {
    fn of(app: &App, record: &KeyRecord, redirect_uri: &str, scopes: &str, verifier: Option<&str>) -> Self {
        let openid = scopes.split(' ').any(|name| name == "openid") && record.openid_enabled;
        let mut parts = vec![
            ("response_type", "code".to_owned(), "The answer is a code, which your server exchanges for tokens."),
            ("client_id", record.key.clone(), "Your key."),
            ("redirect_uri", redirect_uri.to_owned(), "Where the answer goes: one of your registered addresses, character by character."),
        ];
        if !scopes.is_empty() {
            parts.push(("scope", scopes.to_owned(), "What you ask for; people are shown it in plain words."));
        }
        parts.push((
            "state",
            app.random.token(),
            "Comes back with the answer. Tie it to the browser, and reject an answer with a different one.",
        ));
        if openid {
            parts.push(("nonce", app.random.token(), "Is in the ID token. Reject a token with a different nonce."));
        }
        if let Some(verifier) = verifier {
            parts.push(("code_challenge", Challenge::of(verifier).as_str().to_owned(), "The SHA-256 of a text that only you know."));
            parts.push(("code_challenge_method", METHOD.to_owned(), "How it was made."));
        }
        let path = if openid { "/openid/authorize" } else { "/oauth2" };
        let query =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parts.iter().map(|(name, value, _)| (name, value))).finish();
        Self { url: format!("{}{path}?{query}", app.settings.issuer), parts }
    }

    fn blocks(self, app: &App, record: &KeyRecord, redirect_uri: &str, verifier: Option<&str>) -> Vec<Block> {
        let table = Table {
            id: "parts",
            caption: "What each part is for".to_owned(),
            columns: vec!["Parameter", "Value", "Purpose"],
            rows: self
                .parts
                .iter()
                .map(|(name, value, about)| vec![Cell::Code((*name).to_owned()), Cell::Code(value.clone()), Cell::text(*about)])
                .collect(),
            empty: Empty::default(),
            pager: Pager::default(),
        };
        let address = Copy { id: "authorize-url", label: "Send the browser here".to_owned(), text: self.url };
        let mut form = vec!["grant_type=authorization_code".to_owned(), "code=THE_CODE".to_owned()];
        form.push(format!("redirect_uri={}", form_urlencoded::byte_serialize(redirect_uri.as_bytes()).collect::<String>()));
        form.push(format!("client_id={}", record.key));
        if record.kind != "public" {
            form.push("client_secret=YOUR_SECRET".to_owned());
        }
        form.extend(verifier.map(|verifier| format!("code_verifier={verifier}")));
        let lines = form.iter().map(|pair| format!(" \\\n  -d '{pair}'")).collect::<Vec<_>>().concat();
        let exchange = Copy {
            id: "exchange",
            label: "Exchange the code within one minute".to_owned(),
            text: format!("curl {}/openid/token{lines}", app.settings.issuer),
        };
        vec![
            Block::Section(Section::new(
                "authorize",
                "Step 2: send the browser there",
                "",
                vec![Block::Copy(address), Block::Table(table)],
            )),
            Block::Section(Section::new(
                "token",
                "Step 3: exchange the code",
                "The answer comes to your redirect address as ?code=…&state=…",
                vec![Block::Copy(exchange)],
            )),
        ]
    }
}
