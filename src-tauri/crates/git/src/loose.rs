//! Objects one file each, on the disk before anything points at them.

use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::plan::Planned;
use crate::{Error, Oid, Plan, Repository, Result, pack};

/// More objects than these go into one pack: two flushes instead of one an object.
const LOOSE_OBJECTS: usize = 64;

impl Repository {
    /// Stores every object of a plan so that it outlives a power cut. Objects that are there already are not written
    /// again. No ref points at them yet.
    pub fn write(&self, plan: &Plan) -> Result<()> {
        let objects = self.common_dir().join("objects");
        let local = self.local();
        let mut folders = BTreeSet::new();
        let mut missing = Vec::new();
        for (oid, planned) in plan.objects() {
            match local.try_find_header(oid.0) {
                Ok(Some(_)) => {
                    // Whoever wrote it may not have flushed it: acknowledged means durable, for every part.
                    let path = path_of(&objects, *oid);
                    if path.is_file() {
                        sync(&path)?;
                        folders.extend(path.parent().map(Path::to_owned));
                    }
                }
                Ok(None) => missing.push((*oid, planned)),
                Err(error) => {
                    tracing::warn!(%oid, %error, "a damaged object is written again");
                    missing.push((*oid, planned));
                }
            }
        }
        if missing.len() > LOOSE_OBJECTS {
            pack::write(self, &missing)?;
            folders.insert(objects.join("pack"));
        } else {
            for (oid, planned) in &missing {
                folders.extend(write_one(&objects, *oid, planned, true)?);
            }
        }
        for folder in &folders {
            sync(folder)?;
        }
        sync(&objects)?;
        let fresh = self.local();
        for (oid, _) in &missing {
            if !matches!(fresh.try_find_header(oid.0), Ok(Some(_))) {
                return Err(Error::corrupt(
                    format!("object {oid}"),
                    "it cannot be read back after it was written",
                ));
            }
        }
        Ok(())
    }
}

/// Stores an object for a question only: nothing of it needs to last.
pub(crate) fn write_unsynced(objects: &Path, oid: Oid, planned: &Planned) -> Result<()> {
    write_one(objects, oid, planned, false).map(drop)
}

/// Writes beside the final name, flushes, renames; the folders that still want flushing are returned.
fn write_one(objects: &Path, oid: Oid, planned: &Planned, durable: bool) -> Result<Vec<PathBuf>> {
    let path = path_of(objects, oid);
    let folder = path.parent().unwrap_or(objects).to_owned();
    match std::fs::create_dir(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(Error::storage("making a folder for objects", &folder, error));
        }
        Err(_) | Ok(()) => {}
    }
    write_file(&folder, &path, planned, durable)
        .map_err(|error| Error::storage("writing an object", &path, error))?;
    Ok(vec![folder])
}

fn write_file(folder: &Path, path: &Path, planned: &Planned, durable: bool) -> std::io::Result<()> {
    // git's own name for unfinished objects: its `prune` removes what a crash leaves.
    let temporary = tempfile::Builder::new()
        .prefix("tmp_obj_keelmark_")
        .permissions(Permissions::from_mode(0o444))
        .tempfile_in(folder)?;
    let mut encoder = flate2::write::ZlibEncoder::new(temporary, flate2::Compression::fast());
    encoder.write_all(&gix::objs::encode::loose_header(planned.kind, planned.bytes.len() as u64))?;
    encoder.write_all(&planned.bytes)?;
    let temporary = encoder.finish()?;
    if durable {
        temporary.as_file().sync_all()?;
    }
    temporary.persist(path)?;
    Ok(())
}

/// Flushes a file or a folder.
pub(crate) fn sync(path: &Path) -> Result<()> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|error| Error::storage("flushing to disk", path, error))
}

fn path_of(objects: &Path, oid: Oid) -> PathBuf {
    let digits = oid.to_string();
    let (fan_out, rest) = digits.split_at(2);
    objects.join(fan_out).join(rest)
}

/// A folder as git reads it in a list separated by `:`.
pub(crate) fn quoted_alternate(path: &Path) -> std::ffi::OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let bytes = path.as_os_str().as_bytes();
    if !bytes.contains(&b':') && bytes.first() != Some(&b'"') {
        return path.as_os_str().to_owned();
    }
    let mut quoted = vec![b'"'];
    for &byte in bytes {
        if matches!(byte, b'"' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(byte);
    }
    quoted.push(b'"');
    std::ffi::OsString::from_vec(quoted)
}
