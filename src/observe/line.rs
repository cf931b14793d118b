//! One event is one line, whatever strangers put into its fields: everything that is not printable is spelled out, and
//! long values are cut.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// The longest value a line shows. Units: characters.
const LONGEST: usize = 1024;

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `2026-11-23T01:53:00.000000Z INFO latchkey::http listening address=127.0.0.1:8080`
    Text,
    /// One JSON object per line with `time`, `level`, `target`, `message` and the event's fields.
    Json,
}

pub(super) struct OneLine(pub Format);

impl<S, N> FormatEvent<S, N> for OneLine
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let (level, target) = (*event.metadata().level(), event.metadata().target());
        match self.0 {
            Format::Text => {
                if writer.has_ansi_escapes() {
                    write!(writer, "{time} \u{1b}[{}m{level}\u{1b}[0m {target} ", colour(level))?;
                } else {
                    write!(writer, "{time} {level} {target} ")?;
                }
                writer.write_str(&text(&fields.message, |c| c == ' '))?;
                for (name, value) in &fields.others {
                    write!(writer, " {name}={}", text(value, |_| false))?;
                }
            }
            Format::Json => {
                write!(writer, r#"{{"time":"{time}","level":"{level}","target":"{target}","message":{}"#, json(&fields.message))?;
                for (name, value) in &fields.others {
                    write!(writer, r#","{name}":{}"#, json(value))?;
                }
                writer.write_char('}')?;
            }
        }
        writeln!(writer)
    }
}

const fn colour(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        _ => 34,
    }
}

enum Value {
    Text(String),
    Bare(String),
}

impl Default for Value {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

#[derive(Default)]
struct Fields {
    message: Value,
    others: Vec<(&'static str, Value)>,
}

impl Fields {
    fn keep(&mut self, field: &Field, value: Value) {
        match field.name() {
            "message" => self.message = value,
            name => self.others.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.keep(field, Value::Text(cut(&format!("{value:?}"))));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, Value::Text(cut(value)));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, Value::Bare(value.to_string()));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, Value::Bare(value.to_string()));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, Value::Bare(value.to_string()));
    }
}

fn cut(value: &str) -> String {
    match value.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

/// As it is if it is plain, else in quotes; `also` says what else counts as plain.
fn text(value: &Value, also: fn(char) -> bool) -> String {
    let value = match value {
        Value::Bare(bare) => return bare.clone(),
        Value::Text(value) => value,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._:/@+,;{}*~'()!?".contains(c) || also(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.clone();
    }
    format!("\"{}\"", value.chars().flat_map(escaped).collect::<String>())
}

/// `'` needs no escape between double quotes; every letter of every script stays itself.
fn escaped(c: char) -> impl Iterator<Item = char> {
    let quoted = (c != '\'').then(|| c.escape_debug());
    let itself = (c == '\'').then_some(c);
    quoted.into_iter().flatten().chain(itself)
}

/// As a JSON string that also hides nothing from a reader's terminal: control and invisible characters as `\u….`
fn json(value: &Value) -> String {
    let value = match value {
        Value::Bare(bare) => return bare.clone(),
        Value::Text(value) => value,
    };
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        if c == '"' || c == '\\' {
            out.extend(['\\', c]);
        } else if c == '\'' || c.escape_debug().len() == 1 {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::super::capture::logged;
    use super::*;

    const NASTY: [&str; 8] = [
        "two\r\nlines",
        "\u{1b}[31mred\u{1b}[0m",
        "a \"quoted\" value",
        "back\\slash",
        "status=200 \u{0}",
        "turn\u{202e}ed\u{200b}",
        "\u{9b}31m\u{85}\u{2028}",
        "Ångström 鍵 🔑 it's",
    ];

    #[test]
    fn lr_02_text_stays_on_one_line_with_nothing_unprintable() {
        for nasty in NASTY {
            let line = logged(Format::Text, Level::INFO, false, || tracing::info!(shown = %nasty, own = nasty, "saw {nasty}"));
            let line = line.strip_suffix('\n').unwrap();
            assert!(!line.chars().any(|c| c.is_control() || "\u{202e}\u{200b}\u{2028}".contains(c)), "{line:?}");
            assert_eq!(line.matches(" own=\"").count(), 1, "{line}");
        }
    }

    #[test]
    fn lr_02_json_stays_on_one_line_and_reads_back_the_same() {
        for nasty in NASTY {
            let line = logged(Format::Json, Level::INFO, false, || tracing::info!(shown = %nasty, n = -3, yes = true, "saw {nasty}"));
            let line = line.strip_suffix('\n').unwrap();
            assert!(!line.chars().any(|c| c.is_control() || "\u{202e}\u{200b}\u{2028}".contains(c)), "{line:?}");
            let object: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(object["shown"], nasty);
            assert_eq!(object["message"], format!("saw {nasty}"));
            assert_eq!((&object["n"], &object["yes"]), (&serde_json::json!(-3), &serde_json::json!(true)));
        }
    }

    #[test]
    fn lr_02_ten_kibibytes_are_cut() {
        let long = "é".repeat(10_240);
        for format in [Format::Text, Format::Json] {
            let line = logged(format, Level::INFO, false, || tracing::info!(long, "{long}"));
            assert!(line.chars().count() < 2_300 && line.contains('…'), "{}", line.len());
        }
    }

    #[test]
    fn plain_values_are_written_plainly() {
        let line = logged(Format::Text, Level::INFO, false, || tracing::info!(address = "127.0.0.1:8080", empty = "", "now listening"));
        assert!(line.ends_with(" INFO latchkey::observe::line::tests now listening address=127.0.0.1:8080 empty=\"\"\n"), "{line}");
    }
}
