//! OpenID 2.0 with the platform's OAuth extension, as its older clients speak it: the request is read as an OAuth 2 one, the answer written in
//! the words they know.
//!
//! Spec: OpenID Authentication 2.0 §9, §10, §11.4.2; OpenID Simple Registration Extension 1.1; OpenID Attribute Exchange 1.0

use percent_encoding::utf8_percent_encode;

use super::authorize::AuthorizeRefusal;
use super::params::{ParamProblem, Params};
use super::redirect::RESERVED;
use super::scope::{Scope, Scopes};

/// The protocol's name.
pub const NS: &str = "http://specs.openid.net/auth/2.0";
const NS_SPARK: &str = "http://sparkplatform.com/extensions/spark/1.0";
const NS_SREG: &str = "http://openid.net/extensions/sreg/1.1";
const NS_AX: &str = "http://openid.net/srv/ax/1.0";
const COMBINED: &str = "openid.spark.combined_flow";

/// An attribute of a person that a client can ask for.
#[derive(Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The parameter by which it is asked for and named.
    pub named: &'static str,
    /// The parameter that holds it.
    pub held: &'static str,
    /// What it is, in the extension's words.
    kind: &'static str,
}

/// Every attribute, under the alias by which the platform's clients look for it.
pub const ATTRIBUTES: [Attribute; 6] = [
    Attribute { named: "openid.ax.type.email", held: "openid.ax.value.email", kind: "http://openid.net/schema/contact/internet/email" },
    Attribute { named: "openid.ax.type.first_name", held: "openid.ax.value.first_name", kind: "http://openid.net/schema/namePerson/first" },
    Attribute { named: "openid.ax.type.friendly", held: "openid.ax.value.friendly", kind: "http://openid.net/schema/namePerson/friendly" },
    Attribute { named: "openid.ax.type.id", held: "openid.ax.value.id", kind: "http://openid.net/schema/person/guid" },
    Attribute { named: "openid.ax.type.last_name", held: "openid.ax.value.last_name", kind: "http://openid.net/schema/namePerson/last" },
    Attribute {
        named: "openid.ax.type.middle_name",
        held: "openid.ax.value.middle_name",
        kind: "http://openid.net/schema/namePerson/middle",
    },
];

/// What is carried through our pages besides the OAuth 2 request.
pub const CARRIED: [&str; 7] = [
    COMBINED,
    ATTRIBUTES[0].named,
    ATTRIBUTES[1].named,
    ATTRIBUTES[2].named,
    ATTRIBUTES[3].named,
    ATTRIBUTES[4].named,
    ATTRIBUTES[5].named,
];

/// Reads a request as the OAuth 2 one it stands for: `openid.spark.client_id`, `openid.return_to` and `openid.spark.state` are its key,
/// redirect URI and state, `checkid_immediate` its `prompt=none`; the attributes asked for are its scope.
///
/// Refuses: a parameter that comes twice or cannot be read, any other `openid.mode`.
pub fn as_oauth(params: &Params) -> Result<Params, ParamProblem> {
    let prompt = match params.need("openid.mode")? {
        "checkid_setup" => None,
        "checkid_immediate" => Some("none"),
        _ => return Err(ParamProblem::NotText("openid.mode")),
    };
    let mut read = vec![("response_type", "code".to_owned())];
    let renamed = [
        ("client_id", "openid.spark.client_id"),
        ("redirect_uri", "openid.return_to"),
        ("state", "openid.spark.state"),
        ("code_challenge", "code_challenge"),
        ("code_challenge_method", "code_challenge_method"),
    ];
    for (ours, theirs) in renamed {
        read.extend(params.one(theirs)?.map(|value| (ours, value.to_owned())));
    }
    read.extend(prompt.map(|word| ("prompt", word.to_owned())));
    let mut scope = vec!["profile"];
    for attribute in &ATTRIBUTES {
        if params.one(attribute.named)? == Some(attribute.kind) {
            read.push((attribute.named, attribute.kind.to_owned()));
            scope.extend(attribute.kind.ends_with("/email").then_some("email"));
        }
    }
    read.push(("scope", scope.join(" ")));
    read.extend((params.one(COMBINED)? == Some("true")).then(|| (COMBINED, "true".to_owned())));
    Ok(read.into_iter().collect())
}

/// What a request wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// A code for OAuth 2 as well, or only who somebody is.
    pub combined: bool,
    attributes: Vec<&'static Attribute>,
}

impl Asked {
    /// Reads what [`as_oauth`] wrote.
    pub fn of(params: &Params) -> Self {
        let wanted = |attribute: &&'static Attribute| params.has(attribute.named);
        Self { combined: params.has(COMBINED), attributes: ATTRIBUTES.iter().filter(wanted).collect() }
    }
}

