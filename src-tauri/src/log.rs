//! The log: what went wrong, in one small file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing::level_filters::LevelFilter;

/// A log that has grown past it becomes the older one at the next start, and the one before that goes. One start never
/// writes more.
const LARGEST_BYTES: usize = 256 * 1024;

/// The log's place below the state folder.
pub fn path_below(state: &Path) -> PathBuf {
    state.join("desktop.log")
}

/// From now on warnings and errors of the whole program go to the log.
pub fn begin(path: &Path) -> io::Result<()> {
    let log = tracing_subscriber::fmt().with_ansi(false).with_max_level(LevelFilter::WARN);
    log.with_writer(Mutex::new(Log::open(path)?)).try_init().map_err(io::Error::other)
}

struct Log {
    file: File,
    room: usize,
}

impl Log {
    fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        if fs::metadata(path).is_ok_and(|about| about.len() > LARGEST_BYTES as u64) {
            fs::rename(path, path.with_extension("older.log"))?;
        }
        Ok(Self { file: File::options().create(true).append(true).open(path)?, room: LARGEST_BYTES })
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let length = bytes.len().min(self.room);
        self.file.write_all(&bytes[..length])?;
        self.room -= length;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_stays_small() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = path_below(&folder.path().join("state"));
        for _ in 0..4 {
            let mut log = Log::open(&path).expect("the folder can be made");
            for _ in 0..LARGEST_BYTES / 500 {
                log.write_all(&[b'.'; 1000]).expect("it can be written");
            }
        }
        let sizes: Vec<_> = fs::read_dir(path.parent().expect("a folder"))
            .expect("it is there")
            .map(|entry| entry.and_then(|entry| entry.metadata()).expect("a file").len())
            .collect();
        assert_eq!(sizes.len(), 2, "the log and the older one");
        assert!(sizes.iter().all(|size| *size <= 2 * LARGEST_BYTES as u64), "{sizes:?}");
    }
}
