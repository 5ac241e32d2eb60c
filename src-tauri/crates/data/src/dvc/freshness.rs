//! Whether what DVC's stages and pointers recorded is still so: what `dvc status` says.

use std::collections::BTreeMap;

use keelmark_formats::dvc::{FILE_NAME, LockedStage, Output, ParamsFile, Stage, Tracked, read_pointer};
use keelmark_formats::{read_values, value_at};
use keelmark_types::{Location, Mistake};
use serde_json::Value;

use super::md5::DigestKind;
use super::now::{Looking, Now};
use super::tracking::{LOCK_NAME, is_pointer, lock, pipeline, project_of};
use super::{Kept, folder_of, unreadable};
use crate::files::Files;
use crate::path::join;
use crate::{DataSource, Error, Source};

/// How all stages and pointers of a version or a work tree stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Freshness {
    /// Each of them: the stages of each pipeline in the order of its file, then the pointers.
    pub stages: Vec<StageFreshness>,
    /// What could not be read: there may be more stages.
    pub problems: Vec<Mistake>,
}

/// How a stage or a pointer stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageFreshness {
    /// As DVC calls it: `train`, `sub/dvc.yaml:score`, `data/raw.csv.dvc`.
    pub name: String,
    /// Everything that is not as it was recorded; fresh where there is nothing.
    pub reasons: Vec<StaleReason>,
}

/// One thing that is not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaleReason {
    /// What it reads.
    Dependency {
        /// The file or folder.
        path: String,
        /// How it differs.
        change: Change,
    },
    /// A file of parameters as a whole.
    Parameters {
        /// The file.
        path: String,
        /// How it differs.
        change: Change,
    },
    /// One parameter.
    Parameter {
        /// Its file.
        path: String,
        /// Its dotted name.
        name: String,
        /// How it differs.
        change: Change,
    },
    /// What it writes, or a pointer stands for.
    Output {
        /// The file or folder.
        path: String,
        /// How it differs.
        change: Change,
    },
    /// The command is another one.
    Command,
    /// It is declared to run each time.
    Always,
}

/// How something differs from what was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is something else now, or was never recorded.
    Modified,
    /// It is not there.
    Deleted,
    /// It was not recorded.
    New,
    /// It is recorded, and the cache does not have it.
    NotInCache,
    /// Its bytes are not here, or cannot be read.
    Unknown,
}

impl StageFreshness {
    /// Whether running it again could give something else. Bytes that are only missing make nothing stale.
    pub fn is_stale(&self) -> bool {
        let counts = |change: &Change| !matches!(change, Change::NotInCache | Change::Unknown);
        self.reasons.iter().any(|reason| match reason {
            StaleReason::Dependency { change, .. }
            | StaleReason::Parameters { change, .. }
            | StaleReason::Parameter { change, .. }
            | StaleReason::Output { change, .. } => counts(change),
            StaleReason::Command | StaleReason::Always => true,
        })
    }
}

impl DataSource<'_> {
    /// Whether each stage and pointer is as it was recorded. In a work tree this is what `dvc status` says; in a version
    /// what stands in Git and in the locks is held against each other, and no cache is asked for its outs.
    pub fn freshness(&self) -> Result<Freshness, Error> {
        let judge = Judge { source: self, looking: Looking::new(self) };
        let mut found = Freshness::default();
        for path in self.files.find(&is_pipeline)? {
            judge.pipeline(folder_of(&path), &mut found)?;
        }
        for path in self.files.find(&|path| is_pointer(path) && !path.ends_with(LOCK_NAME))? {
            judge.pointer(&path, &mut found)?;
        }
        Ok(found)
    }
}

fn is_pipeline(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    parts.next() == Some(FILE_NAME) && parts.all(|part| part != ".dvc")
}

struct Judge<'a, 's> {
    source: &'a DataSource<'s>,
    looking: Looking<'a, 's>,
}

/// Where a stage is declared.
struct Place {
    file: String,
    project: String,
}

