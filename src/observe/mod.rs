//! What the operator sees: events on stderr, one line each, and one line per request.

mod line;
mod request_log;

pub use line::Format;
pub use request_log::RequestLine;

use std::io::{self, IsTerminal};

use tracing::{Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::base::Fault;

/// Sends this process's events to stderr from now on: ours from `level` up, those of libraries only from warnings up,
/// because what libraries tell in detail may hold what nobody should read.
///
/// Text has colour only on a terminal.
///
/// # Errors
/// A broken fault if the process already has a log.
pub fn init(format: Format, level: Level) -> Result<(), Fault> {
    subscriber(format, level, io::stderr().is_terminal(), io::stderr).try_init().map_err(Fault::broken)
}

fn subscriber<W>(format: Format, level: Level, colour: bool, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let libraries = LevelFilter::from_level(level.min(Level::WARN));
    let lines = tracing_subscriber::fmt::layer().with_ansi(colour).with_writer(writer).event_format(line::OneLine(format));
    tracing_subscriber::registry().with(lines).with(Targets::new().with_default(libraries).with_target("latchkey", level))
}

#[cfg(test)]
mod capture {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use tracing::Level;
    use tracing_subscriber::fmt::MakeWriter;

    use super::{Format, subscriber};

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl<'w> MakeWriter<'w> for Buffer {
        type Writer = Self;
        fn make_writer(&'w self) -> Self {
            self.clone()
        }
    }

    /// What `work` logs at `level`.
    pub fn logged(format: Format, level: Level, colour: bool, work: impl FnOnce()) -> String {
        let buffer = Buffer::default();
        tracing::subscriber::with_default(subscriber(format, level, colour, buffer.clone()), work);
        let bytes = buffer.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_of_libraries_stay_out_of_the_log() {
        let work = || {
            tracing::debug!("ours");
            tracing::info!(target: "some_library", "theirs");
            tracing::warn!(target: "some_library", "their warning");
        };
        let text = capture::logged(Format::Text, Level::DEBUG, false, work);
        assert!(text.contains("ours") && text.contains("their warning") && !text.contains("theirs"), "{text}");
        assert_eq!(capture::logged(Format::Text, Level::ERROR, false, work), "");
    }

    #[test]
    fn colour_is_for_terminals() {
        let work = || tracing::warn!("look");
        assert!(capture::logged(Format::Text, Level::INFO, true, work).contains('\u{1b}'));
        assert!(!capture::logged(Format::Text, Level::INFO, false, work).contains('\u{1b}'));
        assert!(!capture::logged(Format::Json, Level::INFO, true, work).contains('\u{1b}'));
    }
}
