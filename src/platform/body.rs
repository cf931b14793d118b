//! What stands in the envelope of a request: every member is asked for by name, and all that is wrong is told at once.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::problem::{ApiProblem, FieldProblem};

/// The members of a request, and what is wrong with them.
pub struct Body<'b> {
    members: &'b Map<String, Value>,
    missing: Vec<FieldProblem>,
    unfit: Vec<FieldProblem>,
}

impl<'b> Body<'b> {
    /// The members of a request; those beyond `writable` are told apart into the record's `shown` ones and unknown ones.
    pub fn of(members: &'b Map<String, Value>, writable: &[&str], shown: &[&str]) -> Self {
        let unfit = members
            .keys()
            .filter(|name| !writable.contains(&name.as_str()))
            .map(|name| {
                let known = shown.contains(&name.as_str());
                FieldProblem::of(name, if known { "can only be read" } else { "is not an attribute that can be written" })
            })
            .collect();
        Self { members, missing: Vec::new(), unfit }
    }

    /// What stands at `name`, null included.
    pub fn value(&self, name: &str) -> Option<&'b Value> {
        self.members.get(name)
    }

    /// Whether something stands at `name`.
    pub fn says(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Notes that what stands at `name` will not do.
    pub fn unfit(&mut self, name: &str, why: impl Into<String>) {
        self.unfit.push(FieldProblem::of(name, why));
    }

    /// Notes that something is missing at `name`.
    pub fn missing(&mut self, name: &str, why: impl Into<String>) {
        self.missing.push(FieldProblem::of(name, why));
    }

    /// Notes each of `names` at which nothing stands.
    pub fn need(&mut self, names: &[&str]) {
        for name in names {
            if self.value(name).is_none_or(Value::is_null) {
                self.missing(name, "is needed");
            }
        }
    }

    /// What stands at `name`, unless it was noted as missing.
    fn said(&self, name: &str) -> Option<&'b Value> {
        self.value(name).filter(|_| self.missing.iter().all(|problem| problem.attribute != name))
    }

    /// A checked value of what stands at `name`; `None` where nothing does, or nothing good.
    pub fn read<T>(&mut self, name: &str, check: impl FnOnce(&'b Value) -> Result<T, String>) -> Option<T> {
        match check(self.said(name)?) {
            Ok(value) => Some(value),
            Err(why) => {
                self.unfit(name, why);
                None
            }
        }
    }

    /// Text that passes `check`; null is the empty text.
    pub fn text<T, E: Into<String>>(&mut self, name: &str, check: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        self.read(name, |value| match value {
            Value::String(text) => check(text).map_err(Into::into),
            Value::Null => check("").map_err(Into::into),
            _ => Err("must be text".to_owned()),
        })
    }

    /// A boolean.
    pub fn truth(&mut self, name: &str) -> Option<bool> {
        self.read(name, |value| value.as_bool().ok_or_else(|| "must be true or false".to_owned()))
    }

    /// A whole number within `range`; `Some(None)` is null.
    pub fn whole(&mut self, name: &str, range: RangeInclusive<i64>) -> Option<Option<i64>> {
        self.read(name, |value| match value {
            Value::Null => Ok(None),
            value => value
                .as_i64()
                .filter(|number| range.contains(number))
                .map(Some)
                .ok_or_else(|| format!("must be a whole number from {} to {}", range.start(), range.end())),
        })
    }

    /// A list of texts; null is the empty list.
    pub fn texts(&mut self, name: &str) -> Option<Vec<&'b str>> {
        const WRONG: &str = "must be a list of texts";
        self.read(name, |value| match value {
            Value::Null => Ok(Vec::new()),
            Value::Array(values) => {
                values.iter().map(|value| value.as_str().ok_or_else(|| WRONG.to_owned())).collect::<Result<Vec<_>, _>>()
            }
            _ => Err(WRONG.to_owned()),
        })
    }

    /// `value`, if nothing is wrong.
    ///
    /// Refuses: 1053 with everything that is unfit, else 1050 with everything that is missing.
    pub fn end<T>(self, value: T) -> Result<T, ApiProblem> {
        if !self.unfit.is_empty() {
            return Err(ApiProblem::Constraint(self.unfit));
        }
        if !self.missing.is_empty() {
            return Err(ApiProblem::Missing(self.missing));
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(problem: &ApiProblem) -> Vec<&str> {
        problem.fields().iter().map(|field| field.attribute.as_str()).collect()
    }

    #[test]
    fn dr_08_what_is_not_writable_is_named_whether_it_is_known_or_not() {
        let members = json!({ "Name": "a", "Id": 5, "Trusted": true });
        let body = Body::of(members.as_object().unwrap(), &["Name"], &["Id"]);
        let problem = body.end(()).unwrap_err();
        assert_eq!(problem.code_and_status(), (1053, 400));
        assert_eq!(names(&problem), ["Id", "Trusted"]);
        assert_ne!(problem.fields()[0].message, problem.fields()[1].message);
    }

    #[test]
    fn what_is_missing_is_told_only_where_nothing_is_unfit() {
        let members = json!({ "Name": null, "Enabled": "yes", "Count": 7, "Words": ["a", 1] });
        let mut body = Body::of(members.as_object().unwrap(), &["Name", "Enabled", "Count", "Words"], &[]);
        body.need(&["Name", "Uri"]);
        assert_eq!(body.text("Name", |text| Ok::<_, &str>(text.to_owned())), None);
        assert_eq!(names(&Body { unfit: Vec::new(), missing: body.missing.clone(), ..body }.end(()).unwrap_err()), ["Name", "Uri"]);
        let mut body = Body::of(members.as_object().unwrap(), &["Name", "Enabled", "Count", "Words"], &[]);
        assert_eq!(body.truth("Enabled"), None);
        assert_eq!(body.whole("Count", 0..=7), Some(Some(7)));
        assert_eq!(body.whole("Count", 0..=6), None);
        assert_eq!(body.texts("Words"), None);
        assert_eq!(body.texts("Nothing"), None);
        body.missing("Uri", "is needed");
        assert_eq!(names(&body.end(()).unwrap_err()), ["Enabled", "Count", "Words"]);
    }
}
