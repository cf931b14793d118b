//! The demo's folder: its owner's alone, because it holds a master secret, even if it opens nothing but a demo.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::base::{Random, Secret};
use crate::cli::Done;
use crate::cli::failure::Failure;
use crate::signing::MasterSecret;

/// Where letters go, within the folder.
pub const MAIL: &str = "mail";

/// Makes the folder where it is missing.
pub fn make(folder: &Path) -> Done {
    let cannot = |why: std::io::Error| Failure::other(format!("the folder {} cannot be made: {why}", folder.display()));
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder.join(MAIL)).map_err(cannot)
}

/// The file with the master secret; it is made where it is missing.
pub fn master_secret(folder: &Path) -> Result<PathBuf, Failure> {
    let path = folder.join("master-secret");
    let secret: Secret = MasterSecret::generate(&Random::default());
    match write_new(&path, secret.expose()) {
        Err(why) if why.kind() != ErrorKind::AlreadyExists => Err(Failure::other(format!("{} cannot be written: {why}", path.display()))),
        _ => Ok(path),
    }
}

/// Writes a file of secrets whole or not at all, readable by its owner only.
pub fn replace(path: &Path, text: &str) -> Done {
    let part = path.with_extension("part");
    let _ = fs::remove_file(&part);
    write_new(&part, text)
        .and_then(|()| fs::rename(&part, path))
        .map_err(|why| Failure::other(format!("{} cannot be written: {why}", path.display())))
}

fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
