//! `cargo bench`: what each operation costs the server, beside what the machine allows at best, measured in the same run.
//!
//! The server is a process of its own, on SQLite with full durability (or PostgreSQL), pinned to one core where `taskset` is
//! there; the headline is its processor time per operation, which holds on a busy machine. Wall times do not.
//!
//! | option | what it does |
//! |---|---|
//! | `--grants 1000,1000000` | how many grants stand in the database; with several, a server each, measured in turn |
//! | `-w W3,W4` | only these workloads |
//! | `--seconds 2` | how long each measurement takes |
//! | `--rounds 3` | how many there are of each; the median is told |
//! | `--postgres postgres://…` | an empty database to use instead of SQLite; the database's own processor time is not counted |
//! | `--out FILE` | where the tables go besides the screen |
//!
//! `cargo bench -- serve 127.0.0.1:3400 FOLDER` only serves, for another generator: `oidcbench.toml` describes this server to one.
#![allow(clippy::pedantic, reason = "a test says what it means in the shortest way")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a measurement that meets something unforeseen should stop there and say so; counts here are small"
)]

mod floor;
mod measure;
mod seed;
mod serve;
mod wire;
mod work;

use std::fmt::Write as _;
use std::path::Path;

use floor::Floor;
use measure::{Load, Result};
use serve::Subject;
use work::{Stock, Workload};

/// The command line.
struct Arguments(Vec<String>);

impl Arguments {
    fn value(&self, name: &str) -> Option<&str> {
        let at = self.0.iter().position(|argument| argument == name)?;
        self.0.get(at + 1).map(String::as_str)
    }

    fn number(&self, name: &str, otherwise: f64) -> f64 {
        self.value(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name} takes a number")))
    }
}

fn main() {
    let arguments = Arguments(std::env::args().skip(1).collect());
    if arguments.0.iter().any(|argument| argument == "--leashed") {
        serve::leash();
    }
    match arguments.0.first().map(String::as_str) {
        Some("serve") => serve::run(&serve::Wanted {
            address: arguments.0.get(1).expect("serve ADDRESS FOLDER"),
            folder: Path::new(arguments.0.get(2).expect("serve ADDRESS FOLDER")),
            postgres: arguments.value("--postgres"),
            grants: arguments.number("--grants", 1000.0) as usize,
        }),
        Some("bare") => serve::bare("127.0.0.1:0"),
        _ => compare(&arguments),
    }
}

/// A server with its stock of tokens, and what was measured of it.
struct Side {
    subject: Subject,
    stock: Stock,
    _folder: tempfile::TempDir,
}

fn compare(arguments: &Arguments) {
    let (seconds, rounds) = (arguments.number("--seconds", 2.0), arguments.number("--rounds", 3.0) as usize);
    let chosen: Option<Vec<&str>> = arguments.value("-w").map(|names| names.split(',').collect());
    let chosen: Vec<&Workload> =
        work::ALL.iter().filter(|workload| chosen.as_ref().is_none_or(|names| names.contains(&workload.name))).collect();

    eprintln!("measuring what the machine allows");
    let scratch = tempfile::tempdir().unwrap();
    let floor = Floor::measure(scratch.path(), seconds);

    let sizes = arguments.value("--grants").unwrap_or("1000");
    let sides: Vec<Side> = sizes.split(',').map(|grants| side(grants, arguments.value("--postgres"))).collect();

    let mut results: Vec<Vec<Result>> = Vec::new();
    for workload in &chosen {
        let mut told: Vec<Vec<Result>> = sides.iter().map(|_| Vec::new()).collect();
        for round in 0..rounds {
            for place in 0..sides.len() {
                let place = (place + round) % sides.len();
                let side = &sides[place];
                let load = Load { lanes: workload.lanes, seconds };
                let result = measure::run(&side.subject, &load, |lane| (workload.begin)(&side.stock, lane));
                eprintln!(
                    "{:4} {:20} {:>18} {:>8} operations {:>9.4} ms each{}",
                    workload.name,
                    workload.what,
                    side.subject.name,
                    result.operations,
                    result.cpu / 1000.0,
                    result.problem.as_ref().map(|problem| format!(" {} ERRORS: {problem}", result.errors)).unwrap_or_default()
                );
                told[place].push(result);
            }
        }
        results.push(told.into_iter().map(median).collect());
    }

    let text = format!("{}\n{}", report(&chosen, &sides, &results, &floor), floor.table());
    println!("{text}");
    if let Some(file) = arguments.value("--out") {
        std::fs::write(file, text).unwrap();
    }
}

fn side(grants: &str, postgres: Option<&str>) -> Side {
    eprintln!("starting a server with {grants} grants");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let mut command = vec!["serve", "127.0.0.1:0", &path, "--grants", grants];
    command.extend(postgres.into_iter().flat_map(|url| ["--postgres", url]));
    let subject = Subject::start(format!("{grants} grants"), &command);
    Side { subject, stock: Stock::read(folder.path()), _folder: folder }
}

/// The round in the middle, by processor time.
fn median(mut rounds: Vec<Result>) -> Result {
    rounds.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    rounds.get(rounds.len() / 2).cloned().unwrap_or_default()
}

fn report(chosen: &[&Workload], sides: &[Side], results: &[Vec<Result>], floor: &Floor) -> String {
    let mut text = "Server processor time per operation, and the least that its parts cost bare.\n\n".to_owned();
    text.push_str("| | workload |");
    for side in sides {
        let _ = write!(text, " {}, ms | /s | p50 ms | p99 ms |", side.subject.name);
    }
    text.push_str(" least, ms | made of |\n|---|---|");
    text.push_str(&"---:|---:|---:|---:|".repeat(sides.len()));
    text.push_str("---:|---|\n");
    for (workload, results) in chosen.iter().zip(results) {
        let _ = write!(text, "| {} | {} |", workload.name, workload.what);
        for result in results {
            let errors = if result.errors > 0 { " (errors)" } else { "" };
            let (p50, p99) = (result.median as f64 / 1000.0, result.p99 as f64 / 1000.0);
            let _ = write!(text, " {:.4}{errors} | {:.0} | {p50:.2} | {p99:.2} |", result.cpu / 1000.0, result.rate);
        }
        let _ = writeln!(text, " {:.4} | {} |", floor.sum(workload.least) / 1000.0, workload.least.join(" + "));
    }
    text
}
