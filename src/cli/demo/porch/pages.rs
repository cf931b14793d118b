//! The site's addresses and pages.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, Form, Path, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde::Deserialize;
use serde_json::Value;

use super::guests::Guests;
use super::site::{Answer, Door, Site, Tokens};
use crate::cli::demo::people::PASSWORD;
use crate::cli::demo::web::{Trouble, Web, asset, blocking};
use crate::http::pages_demo::SampleLogin;
use crate::http::pages_porch::{PorchHome, PorchInside, PorchListing, PorchProblem, PorchTry};

const COOKIE: &str = "frontporch";
/// Where the favourites stand in the data API.
const FAVOURITES: &str = "/v1/listingcarts/portal/favorites";

/// The homes the site shows: invented.
const HOMES: [(&str, &str); 4] = [
    ("14 Orchard Lane, Wenatchee", "3 bedrooms, $485,000"),
    ("2 River Bend, Chelan", "2 bedrooms, $392,000"),
    ("77 Summit View, Leavenworth", "4 bedrooms, $715,000"),
    ("5 Apple Court, Cashmere", "3 bedrooms, $438,000"),
];

/// What the site tries, to show what a home buyer's session may do and what not.
const TRIES: [(&str, &str); 6] = [
    ("/v1/my/contact", "Your agent's contact record for you"),
    ("/v1/consumers/me/agents", "Your agents"),
    ("/v1/portal", "Your agent's portal"),
    ("/v1/contacts", "Your agent's other contacts"),
    ("/v1/developers/roles", "The console of the MLS's staff"),
    ("/v1/developers/identities", "The developers of the MLS"),
];

struct Porch {
    web: Web,
    site: Arc<Site>,
    guests: Guests,
    logins: Vec<(String, String)>,
}

/// The site, listening; the main server's end is its end. `logins` are who can sign in, with name and part.
pub fn server(listener: TcpListener, site: Site, logins: Vec<(String, String)>) -> std::io::Result<Server> {
    let porch = Data::new(Porch { web: Web::new(COOKIE, &site.issuer), site: Arc::new(site), guests: Guests::default(), logins });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(porch.clone())
            .route("/", web::get().to(home))
            .route("/enter/{door}", web::get().to(enter))
            .route("/callback", web::get().to(callback))
            .route("/favourite", web::post().to(favourite))
            .route("/refresh", web::post().to(refresh))
            .route("/sign-out", web::post().to(sign_out))
            .route("/static/{name}", web::get().to(asset))
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}

async fn home(porch: Data<Porch>, request: HttpRequest) -> HttpResponse {
    let guest = porch.guests.get(porch.web.cookie(&request).as_deref());
    let Some((tokens, form_token)) = guest.and_then(|guest| guest.tokens.map(|tokens| (tokens, guest.form_token))) else {
        let logins =
            porch.logins.iter().map(|(login, who)| SampleLogin { who: who.clone(), login: login.clone(), password: PASSWORD.to_owned() });
        let page = PorchHome { server: porch.site.issuer.trim_start_matches("http://").to_owned(), logins: logins.collect() };
        return porch.web.page(StatusCode::OK, &page);
    };
    let site = Arc::clone(&porch.site);
    let looked = blocking(move || Ok(Looked::at(&site, &tokens))).await;
    match looked {
        Ok(looked) => inside(&porch, &request, &looked, form_token),
        Err(trouble) => problem(&porch, trouble),
    }
}

/// What the site learns with somebody's token.
struct Looked {
    contact: Answer,
    agent: Answer,
    favourites: Answer,
    tries: Vec<Answer>,
}

impl Looked {
    fn at(site: &Site, tokens: &Tokens) -> Self {
        Self {
            contact: site.api(tokens, "/v1/my/contact"),
            agent: site.api(tokens, "/v1/consumers/me/agents/current"),
            favourites: site.may(tokens, "GET", FAVOURITES),
            tries: TRIES.iter().map(|(path, _)| site.api(tokens, path)).collect(),
        }
    }
}

fn inside(porch: &Porch, request: &HttpRequest, looked: &Looked, form_token: String) -> HttpResponse {
    if looked.contact.status == 401 {
        // The session was ended elsewhere, and refreshing brings nothing: the site knows nobody any more.
        porch.guests.forget(porch.web.cookie(request).as_deref());
    }
    if looked.contact.status != 200 {
        let code = looked.contact.code.map_or_else(String::new, |code| format!("code {code}: "));
        return problem(porch, Trouble { error: "over".to_owned(), description: format!("{code}{}", looked.contact.message) });
    }
    let text = |answer: &Answer, name: &str| answer.result.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let own = looked.favourites.result.as_str().map(|contact| porch.guests.favourites(contact)).unwrap_or_default();
    let page = PorchInside {
        name: text(&looked.contact, "DisplayName"),
        agent: text(&looked.agent, "Name"),
        form_token,
        favourites_open: looked.favourites.status == 200,
        listings: HOMES
            .iter()
            .enumerate()
            .map(|(number, (address, facts))| PorchListing {
                number,
                address: (*address).to_owned(),
                facts: (*facts).to_owned(),
                favourite: own.contains(&number),
            })
            .collect(),
        tries: TRIES
            .iter()
            .zip(&looked.tries)
            .map(|((path, about), answer)| PorchTry {
                path: (*path).to_owned(),
                about: (*about).to_owned(),
                allowed: answer.status == 200,
                said: match answer.code {
                    Some(code) => format!("{} / {code} {}", answer.status, answer.message),
                    None => answer.status.to_string(),
                },
            })
            .collect(),
        contact: serde_json::to_string_pretty(&looked.contact.result).unwrap_or_default(),
        own_page: format!("{}/my/sessions", porch.site.issuer),
    };
    porch.web.page(StatusCode::OK, &page)
}

