//! `/v1/system`: on whose behalf a token acts, and where people sign in for it.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::Fault;
use crate::flows::check::Bearer;
use crate::identity::account::Account;
use crate::platform::access::AccessRefusal;
use crate::platform::portal::Portal;
use crate::platform::problem::ApiProblem;
use crate::platform::query::{Field, Resource};
use crate::store::{Conn, accounts, portals};

/// What can be asked of it.
pub const SYSTEM: Resource = Resource::of(
    "",
    &[
        Field::shown("Id"),
        Field::shown("Name"),
        Field::shown("OfficeId"),
        Field::shown("Office"),
        Field::shown("CompanyId"),
        Field::shown("Company"),
        Field::shown("MlsId"),
        Field::shown("Mls"),
        Field::shown("Configuration"),
    ],
);

/// What the platform is to the account on whose behalf, or with whom, a token acts.
///
/// Refuses: a key that speaks for itself.
pub fn get(app: &App, conn: &mut Conn, bearer: &Bearer) -> Result<Result<SystemRecord, ApiProblem>, Fault> {
    let Some(id) = bearer.agent_id() else { return Ok(Err(AccessRefusal::NotAtThisLevel.into())) };
    let Some(account) = accounts::get(conn, id)? else { return Ok(Err(AccessRefusal::Over.into())) };
    let portal = portals::of_agent(conn, id)?.filter(|portal| portal.enabled);
    Ok(Ok(SystemRecord::of(&app.settings.issuer, &account, portal.as_ref())))
}

/// What the platform is to somebody.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = System)]
pub struct SystemRecord {
    /// The account's 26 digits.
    pub id: String,
    /// The full name.
    pub name: String,
    /// The office's 26 digits or key.
    pub office_id: String,
    /// The office's name.
    pub office: String,
    /// The company's 26 digits or key.
    pub company_id: String,
    /// The company's name.
    pub company: String,
    /// The MLS's 26 digits.
    pub mls_id: String,
    /// The MLS's name.
    pub mls: String,
    /// How it is set up: always one.
    pub configuration: [Configuration; 1],
}

/// How the platform is set up for somebody. What is empty or null is kept in the MLS's own system.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = SystemConfiguration)]
pub struct Configuration {
    /// Where home buyers sign in with this agent; null where there is no portal, or it is switched off.
    #[serde(rename = "OAuth2ServiceEndpointPortal")]
    pub oauth2_service_endpoint_portal: Option<String>,
    /// Where agents sign in.
    #[serde(rename = "OAuth2ServiceEndpointPrivate")]
    pub oauth2_service_endpoint_private: String,
    /// The MLS's time zone, as in the IANA database.
    pub time_zone: String,
    /// Null.
    pub currency_type: Option<String>,
    /// Empty.
    #[schema(value_type = Vec<Object>)]
    pub flexmls_products: Vec<Map<String, Value>>,
    /// Null.
    pub password_reset: Option<bool>,
    /// Null.
    pub password_alternative_uri: Option<String>,
    /// Null.
    pub idx_disclaimer: Option<String>,
    /// Null.
    pub idx_logo: Option<String>,
    /// Empty.
    #[schema(value_type = Vec<Object>)]
    pub mls_logos: Vec<Map<String, Value>>,
}

impl SystemRecord {
    fn of(issuer: &str, account: &Account, portal: Option<&Portal>) -> Self {
        let summary = account.summary();
        Self {
            id: summary.id,
            name: summary.name,
            office_id: summary.office_id,
            office: summary.office,
            company_id: summary.company_id,
            company: summary.company,
            mls_id: summary.mls_id,
            mls: account.mls_name.clone(),
            configuration: [Configuration {
                oauth2_service_endpoint_portal: portal.map(|portal| format!("{issuer}/auth/vow/{}", portal.name)),
                oauth2_service_endpoint_private: format!("{issuer}/oauth2"),
                time_zone: account.time_zone.clone(),
                currency_type: None,
                flexmls_products: Vec::new(),
                password_reset: None,
                password_alternative_uri: None,
                idx_disclaimer: None,
                idx_logo: None,
                mls_logos: Vec::new(),
            }],
        }
    }
}
