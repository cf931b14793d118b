//! The verbs, from an empty folder to people and keys.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::Place;

const ROSTER: &str = "\
MemberKey,MemberLoginId,MemberFullName,MemberEmail,OfficeKey,OfficeName
1,ada,Ada Agent,ada@summit.example,7,Summit Realty
2,ben,Ben Broker,nowhere,7,Summit Realty
3,ADA,Eve Else,eve@summit.example,7,Summit Realty
4,mia
5,moe,Moe Marsh,moe@summit.example,7,Summit Realty
";

#[test]
fn init_writes_a_private_file_once_and_only_one_that_works() {
    let place = Place::new();
    assert_eq!(place.run(&["init", "--listen", "127.0.0.1:0"]).code, 0);
    let mode = |name: &str| fs::metadata(place.path(name)).unwrap().permissions().mode() & 0o777;
    let text = fs::read_to_string(place.path("latchkey.toml")).unwrap();
    assert_eq!(mode("latchkey.toml"), 0o600);
    assert_eq!(place.run(&["init"]).code, 1);
    assert_eq!(fs::read_to_string(place.path("latchkey.toml")).unwrap(), text);
    assert_eq!(place.run(&["init", "--config", "bad.toml", "--issuer", "ftp://x"]).code, 78);
    assert_eq!(place.files(), ["latchkey.toml"]);
    assert_eq!(place.run(&["migrate"]).code, 0);
    assert_eq!(mode("latchkey.db"), 0o600);
    assert_eq!(place.json(&["migrate", "--json"])["applied"], serde_json::json!([]));
    let check = place.run(&["check"]);
    assert_eq!(check.code, 0, "{:?}", check.lines);
    assert!(check.out.lines().all(|line| line.starts_with("ok ")), "{}", check.out);
    assert_eq!(place.run(&["audit", "verify"]).out.trim(), "no line is tied yet");
    assert_eq!(place.json(&["audit", "verify", "--json"])["sound"], true);
}

