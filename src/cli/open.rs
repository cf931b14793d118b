//! Opening the database of the settings: never making one in place of one that is missing or damaged, never sharing a file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::base::Fault;
use crate::config::{DatabaseUrl, Settings};
use crate::flows::operate::Desk;
use crate::flows::start;
use crate::store::{Db, PgOptions, soundness};

/// A file up to this size is looked at whole before it is used; larger ones would keep people waiting. Units: bytes.
const LOOKED_AT: u64 = 64 << 20;
/// What every SQLite file begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// How to open a database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It must be there.
    Existing,
    /// An SQLite file may be made; PostgreSQL's database must be there.
    MayCreate,
}

/// Opens the settings' database. The schema is not looked at.
pub fn database(settings: &Settings, mode: Mode) -> Result<Db, Failure> {
    match &settings.database {
        DatabaseUrl::Sqlite(path) => sqlite(path, mode),
        DatabaseUrl::Postgres(url) => {
            let options = PgOptions { url: url.clone(), threads: settings.database_threads };
            Db::postgres(&options).map_err(|fault| match fault {
                Fault::Unavailable(why) | Fault::TooSlow(why) => Failure::unavailable(why),
                Fault::Broken(why) => Failure::config(why),
            })
        }
    }
}

/// Opens the settings' database for the operator's verbs: there, and with this version's schema.
pub fn desk(settings: &Settings) -> Result<Desk, Failure> {
    let mut own = settings.clone();
    // One verb, one connection.
    own.database_threads = 1;
    let db = database(&own, Mode::Existing)?;
    start::check_schema(&db)?;
    Ok(Desk::new(db))
}

fn sqlite(path: &Path, mode: Mode) -> Result<Db, Failure> {
    let shown = path.display();
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(Failure::database(format!("the database {shown} is not a file"))),
        Ok(found) if found.len() == 0 && mode == Mode::Existing => {
            return Err(Failure::database(format!("the database {shown} is empty: run `latchkey migrate`, or restore a backup of it")));
        }
        Ok(found) if found.len() > 0 && !begins_as_it_should(path)? => return Err(damaged(path, "it is no SQLite file")),
        Err(_) if mode == Mode::Existing => {
            return Err(Failure::database(format!("there is no database {shown}: run `latchkey migrate` to create it")));
        }
        Err(_) if path.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) => {
            return Err(Failure::database(format!("the folder of the database {shown} does not exist")));
        }
        Ok(_) | Err(_) => {}
    }
    let small = std::fs::metadata(path).is_ok_and(|found| found.len() < LOOKED_AT);
    let db = Db::sqlite(path).map_err(|fault| match fault {
        Fault::Broken(why) if is_damage(&why) => damaged(path, &why),
        Fault::Broken(why) if why.contains(&shown.to_string()) => Failure::database(why),
        Fault::Broken(why) => Failure::database(format!("the database {shown} cannot be opened: {why}")),
        Fault::Unavailable(why) | Fault::TooSlow(why) => not_answering(path, &why),
    })?;
    if small {
        match db.read(soundness::first_flaw) {
            Ok(None) => {}
            Ok(Some(flaw)) => return Err(damaged(path, &flaw)),
            Err(Fault::Broken(why)) => return Err(damaged(path, &why)),
            Err(Fault::Unavailable(why) | Fault::TooSlow(why)) => return Err(not_answering(path, &why)),
        }
    }
    Ok(db)
}

fn begins_as_it_should(path: &Path) -> Result<bool, Failure> {
    use std::io::Read as _;
    let cannot = |why: std::io::Error| Failure::database(format!("the database {} cannot be read: {why}", path.display()));
    let mut start = Vec::new();
    File::open(path).map_err(cannot)?.take(MAGIC.len() as u64).read_to_end(&mut start).map_err(cannot)?;
    Ok(start == MAGIC)
}

fn is_damage(why: &str) -> bool {
    ["malformed", "not a database", "corrupt"].iter().any(|word| why.contains(word))
}

