use super::mutations::GOOD;
use super::*;

type Pairs<'a> = &'a [(&'a str, &'a str)];

#[test]
fn r_63_environment_and_flags_are_read_as_strictly() {
    let place = Place::new();
    let (file, open, secret, none) = (place.config(GOOD), place.path("open-secret"), place.path("secret"), place.path("none"));
    let [open, secret, none] = [&open, &secret, &none].map(|path| path.to_str().unwrap());
    let empty = place.path("empty");
    let cases: &[(Pairs<'_>, Pairs<'_>, &str)] = &[
        (&[("LATCHKEY_ISUER", "x")], &[], "LATCHKEY_ISUER: this name is not known; expected a known one, perhaps issuer"),
        (&[("LATCHKEY_issuer", "https://x.example")], &[], "LATCHKEY_issuer: this name is not known"),
        (&[("LATCHKEY_MAIL_HOST", "x")], &[], "LATCHKEY_MAIL_HOST: this name is not known; expected a known one, perhaps mail.host"),
        (&[("LATCHKEY_", "x")], &[], "LATCHKEY_: this name is not known"),
        (&[("LATCHKEY_ISSUER", "")], &[], "issuer (LATCHKEY_ISSUER): it is empty"),
        (&[("LATCHKEY_WORKERS", "two")], &[], "workers (LATCHKEY_WORKERS): it is not a whole number"),
        (&[("LATCHKEY_WORKERS", "+2")], &[], "workers (LATCHKEY_WORKERS): it is not a whole number"),
        (&[("LATCHKEY_WORKERS", "99999999999999999999")], &[], "workers (LATCHKEY_WORKERS): it is too large"),
        (&[("LATCHKEY_SIGN_IN_NOTICE", "TRUE")], &[], "sign_in_notice (LATCHKEY_SIGN_IN_NOTICE): it is neither true nor false"),
        (&[("LATCHKEY_TRUSTED_PROXIES", "10.0.0.1,,")], &[], "trusted_proxies (LATCHKEY_TRUSTED_PROXIES): one of them is no address"),
        (&[("LATCHKEY_MASTER_SECRET_FILE", none)], &[], "master_secret (LATCHKEY_MASTER_SECRET_FILE): the file cannot be read"),
        (
            &[("LATCHKEY_MASTER_SECRET_FILE", open)],
            &[],
            "master_secret (LATCHKEY_MASTER_SECRET_FILE): it is a secret in a file that others can use (mode 0604)",
        ),
        (
            &[("LATCHKEY_MASTER_SECRET_FILE", empty.to_str().unwrap())],
            &[],
            "master_secret (LATCHKEY_MASTER_SECRET_FILE, from a file): it is empty",
        ),
        (
            &[("LATCHKEY_MASTER_SECRET", CANARY), ("LATCHKEY_MASTER_SECRET_FILE", secret)],
            &[],
            "master_secret (LATCHKEY_MASTER_SECRET_FILE): it is given twice",
        ),
        (&[("LATCHKEY_LISTEN_FILE", secret)], &[], "LATCHKEY_LISTEN_FILE: this name is not known"),
        (
            &[],
            &[("master_secret", CANARY)],
            "master_secret (flag): a secret as a flag can be seen by everyone on this machine; expected master_secret in the file, or LATCHKEY_MASTER_SECRET_FILE",
        ),
        (&[], &[("database", "postgres://u:canary@db/name")], "database (flag): a secret as a flag"),
        (&[], &[("listen", "here")], "listen (flag): it is not an address with a port"),
        (&[], &[("a\nb", "x")], "ab (flag): this name is not known"),
    ];
    for (environment, flags, complaint) in cases {
        let lines = complaints(load(Some(&file), environment, flags));
        assert!(lines.len() == 1 && lines[0].starts_with(complaint), "{complaint}\n{lines:#?}");
    }
    assert!(load(Some(&file), &[("LATCHKEY_DATABASE", "sqlite:b")], &[("database", "postgres://db/name")]).is_ok());
}

#[test]
fn r_63_a_file_that_cannot_be_read_is_one_line_and_nothing_is_called_missing() {
    let place = Place::new();
    let cases = [
        (place.path("none"), "the file cannot be read (entity not found); expected a readable TOML file"),
        (place.path(""), "this is not a regular file"),
        (place.file("a", "issuer = \"https://x.example\"\nmaster_secret = \"canary", 0o600), "line 2 is not TOML; expected name = value"),
        (place.file("b", "master_secret = canary", 0o600), "line 1 is not TOML"),
        (place.file("c", "\n\nmaster_secret = 'canary' 'canary'", 0o600), "line 3 is not TOML"),
        (place.file("d", "master_secret = 'canary'\nmaster_secret = 'canary'", 0o600), "line 2 is not TOML"),
        (place.file("e", &"# canary\n".repeat(200_000), 0o600), "the file is longer than 1 MiB"),
    ];
    for (path, complaint) in cases {
        let lines = complaints(load(Some(&path), &[], &[]));
        assert!(lines.len() == 1 && lines[0].starts_with("file ") && lines[0].contains(complaint), "{lines:#?}");
    }
    fs::write(place.path("f"), b"issuer = \"\xff\"").unwrap();
    assert_eq!(complaints(load(Some(&place.path("f")), &[("LATCHKEY_WORKERS", "0")], &[])).len(), 2);
}

#[cfg(unix)]
#[test]
fn cr_06_a_file_with_secrets_that_others_can_use_is_refused() {
    let place = Place::new();
    for mode in [0o640, 0o604, 0o660, 0o666, 0o601, 0o644] {
        let lines = complaints(load(Some(&place.file("open.toml", GOOD, mode)), &[], &[]));
        assert!(
            lines.len() == 1 && lines[0].starts_with("master_secret (file): it is a secret in a file that others can use"),
            "{lines:#?}"
        );
    }
    for mode in [0o600, 0o400, 0o700] {
        assert!(load(Some(&place.file("own.toml", GOOD, mode)), &[], &[]).is_ok());
    }
    let text = "issuer = 'http://localhost'\ndatabase = 'postgres://u:canary@db/name'\nmail = { username = 'u', password = 'canary-x' }";
    let lines = complaints(load(Some(&place.file("both.toml", text, 0o644)), &[("LATCHKEY_MASTER_SECRET", CANARY)], &[]));
    assert!(lines[0].starts_with("database (file)") && lines[1].starts_with("mail.password (file)") && lines.len() == 2, "{lines:#?}");
}

#[test]
fn cr_14_contradictions_about_tls_are_refused() {
    let place = Place::new();
    let text = GOOD.replace("https://auth.example.com", "http://localhost:8080");
    let text = format!("{text}tls = {{ certificate = 'DIR/certificate.pem', key = 'DIR/key.pem' }}");
    let lines = complaints(load(Some(&place.config(&text)), &[], &[]));
    assert!(lines.len() == 1 && lines[0].starts_with("issuer (file): it is http although tls.certificate is given"), "{lines:#?}");
}

#[test]
fn r_64_no_secret_is_made_up_when_none_is_given() {
    let lines = complaints(load(None, &[("LATCHKEY_ISSUER", "http://localhost"), ("LATCHKEY_DATABASE", "sqlite:a")], &[]));
    assert_eq!(lines, ["master_secret: it is missing; expected the text that `latchkey init` made, the same on all nodes"]);
}
