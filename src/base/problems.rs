//! What is wrong with a person's form: field and sentence, in the order they were found.

/// What is wrong with a form; none is a good form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<(&'static str, String)>);

impl Problems {
    /// One problem, with one field.
    pub fn one(field: &'static str, sentence: impl Into<String>) -> Self {
        Self(vec![(field, sentence.into())])
    }

    /// Adds a problem; only the first of a field is told.
    pub fn add(&mut self, field: &'static str, sentence: impl Into<String>) {
        if self.of(field).is_none() {
            self.0.push((field, sentence.into()));
        }
    }

    /// Takes the value, or notes under `field` why there is none.
    pub fn take<T, E: Into<String>>(&mut self, field: &'static str, read: Result<T, E>) -> Option<T> {
        read.map_err(|why| self.add(field, why)).ok()
    }

    /// The sentence of a field.
    pub fn of(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == field).map(|(_, sentence)| sentence.as_str())
    }

    /// Whether the form is good.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fields and sentences.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(field, sentence)| (*field, sentence.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_problem_of_a_field_is_the_one_that_is_told() {
        let mut problems = Problems::default();
        assert!(problems.is_empty());
        assert_eq!(problems.take::<u8, _>("age", Err("Enter a number.")), None);
        problems.add("age", "second");
        assert_eq!(problems.take::<_, &str>("name", Ok(1)), Some(1));
        assert_eq!(problems.iter().collect::<Vec<_>>(), vec![("age", "Enter a number.")]);
    }
}
