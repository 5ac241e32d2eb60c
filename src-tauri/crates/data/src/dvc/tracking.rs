//! What DVC tracks in a version or a work tree: each out of its pointers and locks.

use std::collections::BTreeMap;

use keelmark_formats::dvc::{Pipeline, Resolved, Tracked, read_lock, read_pointer};
use keelmark_formats::{Unreadable, read_values};
use keelmark_types::{Location, Mistake};

use crate::Error;
use crate::files::Files;
use crate::path::join;

pub(crate) const LOCK_NAME: &str = "dvc.lock";
const POINTER_ENDING: &str = ".dvc";
/// The most pointers and locks that are read.
const MAX_POINTERS: usize = 100_000;

/// A file or folder that DVC tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Out {
    pub tracked: Tracked,
    /// The file that says so.
    pub said_in: String,
    /// The folder of its DVC project.
    pub project: String,
}

/// Everything DVC tracks, by path.
#[derive(Debug, Default)]
pub(crate) struct Tracking {
    outs: BTreeMap<String, Out>,
    /// What could not be read, by file.
    problems: BTreeMap<String, Mistake>,
}

impl Tracking {
    /// Reads every pointer and lock. One that cannot be read does not hide the others.
    pub(crate) fn read(files: &Files<'_>) -> Result<Self, Error> {
        let mut tracking = Self::default();
        let pointers = files.find(&|path| is_pointer(path))?;
        if pointers.len() > MAX_POINTERS {
            return Err(Error::Unsupported {
                what: "the DVC pointers".to_owned(),
                why: format!("there are {}, at most {MAX_POINTERS} are read", pointers.len()),
            });
        }
        let mut projects = BTreeMap::new();
        for path in pointers {
            match outs_of(files, &path)? {
                Err(mistake) => {
                    tracking.problems.insert(path, mistake);
                }
                Ok(outs) => {
                    let folder = folder_of(&path);
                    let project = match projects.get(folder) {
                        Some(known) => String::clone(known),
                        None => project_of(files, folder)?,
                    };
                    projects.insert(folder.to_owned(), project.clone());
                    for tracked in outs {
                        let out = Out { said_in: path.clone(), project: project.clone(), tracked };
                        tracking.outs.entry(out.tracked.path.clone()).or_insert(out);
                    }
                }
            }
        }
        Ok(tracking)
    }

    /// What tracks `path`, and the path within that where it is a folder.
    pub(crate) fn find<'a>(&self, path: &'a str) -> Option<(&Out, Option<&'a str>)> {
        if let Some(out) = self.outs.get(path) {
            return Some((out, None));
        }
        let cuts = path.match_indices('/').map(|(at, _)| at).rev();
        let mut above = cuts.filter_map(|at| Some((self.outs.get(path.get(..at)?)?, path.get(at + 1..)?)));
        above.next().map(|(out, inner)| (out, Some(inner)))
    }

    /// Everything that lies below a folder, with its path.
    pub(crate) fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a String, &'a Out)> {
        let below = format!("{}/", folder.trim_end_matches('/'));
        let last = below.clone();
        self.outs.range(below..).take_while(move |(path, _)| path.starts_with(&last))
    }

    /// Everything, by path.
    pub(crate) fn outs(&self) -> impl Iterator<Item = &Out> {
        self.outs.values()
    }

    /// Why `path` may be tracked without being found: what cannot be read of the files that could say so.
    pub(crate) fn in_the_way(&self, path: &str) -> Vec<Mistake> {
        let could = |file: &str| match file.strip_suffix(POINTER_ENDING) {
            Some(tracked) => {
                path.strip_prefix(tracked).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
            None => true,
        };
        self.problems.iter().filter(|(file, _)| could(file)).map(|(_, mistake)| mistake.clone()).collect()
    }

    /// Everything that could not be read.
    pub(crate) fn problems(&self) -> Vec<Mistake> {
        self.problems.values().cloned().collect()
    }
}

/// The mistake in a file of DVC's.
pub(crate) fn unreadable(file: &str, error: Unreadable) -> Mistake {
    Mistake {
        location: Location { file: file.to_owned(), line: error.line, column: None },
        message: error.why,
        expected: "a file as DVC writes it".to_owned(),
    }
}

/// The pipeline of a folder, resolved; `None` where it has none.
pub(crate) fn pipeline(files: &Files<'_>, folder: &str) -> Result<Option<Result<Resolved, Mistake>>, Error> {
    let path = join(folder, keelmark_formats::dvc::FILE_NAME);
    let Some(bytes) = files.read(&path)? else { return Ok(None) };
    let resolved = Pipeline::read(folder, &bytes).map(|pipeline| {
        pipeline.resolve(|path| match files.read(path) {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => read_values(path, &bytes).map(Some),
            Err(error) => Err(Unreadable { line: None, why: error.to_string() }),
        })
    });
    Ok(Some(resolved.map_err(|error| unreadable(&path, error))))
}

/// The lock of a folder, given its pipeline's stages; `None` where it has none.
pub(crate) fn lock(
    files: &Files<'_>,
    folder: &str,
    resolved: Option<&Resolved>,
) -> Result<Option<Result<keelmark_formats::dvc::Lock, Mistake>>, Error> {
    let path = join(folder, LOCK_NAME);
    let Some(bytes) = files.read(&path)? else { return Ok(None) };
    let stages = resolved.map(|resolved| resolved.stages.as_slice()).unwrap_or_default();
    let wdir = |name: &str| stages.iter().find(|stage| stage.name == name).map(|stage| stage.wdir.clone());
    Ok(Some(read_lock(folder, &bytes, wdir).map_err(|error| unreadable(&path, error))))
}

fn outs_of(files: &Files<'_>, path: &str) -> Result<Result<Vec<Tracked>, Mistake>, Error> {
    let folder = folder_of(path);
    let outs = if path.ends_with(LOCK_NAME) {
        // A pipeline that cannot be read is told where it is looked at; its lock may still be read.
        let resolved = pipeline(files, folder)?.and_then(Result::ok);
        match lock(files, folder, resolved.as_ref())? {
            None => Vec::new(),
            Some(Err(mistake)) => return Ok(Err(mistake)),
            Some(Ok(lock)) => lock.stages.into_values().flat_map(|stage| stage.outs).collect(),
        }
    } else {
        let Some(bytes) = files.read(path)? else { return Ok(Ok(Vec::new())) };
        match read_pointer(folder, &bytes) {
            Err(error) => return Ok(Err(unreadable(path, error))),
            Ok(pointer) => pointer.outs,
        }
    };
    Ok(Ok(outs.into_iter().filter(|out| !out.path.contains("://")).collect()))
}

/// Whether a file is a pointer or a lock.
pub(crate) fn is_pointer(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_dvcs_own = folder.split('/').any(|part| part == POINTER_ENDING);
    !is_dvcs_own
        && (name == LOCK_NAME || name.strip_suffix(POINTER_ENDING).is_some_and(|stem| !stem.is_empty()))
}

pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The nearest folder at or above `folder` that is a DVC project; the root where none says so.
pub(crate) fn project_of(files: &Files<'_>, folder: &str) -> Result<String, Error> {
    let mut folder = folder;
    while !folder.is_empty() {
        if files.has(&join(folder, ".dvc/config"))? {
            return Ok(folder.to_owned());
        }
        folder = folder_of(folder);
    }
    Ok(String::new())
}
