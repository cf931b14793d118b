//! `/r/login/<portal>`, opened without any site: whose portal it is, and where to sign in.
//!
//! One that is unknown, closed or has another name by now answers as it does to a site's request, and counts as a guess.

use actix_web::cookie::Cookie;
use actix_web::{HttpResponse, http::StatusCode};

use crate::base::Fault;
use crate::flows::consumer::look::{self, DoorRefusal};
use crate::http::pages::Part;
use crate::http::respond;
use crate::http::visit::Visit;
use crate::http::work::{Hands, reading};

use super::walk::turned_away;
use super::{face, own_sign_in};

/// The page of the portal of that name.
pub async fn page(app: &Hands, visit: &Visit, name: String, cookies: &[Cookie<'_>]) -> Result<HttpResponse, Fault> {
    let Some(host) = reading(app, move |app, conn| look::host_named(app, conn, &name)).await? else {
        return Ok(turned_away(app, visit, DoorRefusal::PortalUnknown));
    };
    let agent = &host.agent.profile.name;
    let lede = format!("This is where home buyers who work with {agent} sign in.");
    let mut page = face::page(Some(&host), host.portal.display_name.clone(), lede);
    let how = format!("To see homes, open the site {agent} shared with you and choose \"Sign in\" there. It brings you back here.");
    page.parts.push(Part::Prose(how));
    page.parts.push(Part::Prose("On your own page you see the sites that act for you, and change your password.".to_owned()));
    page.parts.push(Part::Links(vec![("to-own", "Sign in to your own page".to_owned(), own_sign_in::PATH.to_owned())]));
    Ok(respond::page_towards(StatusCode::OK, &page, None, cookies))
}
