//! The embedded engine: many readers, one writer that commits the writes waiting for it together.
//!
//! A commit costs a disk flush. While one runs the next writes gather; they are run back to back, each in a savepoint, and committed
//! once. Nobody is answered before that commit is durable (`synchronous=FULL`).

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use diesel::{Connection, SqliteConnection};

use crate::base::Fault;

use super::conn::Conn;
use super::{Job, QUEUE};
use super::{deadline, search};

/// The most writes in one commit.
const GROUP: usize = 256;

pub(super) struct Sqlite {
    path: PathBuf,
    idle: Mutex<Vec<Conn>>,
    jobs: flume::Sender<Job>,
}

impl Sqlite {
    pub fn open(path: &Path) -> Result<Self, Fault> {
        make_private(path)?;
        let mut writer = connect(path, false)?;
        writer.batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 10000; PRAGMA journal_size_limit = 134217728;")?;
        let (jobs, queue) = flume::bounded(QUEUE);
        std::thread::Builder::new().name("sqlite-writer".into()).spawn(move || write_groups(&mut writer, &queue)).map_err(Fault::broken)?;
        Ok(Self { path: path.to_owned(), idle: Mutex::new(Vec::new()), jobs })
    }

    pub fn jobs(&self) -> &flume::Sender<Job> {
        &self.jobs
    }

    pub fn read<T>(&self, work: impl FnOnce(&mut Conn) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut conn = match idle {
            Some(conn) => conn,
            None => connect(&self.path, true)?,
        };
        let result = work(&mut conn);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        result
    }
}

fn connect(path: &Path, read_only: bool) -> Result<Conn, Fault> {
    let text = path.to_str().ok_or_else(|| Fault::broken("the database path is not UTF-8"))?;
    let mut conn = SqliteConnection::establish(text).map_err(|error| Fault::broken(format!("cannot open the database {text}: {error}")))?;
    deadline::register(&conn)?;
    search::register(&mut conn)?;
    let mut conn = Conn::Sqlite(conn);
    conn.batch("PRAGMA busy_timeout = 2000; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")?;
    if read_only {
        conn.batch("PRAGMA query_only = ON;")?;
    }
    Ok(conn)
}

fn write_groups(conn: &mut Conn, queue: &flume::Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        if let Err(why) = conn.control("BEGIN IMMEDIATE") {
            first(Err(why.clone()))(Ok(()));
            // Whoever else waits would only wait longer for the same answer.
            for job in queue.drain() {
                job(Err(why.clone()))(Ok(()));
            }
            continue;
        }
        let mut verdicts = Vec::with_capacity(8);
        verdicts.push(first(Ok(conn)));
        while verdicts.len() < GROUP {
            match queue.try_recv() {
                Ok(job) => verdicts.push(job(Ok(conn))),
                Err(_) => break,
            }
        }
        let committed = conn.control("COMMIT");
        if committed.is_err() {
            let _ = conn.control("ROLLBACK");
        }
        for verdict in verdicts {
            verdict(committed.clone());
        }
    }
}

/// Makes the file before SQLite does, so that it is nobody else's to read; its log files inherit the mode.
#[cfg(unix)]
fn make_private(path: &Path) -> Result<(), Fault> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let say = |why: std::io::Error| Fault::broken(format!("cannot open the database {}: {why}", path.display()));
    let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path).map_err(say)?;
    let mode = file.metadata().map_err(say)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(Fault::broken(format!(
            "the database {} can be read by others (mode {:o}): run chmod 600 on it",
            path.display(),
            mode & 0o777
        )));
    }
    Ok(())
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> Result<(), Fault> {
    Ok(())
}