/// A person, as an assertion tells of one.
#[derive(Debug, Clone, Default)]
pub struct Person {
    /// The account's 26 digits.
    pub id: String,
    /// What they sign in with.
    pub login: String,
    /// The full name.
    pub name: String,
    /// The given name.
    pub first_name: String,
    /// What stands between.
    pub middle_name: String,
    /// The family name.
    pub last_name: String,
    /// The address, where there is one.
    pub email: Option<String>,
}

impl Person {
    fn value(&self, attribute: &Attribute) -> Option<&str> {
        match attribute.named.rsplit('.').next().unwrap_or_default() {
            "email" => self.email.as_deref(),
            "first_name" => Some(&self.first_name),
            "middle_name" => Some(&self.middle_name),
            "last_name" => Some(&self.last_name),
            "friendly" => Some(&self.name),
            _ => Some(&self.id),
        }
    }
}

/// What an assertion says besides who it is.
#[derive(Debug, Clone)]
pub struct Circumstances<'a> {
    /// Our own address.
    pub issuer: &'a str,
    /// Where it goes.
    pub return_to: &'a str,
    /// 32 hexadecimal digits that are used for nothing else.
    pub session: &'a str,
    /// The moment, and something random behind it.
    pub nonce: &'a str,
    /// Which key signs.
    pub handle: &'a str,
    /// What the person allowed.
    pub scope: Scopes,
    /// The code, where one was asked for.
    pub code: Option<String>,
}

type Members = Vec<(&'static str, String)>;

/// A positive assertion, signed by `sign`; the client's state is the caller's to add.
///
/// Spec: OpenID Authentication 2.0 §10.1
pub fn assertion(asked: &Asked, person: &Person, told: &Circumstances<'_>, sign: impl Fn(&[u8]) -> String) -> Members {
    let identity = format!("{}/openid/userid/{}?session_id={}", told.issuer, utf8_percent_encode(&person.login, RESERVED), told.session);
    let mut members: Members = vec![
        ("openid.assoc_handle", told.handle.to_owned()),
        ("openid.claimed_id", identity.clone()),
        ("openid.identity", identity),
        ("openid.mode", "id_res".to_owned()),
        ("openid.ns", NS.to_owned()),
        ("openid.op_endpoint", format!("{}/openid?session_id={}", told.issuer, told.session)),
        ("openid.response_nonce", told.nonce.to_owned()),
        ("openid.return_to", told.return_to.to_owned()),
    ];
    if let Some(code) = &told.code {
        members.extend([("openid.ns.spark", NS_SPARK.to_owned()), ("openid.spark.code", code.clone())]);
    }
    if told.scope.has(Scope::Profile) {
        members.extend([
            ("openid.ns.sreg", NS_SREG.to_owned()),
            ("openid.sreg.fullname", person.name.clone()),
            ("openid.sreg.nickname", person.id.clone()),
        ]);
    }
    let allowed = |attribute: &Attribute| told.scope.has(if attribute.kind.ends_with("/email") { Scope::Email } else { Scope::Profile });
    let told: Vec<_> = asked.attributes.iter().filter(|attribute| allowed(attribute)).filter_map(|a| Some((a, person.value(a)?))).collect();
    if !told.is_empty() {
        members.extend([("openid.ns.ax", NS_AX.to_owned()), ("openid.ax.mode", "fetch_response".to_owned())]);
    }
    for (attribute, value) in told {
        members.extend([(attribute.named, attribute.kind.to_owned()), (attribute.held, value.to_owned())]);
    }
    for (_, value) in &mut members {
        // A line's end would end a field in what is signed.
        value.retain(|letter| !matches!(letter, '\n' | '\r'));
    }
    members.sort_unstable_by_key(|(name, _)| *name);
    let names = members.iter().map(|(name, _)| name.trim_start_matches("openid.")).chain(["signed"]);
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    members.push(("openid.signed", names.join(",")));
    let signature = sign(
        &signed(&names, |name| {
            members.iter().find(|(known, _)| known.strip_prefix("openid.") == Some(name)).map(|(_, value)| value.as_str())
        })
        .unwrap_or_default(),
    );
    members.push(("openid.sig", signature));
    members
}

/// A negative assertion, or an error. Spec: OpenID Authentication 2.0 §10.2, §5.2.3
pub fn refusal(why: &AuthorizeRefusal) -> Members {
    let mode = match why {
        AuthorizeRefusal::Denied | AuthorizeRefusal::Cancelled => "cancel",
        AuthorizeRefusal::LoginRequired | AuthorizeRefusal::ConsentRequired => "setup_needed",
        _ => "error",
    };
    let mut members = vec![("openid.ns", NS.to_owned()), ("openid.mode", mode.to_owned())];
    members.extend((mode == "error").then(|| ("openid.error", why.sentence().to_owned())));
    members
}

/// What a signature is over: each field in key-value form, in the order of the list. `None` where one is missing, or has an end of line, by
/// which it would read as several.
///
/// Spec: OpenID Authentication 2.0 §6.1
fn signed<'a>(names: &[&str], value: impl Fn(&str) -> Option<&'a str>) -> Option<Vec<u8>> {
    let mut text = String::new();
    for name in names {
        let value = value(name).filter(|value| !value.contains('\n'))?;
        text.extend([name, ":", value, "\n"]);
    }
    Some(text.into_bytes())
}

