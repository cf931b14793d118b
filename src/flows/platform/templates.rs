//! RESO templates behind the Keys API: staff list, add, change and remove those of their MLS.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::app::App;
use crate::base::Fault;
use crate::base::id::AccountId;
use crate::flows::record;
use crate::platform::change::{self, Action, RecordType, Values};
use crate::platform::problem::{ApiProblem, FieldProblem};
use crate::platform::query::{Page, Query};
use crate::platform::template::{Content, Template};
use crate::store::audit::Entry;
use crate::store::{Conn, templates};

use super::history::{self, About, ChangeRecord, Told};
use super::staff::Staff;

/// One of the two parts of a template that have an address of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Which fields are shown.
    FieldOverrides,
    /// Which records are shown.
    RestrictiveFilters,
}

impl Part {
    /// The attribute it is in the whole.
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::FieldOverrides => "FieldOverrides",
            Self::RestrictiveFilters => "RestrictiveFilters",
        }
    }

    fn of(self, content: &Content) -> Map<String, Value> {
        match self {
            Self::FieldOverrides => content.field_overrides.clone(),
            Self::RestrictiveFilters => content.restrictive_filters.clone(),
        }
    }
}

/// A page of the templates the caller may see.
pub fn list(conn: &mut Conn, staff: &Staff<'_>, query: &Query) -> Result<Page<TemplateRecord>, Fault> {
    Ok(templates::page(conn, staff.reach(), query)?.map(TemplateRecord::of))
}

/// One template.
///
/// Refuses: one the caller may not see.
pub fn get(conn: &mut Conn, staff: &Staff<'_>, id: &AccountId) -> Result<Result<TemplateRecord, ApiProblem>, Fault> {
    Ok(find(conn, staff, id)?.map(TemplateRecord::of))
}

/// One part of a template.
///
/// Refuses: a template the caller may not see.
pub fn part(conn: &mut Conn, staff: &Staff<'_>, id: &AccountId, part: Part) -> Result<Result<Map<String, Value>, ApiProblem>, Fault> {
    Ok(find(conn, staff, id)?.map(|template| part.of(&template.content)))
}

/// Adds a template to the caller's MLS.
///
/// Refuses: attributes that are missing, unfit, or not to be written.
pub fn create(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    body: &Map<String, Value>,
) -> Result<Result<TemplateRecord, ApiProblem>, Fault> {
    let mut content = Content::default();
    if let Some(problem) = problem(content.set(body)) {
        return Ok(Err(problem));
    }
    let missing: Vec<FieldProblem> =
        ["Name", "Role"].into_iter().filter(|name| !body.contains_key(*name)).map(|name| FieldProblem::of(name, "is needed")).collect();
    if !missing.is_empty() {
        return Ok(Err(ApiProblem::Missing(missing)));
    }
    let now = app.now();
    let template = Template {
        id: app.random.account_id(now),
        mls_id: staff.reach().issuer().cloned(),
        owner_id: staff.account_id().cloned(),
        association_id: None,
        content,
        created_at: now,
        modified_at: now,
    };
    templates::add(conn, &template)?;
    let values = template.content.attributes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>();
    tell(app, conn, staff, &template, Action::Create, change::beginning(&values))?;
    Ok(Ok(TemplateRecord::of(template)))
}

/// Changes what a template says; what is not said stays.
///
/// Refuses: one the caller may not see, and what is unfit or not to be written.
pub fn update(
    app: &App,
    conn: &mut Conn,
    staff: &Staff<'_>,
    id: &AccountId,
    body: &Map<String, Value>,
) -> Result<Result<TemplateRecord, ApiProblem>, Fault> {
    templates::hold(conn, id)?;
    let mut template = match find(conn, staff, id)? {
        Ok(template) => template,
        Err(problem) => return Ok(Err(problem)),
    };
    let before = template.content.clone();
    if let Some(problem) = problem(template.content.set(body)) {
        return Ok(Err(problem));
    }
    let all = |content: &Content| content.attributes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>();
    let values = change::between(&all(&before), &all(&template.content));
    if !values.is_empty() {
        template.modified_at = app.now();
        templates::set_content(conn, id, &template.content, template.modified_at)?;
        tell(app, conn, staff, &template, Action::Update, values)?;
    }
    Ok(Ok(TemplateRecord::of(template)))
}

/// Removes a template.
///
/// Refuses: one the caller may not see, and one that keys are bound to.
pub fn delete(app: &App, conn: &mut Conn, staff: &Staff<'_>, id: &AccountId) -> Result<Result<(), ApiProblem>, Fault> {
    templates::hold(conn, id)?;
    let template = match find(conn, staff, id)? {
        Ok(template) => template,
        Err(problem) => return Ok(Err(problem)),
    };
    let bound = templates::keys_of(conn, id)?;
    if bound > 0 {
        let why = format!("is in use: {bound} keys are bound to this template; give them another one first");
        return Ok(Err(ApiProblem::Conflict(vec![FieldProblem::of("Id", why)])));
    }
    templates::remove(conn, id)?;
    tell(app, conn, staff, &template, Action::Delete, change::one("Deleted", false, true))?;
    Ok(Ok(()))
}

