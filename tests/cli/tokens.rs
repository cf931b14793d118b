//! Personal tokens at the command line.

use super::Place;

#[test]
fn personal_tokens_are_created_listed_and_revoked_and_told_once() {
    let place = Place::installed();
    place.write("roster.csv", "MemberKey,MemberLoginId,MemberFullName\n1,ada,Ada Agent\n2,ben,Ben Broker\n");
    place.run(&["accounts", "import", "roster.csv", "--mls", "Cascade Valley MLS", "--time-zone", "UTC", "--login-prefix", "cv."]);
    let key = |role: &str| {
        let create = [
            "keys",
            "create",
            "--json",
            "--name",
            "Feed",
            "--kind",
            "confidential",
            "--role",
            "private",
            "--role",
            role,
            "--application-uri",
            "https://feed.example/",
            "--redirect-uri",
            "https://feed.example/cb",
        ];
        place.json(&create)["client_id"].as_str().unwrap().to_owned()
    };
    let (feed, other) = (key("single_session"), key("replication"));

    let made = place.json(&["tokens", "create", &feed, "--account", "cv.ada", "--own-data", "member", "--json"]);
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("lkp_") && token.ends_with(made["last_four"].as_str().unwrap()));
    assert_eq!((&made["login"], &made["own_data"], &made["replaced"]), (&"cv.ada".into(), &"member".into(), &false.into()));
    let again = place.run(&["tokens", "create", &feed, "--account", "cv.ada"]);
    assert_eq!(again.code, 0);
    assert!(again.out.starts_with("token  lkp_") && again.out.contains("The one before it is revoked."), "{}", again.out);

    let listed = place.json(&["tokens", "list", &feed, "--json"]);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!((&listed[1]["id"], listed[1]["revoked_at"].is_string()), (&made["id"], true));
    let table = place.run(&["tokens", "list", &feed]).out;
    assert!(table.contains("cv.ada") && table.contains("live") && !table.contains("lkp_"), "{table}");

    for (wrong, words) in [
        (vec!["tokens", "create", &feed, "--account", "cv.ben"], "token of this key"),
        (vec!["tokens", "create", &feed, "--account", "nobody"], "no account with that login name"),
        (vec!["tokens", "create", &other, "--account", "cv.ada"], "must have the role single_session"),
        (vec!["tokens", "create", "nothing", "--account", "cv.ada"], "no key with that client_id"),
        (vec!["tokens", "create", &feed, "--generic-agent"], "give --mls"),
        (vec!["tokens", "list", "nothing"], "no key with that client_id"),
        (vec!["tokens", "revoke", "1"], "there is no personal token 1"),
    ] {
        let ended = place.run(&wrong);
        assert_eq!(ended.code, 1, "{wrong:?}");
        assert!(ended.lines[0].contains(words), "{wrong:?}: {:?}", ended.lines);
    }
    assert_eq!(place.run(&["tokens", "create", &feed]).code, 2);
    assert_eq!(place.run(&["tokens", "create", &feed, "--account", "cv.ada", "--own-data", "all"]).code, 2);

    let id = listed[0]["id"].to_string();
    assert_eq!(place.run(&["tokens", "revoke", &id]).code, 0);
    assert!(place.run(&["tokens", "revoke", &id]).lines[0].contains("revoked before"));
    let generic = place.json(&["tokens", "create", &feed, "--generic-agent", "--mls", "Cascade Valley MLS", "--json"]);
    assert!(generic["login"].as_str().unwrap().starts_with("generic-agent."));
}
