//! Reading a body: no longer than it may be, no slower than it may be, in a format we know.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut, Payload};
use futures_core::Stream;
use serde_json::Value;

use crate::base::json::strict;
use crate::protocol::params::{ParamProblem, Params};
use crate::protocol::token::TokenRefusal;

/// The longest form or JSON body of a protocol endpoint. Units: bytes.
pub const LONGEST: usize = 64 * 1024;
/// How long a client may take to send it.
const SLOWEST: Duration = Duration::from_secs(15);

/// What is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BodyProblem {
    /// Longer than [`LONGEST`].
    TooLong,
    /// Not sent in time, or the connection broke.
    TooSlow,
    /// Compressed.
    Encoded,
    /// A media type or charset we do not read here.
    Format,
    /// Of the right type, but not following it.
    Params(ParamProblem),
}

impl BodyProblem {
    /// The same in the words of the token endpoint.
    pub fn refusal(&self) -> TokenRefusal {
        match self {
            Self::Params(problem) => TokenRefusal::Params(problem.clone()),
            _ => TokenRefusal::BodyFormat,
        }
    }
}

/// The format a body came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/x-www-form-urlencoded`
    Form,
    /// `application/json`
    Json,
}

/// Reads a form.
pub async fn form(request: &HttpRequest, payload: Payload) -> Result<Params, BodyProblem> {
    match format(request)? {
        Format::Form => Params::from_form(&read(request, payload).await?).map_err(BodyProblem::Params),
        Format::Json => Err(BodyProblem::Format),
    }
}

/// Reads a form or a JSON object, and says which it was.
pub async fn form_or_json(request: &HttpRequest, payload: Payload) -> Result<(Params, Format), BodyProblem> {
    let format = format(request)?;
    let bytes = read(request, payload).await?;
    let params = match format {
        Format::Form => Params::from_form(&bytes),
        Format::Json => Params::from_json(&bytes),
    };
    params.map(|params| (params, format)).map_err(BodyProblem::Params)
}

/// Reads a form as it was sent, where it stands for a query; without a body it is empty.
pub async fn encoded(request: &HttpRequest, payload: Payload) -> Result<String, BodyProblem> {
    if request.headers().contains_key(header::CONTENT_TYPE) && format(request)? != Format::Form {
        return Err(BodyProblem::Format);
    }
    let bytes = read(request, payload).await?;
    if !bytes.is_empty() && !request.headers().contains_key(header::CONTENT_TYPE) {
        return Err(BodyProblem::Format);
    }
    String::from_utf8(bytes.to_vec()).map_err(|_| BodyProblem::Format)
}

/// Reads JSON of any shape.
pub async fn json(request: &HttpRequest, payload: Payload) -> Result<Value, BodyProblem> {
    match format(request)? {
        Format::Json => strict(&read(request, payload).await?).ok_or(BodyProblem::Format),
        Format::Form => Err(BodyProblem::Format),
    }
}

/// The media type, with no charset but UTF-8.
fn format(request: &HttpRequest) -> Result<Format, BodyProblem> {
    let mut types = request.headers().get_all(header::CONTENT_TYPE);
    let (Some(value), None) = (types.next(), types.next()) else { return Err(BodyProblem::Format) };
    let text = value.to_str().map_err(|_| BodyProblem::Format)?.to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let format = match parts.next() {
        Some("application/x-www-form-urlencoded") => Format::Form,
        Some("application/json") => Format::Json,
        _ => return Err(BodyProblem::Format),
    };
    let good = parts.all(|part| part.is_empty() || matches!(part.trim_matches('"'), "charset=utf-8" | "charset=\"utf-8"));
    if good { Ok(format) } else { Err(BodyProblem::Format) }
}

async fn read(request: &HttpRequest, payload: Payload) -> Result<Bytes, BodyProblem> {
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
        return Err(BodyProblem::Encoded);
    }
    let declared = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > LONGEST) {
        return Err(BodyProblem::TooLong);
    }
    actix_web::rt::time::timeout(SLOWEST, gather(payload, declared.unwrap_or(512))).await.unwrap_or(Err(BodyProblem::TooSlow))
}

async fn gather(mut payload: Payload, expected: usize) -> Result<Bytes, BodyProblem> {
    let mut bytes = BytesMut::with_capacity(expected.min(LONGEST));
    while let Some(chunk) = std::future::poll_fn(|context| std::pin::Pin::new(&mut payload).poll_next(context)).await {
        let chunk = chunk.map_err(|_| BodyProblem::TooSlow)?;
        if bytes.len() + chunk.len() > LONGEST {
            return Err(BodyProblem::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}
