//! A new password in a form: its fields, and what is wrong with what was typed.

use crate::base::Problems;
use crate::identity::password::Password;

use super::door::{Asked, Given};
use super::form::Form;
use super::pages::parts::Field;

/// The fields of a new password.
pub fn fields(form: &Form) -> Vec<Field> {
    vec![
        Field::password("new_password", "New password", "new-password")
            .hint("At least 8 characters. A few words in a row are good.")
            .from(form),
        Field::password("new_password_again", "Repeat new password", "new-password").from(form),
    ]
}

/// The same behind the password it takes the place of.
pub fn fields_of_change(form: &Form) -> Vec<Field> {
    let current = Field::password("current_password", "Current password", "current-password").from(form);
    std::iter::once(current).chain(fields(form)).collect()
}

/// What is wrong with a change of the password of whoever signs in with `login` and works at `company`.
pub fn problems_of_change(asked: &Asked, login: &str, company: &str) -> Problems {
    let mut problems = Problems::default();
    match &asked.password {
        Given::Right => {}
        Given::Wrong(sentence) => problems.add("current_password", sentence.clone()),
        Given::Not => problems.add("current_password", "Enter the password you have now."),
    }
    let new = asked.form.text("new_password").unwrap_or_default();
    if let Err(why) = Password::chosen(new, login, company) {
        problems.add("new_password", format!("The new password {why}."));
    } else if asked.form.text("new_password_again") != Some(new) {
        problems.add("new_password_again", "This is not the same as the field above.");
    } else if asked.form.text("current_password") == Some(new) {
        problems.add("new_password", "This is the password you have now.");
    }
    problems
}
