//! The answer of the authorization endpoint: where it goes, how, and that it always says who speaks.

use crate::protocol::client::words;
use crate::protocol::openid2;
use crate::protocol::params::Params;
use crate::protocol::redirect::Destination;

use super::{AuthorizeRefusal, Surface};

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest `state` and `nonce` that are echoed. Units: bytes.
pub const LONGEST_ECHO: usize = 2048;

words! {
    /// How the answer travels.
    ResponseMode {
        /// In the query of the redirect.
        Query = "query",
        /// In its fragment.
        Fragment = "fragment",
        /// In a form that the browser posts.
        FormPost = "form_post",
    }
}

/// Where and how this request is answered, known before anything else of it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// A place that belongs to the client.
    pub destination: Destination,
    /// How the answer travels.
    pub mode: ResponseMode,
    /// Returned byte by byte.
    pub state: Option<String>,
    /// In which words.
    pub dialect: Dialect,
}

/// The words of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialect {
    /// Those of OAuth 2 and OpenID Connect.
    OAuth2,
    /// Those of OpenID 2.0.
    OpenId2(openid2::Asked),
}

impl Reply {
    /// Reads where and how to answer. With a problem comes the reply by which to say so.
    ///
    /// Refuses: repeated or overlong `state`, an unknown `response_mode`, `query` for anything but a plain code.
    /// Spec: RFC 6749 §4.1.2, OAuth 2.0 Multiple Response Type Encoding Practices §2.1, §3, OAuth 2.0 Form Post Response Mode §2
    pub fn of(surface: Surface, destination: Destination, params: &Params) -> Result<Self, (AuthorizeRefusal, Self)> {
        // Also of a response type that is not offered: whoever asks for a token listens at the fragment.
        let words = params.one("response_type").ok().flatten().unwrap_or_default();
        let natural =
            if words.split(' ').any(|word| matches!(word, "token" | "id_token")) { ResponseMode::Fragment } else { ResponseMode::Query };
        let dialect = if surface == Surface::Hybrid { Dialect::OpenId2(openid2::Asked::of(params)) } else { Dialect::OAuth2 };
        let plain = Self { destination, mode: natural, state: None, dialect };
        let state = match params.one("state") {
            Ok(state) if state.is_none_or(|text| text.len() <= LONGEST_ECHO) => state.map(str::to_owned),
            Ok(_) => return Err((AuthorizeRefusal::EchoTooLong, plain)),
            Err(problem) => return Err((problem.into(), plain)),
        };
        let plain = Self { state, ..plain };
        match params.one("response_mode") {
            Ok(None) => Ok(plain),
            Ok(Some(word)) => match word.parse() {
                Ok(ResponseMode::Query) if natural == ResponseMode::Fragment => Err((AuthorizeRefusal::ResponseModeUnfit, plain)),
                Ok(mode) => Ok(Self { mode, ..plain }),
                Err(_) => Err((AuthorizeRefusal::ResponseModeUnfit, plain)),
            },
            Err(problem) => Err((problem.into(), plain)),
        }
    }

    /// An answer with `members`, to which state and issuer are added.
    ///
    /// Spec: RFC 9207 §2
    pub fn answer(self, mut members: Vec<(&'static str, String)>, issuer: &str) -> Answer {
        if let Some(state) = self.state {
            members.push(("state", state));
        }
        members.push(("iss", issuer.to_owned()));
        Answer { destination: self.destination, mode: self.mode, members }
    }

    /// The same in the words of OpenID 2.0, which has no place for an issuer: it has one of its own.
    pub fn answer_in_openid2(self, mut members: Vec<(&'static str, String)>) -> Answer {
        if let Some(state) = self.state {
            members.push(("openid.spark.state", state));
        }
        Answer { destination: self.destination, mode: self.mode, members }
    }

    /// Whether a code or a token is handed out, not only told who somebody is.
    pub fn gives_access(&self) -> bool {
        match &self.dialect {
            Dialect::OAuth2 => true,
            Dialect::OpenId2(asked) => asked.combined,
        }
    }

    /// An error answer.
    pub fn refuse(self, refusal: &AuthorizeRefusal, issuer: &str) -> Answer {
        if let Dialect::OpenId2(_) = self.dialect {
            return self.answer_in_openid2(openid2::refusal(refusal));
        }
        self.answer(vec![("error", refusal.word().to_owned()), ("error_description", refusal.sentence().to_owned())], issuer)
    }
}

/// An answer on its way to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// A place that belongs to the client.
    pub destination: Destination,
    /// How it travels.
    pub mode: ResponseMode,
    /// What it says.
    pub members: Vec<(&'static str, String)>,
}

impl Answer {
    /// The URI to redirect to; `None` where a form must be posted.
    pub fn location(&self) -> Option<String> {
        let pairs: Vec<(&str, &str)> = self.members.iter().map(|(name, value)| (*name, value.as_str())).collect();
        match self.mode {
            ResponseMode::Query => Some(self.destination.with_query(&pairs)),
            ResponseMode::Fragment => Some(self.destination.with_fragment(&pairs)),
            ResponseMode::FormPost => None,
        }
    }
}
