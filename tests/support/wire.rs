//! HTTP as it should not be: bytes on a socket, and what came back.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::world::World;

/// What came back on a connection.
#[derive(Debug)]
pub struct Heard {
    /// Every byte, unreadable ones replaced.
    pub text: String,
    /// The server hung up.
    pub closed: bool,
}

impl Heard {
    /// The status of the first answer; zero if there was none.
    pub fn status(&self) -> u16 {
        self.text.split(' ').nth(1).filter(|_| self.text.starts_with("HTTP/1.")).and_then(|word| word.parse().ok()).unwrap_or_default()
    }

    /// How many answers there are.
    pub fn answers(&self) -> usize {
        self.text.matches("HTTP/1.1 ").count() + self.text.matches("HTTP/1.0 ").count()
    }

    /// The value of a header of the first answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split("\r\n\r\n").next()?;
        head.lines().filter_map(|line| line.split_once(": ")).find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

/// A connection to the world's server.
pub fn connect(world: &World) -> TcpStream {
    let stream = TcpStream::connect(world.address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Says `bytes` and listens until the server hangs up or has nothing more to say.
pub fn say(world: &World, bytes: impl AsRef<[u8]>) -> Heard {
    let mut stream = connect(world);
    // A server that hangs up in the middle of our sentence is one of the things to be seen.
    let _ = stream.write_all(bytes.as_ref());
    listen(&mut stream, Duration::from_secs(20))
}

/// Listens; `patience` is for the first byte, afterwards half a second of silence is the end.
pub fn listen(stream: &mut TcpStream, patience: Duration) -> Heard {
    let mut heard = Vec::new();
    let mut buffer = [0; 16_384];
    stream.set_read_timeout(Some(patience)).unwrap();
    let closed = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break true,
            Ok(length) => {
                heard.extend_from_slice(&buffer[..length]);
                // Who says that he hangs up may take a moment for it.
                let ends = String::from_utf8_lossy(&heard).to_ascii_lowercase().contains("\r\nconnection: close\r\n");
                stream.set_read_timeout(Some(Duration::from_millis(if ends { 10_000 } else { 500 }))).unwrap();
            }
            Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break false,
            Err(_) => break true,
        }
    };
    Heard { text: String::from_utf8_lossy(&heard).into_owned(), closed }
}
