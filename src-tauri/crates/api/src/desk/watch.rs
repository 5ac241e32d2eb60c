//! Notices what moves in Git and in the job folders, whoever moved it: another window, the command line, git itself.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Weak;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use keelmark_git::Repository;
use keelmark_runs::JobFolder;

use super::repositories::Opened;
use super::{Desk, Tag};
use crate::{Code, Problem};

/// The watcher's beat: freshness is told at most once in it.
const BEAT: Duration = Duration::from_millis(100);
/// Jobs are looked at every so many beats, refs and folders less often.
const JOBS_EVERY: u32 = 3;
const REFS_EVERY: u32 = 5;
/// Folders of refs that are looked at in one repository, at most.
const MOST_FOLDERS: usize = 5000;

/// Marks of what other tools write begin so: no ref is called so.
const FOREIGN: &str = "work:";
/// Experiments of `MLflow` that are looked at.
const MOST_EXPERIMENTS: usize = 200;

/// Starts the thread that watches for as long as the desk is there.
pub(crate) fn start(desk: &Desk) -> Result<(), Problem> {
    let inner = std::sync::Arc::downgrade(&desk.0);
    let watch = move || {
        let mut seen = Seen::default();
        let mut beat: u32 = 0;
        while let Some(desk) = alive(&inner) {
            beat = beat.wrapping_add(1);
            if beat.is_multiple_of(JOBS_EVERY) {
                for repo in desk.look_at_jobs() {
                    desk.moved(&repo, &[Tag::Runs, Tag::History]);
                }
            }
            if beat.is_multiple_of(REFS_EVERY) {
                seen.look(&desk);
            }
            desk.0.hearers.tell_fresh();
            drop(desk);
            std::thread::sleep(BEAT);
        }
    };
    let started = std::thread::Builder::new().name("keelmark-watch".to_owned()).spawn(watch);
    started
        .map(drop)
        .map_err(|error| Problem::new(Code::Unsupported, format!("No thread could be started: {error}")))
}

fn alive(inner: &Weak<super::Inner>) -> Option<Desk> {
    inner.upgrade().map(Desk)
}

impl Desk {
    /// Something moved in a repository: its index is brought up to date at the next question.
    pub(crate) fn moved(&self, repo: &str, tags: &[Tag]) {
        if let Some(opened) = super::held(&self.0.open).get(repo) {
            opened.stale.store(true, Ordering::SeqCst);
        }
        self.0.hearers.note(Some(repo), tags);
    }
}

/// When each watched thing was last changed.
pub(crate) type Marks = BTreeMap<String, Option<SystemTime>>;

/// What was seen at the last look.
#[derive(Default)]
struct Seen {
    repositories: BTreeMap<String, Marks>,
    jobs: Option<SystemTime>,
}

impl Seen {
    fn look(&mut self, desk: &Desk) {
        let opened = desk.all_opened();
        self.repositories.retain(|repo, _| opened.iter().any(|opened| opened.repo == *repo));
        for opened in &opened {
            let marks = marks_of(&opened.session.repository);
            let before = self.repositories.insert(opened.repo.clone(), marks.clone());
            // What moved between the opening and the first look is news too.
            let before = before.unwrap_or_else(|| opened.marks.clone());
            if before != marks {
                let tags = tags_of(&before, &marks);
                desk.moved(&opened.repo, &tags);
            }
        }
        self.look_for_jobs(desk, &opened);
    }

    /// Jobs that any face has started are followed from here on.
    fn look_for_jobs(&mut self, desk: &Desk, opened: &[std::sync::Arc<Opened>]) {
        let state = &desk.keelmark().places.state;
        let now = changed_at(&state.join("jobs"));
        if now == self.jobs {
            return;
        }
        self.jobs = now;
        for folder in JobFolder::list(state).unwrap_or_default() {
            if folder.has_ended() || !folder.is_alive() {
                continue;
            }
            let of = opened.iter().find(|opened| opened.session.is_of(&folder));
            match of {
                Some(of) => {
                    if desk.follow(&of.repo, folder).is_ok() {
                        desk.0.hearers.note(Some(&of.repo), &[Tag::Runs]);
                    }
                }
                // Its repository may be opened later: look again then.
                None => self.jobs = None,
            }
        }
    }
}

fn changed_at(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|about| about.modified()).ok()
}

