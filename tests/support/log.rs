//! What this process logs, as much of it as an operator can ask for: ours in every detail, libraries' from warnings up.

use std::io;
use std::sync::{Arc, LazyLock, Mutex};

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

static LOG: LazyLock<Buffer> = LazyLock::new(|| {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let filter = Targets::new().with_default(LevelFilter::WARN).with_target("latchkey", LevelFilter::TRACE);
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(move || writer.clone());
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(lines).with(filter)).unwrap();
    buffer
});

/// Keeps everything that is logged from now on, by all servers of this process.
pub fn keep() {
    LazyLock::force(&LOG);
}

/// What was logged since.
pub fn text() -> String {
    keep();
    String::from_utf8_lossy(&LOG.0.lock().unwrap()).into_owned()
}

/// The lines about one request, and every warning: why an answer is not what it should be.
pub fn about(request_id: &str) -> String {
    let told = text();
    told.lines().filter(|line| [request_id, "WARN", "ERROR"].iter().any(|word| line.contains(word))).collect::<Vec<_>>().join("\n")
}
