//! Forms: label, hint and problem beside each field, and nothing that was typed is lost.

use askama::Template;

use crate::http::form::Form;

/// A form.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/form.html")]
pub struct FormBlock {
    /// The element's id.
    pub id: &'static str,
    /// Where it posts to: a path of ours.
    pub action: String,
    /// What it sends unseen.
    pub hidden: Vec<(String, String)>,
    /// The fields.
    pub fields: Vec<Field>,
    /// The button's id and words.
    pub submit: (&'static str, String),
    /// Whether it ends something.
    pub ends: bool,
    /// The way back without sending it: a path of ours.
    pub cancel: Option<String>,
}

impl FormBlock {
    /// A form.
    pub fn new(id: &'static str, action: impl Into<String>, submit: (&'static str, &str), fields: Vec<Field>) -> Self {
        let submit = (submit.0, submit.1.to_owned());
        Self { id, action: action.into(), hidden: Vec::new(), fields, submit, ends: false, cancel: None }
    }

    /// It ends something.
    #[must_use]
    pub fn ends(mut self) -> Self {
        self.ends = true;
        self
    }

    /// There is a way back.
    #[must_use]
    pub fn cancel(mut self, href: impl Into<String>) -> Self {
        self.cancel = Some(href.into());
        self
    }

    /// Sends `name` with `value` unseen.
    #[must_use]
    pub fn sends(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }
}

/// What kind of field it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One line, of this type of `input`.
    Line(&'static str),
    /// Several lines.
    Lines(u8),
    /// One of several, from a list.
    Select(Vec<Choice>),
    /// One of several, each explained.
    Radios(Vec<Choice>),
    /// Any of several, each explained; each has a name of its own.
    Boxes(Vec<Choice>),
}

/// One of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent; the name of the box where any may be chosen.
    pub value: String,
    /// Its words.
    pub label: String,
    /// What it means.
    pub about: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>, about: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), about: about.into(), chosen: false }
    }
}

/// A field.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/field.html")]
pub struct Field {
    /// Its name and id.
    pub name: &'static str,
    /// What belongs in it.
    pub label: String,
    /// What helps to fill it in.
    pub hint: String,
    /// What is read before it is filled in, paragraph by paragraph.
    pub prose: Vec<String>,
    /// What kind it is.
    pub kind: Kind,
    /// What stands in it.
    pub value: String,
    /// What is wrong with it.
    pub problem: Option<String>,
    /// Whether it must be filled in.
    pub required: bool,
    /// What a password manager or browser may fill in.
    pub autocomplete: &'static str,
    /// The most characters.
    pub longest: u16,
}

impl Field {
    fn of(name: &'static str, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name,
            label: label.into(),
            hint: String::new(),
            prose: Vec::new(),
            kind,
            value: String::new(),
            problem: None,
            required: false,
            autocomplete: "off",
            longest: 256,
        }
    }

    /// One line of text.
    pub fn line(name: &'static str, label: impl Into<String>) -> Self {
        Self::of(name, label, Kind::Line("text"))
    }

    /// One line of another type of `input`: email, url, date …
    pub fn typed(name: &'static str, label: impl Into<String>, kind: &'static str) -> Self {
        Self::of(name, label, Kind::Line(kind))
    }

    /// A password; what was typed is never shown again.
    pub fn password(name: &'static str, label: impl Into<String>, autocomplete: &'static str) -> Self {
        Self { autocomplete, longest: 1024, required: true, ..Self::of(name, label, Kind::Line("password")) }
    }

    /// Several lines of text.
    pub fn lines(name: &'static str, label: impl Into<String>, rows: u8) -> Self {
        Self { longest: 8192, ..Self::of(name, label, Kind::Lines(rows)) }
    }

    /// One of several, from a list.
    pub fn select(name: &'static str, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::of(name, label, Kind::Select(choices))
    }

    /// One of several, each explained.
    pub fn radios(name: &'static str, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::of(name, label, Kind::Radios(choices))
    }

    /// Any of several, each explained.
    pub fn boxes(name: &'static str, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::of(name, label, Kind::Boxes(choices))
    }

    /// Says what helps to fill it in.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Says what is to be read first.
    #[must_use]
    pub fn prose(mut self, text: &str) -> Self {
        self.prose = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        self
    }

    /// It must be filled in.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// What a password manager or browser may fill in.
    #[must_use]
    pub fn autocomplete(mut self, word: &'static str) -> Self {
        self.autocomplete = word;
        self
    }

    /// Filled with what stands in `form`, and told what is wrong with it.
    #[must_use]
    pub fn from(mut self, form: &Form) -> Self {
        self.problem = form.problems.of(self.name).map(str::to_owned);
        if self.kind != Kind::Line("password") {
            form.value(self.name).clone_into(&mut self.value);
        }
        match &mut self.kind {
            Kind::Select(choices) | Kind::Radios(choices) => {
                for choice in choices {
                    choice.chosen = choice.value == self.value;
                }
            }
            Kind::Boxes(choices) => {
                for choice in choices {
                    choice.chosen = form.checked(&choice.value);
                }
            }
            Kind::Line(_) | Kind::Lines(_) => {}
        }
        self
    }

    /// What the field is described by, for who hears it.
    fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let problem = self.problem.as_ref().map(|_| format!("{}-problem", self.name));
        [hint, problem].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    fn is_group(&self) -> bool {
        matches!(self.kind, Kind::Radios(_) | Kind::Boxes(_))
    }
}
