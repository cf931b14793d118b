//! What the README says is what the code does.

const README: &str = include_str!("../README.md");

#[test]
fn the_readmes_table_of_settings_is_the_codes() {
    let table = latchkey::config::markdown_table();
    assert!(README.contains(table.trim()), "replace the table in README.md by:\n{table}");
}

#[test]
fn the_readmes_table_of_services_and_roles_is_the_codes() {
    let table = latchkey::platform::service::markdown_table();
    assert!(README.contains(table.trim()), "replace the table in README.md by:\n{table}");
}

#[test]
fn every_file_the_readme_names_is_there() {
    for word in README.split(['`', ' ', '(', ')', '\n', ',']) {
        let path = word.split("::").next().unwrap();
        let names_a_file =
            path.contains('/') && (path.ends_with(".rs") || path.ends_with(".png") || path.ends_with(".toml")) && !path.starts_with("http");
        if names_a_file {
            let here = [format!("src/{path}"), path.to_owned(), format!("src/protocol/token/{path}")]
                .iter()
                .any(|file| std::path::Path::new(file).exists());
            assert!(here, "{path}");
        }
    }
}
