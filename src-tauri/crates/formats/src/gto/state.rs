//! What all tags of a repository say together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use keelmark_types::{CommitId, Timestamp};

use super::{Action, Artifact, NotATag, Semver, TagName};

/// The most tags of GTO's that are read; the rest is left out, and [`State::left_out`] counts it.
pub const MAX_TAGS: usize = 50_000;

/// The most versions that are named beside a tag.
const MAX_NAMED: usize = 10;

/// An annotated tag of a commit. Lightweight ones say nothing to GTO.
#[derive(Debug, Clone, Copy)]
pub struct TagObject<'a> {
    /// Its name without `refs/tags/`.
    pub name: &'a str,
    /// The commit it stands for.
    pub commit: &'a CommitId,
    /// When it was made.
    pub at: Timestamp,
    /// The name of who made it.
    pub tagger: &'a str,
    /// What it says.
    pub message: &'a str,
}

/// Who said something with which tag, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// The tagger's name.
    pub by: String,
    /// The tag's message, trimmed.
    pub message: String,
    /// The tag's name.
    pub tag: String,
}

/// One tag of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What it does.
    pub action: Action,
    /// The version it does it to; for a stage the one at the tag's commit, where there is one.
    pub version: Option<Semver>,
    /// The commit of the tag.
    pub commit: CommitId,
    /// Who, when, and in which words.
    pub act: Act,
}

/// A version that was registered or taken back; the same number at another commit is another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub semver: Semver,
    /// Its commit.
    pub commit: CommitId,
    /// The latest registration. Without one, there is only a tag that takes the version back.
    pub registered: Option<Act>,
    /// The latest tag that takes it back.
    pub deregistered: Option<Act>,
}

impl Version {
    /// Whether it is registered still: what was said last counts, and of two tags of one second, the one that takes it
    /// back.
    pub fn is_registered(&self) -> bool {
        let at = |act: &Option<Act>| act.as_ref().map(|act| act.at);
        at(&self.registered) > at(&self.deregistered)
    }
}

/// The version that is in a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The version; none where the commit has no registered one.
    pub version: Option<Semver>,
    /// Its commit.
    pub commit: CommitId,
    /// The tag that assigns it.
    pub act: Act,
}

/// What is said of one artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactState {
    /// Versions, newest number first; those taken back too.
    pub versions: Vec<Version>,
    /// The version in each stage that has one. When one leaves a stage, the one before it is there again, if that did
    /// not leave it, as GTO has it.
    pub stages: BTreeMap<String, Assignment>,
    /// The tag that says not to use it any more, unless a later one says something else.
    pub deprecated: Option<Act>,
    /// Every tag of it, oldest first, in the order of `gto history --asc`.
    pub history: Vec<Event>,
    /// The count of its next counted tag, from the annotated tags; see [`super::next_count`] for all.
    pub next_count: u64,
}

impl ArtifactState {
    /// The registered version with the newest number.
    pub fn latest(&self) -> Option<&Version> {
        self.versions.iter().find(|version| version.is_registered())
    }
}

/// A tag that looks like one of GTO's, but is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misnamed {
    /// Its name.
    pub tag: String,
    /// Why it is none, in a line.
    pub why: String,
}

/// A tag of a stage that belongs to no one version, because its commit has several. `gto` refuses to read a repository
/// that has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misplaced {
    /// Its name.
    pub tag: String,
    /// The versions at its commit, ten of them at most.
    pub versions: Vec<Semver>,
    /// The one it was taken for, as the only one that is not taken back; without one, the tag counts for nothing.
    pub taken_for: Option<Semver>,
}

/// What all tags of a repository say together.
///
/// As in `gto show`, the latest tag counts by the tagger's time, in seconds; of two stage tags of one second, the one
/// of the version registered first. Different from it: an unregistered commit can leave a stage (GTO overlooks such
/// tags), `@created` is read (GTO fails on it), and annotations in `artifacts.yaml` and `dvc.yaml` are not looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// By artifact.
    pub artifacts: BTreeMap<Artifact, ArtifactState>,
    /// Tags that look like GTO's, but are none; by name.
    pub misnamed: Vec<Misnamed>,
    /// Tags whose version cannot be told; by name.
    pub misplaced: Vec<Misplaced>,
    /// How many tags beyond [`MAX_TAGS`] were not read.
    pub left_out: usize,
}

