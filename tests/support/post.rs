//! A mail server with the letters that a world sent through it, and the links in them.

use std::sync::atomic::AtomicBool;

use latchkey::flows::datamart::due;
use latchkey::flows::upkeep;
use latchkey::mail::{Encryption, Mailer, Smtp, Transport};

use super::smtp::MailServer;
use super::world::World;

/// The post office of one world.
pub struct Post<'w> {
    world: &'w World,
    server: MailServer,
    mailer: Mailer,
}

impl<'w> Post<'w> {
    pub fn of(world: &'w World) -> Self {
        let server = MailServer::start();
        let address = server.address();
        let smtp =
            Smtp { host: address.ip().to_string(), port: address.port(), login: None, encryption: Encryption::None, ca_certificate: None };
        let mailer = Mailer::new(Transport::Smtp(smtp), "Latchkey <no-reply@example.com>").unwrap();
        Self { world, server, mailer }
    }

    /// Reminds and expires what is due, then sends every letter that waits.
    pub fn works(&self) {
        due::run(&self.world.app).unwrap();
        upkeep::send(&self.world.app, &self.mailer, &AtomicBool::new(false)).unwrap();
    }

    /// The letters that arrived at an address, as (subject, whole text), oldest first; those about sign-ins are left out.
    pub fn letters(&self, to: &str) -> Vec<(String, String)> {
        self.works();
        let all = self.server.letters();
        let mine = all.iter().filter(|letter| letter.to == [to]).map(|letter| (subject(&letter.data), decoded(&letter.data)));
        mine.filter(|(subject, _)| !subject.starts_with("New sign-in")).collect()
    }

    /// The newest letter to an address.
    pub fn newest(&self, to: &str) -> (String, String) {
        self.letters(to).pop().unwrap_or_else(|| panic!("no letter to {to}"))
    }

    /// The link in the newest letter to an address that has one.
    pub fn link(&self, to: &str) -> String {
        let letters = self.letters(to);
        let links =
            letters.iter().rev().filter_map(|(_, text)| text.lines().find(|line| line.starts_with("http") && line.contains("/lkl_")));
        links.map(|line| line.trim().to_owned()).next().unwrap_or_else(|| panic!("no link in the letters to {to}: {letters:?}"))
    }
}

fn subject(data: &str) -> String {
    let line = data.lines().find(|line| line.starts_with("Subject: ")).unwrap_or_default();
    line.trim_start_matches("Subject: ").to_owned()
}

/// The whole letter with quoted-printable undone: good enough to read, and to find a link in.
fn decoded(data: &str) -> String {
    let bytes = data.replace("=\r\n", "").into_bytes();
    let mut plain = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some((first, tail)) = rest.split_first() {
        let code =
            (*first == b'=').then(|| std::str::from_utf8(tail.get(..2)?).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok())).flatten();
        match code {
            Some(byte) => {
                plain.push(byte);
                rest = &tail[2..];
            }
            None => {
                plain.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}