/// A ref is moved by renaming a file into its folder, so a folder's time tells of every ref in it.
pub(crate) fn marks_of(repository: &Repository) -> Marks {
    let (git_dir, common_dir) = (repository.git_dir(), repository.common_dir());
    let mut marks = Marks::new();
    for (name, path) in [
        ("HEAD", git_dir.join("HEAD")),
        ("index", git_dir.join("index")),
        ("config", common_dir.join("config")),
        ("packed-refs", common_dir.join("packed-refs")),
    ] {
        marks.insert(name.to_owned(), changed_at(&path));
    }
    if let Some(work) = repository.work_dir() {
        foreign_marks(work, &mut marks);
    }
    let mut waiting = vec![(String::from("refs"), common_dir.join("refs"))];
    while let Some((name, path)) = waiting.pop() {
        if marks.len() > MOST_FOLDERS {
            break;
        }
        marks.insert(name.clone(), changed_at(&path));
        let Ok(entries) = fs::read_dir(&path) else { continue };
        for entry in entries.flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push((format!("{name}/{}", entry.file_name().to_string_lossy()), entry.path()));
            }
        }
    }
    marks
}

/// Where `MLflow` writes: its database, and a folder for each experiment, which changes with every run that is added.
fn foreign_marks(work: &Path, marks: &mut Marks) {
    for name in ["mlflow.db", "mlflow.db-wal", "mlruns"] {
        marks.insert(format!("{FOREIGN}{name}"), changed_at(&work.join(name)));
    }
    for entry in fs::read_dir(work.join("mlruns")).into_iter().flatten().flatten().take(MOST_EXPERIMENTS) {
        let name = format!("{FOREIGN}mlruns/{}", entry.file_name().to_string_lossy());
        marks.insert(name, changed_at(&entry.path()));
    }
}

fn tags_of(before: &Marks, now: &Marks) -> Vec<Tag> {
    let mut tags = Vec::new();
    let names = now.keys().chain(before.keys().filter(|name| !now.contains_key(*name)));
    for name in names.filter(|name| before.get(*name) != now.get(*name)) {
        let touched: &[Tag] = match name.as_str() {
            name if name.starts_with(FOREIGN) => &[Tag::Runs, Tag::History],
            "index" => &[Tag::WorkTree, Tag::Repository],
            "config" => &[Tag::Repository, Tag::App],
            "HEAD" => &[Tag::Repository, Tag::History, Tag::WorkTree],
            "refs/heads/keelmark" => &[Tag::Environments, Tag::History],
            name if name.starts_with("refs/keelmark/runs") => &[Tag::Runs, Tag::History],
            name if name.starts_with("refs/keelmark/notes") => &[Tag::Environments],
            name if name.starts_with("refs/keelmark/private") => &[],
            _ => &[Tag::Repository, Tag::History, Tag::Runs, Tag::Environments],
        };
        tags.extend_from_slice(touched);
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_run_of_mlflow_is_noticed() {
        let work = tempfile::tempdir().expect("a folder");
        let marks = || {
            let mut marks = Marks::new();
            foreign_marks(work.path(), &mut marks);
            marks
        };
        let none = marks();
        fs::create_dir_all(work.path().join("mlruns/1")).expect("made");
        let begun = marks();
        assert_eq!(tags_of(&none, &begun), [Tag::History, Tag::Runs]);
        let past = SystemTime::UNIX_EPOCH + Duration::from_secs(9);
        let folder = fs::File::open(work.path().join("mlruns/1")).expect("opened");
        folder.set_modified(past).expect("made older");
        assert_eq!(tags_of(&begun, &marks()), [Tag::History, Tag::Runs]);
        fs::write(work.path().join("mlflow.db"), "").expect("written");
        assert!(marks()["work:mlflow.db"].is_some());
    }

    #[test]
    fn what_moved_says_what_is_out_of_date() {
        let early = Some(SystemTime::UNIX_EPOCH);
        let late = early.map(|time| time + Duration::from_secs(1));
        let marks = |name: &str, time| Marks::from([(name.to_owned(), time), ("HEAD".to_owned(), early)]);
        let moved = |name: &str| tags_of(&marks(name, early), &marks(name, late));
        assert_eq!(moved("refs/keelmark/runs/2026-11"), [Tag::History, Tag::Runs]);
        assert_eq!(moved("refs/heads/keelmark"), [Tag::History, Tag::Environments]);
        assert_eq!(moved("work:mlruns/1"), [Tag::History, Tag::Runs], "MLflow has another run");
        assert!(moved("refs/keelmark/private").is_empty(), "private refs show nowhere");
        assert_eq!(tags_of(&marks("index", early), &marks("index", early)), []);
        let gone = tags_of(&marks("refs/tags", early), &Marks::from([("HEAD".to_owned(), early)]));
        assert!(gone.contains(&Tag::Repository), "a folder that is gone is a change too");
    }
}
