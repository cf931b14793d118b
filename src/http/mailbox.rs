//! `/demo/mailbox`: the letters that a demonstration sent. Nothing is mounted anywhere else.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use crate::app::App;
use crate::flows::mailbox;
use crate::mail::Kept;
use crate::protocol::params::Params;

use super::form;
use super::pages::parts::{Block, CardLink, Cell, Empty, Facts, Pager, Search, Section, Table};
use super::pages::{Brand, ConsolePage, Shell};
use super::respond::{self, Style};
use super::visit::Visit;
use super::work::Hands;

const LIST: &str = "/demo/mailbox";
/// How many letters the page shows.
const SHOWN: usize = 100;

/// Mounts it, for a demonstration.
pub fn mount(config: &mut ServiceConfig) {
    config
        .route(LIST, web::get().to(list))
        .route("/demo/mailbox.json", web::get().to(machine))
        .route("/demo/mailbox/{number}", web::get().to(show))
        .route("/demo/mailbox/{number}/html", web::get().to(html));
}

/// Whether it was asked for by our own name: another name that leads to this machine belongs to somebody else's page.
fn is_ours(app: &App, request: &HttpRequest) -> bool {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    host.is_some_and(|host| app.settings.issuer.strip_prefix("http://") == Some(host))
}

fn page(title: &str, lede: &str) -> ConsolePage {
    let shell = Shell { brand: Brand::house(), area: "Demo mailbox".to_owned(), home: LIST.to_owned(), ..Shell::default() };
    ConsolePage { shell, title: title.to_owned(), lede: lede.to_owned(), ..ConsolePage::default() }
}

async fn list(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    if !is_ours(&app, &request) {
        return Style::Page.not_found(&visit);
    }
    let query = Params::from_form(request.query_string().as_bytes()).unwrap_or_default();
    let part = form::line(&query, "q", 128).unwrap_or_default();
    let mut page = page("Mailbox", "Every e-mail this demonstration sent since it was started. Nothing leaves this machine.");
    let row = |kept: &Kept| {
        vec![
            Cell::link(kept.letter.subject.clone(), format!("{LIST}/{}", kept.number)),
            Cell::text(kept.letter.to.clone()),
            Cell::Time(kept.at),
        ]
    };
    page.blocks = vec![
        Block::Search(Search::new(LIST, "Address or subject", part.clone())),
        Block::Table(Table {
            id: "letters",
            caption: "E-mails, newest first".to_owned(),
            columns: vec!["Subject", "To", "Sent"],
            rows: mailbox::newest(&app, &part).iter().take(SHOWN).map(row).collect(),
            empty: Empty::new("No e-mail yet", "Register as a developer, or sign in from a new browser: the e-mail about it appears here.")
                .searched(("e-mail", "e-mails"), &part, false, LIST),
            pager: Pager::default(),
        }),
    ];
    respond::page(StatusCode::OK, &page)
}

/// The same for programs that walk through a demonstration.
async fn machine(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    if !is_ours(&app, &request) {
        return Style::Page.not_found(&visit);
    }
    let letters: Vec<_> = mailbox::newest(&app, "")
        .into_iter()
        .map(|Kept { number, at, letter }| json!({ "number": number, "at": at.iso(), "to": letter.to, "subject": letter.subject, "text": letter.text }))
        .collect();
    respond::json(StatusCode::OK, &letters)
}

fn wanted(app: &App, request: &HttpRequest) -> Option<Kept> {
    let number = request.match_info().get("number")?.parse().ok()?;
    if is_ours(app, request) { mailbox::one(app, number) } else { None }
}

async fn show(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let Some(Kept { number, at, letter }) = wanted(&app, &request) else { return Style::Page.not_found(&visit) };
    let mut page = page(&letter.subject, "");
    page.shell.crumbs = vec![("Mailbox".to_owned(), LIST.to_owned())];
    let (links, words): (Vec<&str>, Vec<&str>) =
        letter.text.lines().partition(|line| line.starts_with(&app.settings.issuer) && line.contains("/lkl_"));
    let facts = Facts::new("letter", [("To", Cell::text(letter.to.clone())), ("Sent", Cell::Time(at))]);
    let paragraphs = words.into_iter().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let mut cards: Vec<CardLink> = links
        .into_iter()
        .map(|link| CardLink { about: link.to_owned(), ..CardLink::action("open-link", "Open the link in the e-mail", link) })
        .collect();
    cards.push(CardLink::action("as-html", "See it as an e-mail program shows it", format!("{LIST}/{number}/html")));
    page.blocks = vec![
        Block::Section(Section::new("text", "The e-mail", "", vec![Block::Facts(facts), Block::Prose(paragraphs)])),
        Block::Links(cards),
    ];
    respond::page(StatusCode::OK, &page)
}

/// The letter's own page, with the looks that letters carry in themselves.
async fn html(app: Hands, visit: Visit, request: HttpRequest) -> HttpResponse {
    let Some(kept) = wanted(&app, &request) else { return Style::Page.not_found(&visit) };
    let policy = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")))
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(kept.letter.html)
}