/// A file that may not be written is nothing that passes by itself.
fn not_answering(path: &Path, why: &str) -> Failure {
    let shown = path.display();
    if why.contains("readonly database") {
        return Failure::database(format!(
            "the database {shown} cannot be written: whoever runs latchkey needs the right to write it and its folder"
        ));
    }
    Failure::unavailable(format!("the database {shown}: {why}"))
}

fn damaged(path: &Path, why: &str) -> Failure {
    Failure::database(format!(
        "the database {0} is damaged ({why}): restore it, with the server stopped: move {0}, {0}-wal and {0}-shm aside, then cp -p BACKUP {0}",
        path.display()
    ))
}

/// That no other server works on the same file; held until it is dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "the lock ends when the file is closed")] Option<File>);

/// Takes the lock beside an SQLite file. PostgreSQL is made for several servers and needs none.
pub fn lock(settings: &Settings) -> Result<Lock, Failure> {
    let DatabaseUrl::Sqlite(path) = &settings.database else { return Ok(Lock(None)) };
    lock_file(path)
}

/// Whether a server works on the settings' SQLite file now; nothing is made to find out.
pub fn is_served(settings: &Settings) -> bool {
    let DatabaseUrl::Sqlite(path) = &settings.database else { return false };
    let (_, beside) = lock_of(path);
    File::open(beside).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// The file's true name, so that two names of one file meet at one lock; and the name of that lock.
fn lock_of(path: &Path) -> (PathBuf, PathBuf) {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut beside = path.clone().into_os_string();
    beside.push(".lock");
    (path, PathBuf::from(beside))
}

fn lock_file(path: &Path) -> Result<Lock, Failure> {
    let (path, beside) = lock_of(path);
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file =
        options.open(&beside).map_err(|why| Failure::database(format!("the lock file {} cannot be made: {why}", beside.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(Some(file))),
        Err(TryLockError::WouldBlock) => Err(Failure::database(format!(
            "another server works on the database {}: stop it first, or use PostgreSQL for several",
            path.display()
        ))),
        Err(TryLockError::Error(why)) => Err(Failure::database(format!("the lock file {} cannot be locked: {why}", beside.display()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_15_a_second_server_on_the_same_file_is_turned_away_by_whatever_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        drop(Db::sqlite(&path).unwrap());
        let held = lock_file(&path).unwrap();
        let other = folder.path().join("other.db");
        #[cfg(unix)]
        std::os::unix::fs::symlink(&path, &other).unwrap();
        for name in [&path, &other] {
            assert!(lock_file(name).unwrap_err().lines()[0].starts_with("another server works on the database"), "{}", name.display());
        }
        drop(held);
        assert!(lock_file(&path).is_ok());
    }

    #[test]
    fn a_database_that_may_not_be_written_is_no_passing_trouble() {
        let told = not_answering(Path::new("a.db"), "attempt to write a readonly database");
        assert_eq!(told.lines(), ["the database a.db cannot be written: whoever runs latchkey needs the right to write it and its folder"]);
        assert!(not_answering(Path::new("a.db"), "database is locked").lines()[0].contains("is locked"));
    }

    #[test]
    fn r_07_nothing_is_made_in_place_of_what_is_missing_or_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        assert!(sqlite(&path, Mode::Existing).err().unwrap().lines()[0].contains("latchkey migrate"));
        assert!(!path.exists());
        std::fs::write(&path, "not a database at all, but longer than the head of one").unwrap();
        for mode in [Mode::Existing, Mode::MayCreate] {
            assert!(sqlite(&path, mode).err().unwrap().lines()[0].contains("is damaged"));
        }
        assert!(sqlite(folder.path(), Mode::MayCreate).is_err());
        assert!(sqlite(&folder.path().join("no/such/a.db"), Mode::MayCreate).is_err());
        assert!(!folder.path().join("no").exists());
    }
}
