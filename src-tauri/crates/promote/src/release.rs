//! Release numbers and tags, as GTO has them.

use keelmark_git::Tag;
use keelmark_types::{CommitId, EnvironmentName, ModelName, SemanticVersion};

/// The release of a version: what its commit is tagged with already, else the newest release and one minor number
/// more; the first is v1.0.0.
pub fn next_release(tags: &[Tag], model: &ModelName, version: &CommitId) -> SemanticVersion {
    let own =
        tags.iter().filter(|tag| tag.commit == *version).filter_map(|tag| release_of(&tag.name, model)).max();
    if let Some((release, false)) = own {
        return release;
    }
    let newest = tags.iter().filter_map(|tag| release_of(&tag.name, model)).map(|(release, _)| release).max();
    newest.map_or(SemanticVersion { major: 1, minor: 0, patch: 0 }, after)
}

/// One minor number more.
pub(crate) fn after(newest: SemanticVersion) -> SemanticVersion {
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