impl State {
    /// Folds annotated tags, in any order.
    pub fn of<'a>(tags: impl IntoIterator<Item = TagObject<'a>>) -> Self {
        let mut state = Self::default();
        let mut named: BTreeMap<Artifact, Vec<(TagName, TagObject<'a>)>> = BTreeMap::new();
        let mut read = 0;
        for tag in tags {
            let name = TagName::read(tag.name);
            if name == Err(NotATag::Foreign) {
                continue;
            }
            read += 1;
            match name {
                _ if read > MAX_TAGS => state.left_out += 1,
                Ok(name) => named.entry(name.artifact.clone()).or_default().push((name, tag)),
                Err(NotATag::Almost(why)) => state.misnamed.push(Misnamed { tag: tag.name.to_owned(), why }),
                Err(NotATag::Foreign) => {}
            }
        }
        for (artifact, mut tags) in named {
            // The order in which GTO meets them.
            tags.sort_by(|(_, left), (_, right)| (left.at, left.name).cmp(&(right.at, right.name)));
            let folded = fold(&tags, &mut state.misplaced);
            state.artifacts.insert(artifact, folded);
        }
        state.misnamed.sort_by(|left, right| left.tag.cmp(&right.tag));
        state.misplaced.sort_by(|left, right| left.tag.cmp(&right.tag));
        state
    }
}

fn fold(tags: &[(TagName, TagObject<'_>)], misplaced: &mut Vec<Misplaced>) -> ArtifactState {
    let mut versions = Versions::default();
    for (name, tag) in tags {
        match &name.action {
            Action::Register(semver) => versions.at(semver, tag.commit).registered = Some(act(tag)),
            Action::Deregister(semver) => versions.at(semver, tag.commit).deregistered = Some(act(tag)),
            _ => {}
        }
    }
    // A stage's tag may be older than the registration at its commit: all versions are known before it is placed.
    let mut history = Vec::new();
    let mut stays = Stays::default();
    for (order, (name, tag)) in tags.iter().enumerate() {
        let version = match &name.action {
            Action::Register(semver) | Action::Deregister(semver) => Some(semver.clone()),
            Action::Assign(stage) | Action::Unassign(stage) => {
                let placed = versions.place(tag, misplaced);
                if let Ok(version) = placed {
                    let stay = stays.at(stage, version, tag.commit);
                    if matches!(name.action, Action::Unassign(_)) {
                        stay.unassigned = Some(act(tag));
                    } else if version.is_some() || stay.is_assigned_before(tag.at) {
                        stay.assigned = Some((act(tag), order));
                    }
                }
                placed.ok().flatten().map(|index| versions.all[index].semver.clone())
            }
            Action::Deprecate | Action::Create => None,
        };
        let commit = tag.commit.clone();
        history.push(Event { action: name.action.clone(), version, commit, act: act(tag) });
    }
    let mut versions = versions.all;
    let stages = current(&stays.all, &versions);
    let deprecated = deprecation(&history);
    history.sort_by_key(|event| (event.act.at, priority(&event.action)));
    let counts = tags.iter().filter_map(|(name, _)| name.count);
    let next_count = counts.max().unwrap_or(0).saturating_add(1);
    // Of numbers without order between them, the one met last comes first, as GTO has it.
    versions.reverse();
    versions.sort_by(|left, right| right.semver.precedence(&left.semver));
    ArtifactState { versions, stages, deprecated, history, next_count }
}

fn act(tag: &TagObject<'_>) -> Act {
    Act {
        at: tag.at,
        by: tag.tagger.to_owned(),
        message: tag.message.trim().to_owned(),
        tag: tag.name.to_owned(),
    }
}

/// A stage's tag whose version cannot be told.
struct Unclear;

/// Versions in the order in which they are met.
#[derive(Default)]
struct Versions<'a> {
    all: Vec<Version>,
    by_number: HashMap<(&'a Semver, &'a CommitId), usize>,
    by_commit: HashMap<&'a CommitId, Vec<usize>>,
}

impl<'a> Versions<'a> {
    /// The version with this number at this commit, made where it is new.
    fn at(&mut self, semver: &'a Semver, commit: &'a CommitId) -> &mut Version {
        let next = self.all.len();
        let index = *self.by_number.entry((semver, commit)).or_insert(next);
        if index == next {
            let (semver, at) = (semver.clone(), commit.clone());
            self.all.push(Version { semver, commit: at, registered: None, deregistered: None });
            self.by_commit.entry(commit).or_default().push(index);
        }
        &mut self.all[index]
    }

    /// Which version a stage's tag means; none where its commit has none.
    fn place(&self, tag: &TagObject<'_>, misplaced: &mut Vec<Misplaced>) -> Result<Option<usize>, Unclear> {
        let here = self.by_commit.get(tag.commit).map_or(&[][..], Vec::as_slice);
        if here.len() < 2 {
            return Ok(here.first().copied());
        }
        let mut registered = here.iter().copied().filter(|&index| self.all[index].is_registered());
        let only = registered.next().filter(|_| registered.next().is_none());
        let semver = |index: usize| self.all[index].semver.clone();
        misplaced.push(Misplaced {
            tag: tag.name.to_owned(),
            versions: here.iter().take(MAX_NAMED).map(|&index| semver(index)).collect(),
            taken_for: only.map(semver),
        });
        only.map(Some).ok_or(Unclear)
    }
}

/// One version's time in one stage.
struct Stay {
    stage: String,
    /// Of the versions; none for a commit without one.
    version: Option<usize>,
    commit: CommitId,
    /// With its place among the tags.
    assigned: Option<(Act, usize)>,
    unassigned: Option<Act>,
}

impl Stay {
    /// Of tags of one second, GTO takes the first for an unregistered commit, and the last for a version.
    fn is_assigned_before(&self, at: Timestamp) -> bool {
        self.assigned.as_ref().is_none_or(|(act, _)| act.at < at)
    }
}

/// Stays in the order in which they are met.
#[derive(Default)]
struct Stays<'a> {
    all: Vec<Stay>,
    by_place: HashMap<(&'a str, Option<usize>, &'a CommitId), usize>,
}