/// A page of the changes of a template.
///
/// Refuses: one the caller may not see.
pub fn changes(conn: &mut Conn, staff: &Staff<'_>, id: &AccountId, query: &Query) -> Result<Result<Page<ChangeRecord>, ApiProblem>, Fault> {
    match find(conn, staff, id)? {
        Ok(_) => history::list(conn, staff, About::Record(RecordType::Template, id.as_str()), query).map(Ok),
        Err(problem) => Ok(Err(problem)),
    }
}

fn find(conn: &mut Conn, staff: &Staff<'_>, id: &AccountId) -> Result<Result<Template, ApiProblem>, Fault> {
    Ok(templates::get(conn, staff.reach(), id)?.ok_or(ApiProblem::not_found()))
}

fn problem(unfit: Vec<FieldProblem>) -> Option<ApiProblem> {
    (!unfit.is_empty()).then_some(ApiProblem::Constraint(unfit))
}

fn tell(app: &App, conn: &mut Conn, staff: &Staff<'_>, template: &Template, action: Action, values: Values) -> Result<(), Fault> {
    let event = match action {
        Action::Create => "template.created",
        Action::Update => "template.updated",
        Action::Delete => "template.deleted",
    };
    record::record(conn, &Entry { subject: Some(template.id.to_string()), ..staff.entry(app, event) })?;
    let told = Told {
        action,
        record: RecordType::Template,
        id: template.id.to_string(),
        mls: template.mls_id.as_ref(),
        identity: None,
        key: None,
        values,
    };
    history::tell(app, conn, staff, told)
}

/// A RESO template.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "PascalCase")]
#[schema(as = Template)]
pub struct TemplateRecord {
    /// The platform's 26 digits.
    #[schema(pattern = "^[0-9]{26}$")]
    pub id: String,
    /// Where it is.
    pub resource_uri: String,
    /// The account that made it.
    pub owner_id: Option<String>,
    /// The association it is for.
    pub association_id: Option<String>,
    /// The MLS it belongs to.
    pub mls_id: Option<String>,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Where listings are passed on to.
    pub syndication_id: Option<String>,
    /// How many photos of a listing are shown; null is all.
    pub listing_photo_limit: Option<i64>,
    /// In which data role keys that are bound to it act.
    pub role: &'static str,
    /// Which records are shown, resource by resource.
    #[schema(value_type = Object)]
    pub restrictive_filters: Map<String, Value>,
    /// Which fields are shown or hidden, resource by resource.
    #[schema(value_type = Object)]
    pub field_overrides: Map<String, Value>,
    /// When it was made.
    pub created_timestamp: String,
    /// When it last changed.
    pub modification_timestamp: String,
}

impl TemplateRecord {
    fn of(template: Template) -> Self {
        let content = template.content;
        Self {
            resource_uri: format!("/v1/developers/templates/{}", template.id),
            id: template.id.to_string(),
            owner_id: template.owner_id.map(|id| id.to_string()),
            association_id: template.association_id.map(|id| id.to_string()),
            mls_id: template.mls_id.map(|id| id.to_string()),
            name: content.name,
            description: content.description,
            syndication_id: content.syndication_id,
            listing_photo_limit: content.listing_photo_limit,
            role: content.role.name(),
            restrictive_filters: content.restrictive_filters,
            field_overrides: content.field_overrides,
            created_timestamp: template.created_at.iso(),
            modification_timestamp: template.modified_at.iso(),
        }
    }
}

/// The template somebody wants. To add one, Name and Role are needed; to change one, nothing is.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = TemplateWish, rename_all = "PascalCase")]
pub struct Asked {
    /// What people call it.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Where listings are passed on to.
    pub syndication_id: Option<String>,
    /// How many photos of a listing are shown.
    pub listing_photo_limit: Option<i64>,
    /// A data role.
    pub role: Option<String>,
    /// Which records are shown: RESODictionaryVersion, and of each resource a Filter.
    #[schema(value_type = Option<Object>)]
    pub restrictive_filters: Option<Map<String, Value>>,
    /// Which fields are shown (true) or hidden (false): RESODictionaryVersion, and of each resource its fields.
    #[schema(value_type = Option<Object>)]
    pub field_overrides: Option<Map<String, Value>>,
}

/// A part of a template: RESODictionaryVersion, and what it says of each resource.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = TemplatePart)]
pub struct PartShape {
    /// The version of the RESO Data Dictionary whose names stand in it.
    #[schema(rename = "RESODictionaryVersion", pattern = "^[0-9]\\.[0-9]$")]
    pub reso_dictionary_version: Option<String>,
}
