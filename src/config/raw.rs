//! The three sources laid over one another: what was given for which name, and where; not yet what it means.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::files;
use super::names::{Kind, Setting};
use super::problems::Problems;
use super::values::holds_secret;
use crate::base::text::readable;

/// The longest unknown name a line repeats. Units: characters.
const LONGEST_NAME: usize = 80;

const UNKNOWN: &str = "this name is not known";

/// What one name was given.
pub(super) struct Given {
    /// One text, or as many as a list has; none if a complaint says already why there are none.
    pub texts: Option<Vec<String>>,
    /// Where: `file`, `flag` or the variable's name.
    pub source: String,
}

/// Everything given.
pub(super) struct Raw {
    pub given: BTreeMap<&'static str, Given>,
    pub problems: Problems,
    /// The file could not be read, so nothing can be called missing.
    pub incomplete: bool,
}

impl Raw {
    pub fn read(file: Option<&Path>, environment: impl Iterator<Item = (String, String)>, flags: &BTreeMap<String, String>) -> Self {
        let mut raw = Self { given: BTreeMap::new(), problems: Problems(Vec::new()), incomplete: false };
        if let Some(path) = file {
            raw.read_file(path);
        }
        let mut layer = Layer::default();
        for (variable, text) in environment {
            if let Some(rest) = variable.strip_prefix("LATCHKEY_") {
                // A variable that is not all upper case is a slip, so its name is left as one that nobody knows.
                let slip = variable.contains(char::is_lowercase);
                let name = if slip { variable.clone() } else { rest.replace("__", ".").to_lowercase() };
                layer.texts(&mut raw.problems, &name, text, &readable(&variable, LONGEST_NAME));
            }
        }
        raw.lay(layer);
        let mut layer = Layer::default();
        for (name, text) in flags {
            let from_table = Setting::find(name);
            if from_table.is_some_and(|known| holds_secret(&known.kind, text)) {
                let wrong = "a secret as a flag can be seen by everyone on this machine";
                let expected = format!("{name} in the file, or {}_FILE", from_table.map(Setting::variable).unwrap_or_default());
                raw.problems.add(format!("{name} (flag)"), wrong, expected);
            } else {
                layer.texts(&mut raw.problems, name, text.clone(), "flag");
            }
        }
        raw.lay(layer);
        raw
    }

    fn lay(&mut self, layer: Layer) {
        self.given.extend(layer.0);
    }

    fn read_file(&mut self, path: &Path) {
        let shown = format!("file {}", readable(&path.to_string_lossy(), 200));
        let content = match files::read(path) {
            Ok(content) => content,
            Err(wrong) => {
                self.incomplete = true;
                return self.problems.add(shown, wrong, "a readable TOML file");
            }
        };
        let table = match content.text.parse::<Table>() {
            Ok(table) => table,
            Err(why) => {
                // Only where: what the parser quotes might be a secret.
                let before = why.span().and_then(|span| content.text.get(..span.start)).unwrap_or_default();
                self.incomplete = true;
                return self.problems.add(shown, format!("line {} is not TOML", before.matches('\n').count() + 1), "name = value");
            }
        };
        let mut layer = Layer::default();
        layer.table(&mut self.problems, "", table);
        if let Some(mode) = content.others_may_read {
            let secret = |(name, given): &(&&str, &Given)| {
                let kind = Setting::find(name).map(|known| &known.kind);
                given.source == "file" && kind.is_some_and(|kind| given.texts.iter().flatten().any(|text| holds_secret(kind, text)))
            };
            for (name, _) in layer.0.iter().filter(secret) {
                self.problems.add(format!("{name} (file)"), files::not_private(mode), "mode 0600 (chmod 600), or the secret elsewhere");
            }
        }
        self.lay(layer);
    }
}

