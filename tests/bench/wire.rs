//! The generator's end of one connection: HTTP/1.1, kept alive, one request at a time.

use std::io::{Read, Write};
use std::net::TcpStream;

/// A connection.
pub struct Wire {
    stream: TcpStream,
    address: String,
    seen: Vec<u8>,
}

/// An answer, as far as a measurement looks at it.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Wire {
    pub fn to(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, address: address.to_owned(), seen: Vec::with_capacity(16_384) }
    }

    pub fn get(&mut self, path: &str, headers: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", self.address))
    }

    pub fn post(&mut self, path: &str, headers: &str, form: &str) -> Answer {
        self.send(&format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{headers}\r\n{form}",
            self.address,
            form.len()
        ))
    }

    /// What a browser calls the server.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    fn send(&mut self, request: &str) -> Answer {
        self.stream.write_all(request.as_bytes()).unwrap();
        self.seen.clear();
        let mut chunk = [0; 8_192];
        loop {
            let read = self.stream.read(&mut chunk).unwrap();
            assert!(read > 0, "the server closed the connection after {}", request.lines().next().unwrap_or_default());
            self.seen.extend_from_slice(&chunk[..read]);
            let text = std::str::from_utf8(&self.seen).unwrap();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = field(head, "content-length").map_or(0, |length| length.parse().unwrap());
            if body.len() >= length {
                let status = head.split(' ').nth(1).unwrap().parse().unwrap();
                return Answer { status, head: head.to_owned(), body: body.to_owned() };
            }
        }
    }
}

/// The value of a header.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().filter_map(|line| line.split_once(": ")).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

impl Answer {
    pub fn location(&self) -> &str {
        field(&self.head, "location").unwrap_or_default()
    }

    /// One parameter of the redirect; codes and states of ours need no decoding.
    pub fn redirected(&self, name: &str) -> Option<&str> {
        self.location().split(['?', '&']).filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The text between the first `before` and the next `"` behind it.
    pub fn between(&self, before: &str) -> Option<&str> {
        self.body.split_once(before)?.1.split('"').next()
    }

    /// `name=value` of every cookie it sets, as a browser sends them back.
    pub fn cookies(&self) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let set = lines.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        set.filter_map(|(_, value)| value.split(';').next()).collect::<Vec<_>>().join("; ")
    }
}
