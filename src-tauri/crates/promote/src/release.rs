//! Release numbers and tags, as GTO has them.

use keelmark_git::Tag;
use keelmark_types::{CommitId, EnvironmentName, ModelName, SemanticVersion, Timestamp};

use crate::{Error, Result};

/// The release a version's tags give it; `None` where it has none yet.
///
/// A version has one release, as GTO has it: refused where its tags name two, or took the one back.
pub fn release_at(tags: &[Tag], model: &ModelName, version: &CommitId) -> Result<Option<SemanticVersion>> {
    let mut own: Vec<(Option<Timestamp>, SemanticVersion, bool)> = tags
        .iter()
        .filter(|tag| tag.commit == *version)
        .filter_map(|tag| {
            let (release, taken_back) = release_of(&tag.name, model)?;
            let at =
                tag.annotation.as_ref().and_then(|annotation| annotation.tagger.as_ref()).map(|by| by.at);
            Some((at, release, taken_back))
        })
        .collect();
    // The newest word holds; of one second, the taking back.
    own.sort_unstable();
    let Some((_, release, taken_back)) = own.last().copied() else { return Ok(None) };
    let what = || format!("releasing version {} of {model}", version.short());
    let another = "make a new commit (an empty one will do), train there and promote that";
    if let Some((_, other, _)) = own.iter().find(|(_, other, _)| *other != release) {
        let why = format!(
            "its tags give it two releases, {other} and {release}; delete the wrong tags, or {another}"
        );
        return Err(Error::Conflict { what: what(), why });
    }
    if taken_back {
        let why = format!("it was {release}, which was taken back, and a version has one release; {another}");
        return Err(Error::Conflict { what: what(), why });
    }
    Ok(Some(release))
}

/// The newest release that tags give any version of a model, taken back or not: a number is not given twice.
pub(crate) fn newest_release(tags: &[Tag], model: &ModelName) -> Option<SemanticVersion> {
    tags.iter().filter_map(|tag| release_of(&tag.name, model)).map(|(release, _)| release).max()
}

/// The release of a version: what its commit is tagged with already, else the newest release and one minor number
/// more; the first is v1.0.0.
pub fn next_release(tags: &[Tag], model: &ModelName, version: &CommitId) -> Result<SemanticVersion> {
    let own = release_at(tags, model, version)?;
    Ok(own.unwrap_or_else(|| following(newest_release(tags, model))))
}

/// The release after the newest; the first is v1.0.0.
pub(crate) fn following(newest: Option<SemanticVersion>) -> SemanticVersion {
    newest.map_or(SemanticVersion { major: 1, minor: 0, patch: 0 }, after)
}

/// One minor number more.
fn after(newest: SemanticVersion) -> SemanticVersion {
    SemanticVersion { major: newest.major, minor: newest.minor.saturating_add(1), patch: 0 }
}

/// The release a tag registers for a model, and whether it takes it back (`digits@v1.3.0!`). A number that was taken
/// back is not given again.
fn release_of(tag: &str, model: &ModelName) -> Option<(SemanticVersion, bool)> {
    let rest = tag.strip_prefix(model.as_str())?.strip_prefix('@')?;
    let rest = rest.split('#').next()?;
    let (text, taken_back) = rest.strip_suffix('!').map_or((rest, false), |text| (text, true));
    Some((text.parse().ok()?, taken_back))
}

/// The count of the next tag that assigns a stage: one above every counted tag of the artifact.
pub fn next_count(tags: &[Tag], model: &ModelName) -> u64 {
    tags.iter().filter_map(|tag| counted(&tag.name, model)).max().unwrap_or(0).saturating_add(1)
}

fn counted(tag: &str, model: &ModelName) -> Option<u64> {
    let rest = tag.strip_prefix(model.as_str())?;
    if !rest.starts_with(['#', '@']) {
        return None;
    }
    let (_, count) = rest.rsplit_once('#')?;
    let sound = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    sound.then(|| count.parse().ok()).flatten()
}

/// `digits#staging#1`.
pub(crate) fn stage_tag(model: &ModelName, environment: &EnvironmentName, count: u64) -> String {
    format!("{model}#{environment}#{count}")
}

/// Whether a tag assigns a stage to a model.
pub(crate) fn is_stage_tag(tag: &str, model: &ModelName, environment: &EnvironmentName) -> bool {
    let count = tag.strip_prefix(&format!("{model}#{environment}#"));
    count.is_some_and(|count| !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What a release tag says.
pub(crate) fn release_message(model: &ModelName, release: SemanticVersion) -> String {
    format!("Registering artifact {model} version {release}")
}

/// What a stage tag says.
pub(crate) fn stage_message(
    model: &ModelName,
    environment: &EnvironmentName,
    release: SemanticVersion,
) -> String {
    format!("Assigning stage {environment} to artifact {model} version {release}")
}
