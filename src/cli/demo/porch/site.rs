//! What the site asks the server. All calls block.

use serde_json::{Value, json};

use crate::base::Random;
use crate::cli::demo::keys::DemoKey;
use crate::cli::demo::web::Trouble;

/// The largest answer that is read. Units: bytes.
const LARGEST: u64 = 1 << 20;

/// The site as an OAuth client.
pub struct Site {
    /// Where people sign in.
    pub issuer: String,
    /// The site's own address.
    pub home: String,
    /// The portal of the agent whose site it is.
    pub portal: String,
    client_id: String,
    client_secret: String,
    redirect_uri: String,
    agent: ureq::Agent,
    random: Random,
}

/// Through which door somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Sign in at the agent's portal.
    Portal,
    /// Sign up at it.
    SignUp,
    /// Sign in, then choose one of one's agents.
    Choose,
}

/// The tokens of somebody who signed in.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// The access token.
    pub access: String,
    /// The refresh token.
    pub refresh: String,
}

/// What the API answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The platform's code, where it refused.
    pub code: Option<u64>,
    /// The platform's sentence, where it refused.
    pub message: String,
    /// The first result.
    pub result: Value,
}

impl Site {
    /// The site with the key made for it.
    pub fn new(issuer: &str, home: &str, portal: &str, key: &DemoKey) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(std::time::Duration::from_secs(10)))
            .build()
            .new_agent();
        Self {
            issuer: issuer.to_owned(),
            home: home.to_owned(),
            portal: portal.to_owned(),
            client_id: key.client_id.clone(),
            client_secret: key.client_secret.clone().unwrap_or_default(),
            redirect_uri: key.redirect_uri.clone().unwrap_or_default(),
            agent,
            random: Random::default(),
        }
    }

    /// Where a browser is sent to sign in, and the state that must come back: the address of the page it came from, made unguessable.
    pub fn begin(&self, door: Door) -> (String, String) {
        let state = format!("{}/?visit={}", self.home, self.random.token());
        let path = match door {
            Door::Portal => format!("/auth/vow/{}", self.portal),
            Door::SignUp => format!("/r/login/{}/signup/", self.portal),
            Door::Choose => "/auth/vow".to_owned(),
        };
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("response_type", "code")
            .append_pair("scope", "profile email")
            .append_pair("state", &state)
            .finish();
        (format!("{}{path}?{query}", self.issuer), state)
    }

    /// Redeems a code.
    pub fn redeem(&self, code: &str) -> Result<Tokens, Trouble> {
        self.grant(&json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri }))
    }

    /// Replaces the tokens.
    pub fn refresh(&self, tokens: &Tokens) -> Result<Tokens, Trouble> {
        self.grant(&json!({ "grant_type": "refresh_token", "refresh_token": tokens.refresh, "redirect_uri": self.redirect_uri }))
    }

    fn grant(&self, asked: &Value) -> Result<Tokens, Trouble> {
        let mut body = asked.clone();
        if let Value::Object(members) = &mut body {
            members.insert("client_id".to_owned(), json!(self.client_id));
            members.insert("client_secret".to_owned(), json!(self.client_secret));
        }
        let sent = self
            .agent
            .post(format!("{}/v1/oauth2/grant", self.issuer))
            .header("content-type", "application/json")
            .send(body.to_string())
            .and_then(|mut answer| answer.body_mut().with_config().limit(LARGEST).read_to_string());
        let text = sent.map_err(|why| Trouble { error: "server_error".to_owned(), description: why.to_string() })?;
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        let said = |name: &str| answer.get(name).and_then(Value::as_str).map(str::to_owned);
        match (said("access_token"), said("refresh_token")) {
            (Some(access), Some(refresh)) => Ok(Tokens { access, refresh }),
            _ => Err(Trouble {
                error: said("error").unwrap_or_else(|| "server_error".to_owned()),
                description: said("error_description").unwrap_or_default(),
            }),
        }
    }

    /// One request to the API in the consumer's name.
    pub fn api(&self, tokens: &Tokens, path: &str) -> Answer {
        let call = self.agent.get(format!("{}{path}", self.issuer)).header("authorization", format!("OAuth {}", tokens.access)).call();
        read(call)
    }

    /// Asks, as the gateway of the site's own data service, whether the consumer may do that there.
    pub fn may(&self, tokens: &Tokens, method: &str, path: &str) -> Answer {
        let call = self
            .agent
            .get(format!("{}/authz/check", self.issuer))
            .header("authorization", format!("OAuth {}", tokens.access))
            .header("x-original-method", method)
            .header("x-original-uri", path)
            .call();
        let contact = call.as_ref().ok().and_then(|answer| answer.headers().get("x-latchkey-contact")?.to_str().ok().map(str::to_owned));
        let mut answer = read(call);
        if let Some(contact) = contact {
            answer.result = json!(contact);
        }
        answer
    }

    /// Gives the tokens back.
    pub fn leave(&self, tokens: &Tokens) {
        let body = [("token", tokens.refresh.as_str()), ("client_id", &self.client_id), ("client_secret", &self.client_secret)];
        // Whether it works or not, the site forgets them.
        let _ = self.agent.post(format!("{}/openid/revoke", self.issuer)).send_form(body);
    }
}

fn read(call: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let Ok(mut answer) = call else {
        return Answer { status: 503, code: None, message: "The server cannot be reached.".to_owned(), result: Value::Null };
    };
    let status = answer.status().as_u16();
    let text = answer.body_mut().with_config().limit(LARGEST).read_to_string().unwrap_or_default();
    let body: Value = serde_json::from_str(&text).unwrap_or_default();
    let inner = body.get("D").cloned().unwrap_or_default();
    Answer {
        status,
        code: inner.get("Code").and_then(Value::as_u64),
        message: inner.get("Message").and_then(Value::as_str).unwrap_or_default().to_owned(),
        result: inner.get("Results").and_then(|results| results.get(0)).cloned().unwrap_or_default(),
    }
}
