//! What the machine allows: the parts every operation is made of, each measured bare and in the same run.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::measure::{self, Load};
use crate::serve::Subject;
use crate::wire::Wire;

/// Processor time of each part. Units: microseconds.
pub struct Floor(BTreeMap<&'static str, f64>);

impl Floor {
    pub fn measure(folder: &Path, seconds: f64) -> Self {
        let bare = Subject::start("bare".to_owned(), &["bare"]);
        let load = Load { lanes: 8, seconds };
        let get = measure::run(&bare, &load, |_| {
            Box::new(|wire: &mut Wire| {
                wire.get("/", "");
                Ok(())
            })
        });
        let form = "grant_type=client_credentials&scope=openid";
        let post = measure::run(&bare, &load, |_| {
            Box::new(|wire: &mut Wire| {
                wire.post("/", "", form);
                Ok(())
            })
        });
        let parts = [
            ("get", get.cpu),
            ("post", post.cpu),
            ("rs256", alone(seconds, rs256())),
            ("es256", alone(seconds, es256())),
            ("row", alone(seconds, rows(&folder.join("floor.db"))) / GROUP),
            ("argon2", alone(seconds, argon2id())),
        ];
        Self(parts.into())
    }

    pub fn sum(&self, parts: &[&str]) -> f64 {
        parts.iter().map(|part| self.0[part]).sum()
    }

    pub fn table(&self) -> String {
        let about = [
            ("get", "actix-web, a constant answer"),
            ("post", "actix-web, a form read and a constant answer"),
            ("rs256", "RSA-2048 signature"),
            ("es256", "P-256 signature"),
            ("row", "SQLite row of 300 bytes, eight in a durable commit"),
            ("argon2", "argon2id of 19 MiB, 2 passes, memory reused"),
        ];
        let mut text = "| part | | ms |\n|---|---|---:|\n".to_owned();
        for (name, what) in about {
            text.push_str(&format!("| {name} | {what} | {:.4} |\n", self.0[name] / 1000.0));
        }
        text
    }
}

/// How many rows share a commit: as many as there are connections.
const GROUP: f64 = 8.0;

/// This thread's processor time for one call. Units: microseconds.
fn alone(seconds: f64, mut call: impl FnMut()) -> f64 {
    call();
    let spent = || std::fs::read_to_string("/proc/thread-self/schedstat").unwrap().split(' ').next().unwrap().parse::<f64>().unwrap();
    let (start, before, mut calls) = (Instant::now(), spent(), 0.0);
    while start.elapsed() < Duration::from_secs_f64(seconds) {
        call();
        calls += 1.0;
    }
    (spent() - before) / 1000.0 / calls
}

const MESSAGE: [u8; 400] = [b'x'; 400];

fn rs256() -> impl FnMut() {
    let (key, random) = (RsaKeyPair::generate(KeySize::Rsa2048).unwrap(), SystemRandom::new());
    move || key.sign(&RSA_PKCS1_SHA256, &random, &MESSAGE, &mut [0; 256]).unwrap()
}

fn es256() -> impl FnMut() {
    let (key, random) = (EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(), SystemRandom::new());
    move || _ = key.sign(&random, &MESSAGE).unwrap()
}

fn rows(file: &Path) -> impl FnMut() {
    let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000;
         CREATE TABLE bare (id INTEGER PRIMARY KEY, text TEXT NOT NULL)",
    )
    .unwrap();
    let query = diesel::sql_query("INSERT INTO bare (text) VALUES ('".to_owned() + &"x".repeat(280) + "')");
    move || {
        conn.transaction(|conn| (0..8).try_for_each(|_| diesel::RunQueryDsl::execute(query.clone(), conn).map(drop))).unwrap();
    }
}

fn argon2id() -> impl FnMut() {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19_456, 2, 1, Some(32)).unwrap());
    let mut memory = vec![Block::new(); 19_456];
    move || argon2.hash_password_into_with_memory(b"correct horse battery", b"sixteen bytes it", &mut [0; 32], &mut memory).unwrap()
}