/// What a client wants to have checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Check<'a> {
    /// What the signature is over.
    pub signed: Vec<u8>,
    /// The signature.
    pub signature: &'a str,
    /// Of which key.
    pub handle: &'a str,
    /// The assertion's own nonce.
    pub nonce: &'a str,
    /// Whose it says it is.
    pub endpoint: &'a str,
}

impl<'a> Check<'a> {
    /// Reads an assertion that was sent back to us; `None` where it lacks what every assertion has and signs.
    ///
    /// Spec: OpenID Authentication 2.0 §11.4.2.1, §10.1 (`openid.signed`)
    pub fn read(params: &'a Params) -> Option<Self> {
        let names: Vec<&str> = params.text("openid.signed")?.split(',').collect();
        let needed = ["op_endpoint", "return_to", "response_nonce", "assoc_handle", "claimed_id", "identity"];
        let fits = needed.iter().all(|name| names.contains(name));
        let value = |name: &str| {
            if name == "mode" {
                Some("id_res")
            } else {
                params.text(&format!("openid.{name}")).or(params.has(&format!("openid.{name}")).then_some(""))
            }
        };
        let check = Self {
            signed: signed(&names, value)?,
            signature: params.text("openid.sig")?,
            handle: params.text("openid.assoc_handle")?,
            nonce: params.text("openid.response_nonce")?,
            endpoint: params.text("openid.op_endpoint")?,
        };
        fits.then_some(check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(extra: &[(&str, &str)]) -> Params {
        let usual = [
            ("openid.mode", "checkid_setup"),
            ("openid.spark.client_id", "w"),
            ("openid.return_to", "https://app.example/cb"),
            ("openid.spark.combined_flow", "true"),
            ("openid.spark.state", "s t"),
        ];
        let kept = usual.into_iter().filter(|(name, _)| extra.iter().all(|(other, _)| other != name));
        kept.chain(extra.iter().copied()).filter(|(_, value)| !value.is_empty()).collect()
    }

    fn ada() -> Person {
        Person {
            id: "2".repeat(26),
            login: "cv.ada".into(),
            name: "Ada Agent".into(),
            first_name: "Ada".into(),
            last_name: "Agent".into(),
            email: Some("ada@example.com".into()),
            ..Person::default()
        }
    }

    fn told(code: Option<&str>, scope: &str) -> Circumstances<'static> {
        Circumstances {
            issuer: "https://id.example",
            return_to: "https://app.example/cb",
            session: "0123456789abcdef0123456789abcdef",
            nonce: "2026-11-28T12:00:00Zx",
            handle: "h",
            scope: Scopes::known(scope),
            code: code.map(str::to_owned),
        }
    }

    #[test]
    fn a_request_of_an_old_client_is_the_oauth_request_it_stands_for() {
        let read = as_oauth(&request(&[])).unwrap();
        for (name, value) in [
            ("client_id", "w"),
            ("redirect_uri", "https://app.example/cb"),
            ("state", "s t"),
            ("response_type", "code"),
            ("scope", "profile"),
        ] {
            assert_eq!(read.text(name), Some(value));
        }
        assert!(Asked::of(&read).combined && !read.has("prompt"));
        let alone = as_oauth(&request(&[("openid.spark.combined_flow", ""), ("openid.mode", "checkid_immediate")])).unwrap();
        assert!(!Asked::of(&alone).combined);
        assert_eq!(alone.text("prompt"), Some("none"));
        let email = "http://openid.net/schema/contact/internet/email";
        assert_eq!(as_oauth(&request(&[("openid.ax.type.email", email)])).unwrap().text("scope"), Some("profile email"));
        // An attribute nobody knows is nothing.
        assert_eq!(as_oauth(&request(&[("openid.ax.type.email", "https://evil.example/")])).unwrap().text("scope"), Some("profile"));
        assert!(as_oauth(&request(&[("openid.mode", "associate")])).is_err());
        assert!(as_oauth(&request(&[("openid.mode", "")])).is_err());
    }

    #[test]
    fn an_assertion_has_the_observed_members_and_signs_every_one() {
        let asked = Asked { combined: true, attributes: vec![] };
        let members = assertion(&asked, &ada(), &told(Some("lkc_x"), "profile"), |text| String::from_utf8(text.to_vec()).unwrap());
        let get = |name: &str| members.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        assert_eq!(
            get("openid.signed"),
            "assoc_handle,claimed_id,identity,mode,ns,ns.spark,ns.sreg,op_endpoint,response_nonce,return_to,signed,spark.code,sreg.fullname,sreg.nickname"
        );
        assert_eq!(get("openid.claimed_id"), "https://id.example/openid/userid/cv.ada?session_id=0123456789abcdef0123456789abcdef");
        assert_eq!((get("openid.sreg.fullname"), get("openid.sreg.nickname")), ("Ada Agent".into(), "2".repeat(26)));
        let signed = get("openid.sig");
        assert_eq!(signed.lines().count(), 14);
        assert!(signed.starts_with("assoc_handle:h\nclaimed_id:https://") && signed.contains("\nspark.code:lkc_x\n"));
        // Sent back, it reads the same.
        let back: Params =
            members.iter().map(|(name, value)| (*name, if *name == "openid.mode" { "check_authentication" } else { value })).collect();
        assert_eq!(Check::read(&back).unwrap().signed, signed.as_bytes());
    }

    #[test]
    fn an_assertion_that_is_cut_up_otherwise_reads_as_nothing() {
        let asked = Asked { combined: false, attributes: vec![] };
        let members = assertion(&asked, &ada(), &told(None, ""), |_| "sig".to_owned());
        let get = |name: &str| members.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        // The same text is signed where one field takes in the next one.
        let swallowed = format!(
            "{}\nresponse_nonce:{}\nreturn_to:{}",
            get("openid.op_endpoint"),
            get("openid.response_nonce"),
            get("openid.return_to")
        );
        let list = get("openid.signed");
        let cut = list.replace("response_nonce,return_to,", "");
        for (list, fits) in [(&list, true), (&cut, false)] {
            let back: Params = members
                .iter()
                .map(|(name, value)| match *name {
                    "openid.op_endpoint" if !fits => (*name, swallowed.clone()),
                    "openid.signed" => (*name, list.clone()),
                    _ => (*name, value.clone()),
                })
                .collect();
            assert_eq!(Check::read(&back).is_some(), fits);
        }
        let lines = Params::from_iter([("openid.a", "1\nb:2")]);
        assert_eq!(signed(&["a"], |name| lines.text(&format!("openid.{name}"))), None);
    }

    #[test]
    fn an_identifier_is_an_address_whatever_the_login_name() {
        let person = Person { login: "ada agent/b?c#d@e".into(), ..ada() };
        let members = assertion(&Asked { combined: false, attributes: vec![] }, &person, &told(None, ""), |_| String::new());
        let identity = &members.iter().find(|(name, _)| *name == "openid.identity").unwrap().1;
        assert!(identity.starts_with("https://id.example/openid/userid/ada%20agent%2Fb%3Fc%23d%40e?session_id="), "{identity}");
    }

    #[test]
    fn what_the_person_did_not_allow_is_not_told() {
        let asked = Asked { combined: false, attributes: ATTRIBUTES.iter().collect() };
        let names = |scope: &str| -> Vec<&str> {
            assertion(&asked, &ada(), &told(None, scope), |_| String::new()).into_iter().map(|(name, _)| name).collect()
        };
        assert!(names("").iter().all(|name| !name.contains("sreg") && !name.contains(".ax.") && !name.contains("spark")));
        assert!(names("profile").contains(&"openid.ax.value.first_name") && !names("profile").contains(&"openid.ax.value.email"));
        assert!(names("profile email").contains(&"openid.ax.value.email"));
        let evil = Person { name: "Ada\nmode:id_res".into(), ..ada() };
        let members = assertion(&asked, &evil, &told(None, "profile"), |text| String::from_utf8(text.to_vec()).unwrap());
        assert!(members.last().unwrap().1.contains("sreg.fullname:Adamode:id_res\n"));
    }

    #[test]
    fn a_no_is_a_cancel_and_an_error_says_why() {
        assert_eq!(refusal(&AuthorizeRefusal::Denied)[1].1, "cancel");
        assert_eq!(refusal(&AuthorizeRefusal::LoginRequired)[1].1, "setup_needed");
        let error = refusal(&AuthorizeRefusal::OpenIdClosed);
        assert_eq!((error[1].1.as_str(), error[2].0), ("error", "openid.error"));
    }
}
