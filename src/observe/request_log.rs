//! The one line every request leaves behind.

use std::net::IpAddr;

/// What is told of a request: never a raw path, a query, a header or a body, since those carry codes and tokens.
#[derive(Debug, Clone, Copy)]
pub struct RequestLine<'a> {
    /// The id that the answer carries too.
    pub request_id: &'a str,
    /// The request's method, as it came.
    pub method: &'a str,
    /// The pattern of the route that answered, such as `/v1/keys/{id}`.
    pub route: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// How long the answer took. Units: microseconds.
    pub micros: u64,
    /// The client's address; none if the proxies did not say it intelligibly.
    pub peer: Option<IpAddr>,
    /// The key that asked, as far as it is known.
    pub client_id: Option<&'a str>,
    /// The reason of a refusal, or another word for how it ended.
    pub outcome: Option<&'static str>,
    /// The error id of a fault together with what broke.
    pub fault: Option<&'a str>,
}

impl RequestLine<'_> {
    /// Writes the line: as an error if there was a fault or the status is 5xx, else as information.
    pub fn emit(&self) {
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    target: "latchkey::request",
                    request_id = self.request_id,
                    method = self.method,
                    route = self.route,
                    status = self.status,
                    micros = self.micros,
                    peer = self.peer.map(tracing::field::display),
                    client_id = self.client_id,
                    outcome = self.outcome,
                    fault = self.fault,
                    "request"
                )
            };
        }
        if self.fault.is_some() || self.status >= 500 { line!(error) } else { line!(info) }
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::super::Format;
    use super::super::capture::logged;
    use super::*;

    const LINE: RequestLine<'_> = RequestLine {
        request_id: "r1",
        method: "POST",
        route: "/openid/token",
        status: 400,
        micros: 812,
        peer: None,
        client_id: Some("abc"),
        outcome: Some("CodeReplayed"),
        fault: None,
    };

    #[test]
    fn a_request_is_one_line_and_says_only_what_is_known() {
        let text = logged(Format::Text, Level::INFO, false, || LINE.emit());
        assert!(
            text.ends_with(
                " INFO latchkey::request request request_id=r1 method=POST route=/openid/token status=400 micros=812 \
                 client_id=abc outcome=CodeReplayed\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn a_fault_is_an_error() {
        let line = RequestLine { status: 503, peer: "2001:db8::7".parse().ok(), fault: Some("e7 broken: disk"), ..LINE };
        let text = logged(Format::Json, Level::ERROR, false, || line.emit());
        let object: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((object["level"].as_str(), object["peer"].as_str()), (Some("ERROR"), Some("2001:db8::7")));
        assert_eq!(object["fault"], "e7 broken: disk");
    }

    #[test]
    fn lr_02_a_strangers_words_cannot_forge_a_line_or_a_field() {
        let long = "x".repeat(10_240);
        for nasty in ["GET\r\nINFO forged", "a\u{1b}[2Jb", "x status=200", "\" status=200", &long] {
            let text = logged(Format::Text, Level::INFO, false, || RequestLine { client_id: Some(nasty), method: nasty, ..LINE }.emit());
            assert_eq!(text.matches('\n').count(), 1);
            assert!(text.len() < 2_500 && !text.contains('\u{1b}') && !text.contains('\r'), "{text}");
            let unquoted: String = text.replace("\\\"", "").split('"').step_by(2).collect();
            assert_eq!(unquoted.matches("status=").count(), 1, "{text}");
        }
    }
}
