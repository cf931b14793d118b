//! Looking rows up by a part of what stands in them, the same on both engines.

use diesel::SqliteConnection;

use crate::base::Fault;

/// What a column in small letters must be like to hold `part`; an empty part is in everything.
pub(super) fn holding(part: &str) -> String {
    format!("%{}%", part.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// In small letters.
    fn lower(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
    /// The same of a column that may have nothing.
    #[sql_name = "lower"]
    fn lower_or_nothing(text: diesel::sql_types::Nullable<diesel::sql_types::Text>)
    -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
}

/// Teaches a connection of the embedded engine what small letters are: by itself it knows those of English alone.
pub(super) fn register(conn: &mut SqliteConnection) -> Result<(), Fault> {
    lower_or_nothing_utils::register_impl(conn, |text: Option<String>| text.map(|text| text.to_lowercase())).map_err(Fault::broken)
}

#[cfg(test)]
mod tests {
    use super::holding;

    #[test]
    fn a_wildcard_is_a_letter() {
        assert_eq!(holding("50%_A\\"), "%50\\%\\_a\\\\%");
        assert_eq!(holding(""), "%%");
    }
}