/// One source.
#[derive(Default)]
struct Layer(BTreeMap<&'static str, Given>);

impl Layer {
    fn table(&mut self, problems: &mut Problems, prefix: &str, table: Table) {
        for (key, value) in table {
            let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
            let shown = format!("{} (file)", readable(&name, LONGEST_NAME));
            match (known(&name), value) {
                (Some(known), value) => {
                    let texts = texts_of(&known.0.kind, value);
                    if texts.is_none() {
                        problems.add(shown, "the value has the wrong type", known.0.expected());
                    }
                    self.keep(problems, known, texts, "file");
                }
                (None, Value::Table(inner)) => self.table(problems, &name, inner),
                (None, _) => problems.add(shown, UNKNOWN, format!("a known one, perhaps {}", Setting::nearest(&name))),
            }
        }
    }

    fn texts(&mut self, problems: &mut Problems, name: &str, text: String, source: &str) {
        let Some(known) = known(name) else {
            let shown = if source == "flag" { format!("{} (flag)", readable(name, LONGEST_NAME)) } else { source.to_owned() };
            let meant = name.to_lowercase().trim_start_matches("latchkey_").replace("__", ".");
            return problems.add(shown, UNKNOWN, format!("a known one, perhaps {}", Setting::nearest(&meant)));
        };
        let texts = match &known.0.kind {
            Kind::List(_) if text.is_empty() => Vec::new(),
            Kind::List(_) => text.split(',').map(|item| item.trim().to_owned()).collect(),
            _ => vec![text],
        };
        self.keep(problems, known, Some(texts), source);
    }

    fn keep(
        &mut self,
        problems: &mut Problems,
        (entry, named_file): (&'static Setting, bool),
        mut texts: Option<Vec<String>>,
        source: &str,
    ) {
        let shown = format!("{} ({source})", entry.name);
        if let Some(path) = texts.take_if(|_| named_file).and_then(|texts| texts.into_iter().next()) {
            match files::read(Path::new(&path)) {
                Ok(content) => {
                    let text = content.text.strip_suffix('\n').unwrap_or(&content.text);
                    let text = text.strip_suffix('\r').unwrap_or(text).to_owned();
                    if let Some(mode) = content.others_may_read.filter(|_| holds_secret(&entry.kind, &text)) {
                        problems.add(&shown, files::not_private(mode), "mode 0600 (chmod 600)");
                    }
                    texts = Some(vec![text]);
                }
                Err(wrong) => problems.add(&shown, wrong, "the name of a file that holds the secret and nothing else"),
            }
        }
        let source = if named_file { format!("{source}, from a file") } else { source.to_owned() };
        if self.0.insert(entry.name, Given { texts, source }).is_some() {
            problems.add(shown, "it is given twice, itself and as a file", "one of both");
        }
    }
}

/// The entry of a name, or of the secret whose `…_file` it is.
fn known(name: &str) -> Option<(&'static Setting, bool)> {
    if let Some(entry) = Setting::find(name) {
        return Some((entry, false));
    }
    let entry = Setting::find(name.strip_suffix("_file")?)?;
    matches!(entry.kind, Kind::Secret(_) | Kind::Address(_)).then_some((entry, true))
}

/// The texts a TOML value stands for, if its type fits.
fn texts_of(kind: &Kind, value: Value) -> Option<Vec<String>> {
    match (kind, value) {
        (Kind::Number(..) | Kind::Span(..), Value::Integer(number)) => Some(vec![number.to_string()]),
        (Kind::Switch, Value::Boolean(switch)) => Some(vec![switch.to_string()]),
        // An item of another type becomes a text that nothing accepts.
        (Kind::List(_), Value::Array(items)) => {
            Some(items.into_iter().map(|item| if let Value::String(text) = item { text } else { String::new() }).collect())
        }
        (Kind::Number(..) | Kind::Switch | Kind::List(_), _) => None,
        (_, Value::String(text)) => Some(vec![text]),
        _ => None,
    }
}
