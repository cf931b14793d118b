//! `/developers/tokens`: what a token says. It is read here, kept nowhere and sent to nobody.

#![expect(clippy::unnecessary_wraps, reason = "the work of an address may fail; reading a text cannot")]

use serde_json::{Map, Value};

use crate::app::App;
use crate::base::Fault;
use crate::flows::datamart::enter::DeveloperGuest;
use crate::flows::portal::decode::{Decoded, decode};
use crate::http::door::{Asked, Shown};
use crate::http::pages::ConsolePage;
use crate::http::pages::parts::{Block, Cell, Copy, Facts, Field, FormBlock, Notice, Section, Tone};
use crate::store::Conn;

use super::frame;

const HERE: &str = "/developers/tokens";

/// `GET /developers/tokens`
pub fn show(_: &App, _: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    Ok(Shown::Page(Box::new(page(guest, asked))))
}

fn page(guest: &DeveloperGuest, asked: &Asked) -> ConsolePage {
    let lede = "Paste a token to see what it contains. It is read on this server and not stored.";
    let mut page = frame::page(guest, &asked.path, "Read a token", lede);
    let field = Field::lines("token", "Token", 5).hint("An ID token or other JWT, or an opaque token from this server.").required();
    page.blocks = vec![Block::Form(FormBlock::new("token-form", HERE, ("read", "Read"), vec![field]))];
    page
}

/// `POST /developers/tokens`
pub fn read(app: &App, _: &mut Conn, guest: &DeveloperGuest, asked: &Asked) -> Result<Shown, Fault> {
    let mut page = page(guest, asked);
    let told = |tone, heading: &str, text: &str| Notice::new("told", tone, heading, text);
    match decode(app, asked.form.text("token").unwrap_or_default()) {
        Decoded::Handle { kind, issued, expires } => {
            let over = expires <= app.now();
            page.notice = Some(told(if over { Tone::Waiting } else { Tone::Good }, &format!("This is an {kind} from this server."), ""));
            let facts = Facts::new(
                "token-facts",
                [("Issued", Cell::Time(issued)), (if over { "Expired" } else { "Valid until" }, Cell::Time(expires))],
            );
            let lede = "Only introspection tells whether it was revoked.";
            page.blocks.push(Block::Section(Section::new("said", "Contents", lede, vec![Block::Facts(facts)])));
        }
        Decoded::Personal => {
            page.notice = Some(told(Tone::Good, "This looks like a personal token.", "It contains nothing to read, and does not expire."));
        }
        Decoded::Jwt { header, claims, ours } => {
            page.notice = Some(if ours {
                told(
                    Tone::Good,
                    "Signed by this server.",
                    "Your program must check the signature, the issuer, the audience, the time and the nonce itself.",
                )
            } else {
                told(Tone::Bad, "Not signed by this server.", "The signature, the issuer or a claim does not match this server.")
            });
            let copy = |id, label: &str, members: &Map<String, Value>| {
                Block::Copy(Copy { id, label: label.to_owned(), text: serde_json::to_string_pretty(members).unwrap_or_default() })
            };
            let blocks = vec![copy("header", "Header", &header), copy("claims", "Claims", &claims)];
            page.blocks.push(Block::Section(Section::new("said", "Contents", "", blocks)));
        }
        Decoded::ClientSecret => {
            page.notice = Some(told(
                Tone::Bad,
                "This is a client secret.",
                "It belongs on your servers only. If you pasted it anywhere else, create a new one.",
            ));
        }
        Decoded::Unknown => {
            page.notice = Some(told(
                Tone::Bad,
                "This is not a token we can read.",
                "Tokens of this server begin with lka_, lkr_, lkc_ or lkp_; a JWT has three parts.",
            ));
        }
    }
    Ok(Shown::Page(Box::new(page)))
}