impl<'a> Stays<'a> {
    fn at(&mut self, stage: &'a str, version: Option<usize>, commit: &'a CommitId) -> &mut Stay {
        let next = self.all.len();
        let index = *self.by_place.entry((stage, version, commit)).or_insert(next);
        if index == next {
            let (stage, commit) = (stage.to_owned(), commit.clone());
            self.all.push(Stay { stage, version, commit, assigned: None, unassigned: None });
        }
        &mut self.all[index]
    }
}

/// Who is in each stage: of those that did not leave it and are not taken back, the one assigned last.
fn current(stays: &[Stay], versions: &[Version]) -> BTreeMap<String, Assignment> {
    let mut best: BTreeMap<&str, (_, Assignment)> = BTreeMap::new();
    for stay in stays {
        let version = stay.version.map(|index| &versions[index]);
        let Some((assigned, order)) = &stay.assigned else { continue };
        let left = stay.unassigned.as_ref().is_some_and(|unassigned| unassigned.at >= assigned.at);
        if left || version.is_some_and(|version| !version.is_registered()) {
            continue;
        }
        let begun = version.and_then(|version| version.registered.as_ref()).map_or(assigned.at, |act| act.at);
        let rank = (assigned.at, Reverse((begun, stay.version.unwrap_or(versions.len()), *order)));
        let semver = version.map(|version| version.semver.clone());
        if best.get(stay.stage.as_str()).is_none_or(|(other, _)| *other < rank) {
            let assignment =
                Assignment { version: semver, commit: stay.commit.clone(), act: assigned.clone() };
            best.insert(&stay.stage, (rank, assignment));
        }
    }
    best.into_iter().map(|(stage, (_, assignment))| (stage.to_owned(), assignment)).collect()
}

/// The last deprecation, if nothing is said at its time or later.
fn deprecation(history: &[Event]) -> Option<Act> {
    let is_deprecation = |event: &&Event| event.action == Action::Deprecate;
    let last = history.iter().filter(is_deprecation).max_by_key(|event| event.act.at)?;
    let said_since = |event: &Event| event.action != Action::Deprecate && event.act.at >= last.act.at;
    // A creation comes before a deprecation of the same second.
    let undone = history
        .iter()
        .any(|event| said_since(event) && !(event.action == Action::Create && event.act.at == last.act.at));
    (!undone).then(|| last.act.clone())
}

/// What comes first of one second, as GTO orders events.
fn priority(action: &Action) -> u8 {
    match action {
        Action::Create => 1,
        Action::Deprecate => 2,
        Action::Register(_) => 3,
        Action::Deregister(_) => 4,
        Action::Assign(_) => 5,
        Action::Unassign(_) => 6,
    }
}
