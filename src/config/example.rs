//! The table of settings for people: a commented file to start from, and README's table.

use std::fmt::Write;

use toml::Value;

use super::names::{Kind, NAMES, Setting, Unless};

/// A whole `latchkey.toml` that loads as it is: these four values, every other setting as a comment with its default or
/// a sample. It contains the secret, so its file must be for its owner only.
pub fn commented_example(issuer: &str, listen: &str, database: &str, master_secret: &str) -> String {
    let mut out = String::from(
        "# Settings of Latchkey. Environment variables (LATCHKEY_ISSUER, LATCHKEY_MAIL__HOST) and flags override them.\n\
         # This file holds secrets: keep its mode 0600, or name files of their own with master_secret_file and the like.\n",
    );
    let mut section = "";
    for entry in NAMES {
        let (inside, own) = entry.name.split_once('.').unwrap_or(("", entry.name));
        if inside != section {
            section = inside;
            line(&mut out, format_args!("\n[{section}]"));
        }
        line(&mut out, format_args!("\n# {}\n# Takes: {}.", entry.about, entry.expected()));
        let given = match entry.name {
            "issuer" => Some(quoted(issuer)),
            "listen" => Some(quoted(listen)),
            "database" => Some(quoted(database)),
            "master_secret" => Some(quoted(master_secret)),
            // Without a certificate of its own, a server with an https issuer stands behind a proxy.
            "trusted_proxies" if issuer.starts_with("https:") => Some(r#"["127.0.0.1", "::1"]"#.to_owned()),
            _ => None,
        };
        match (given, &entry.unless_given) {
            (Some(value), _) => line(&mut out, format_args!("{own} = {value}")),
            (None, Unless::Default(value)) => line(&mut out, format_args!("# {own} = {}", written(entry, value))),
            (None, Unless::Open(without, sample)) => {
                line(&mut out, format_args!("# Without it: {without}.\n# {own} = {}", written(entry, sample)));
            }
            (None, Unless::Required) => {}
        }
    }
    out
}

/// All settings as a Markdown table: name, variable, what it takes, default, what it is for.
pub fn markdown_table() -> String {
    let mut out = String::from("| setting | variable | takes | default | what it is for |\n|---|---|---|---|---|\n");
    for entry in NAMES {
        let default = match &entry.unless_given {
            Unless::Required => "**required**".to_owned(),
            Unless::Default("") => "none".to_owned(),
            Unless::Default(value) => format!("`{value}`"),
            Unless::Open(without, _) => (*without).to_owned(),
        };
        let file = if matches!(entry.kind, Kind::Secret(_) | Kind::Address(_)) { " (or `…_FILE`)" } else { "" };
        let cells =
            [format!("`{}`", entry.name), format!("`{}`{file}", entry.variable()), entry.expected(), default, entry.about.to_owned()];
        line(&mut out, format_args!("| {} |", cells.map(|cell| cell.replace('<', "&lt;").replace('|', "\\|")).join(" | ")));
    }
    out
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{text}");
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

fn written(entry: &Setting, value: &str) -> String {
    match entry.kind {
        Kind::Number(..) | Kind::Switch => value.to_owned(),
        Kind::List(_) if value.is_empty() => "[]".to_owned(),
        _ => quoted(value),
    }
}