async fn enter(porch: Data<Porch>, request: HttpRequest, door: Path<String>) -> HttpResponse {
    let door = match door.as_str() {
        "portal" => Door::Portal,
        "sign-up" => Door::SignUp,
        "choose" => Door::Choose,
        _ => return HttpResponse::NotFound().finish(),
    };
    let (url, state) = porch.site.begin(door);
    let fresh = porch.guests.with(porch.web.cookie(&request).as_deref(), |guest| guest.begins(state));
    porch.web.see_other(&url, fresh.as_deref())
}

/// What comes back in the address.
#[derive(Deserialize)]
struct Back {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

async fn callback(porch: Data<Porch>, request: HttpRequest, Query(back): Query<Back>) -> HttpResponse {
    let said = |error: &str, description: &str| Trouble { error: error.to_owned(), description: description.to_owned() };
    let (cookie, state) = (porch.web.cookie(&request), back.state.unwrap_or_default());
    let mut ours = false;
    if porch.guests.get(cookie.as_deref()).is_some() {
        porch.guests.with(cookie.as_deref(), |guest| ours = guest.ends(&state));
    }
    if !ours {
        return problem(&porch, said("state", "This answer belongs to no sign-in that was begun in this browser."));
    }
    if back.iss.is_some_and(|iss| iss != porch.site.issuer) {
        return problem(&porch, said("iss", "This answer comes from another server."));
    }
    if let Some(error) = back.error {
        return problem(&porch, Trouble { error, description: back.error_description.unwrap_or_default() });
    }
    let Some(code) = back.code else { return problem(&porch, said("code", "There is no code in this answer.")) };
    let site = Arc::clone(&porch.site);
    match blocking(move || site.redeem(&code)).await {
        Ok(tokens) => {
            // A new cookie for who just signed in.
            porch.guests.forget(cookie.as_deref());
            let fresh = porch.guests.with(None, |guest| guest.tokens = Some(tokens));
            // The state is the address of our own page; it is compared above and never followed as it came.
            porch.web.see_other("/", fresh.as_deref())
        }
        Err(trouble) => problem(&porch, trouble),
    }
}

/// The fields of the site's forms.
#[derive(Deserialize)]
struct Ours {
    form_token: String,
    #[serde(default)]
    home: usize,
}

/// Who pressed a button of ours.
fn pressed(porch: &Porch, request: &HttpRequest, form: &Ours) -> Option<Tokens> {
    porch.guests.get(porch.web.cookie(request).as_deref()).filter(|guest| guest.form_token == form.form_token)?.tokens
}

async fn favourite(porch: Data<Porch>, request: HttpRequest, Form(form): Form<Ours>) -> HttpResponse {
    let Some(tokens) = pressed(&porch, &request, &form) else { return porch.web.see_other("/", None) };
    let site = Arc::clone(&porch.site);
    let Ok(allowed) = blocking(move || Ok(site.may(&tokens, "POST", FAVOURITES))).await else { return porch.web.see_other("/", None) };
    if let (200, Some(contact), true) = (allowed.status, allowed.result.as_str(), form.home < HOMES.len()) {
        porch.guests.turn(contact, form.home);
    }
    porch.web.see_other("/", None)
}

async fn refresh(porch: Data<Porch>, request: HttpRequest, Form(form): Form<Ours>) -> HttpResponse {
    let Some(tokens) = pressed(&porch, &request, &form) else { return porch.web.see_other("/", None) };
    let site = Arc::clone(&porch.site);
    match blocking(move || site.refresh(&tokens)).await {
        Ok(tokens) => {
            porch.guests.with(porch.web.cookie(&request).as_deref(), |guest| guest.tokens = Some(tokens));
            porch.web.see_other("/", None)
        }
        Err(trouble) => {
            porch.guests.forget(porch.web.cookie(&request).as_deref());
            problem(&porch, trouble)
        }
    }
}

async fn sign_out(porch: Data<Porch>, request: HttpRequest, Form(form): Form<Ours>) -> HttpResponse {
    let Some(tokens) = pressed(&porch, &request, &form) else { return porch.web.see_other("/", None) };
    porch.guests.forget(porch.web.cookie(&request).as_deref());
    let site = Arc::clone(&porch.site);
    let _ = blocking(move || {
        site.leave(&tokens);
        Ok(())
    })
    .await;
    porch.web.see_other(&format!("{}/openid/logout", porch.site.issuer), Some(""))
}

fn problem(porch: &Porch, trouble: Trouble) -> HttpResponse {
    let description = Some(trouble.description).filter(|text| !text.is_empty());
    porch.web.page(StatusCode::BAD_REQUEST, &PorchProblem { error: trouble.error, description })
}