#[test]
fn a_roster_is_imported_with_its_bad_rows_told() {
    let place = Place::installed();
    place.write("roster.csv", ROSTER);
    let import = ["accounts", "import", "roster.csv", "--mls", "Cascade Valley MLS", "--login-prefix", "cv."];
    assert!(place.run(&import).lines[0].contains("give its time zone"));
    let first = place.run(&[&import[..], &["--time-zone", "America/Los_Angeles"]].concat());
    assert_eq!(first.code, 1, "bad rows make the whole less than done");
    assert_eq!(
        first.out.lines().collect::<Vec<_>>(),
        [
            "line 3: MemberEmail is not an e-mail address",
            "line 4: its login name cv.ADA stands in line 2 already",
            "line 5: it has 2 fields where the first line has 6",
            "Cascade Valley MLS: 2 added, 0 changed, 0 the same, 3 bad",
        ]
    );
    place.write("roster.json", r#"{"value": [{"MemberKey": 1, "MemberLoginId": "ada", "MemberFullName": "Ada A. Agent"}]}"#);
    let second = place.json(&["accounts", "import", "roster.json", "--mls", "Cascade Valley MLS", "--login-prefix", "cv.", "--json"]);
    assert_eq!((&second["changed"], &second["added"], &second["bad"]), (&1.into(), &0.into(), &serde_json::json!([])));
    let listed = place.json(&["accounts", "list", "--json"]);
    assert_eq!(listed.as_array().unwrap().iter().map(|one| one["login"].as_str().unwrap()).collect::<Vec<_>>(), ["cv.ada", "cv.moe"]);
    assert_eq!(listed[0]["name"], "Ada A. Agent");
    assert!(place.run(&["accounts", "import", "none.csv", "--mls", "Cascade Valley MLS"]).lines[0].contains("none.csv cannot be read"));
}

#[test]
fn a_password_is_set_from_a_pipe_and_never_told() {
    let place = Place::installed();
    place.write("roster.csv", ROSTER);
    place.run(&["accounts", "import", "roster.csv", "--mls", "M", "--time-zone", "UTC"]);
    let set = ["accounts", "set-password", "ada", "--stdin"];
    let done = place.piped(&set, "canary-canary\n");
    assert_eq!((done.code, done.lines.len()), (0, 0), "{:?}", done.lines);
    assert!(!done.out.contains("canary"));
    assert_eq!(place.json(&["accounts", "show", "ada", "--json"])["has_password"], true);
    for (password, words) in [("short\n", "at least 8"), ("", "at least 8"), (&"x".repeat(1025), "at most 1024")] {
        let ended = place.piped(&set, password);
        assert_eq!(ended.code, 1);
        assert!(ended.lines[0].contains(words), "{:?}", ended.lines);
    }
    assert_eq!(place.piped(&["accounts", "set-password", "nobody", "--stdin"], "long enough\n").code, 1);
    assert_eq!(place.json(&["accounts", "disable", "ada", "--json"])["active"], false);
    assert_eq!(place.json(&["accounts", "enable", "ada", "--json"])["active"], true);
}

#[test]
fn keys_are_created_switched_and_given_new_secrets() {
    let place = Place::installed();
    let create = [
        "keys",
        "create",
        "--json",
        "--name",
        "Harborview Homes",
        "--kind",
        "confidential",
        "--role",
        "idx",
        "--role",
        "private",
        "--application-uri",
        "https://homes.example/",
        "--redirect-uri",
        "https://homes.example/callback",
        "--scope",
        "openid",
        "--response-type",
        "id_token code",
        "--id-token-alg",
        "ES256",
        "--access-token-format",
        "jwt",
        "--require-pkce",
    ];
    let made = place.json(&create);
    let id = made["client_id"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 25);
    assert!(made["client_secret"].as_str().unwrap().starts_with("lks_"));
    assert_eq!(made["response_types"], serde_json::json!(["code id_token"]));
    let listed = place.json(&["keys", "list", "--json"]);
    assert_eq!((&listed[0]["access_token_format"], &listed[0]["roles"]), (&"jwt".into(), &serde_json::json!(["idx", "private"])));
    assert!(!listed.to_string().contains("lks_"), "a secret is shown once");
    let rotated = place.json(&["keys", "rotate-secret", &id, "--overlap-hours", "24", "--json"]);
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    assert_eq!(place.run(&["keys", "rotate-secret", &id]).code, 2, "how long the old one lives is never guessed");
    assert_eq!(place.json(&["keys", "disable", &id, "--json"])["enabled"], false);
    assert_eq!(place.json(&["keys", "enable", &id, "--json"])["enabled"], true);
    assert_eq!(place.run(&["keys", "disable", "nobody"]).code, 1);
    let bad = place.run(&[
        "keys",
        "create",
        "--name",
        "x",
        "--kind",
        "public",
        "--role",
        "replication",
        "--application-uri",
        "ftp://x",
        "--redirect-uri",
        "http://x/",
    ]);
    assert_eq!((bad.code, bad.lines.len()), (1, 3), "{:?}", bad.lines);
}

#[test]
fn signing_keys_rows_and_letters_can_be_looked_at() {
    let place = Place::installed();
    assert_eq!(place.json(&["signing", "list", "--json"]), serde_json::json!([]));
    assert_eq!(place.json(&["signing", "rotate", "--json"])["steps"].as_array().unwrap().len(), 3);
    let keys = place.json(&["signing", "list", "--json"]);
    assert!(keys.as_array().unwrap().iter().all(|key| key["state"] == "signs"));
    let kid = keys[0]["kid"].as_str().unwrap();
    assert_eq!(place.run(&["signing", "withdraw", kid]).code, 0);
    assert_eq!(place.run(&["signing", "withdraw", kid]).code, 1);
    assert_eq!(place.json(&["sweep", "--json"])["deleted"], 0);
    assert_eq!(place.json(&["outbox", "list", "--json"])["letters"], serde_json::json!([]));
}
