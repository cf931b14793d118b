//! Files the settings come from or point to.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

/// Settings and secrets are short; a longer file is the wrong one. Units: bytes.
const LONGEST: u64 = 1 << 20;

/// What was read, and who else could have.
pub(super) struct Content {
    pub text: String,
    pub others_may_read: Option<u32>,
}

/// Reads a regular file of UTF-8 text.
///
/// # Errors
/// What is wrong with the file, without any of its content.
pub(super) fn read(path: &Path) -> Result<Content, String> {
    // Asked before opening, because opening a pipe would wait for its writer.
    let kind = fs::metadata(path).map_err(|why| format!("the file cannot be read ({})", why.kind()))?;
    if !kind.is_file() {
        return Err("this is not a regular file".to_owned());
    }
    if kind.len() > LONGEST {
        return Err("the file is longer than 1 MiB".to_owned());
    }
    let file = File::open(path).map_err(|why| format!("the file cannot be read ({})", why.kind()))?;
    let others_may_read = file.metadata().ok().as_ref().and_then(open_to_others);
    let mut text = String::new();
    file.take(LONGEST).read_to_string(&mut text).map_err(|why| format!("the file cannot be read ({})", why.kind()))?;
    Ok(Content { text, others_may_read })
}

/// The file's mode if its group or everybody can do anything with it.
#[cfg(unix)]
fn open_to_others(metadata: &fs::Metadata) -> Option<u32> {
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Elsewhere the modes of unix do not exist.
#[cfg(not(unix))]
fn open_to_others(_: &fs::Metadata) -> Option<u32> {
    None
}

/// The complaint about a file that holds a secret and is not its owner's alone.
pub(super) fn not_private(mode: u32) -> String {
    format!("it is a secret in a file that others can use (mode {mode:04o})")
}