impl Judge<'_, '_> {
    fn files(&self) -> &Files<'_> {
        &self.source.files
    }

    fn pipeline(&self, folder: &str, found: &mut Freshness) -> Result<(), Error> {
        let place = Place { file: join(folder, FILE_NAME), project: project_of(self.files(), folder)? };
        let resolved = match pipeline(self.files(), folder)? {
            None => return Ok(()),
            Some(Err(mistake)) => {
                found.problems.push(mistake);
                return Ok(());
            }
            Some(Ok(resolved)) => resolved,
        };
        found.problems.extend(resolved.problems.iter().map(|why| unresolved(&place.file, why)));
        let locked = match lock(self.files(), folder, Some(&resolved))? {
            None => keelmark_formats::dvc::Lock::default(),
            Some(Ok(lock)) => lock,
            // Without knowing what was recorded nothing can be said of any stage.
            Some(Err(mistake)) => {
                found.problems.push(mistake);
                return Ok(());
            }
        };
        for stage in &resolved.stages {
            let reasons = self.stage(stage, locked.stages.get(&stage.name), &place, &mut found.problems)?;
            let name =
                if folder.is_empty() { stage.name.clone() } else { format!("{}:{}", place.file, stage.name) };
            found.stages.push(StageFreshness { name, reasons });
        }
        Ok(())
    }

    fn stage(
        &self,
        stage: &Stage,
        locked: Option<&LockedStage>,
        place: &Place,
        problems: &mut Vec<Mistake>,
    ) -> Result<Vec<StaleReason>, Error> {
        let mut reasons = Vec::new();
        let recorded = |list: Option<&Vec<Tracked>>, path: &str| {
            list.and_then(|list| list.iter().find(|tracked| tracked.path == path)).cloned()
        };
        if !stage.frozen {
            for path in &stage.deps {
                let recorded = recorded(locked.map(|locked| &locked.deps), path);
                if let Some(change) = self.change(path, recorded.as_ref())? {
                    reasons.push(StaleReason::Dependency { path: path.clone(), change });
                }
            }
            for file in &stage.params {
                let recorded = locked.and_then(|locked| locked.params.get(&file.path));
                reasons.extend(self.params(file, recorded, problems)?);
            }
        }
        for Output { path, cache } in stage.outs.iter().chain(&stage.metrics).chain(&stage.plots) {
            let recorded = recorded(locked.map(|locked| &locked.outs), path);
            if let Some(change) = self.out(path, recorded.as_ref(), *cache, place)? {
                reasons.push(StaleReason::Output { path: path.clone(), change });
            }
        }
        let reads_or_writes = [stage.deps.len(), stage.params.len(), stage.outs.len(), stage.metrics.len()];
        let has_none = reads_or_writes.iter().sum::<usize>() + stage.plots.len() == 0;
        if stage.always_changed || (has_none && !stage.frozen) {
            reasons.push(StaleReason::Always);
        }
        if locked.is_some_and(|locked| locked.cmd != stage.cmd) {
            reasons.push(StaleReason::Command);
        }
        Ok(reasons)
    }

    fn pointer(&self, path: &str, found: &mut Freshness) -> Result<(), Error> {
        let Some(bytes) = self.files().read(path)? else { return Ok(()) };
        let folder = folder_of(path);
        let pointer = match read_pointer(folder, &bytes) {
            Ok(pointer) => pointer,
            Err(error) => {
                found.problems.push(unreadable(path, error));
                return Ok(());
            }
        };
        let place = Place { file: path.to_owned(), project: project_of(self.files(), folder)? };
        let mut reasons = Vec::new();
        for dep in pointer.deps.iter().filter(|_| !pointer.frozen) {
            if let Some(change) = self.change(&dep.path, Some(dep))? {
                reasons.push(StaleReason::Dependency { path: dep.path.clone(), change });
            }
        }
        for tracked in pointer.outs {
            if let Some(change) = self.out(&tracked.path, Some(&tracked), true, &place)? {
                reasons.push(StaleReason::Output { path: tracked.path, change });
            }
        }
        found.stages.push(StageFreshness { name: path.to_owned(), reasons });
        Ok(())
    }

    /// How what is at a path differs from what was recorded.
    fn change(&self, path: &str, recorded: Option<&Tracked>) -> Result<Option<Change>, Error> {
        if path.contains("://") {
            return Ok(Some(Change::Unknown));
        }
        let kind = DigestKind::of(recorded.is_some_and(|recorded| recorded.dos2unix));
        let recorded = recorded.and_then(|recorded| Some((recorded.md5.as_deref()?, recorded.is_folder)));
        Ok(match (self.looking.at(path, kind)?, recorded) {
            (Now::Nothing, _) => Some(Change::Deleted),
            (Now::Unknown, _) => Some(Change::Unknown),
            (Now::Is { md5, is_folder }, recorded) if recorded == Some((md5.as_str(), is_folder)) => None,
            (Now::Is { .. }, _) => Some(Change::Modified),
        })
    }

    /// How an out differs from what was recorded. A version has no copies of what DVC keeps.
    fn out(
        &self,
        path: &str,
        recorded: Option<&Tracked>,
        is_cached: bool,
        place: &Place,
    ) -> Result<Option<Change>, Error> {
        let kept = recorded.filter(|_| is_cached).and_then(Kept::of_tracked);
        if let Some(object) = kept {
            if let Files::Version(_) = self.files() {
                return Ok(None);
            }
            if !self.is_in_cache(&object, place)? {
                return Ok(Some(Change::NotInCache));
            }
        }
        self.change(path, recorded)
    }

    /// Whether the cache has an out, of a folder every file.
    fn is_in_cache(&self, object: &Kept, place: &Place) -> Result<bool, Error> {
        let dvc = self.source.project(&place.project)?;
        if !object.is_list {
            return Ok(dvc.find(object)?.is_some());
        }
        let files = match dvc.list(object, &place.file) {
            Ok(Some(files)) => files,
            // A list that is not what its name says is as good as none.
            Ok(None) | Err(Error::Corrupt { .. } | Error::Invalid { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        for md5 in files.values() {
            if dvc.find(&object.file(md5))?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn params(
        &self,
        file: &ParamsFile,
        recorded: Option<&BTreeMap<String, Value>>,
        problems: &mut Vec<Mistake>,
    ) -> Result<Vec<StaleReason>, Error> {
        let path = &file.path;
        let whole = |change| vec![StaleReason::Parameters { path: path.clone(), change }];
        let bytes = match (self.files(), self.files().read(path)?) {
            (Files::Version(_), None) => match self.source.read(path) {
                Err(Error::Elsewhere { .. }) => return Ok(whole(Change::Unknown)),
                read => read?,
            },
            (_, bytes) => bytes,
        };
        let Some(bytes) = bytes else { return Ok(whole(Change::Deleted)) };
        let Some(recorded) = recorded else { return Ok(whole(Change::New)) };
        let values = match read_values(path, &bytes) {
            Ok(values) => values,
            Err(error) => {
                problems.push(unreadable(path, error));
                return Ok(whole(Change::Unknown));
            }
        };
        let names: Vec<&String> = if file.keys.is_empty() {
            let new = |name: &&String| !recorded.contains_key(*name);
            let there = values.as_object().into_iter().flat_map(|values| values.keys());
            recorded.keys().chain(there.filter(new)).collect()
        } else {
            file.keys.iter().collect()
        };
        let mut reasons = Vec::new();
        for name in names {
            // Of a whole file the names at the top are held against each other, with all below them.
            let now =
                if file.keys.is_empty() { values.get(name) } else { value_at(&values, name.split('.')) };
            let change = match (now, recorded.get(name)) {
                (None, _) => Change::Deleted,
                (Some(_), None) => Change::New,
                (Some(now), Some(recorded)) if is_same(now, recorded) => continue,
                (Some(_), Some(_)) => Change::Modified,
            };
            reasons.push(StaleReason::Parameter { path: path.clone(), name: name.clone(), change });
        }
        Ok(reasons)
    }
}

/// Whether Python finds two values equal: `1`, `1.0` and `true` are.
fn is_same(a: &Value, b: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Bool(is) => Some(f64::from(u8::from(*is))),
        value => value.as_f64(),
    };
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let has =
                |(name, value): (&String, &Value)| b.get(name).is_some_and(|other| is_same(value, other));
            a.len() == b.len() && a.iter().all(has)
        }
        (Value::Number(one), Value::Number(other)) if one == other => true,
        (a, b) => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.total_cmp(&b).is_eq() || (a == 0.0 && b == 0.0),
            _ => a == b,
        },
    }
}

fn unresolved(file: &str, why: &str) -> Mistake {
    Mistake {
        location: Location::file(file),
        message: why.to_owned(),
        expected: "a pipeline that DVC can resolve".to_owned(),
    }
}
