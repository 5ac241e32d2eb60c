//! What DVC pinned: a dvc.lock, and the pointers (`data.csv.dvc`) beside tracked data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_saphyr::Spanned;

use super::path::{join, join_folder, join_or_address};
use crate::{Unreadable, leaves, yaml};

/// A file or folder with its digest, as a lock or a pointer has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tracked {
    /// From the repository's root.
    pub path: String,
    /// MD5 of the bytes in hex, or of a folder's list; `None` where another digest or none is given.
    pub md5: Option<String>,
    /// It is a folder: the digest is of the list of its files.
    pub is_folder: bool,
    /// Text was hashed with LF for CRLF, as DVC did before its third version.
    pub dos2unix: bool,
    /// Bytes in all.
    pub size_bytes: Option<u64>,
    /// Files of a folder.
    pub files: Option<u64>,
}

/// What a stage last ran with, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LockedStage {
    /// The commands.
    pub cmd: Vec<String>,
    /// What it read.
    pub deps: Vec<Tracked>,
    /// The values it read, by file and dotted name.
    pub params: BTreeMap<String, BTreeMap<String, Value>>,
    /// What it wrote.
    pub outs: Vec<Tracked>,
}

/// A dvc.lock: its stages by name.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Lock {
    /// The stages, those of `foreach` and `matrix` under their full names.
    pub stages: BTreeMap<String, LockedStage>,
}

/// A pointer beside tracked data.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Pointer {
    /// What it stands for.
    pub outs: Vec<Tracked>,
    /// Where it was imported from.
    pub deps: Vec<Tracked>,
    /// Not fetched anew by itself.
    pub frozen: bool,
}

#[derive(Deserialize)]
struct RawTracked {
    path: Option<Spanned<String>>,
    md5: Option<Spanned<String>>,
    hash: Option<String>,
    size: Option<u64>,
    nfiles: Option<u64>,
}

impl RawTracked {
    fn place(self, folder: &str) -> Result<Tracked, Unreadable> {
        let path = self.path.ok_or_else(|| Unreadable::whole("an entry has no `path`"))?;
        // An import's dependency may be an address.
        let placed = join_or_address(folder, &path.value).map_err(|why| blamed(&path, why))?;
        let mut tracked = Tracked {
            path: placed,
            md5: None,
            is_folder: false,
            dos2unix: false,
            size_bytes: self.size,
            files: self.nfiles,
        };
        if let Some(digest) = self.md5 {
            let plain = digest.value.strip_suffix(".dir");
            let (md5, is_folder) = (plain.unwrap_or(&digest.value), plain.is_some());
            if !is_md5(md5) {
                let why = format!("`{}` of {} is no MD5 digest", shortened(md5), tracked.path);
                return Err(blamed(&digest, why));
            }
            tracked.dos2unix = self.hash.is_none();
            tracked.md5 = Some(md5.to_owned());
            tracked.is_folder = is_folder;
        }
        Ok(tracked)
    }
}

/// A problem of the line a value stands in.
fn blamed(value: &Spanned<String>, why: String) -> Unreadable {
    let line = value.referenced.line();
    Unreadable { line: (line > 0).then_some(line), why }
}

/// At most so many characters of a wrong digest are repeated.
const QUOTED: usize = 60;

fn shortened(text: &str) -> String {
    text.chars().take(QUOTED).flat_map(char::escape_debug).collect()
}

fn is_md5(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Lines {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct RawStage {
    cmd: Option<Lines>,
    #[serde(default)]
    deps: Vec<RawTracked>,
    #[serde(default)]
    params: BTreeMap<String, Value>,
    #[serde(default)]
    outs: Vec<RawTracked>,
}

#[derive(Deserialize)]
struct RawLock {
    schema: Option<String>,
    stages: Option<BTreeMap<String, RawStage>>,
}

#[derive(Deserialize)]
struct RawPointer {
    #[serde(default)]
    outs: Vec<RawTracked>,
    #[serde(default)]
    deps: Vec<RawTracked>,
    #[serde(default)]
    frozen: bool,
    wdir: Option<String>,
}

/// Reads the dvc.lock of `folder`, which is relative to the repository's root. A stage's own folder is not in it: the
/// paths are relative to its `wdir`, which `wdir_of` knows by the stage's name.
pub fn read_lock(
    folder: &str,
    bytes: &[u8],
    wdir_of: impl Fn(&str) -> Option<String>,
) -> Result<Lock, Unreadable> {
    let raw: Option<RawLock> = yaml::read(bytes)?;
    let Some(raw) = raw else { return Ok(Lock::default()) };
    if let Some(schema) = raw.schema.filter(|schema| schema != "2.0") {
        return Err(Unreadable::whole(format!("its schema is {schema}; 2.0 is known")));
    }
    let mut lock = Lock::default();
    for (name, stage) in raw.stages.unwrap_or_default() {
        let wdir = wdir_of(&name).unwrap_or_else(|| folder.to_owned());
        let place = |list: Vec<RawTracked>| {
            list.into_iter().map(|raw| raw.place(&wdir)).collect::<Result<Vec<_>, _>>()
        };
        let mut params = BTreeMap::new();
        for (file, names) in stage.params {
            let path = join(&wdir, &file).map_err(Unreadable::whole)?;
            // Names are written dotted already; a value that is a mapping stays one.
            let names = match names {
                Value::Object(names) => names.into_iter().collect(),
                other => leaves(&other)?,
            };
            params.insert(path, names);
        }
        let cmd = match stage.cmd {
            None => Vec::new(),
            Some(Lines::One(line)) => vec![line],
            Some(Lines::Many(lines)) => lines,
        };
        lock.stages
            .insert(name, LockedStage { cmd, deps: place(stage.deps)?, params, outs: place(stage.outs)? });
    }
    Ok(lock)
}

/// Reads a pointer, `data.csv.dvc` in `folder`.
pub fn read_pointer(folder: &str, bytes: &[u8]) -> Result<Pointer, Unreadable> {
    let raw: RawPointer = yaml::read(bytes)?;
    let wdir = match raw.wdir {
        Some(wdir) => join_folder(folder, &wdir).map_err(Unreadable::whole)?,
        None => folder.to_owned(),
    };
    let place =
        |list: Vec<RawTracked>| list.into_iter().map(|raw| raw.place(&wdir)).collect::<Result<Vec<_>, _>>();
    Ok(Pointer { outs: place(raw.outs)?, deps: place(raw.deps)?, frozen: raw.frozen })
}
