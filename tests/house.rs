//! The sentences of the floor plan, as tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Rooms that hold, floor by floor, what `src/lib.rs` says. A room names only rooms of floors below its own;
/// `flows` and `app` are one floor, and so are `http` and `cli`.
const FLOORS: [&[&str]; 5] = [
    &["base"],
    &["protocol", "identity", "platform"],
    &["store", "signing", "mail", "config", "observe", "hashing"],
    &["app", "flows"],
    &["http", "cli"],
];

/// What only hands and doors may touch.
const OUTSIDE: [&str; 9] = ["std::fs", "std::net::Tcp", "std::thread", "std::process", "tokio", "actix_web", "diesel", "lettre", "ureq"];

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path, ending));
        } else if path.extension().is_some_and(|known| known == ending) {
            found.push(path);
        }
    }
    found
}

/// A source file: its room, its path below `src`, and its text without tests and comments.
struct Source {
    room: String,
    path: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let all = files_below(Path::new("src"), "rs").into_iter().filter_map(|path| {
        let relative = path.strip_prefix("src").unwrap().to_string_lossy().into_owned();
        if relative.ends_with("tests.rs") || relative.contains("/tests/") || ["lib.rs", "main.rs"].contains(&relative.as_str()) {
            return None;
        }
        let whole = std::fs::read_to_string(&path).unwrap();
        let code = whole.split("#[cfg(test)]").next().unwrap();
        let text = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        let room = relative.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        Some(Source { room, path: relative, text })
    });
    all.collect()
}

fn floor_of(room: &str) -> usize {
    FLOORS.iter().position(|rooms| rooms.contains(&room)).unwrap_or_else(|| panic!("{room} is on no floor: add it to the plan"))
}

/// The rooms a file names.
fn named(text: &str) -> BTreeSet<String> {
    let named = text
        .match_indices("crate::")
        .map(|(at, _)| text[at + 7..].split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap().to_owned());
    named.filter(|room| !room.is_empty()).collect()
}

#[test]
fn a_room_names_only_floors_below_it() {
    let mut wrong = Vec::new();
    for source in sources() {
        let floor = floor_of(&source.room);
        for room in named(&source.text) {
            let below = floor_of(&room) < floor;
            // Floors 3 and 4 have two rooms each that make one floor; rules and hands never name one another.
            let together = floor == floor_of(&room) && floor >= 3;
            if room != source.room && !below && !together {
                wrong.push(format!("{} names {room}", source.path));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn words_and_rules_do_no_io_and_know_no_clock_of_their_own() {
    let mut wrong = Vec::new();
    for source in sources().into_iter().filter(|source| floor_of(&source.room) <= 1) {
        wrong.extend(OUTSIDE.iter().filter(|name| source.text.contains(*name)).map(|name| format!("{} touches {name}", source.path)));
    }
    // `base/random.rs` ends the process where there is no randomness, and asks nothing else of it.
    wrong.retain(|line| line != "base/random.rs touches std::process");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn async_lives_only_behind_the_doors() {
    for source in sources().into_iter().filter(|source| floor_of(&source.room) < 4) {
        assert!(!source.text.contains("async fn"), "{}", source.path);
        // Connecting to PostgreSQL drives its driver on its own thread.
        if source.path != "store/postgres.rs" {
            assert!(!source.text.contains(".await"), "{}", source.path);
        }
    }
}

#[test]
fn doors_reach_data_only_through_flows() {
    for source in sources().into_iter().filter(|source| source.room == "http") {
        for line in source.text.lines().filter(|line| line.contains("crate::store")) {
            // What a row looks like may be shown; functions that read or write rows may not be called.
            let shown = ["store::mlses::Mls", "store::audit::Entry", "store::{Conn, Pending}", "store::Conn", "store::Pending"]
                .iter()
                .any(|known| line.contains(known));
            assert!(shown, "{}: {line}", source.path);
        }
    }
}

#[test]
fn every_template_is_some_pages() {
    let code: String = sources().into_iter().map(|source| source.text).collect();
    let templates: Vec<String> = ["html", "txt"]
        .iter()
        .flat_map(|ending| files_below(Path::new("templates"), ending))
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    assert!(!templates.is_empty());
    let every = templates.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect::<String>() + &code;
    for path in templates {
        let name = path.strip_prefix("templates/").unwrap();
        assert!(every.contains(&format!("\"{name}\"")), "nobody draws {name}");
    }
}

#[test]
fn no_file_has_outgrown_one_glance() {
    for path in files_below(Path::new("src"), "rs") {
        let whole = std::fs::read_to_string(&path).unwrap();
        let code = whole.split("#[cfg(test)]").next().unwrap().lines().count();
        assert!(code <= 400, "{} has {code} lines without its tests", path.display());
    }
}

#[test]
fn no_test_is_switched_off() {
    let switched_off = ["#[", "ignore"].concat();
    for folder in ["src", "tests"] {
        for path in files_below(Path::new(folder), "rs") {
            assert!(!std::fs::read_to_string(&path).unwrap().contains(&switched_off), "{}", path.display());
        }
    }
}

#[test]
fn every_test_of_a_rule_is_named_after_its_case_or_speaks_a_sentence() {
    for path in files_below(Path::new("tests/spec"), "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        for name in text.split("#[test]\nfn ").skip(1).map(|rest| rest.split('(').next().unwrap()) {
            assert!(name.split('_').count() >= 4, "{}: {name} is no sentence", path.display());
        }
    }
}

#[test]
fn every_document_a_rule_cites_is_written_as_documents_write_it() {
    let known = ["RFC ", "OpenID Connect ", "OpenID Authentication 2.0 ", "OAuth 2.0 ", "RP-Initiated Logout", "JSON", "RESO ", "WCAG"];
    for source in sources() {
        for path in [Path::new("src").join(&source.path)] {
            for line in std::fs::read_to_string(path).unwrap().lines().filter(|line| line.contains("/// Spec: ")) {
                let cited = line.split("/// Spec: ").nth(1).unwrap();
                assert!(known.iter().any(|document| cited.starts_with(document)), "{}: {cited}", source.path);
            }
        }
    }
}

#[test]
fn dr_03_dr_04_and_dr_06_nothing_goes_out_but_letters_and_the_calls_of_the_sample_application() {
    // Whoever fetches an address that somebody registered must vet where it leads, follow nowhere, and give up soon. Nobody fetches any.
    let outgoing =
        ["TcpStream", "UdpSocket", "UnixStream", "ToSocketAddrs", "ureq", "reqwest", "hyper", "awc::", "SmtpTransport", "Command::new"];
    let mut wrong = Vec::new();
    for source in sources().into_iter().filter(|source| source.room != "mail" && !source.path.starts_with("cli/demo/")) {
        wrong.extend(outgoing.iter().filter(|name| source.text.contains(*name)).map(|name| format!("{} touches {name}", source.path)));
    }
    assert_eq!(wrong, Vec::<String>::new());
    let manifest = std::fs::read_to_string("Cargo.toml").unwrap();
    let product = manifest.split("[dev-dependencies]").next().unwrap();
    for client in ["reqwest", "hyper ", "awc", "curl", "isahc", "surf"] {
        assert!(!product.lines().any(|line| line.starts_with(client)), "{client} can fetch addresses");
    }
}
