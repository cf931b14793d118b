//! Roster files: CSV with a header, a JSON array of records, or an OData answer with the array in `value`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use super::failure::Failure;
use crate::base::text::readable;
use crate::flows::operate::import_accounts::Row;
use crate::identity::roster::Record;

/// The largest file that is read. Units: bytes.
const LARGEST: u64 = 64 << 20;
/// The most columns of a CSV file.
const MOST_COLUMNS: usize = 1000;

/// Reads a roster file.
///
/// # Errors
/// A file that is no roster at all; a row that cannot be read is a bad row and stops no other.
pub fn read(path: &Path) -> Result<Vec<Row>, Failure> {
    let shown = path.display();
    let cannot = |why: std::io::Error| Failure::other(format!("{shown} cannot be read: {why}"));
    let length = fs::metadata(path).map_err(cannot)?.len();
    let too_large = || Failure::other(format!("{shown} is larger than 64 MiB: import it in parts"));
    if length > LARGEST {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    fs::File::open(path).map_err(cannot)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LARGEST {
        return Err(too_large());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let is_json = matches!(bytes.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'[' | b'{'));
    let rows = if is_json { json(bytes) } else { csv(bytes) };
    rows.map_err(|why| Failure::other(format!("{shown}: {why}")))
}

fn csv(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().map_err(|_| "the first line is not UTF-8 text")?.clone();
    let names: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
    if names.len() > MOST_COLUMNS {
        return Err(format!("it has more than {MOST_COLUMNS} columns"));
    }
    if !names.iter().any(|name| name == "memberkey" || name == "officekey") {
        return Err("its first line names neither MemberKey nor OfficeKey".to_owned());
    }
    let mut sorted = names.clone();
    sorted.sort_unstable();
    if let Some(twice) = sorted.windows(2).find_map(|pair| if let [a, b] = pair { (a == b && !a.is_empty()).then_some(a) } else { None }) {
        return Err(format!("its first line names {} twice", readable(twice, 80)));
    }
    let mut rows = Vec::new();
    for read in reader.records() {
        let line = |position: Option<&csv::Position>| position.map_or(0, |at| first_line(bytes, at));
        rows.push(match read {
            Ok(fields) if fields.len() != names.len() => Row {
                line: line(fields.position()),
                record: Err(format!("it has {} fields where the first line has {}", fields.len(), names.len())),
            },
            Ok(fields) => Row { line: line(fields.position()), record: Ok(names.iter().zip(fields.iter()).collect()) },
            Err(why) => Row { line: line(why.position()), record: Err("it is not UTF-8 text".to_owned()) },
        });
    }
    Ok(rows)
}

/// The line in which a record begins. The reader's own count stands before the line ends it has yet to pass over: the second
/// half of a CRLF, and empty lines.
fn first_line(bytes: &[u8], at: &csv::Position) -> usize {
    let rest = usize::try_from(at.byte()).ok().and_then(|start| bytes.get(start..)).unwrap_or_default();
    let passed = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    usize::try_from(at.line()).unwrap_or_default() + passed
}

fn json(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let all: Value = serde_json::from_slice(bytes).map_err(|why| format!("line {} is not JSON", why.line()))?;
    let records = match all {
        Value::Array(records) => records,
        Value::Object(mut answer) => match answer.remove("value") {
            Some(Value::Array(records)) => records,
            _ => return Err("it is neither an array of records nor an answer with them in \"value\"".to_owned()),
        },
        _ => return Err("it is no array of records".to_owned()),
    };
    let lines = lines_of_records(bytes);
    // Only where scanning and parsing agree is a line told; else the record's place, counted from one.
    let agree = lines.len() == records.len();
    let place = |number: usize| if agree { lines.get(number).copied().unwrap_or_default() } else { number + 1 };
    Ok(records.into_iter().enumerate().map(|(number, record)| Row { line: place(number), record: fields(record) }).collect())
}

/// The fields of one record that are text, numbers or switches; RESO's expanded resources (lists, records) are not ours.
fn fields(record: Value) -> Result<Record, String> {
    let Value::Object(fields) = record else { return Err("it is no record".to_owned()) };
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(switch) => Some(switch.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let fields: BTreeMap<String, String> = fields.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect();
    Ok(fields.into_iter().collect())
}

/// The lines in which the members of the outermost array begin; `bytes` is known to be JSON.
fn lines_of_records(bytes: &[u8]) -> Vec<usize> {
    let (mut line, mut open, mut lines) = (1, Vec::new(), Vec::new());
    let (mut in_text, mut escaped) = (false, false);
    // The array stands at the top, or one record deep.
    let is_list = |open: &[u8]| matches!(open, b"[" | b"{[");
    let mut waiting = false;
    for &byte in bytes {
        if byte == b'\n' {
            line += 1;
        }
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        if waiting && !byte.is_ascii_whitespace() && byte != b']' {
            lines.push(line);
            waiting = false;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => {
                open.push(byte);
                waiting = byte == b'[' && is_list(&open);
            }
            b']' | b'}' => {
                open.pop();
                waiting = false;
            }
            b',' => waiting = is_list(&open),
            _ => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rows: &[Row]) -> Vec<(usize, bool)> {
        rows.iter().map(|row| (row.line, row.record.is_ok())).collect()
    }

    #[test]
    fn a_csv_row_of_another_length_is_bad_and_the_next_is_read() {
        let text = b"MemberKey,MemberLoginId\n1,ada\n2\n\"3\",\"ben\nsecond line\"\n4,\xff\n5,eve\n";
        assert_eq!(told(&csv(text).unwrap()), [(2, true), (3, false), (4, true), (6, false), (7, true)]);
    }

    #[test]
    fn a_row_is_told_by_its_line_whatever_ends_lines() {
        let text = "MemberKey,MemberLoginId\n1,ada\n\n2\n\"3\",\"ben\nsecond line\"\n4\n";
        let expected = [(2, true), (4, false), (5, true), (7, false)];
        assert_eq!(told(&csv(text.as_bytes()).unwrap()), expected);
        assert_eq!(told(&csv(text.replace('\n', "\r\n").as_bytes()).unwrap()), expected, "as spreadsheets write it");
    }

    #[test]
    fn a_csv_file_that_is_no_roster_is_refused() {
        for (text, why) in [
            (&b""[..], "its first line names neither MemberKey nor OfficeKey"),
            (b"a,b\n1,2\n", "its first line names neither MemberKey nor OfficeKey"),
            (b"MemberKey,memberkey\n1,2\n", "its first line names memberkey twice"),
            (b"Member\xffKey\n", "the first line is not UTF-8 text"),
        ] {
            assert_eq!(csv(text).unwrap_err(), why);
        }
    }

    #[test]
    fn json_records_are_read_with_their_lines() {
        let text = br#"{"@odata.context": "x[{",
 "value": [
  {"MemberKey": 7, "MemberLoginId": "a\"]", "Active": true, "Media": [{"x": 1}], "Nothing": null},

  5, {"MemberKey": "8"}
 ]}"#;
        let rows = json(text).unwrap();
        assert_eq!(told(&rows), [(3, true), (5, false), (5, true)]);
        let expected: Record = [("memberkey", "7"), ("memberloginid", "a\"]"), ("active", "true")].into_iter().collect();
        assert_eq!(*rows[0].record.as_ref().unwrap(), expected);
        assert_eq!(told(&json(b"[{}]").unwrap()), [(1, true)]);
        assert!(json(b"[]").unwrap().is_empty());
    }

    #[test]
    fn json_that_is_no_roster_is_refused_by_its_line() {
        for (text, why) in [
            ("[\n{\"a\":}", "line 2 is not JSON"),
            ("{\"D\": []}", "it is neither an array of records nor an answer with them in \"value\""),
        ] {
            assert_eq!(json(text.as_bytes()).unwrap_err(), why);
        }
        let deep = "[".repeat(100_000);
        assert!(json(deep.as_bytes()).is_err());
    }
}
