//! Tags read as GTO reads them.

use std::collections::{BTreeMap, BTreeSet};

use keelmark_formats::gto::{Action, Artifact, ArtifactState, State, TagObject, Version, next_count};
use keelmark_types::{CommitId, Timestamp};
use proptest::prelude::*;
use serde_json::Value;

/// A tag as a test has it: name, a digit of which its commit is made, seconds, tagger.
type Tag = (String, char, i64, String);

fn state(tags: &[Tag]) -> State {
    let commits: Vec<CommitId> = tags.iter().map(|(_, digit, ..)| commit(*digit)).collect();
    let objects = tags.iter().zip(&commits).map(|((name, _, seconds, tagger), commit)| TagObject {
        name,
        commit,
        at: Timestamp::from_second(*seconds).expect("a time"),
        tagger,
        message: "said so\n",
    });
    State::of(objects)
}

fn commit(digit: char) -> CommitId {
    CommitId::new(String::from(digit).repeat(40)).expect("a commit")
}

fn said(texts: &[(&str, char, i64)]) -> Vec<Tag> {
    texts.iter().map(|(name, digit, at)| ((*name).to_owned(), *digit, *at, "Ada".to_owned())).collect()
}

fn one<'a>(state: &'a State, artifact: &str) -> &'a ArtifactState {
    &state.artifacts[&Artifact::read(artifact).expect("an artifact")]
}

fn in_stage(now: &State, stage: &str) -> Option<String> {
    let version = one(now, "churn").stages.get(stage)?.version.as_ref();
    Some(version.map_or_else(|| "unregistered".to_owned(), ToString::to_string))
}

#[test]
fn a_release_is_registered_assigned_and_taken_back() {
    let mut all = said(&[
        ("churn@v1.2.3", '1', 10),
        ("churn#prod#1", '1', 20),
        ("churn#dev#2", '1', 30),
        ("churn@v1.3.0", '2', 40),
        ("churn#prod#3", '2', 50),
    ]);
    let now = state(&all);
    let churn = one(&now, "churn");
    assert_eq!(churn.latest().map(|version| version.semver.to_string()).as_deref(), Some("v1.3.0"));
    assert_eq!(in_stage(&now, "prod").as_deref(), Some("v1.3.0"));
    assert_eq!(in_stage(&now, "dev").as_deref(), Some("v1.2.3"));
    assert_eq!(churn.next_count, 4);
    let prod = &churn.stages["prod"];
    assert_eq!((prod.act.by.as_str(), prod.act.tag.as_str()), ("Ada", "churn#prod#3"));
    assert_eq!(prod.act.message, "said so", "trimmed");
    assert_eq!(prod.commit, commit('2'));

    all.extend(said(&[("churn#prod!#4", '2', 60)]));
    assert_eq!(in_stage(&state(&all), "prod").as_deref(), Some("v1.2.3"), "who never left is there again");
    all.extend(said(&[("churn#prod#5", '2', 70), ("churn@v1.3.0!", '2', 80)]));
    let now = state(&all);
    assert_eq!(in_stage(&now, "prod").as_deref(), Some("v1.2.3"), "what is taken back is in no stage");
    assert_eq!(one(&now, "churn").versions.len(), 2, "it is still told");
    assert!(!one(&now, "churn").versions[0].is_registered());
}

#[test]
fn deprecation_lasts_until_something_is_said() {
    let mut all = said(&[("churn@v1.0.0", '1', 10), ("churn@deprecated", '1', 20)]);
    let by = one(&state(&all), "churn").deprecated.clone();
    assert_eq!(by.map(|act| act.tag).as_deref(), Some("churn@deprecated"));
    all.extend(said(&[("churn#dev#1", '1', 20)]));
    assert_eq!(one(&state(&all), "churn").deprecated, None);
}

#[test]
fn a_commit_without_a_version_can_be_in_a_stage() {
    let mut all = said(&[("churn#dev#1", '1', 10)]);
    assert_eq!(in_stage(&state(&all), "dev").as_deref(), Some("unregistered"));
    all.extend(said(&[("churn@v1.0.0", '1', 99)]));
    assert_eq!(in_stage(&state(&all), "dev").as_deref(), Some("v1.0.0"), "registered afterwards");
    let mut left = said(&[("churn#dev#1", '1', 10), ("churn#dev!#2", '1', 20)]);
    assert_eq!(in_stage(&state(&left), "dev"), None);
    left.extend(said(&[("churn@created", '1', 1)]));
    assert_eq!(one(&state(&left), "churn").history[0].action, Action::Create);
}

#[test]
fn a_stage_of_a_commit_with_two_versions_is_told() {
    let mut all = said(&[("churn@v1.0.0", '1', 10), ("churn@v1.1.0", '1', 20), ("churn#dev#1", '1', 30)]);
    let now = state(&all);
    assert_eq!(in_stage(&now, "dev"), None);
    assert_eq!(now.misplaced.len(), 1);
    assert_eq!((now.misplaced[0].versions.len(), &now.misplaced[0].taken_for), (2, &None));
    all.extend(said(&[("churn@v1.0.0!", '1', 40)]));
    let now = state(&all);
    assert_eq!(in_stage(&now, "dev").as_deref(), Some("v1.1.0"));
    assert_eq!(now.misplaced[0].taken_for.as_ref().map(ToString::to_string).as_deref(), Some("v1.1.0"));
}

#[test]
fn names_that_only_look_like_tags_are_told() {
    let all =
        said(&[("v1.0.0", '1', 1), ("pkg@1.0.0", '1', 1), ("churn@v1.0.0", '1', 1), ("churn#p.q", '1', 1)]);
    let now = state(&all);
    let names: Vec<&str> = now.misnamed.iter().map(|tag| tag.tag.as_str()).collect();
    assert_eq!(names, ["churn#p.q", "pkg@1.0.0"]);
    assert_eq!(now.misnamed[1].why, "the version `1.0.0` does not begin with v");
    assert_eq!(now.artifacts.len(), 1);
}

#[test]
fn gto_says_the_same() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/gto_cases.json")).expect("cases");
    assert!(cases.len() >= 40, "the cases are there");
    for (index, case) in cases.iter().enumerate() {
        let text = |tag: &Value, key: &str| tag[key].as_str().expect("a text").to_owned();
        let tags: Vec<Tag> = case["tags"]
            .as_array()
            .expect("tags")
            .iter()
            .map(|tag| {
                let digit = text(tag, "commit").chars().next().expect("a digit");
                (text(tag, "name"), digit, tag["at"].as_i64().expect("seconds"), text(tag, "by"))
            })
            .collect();
        let ours = state(&tags);
        let Value::Object(theirs) = &case["gto"] else {
            assert!(!ours.misplaced.is_empty(), "case {index}: GTO refuses it");
            continue;
        };
        assert!(ours.misplaced.is_empty() && ours.misnamed.is_empty(), "case {index}");
        let answers: BTreeMap<String, Value> =
            ours.artifacts.iter().map(|(artifact, state)| (artifact.to_string(), answer(state))).collect();
        let theirs: BTreeMap<String, Value> = theirs.clone().into_iter().collect();
        assert_eq!(answers, theirs, "case {index}: {tags:?}");
        for (artifact, state) in &ours.artifacts {
            assert_eq!(next_count(tags.iter().map(|tag| tag.0.as_str()), artifact), state.next_count);
        }
    }
}

/// Our answer in the form of the cases.
fn answer(artifact: &ArtifactState) -> Value {
    let digit = |commit: &CommitId| commit.as_str()[..1].to_owned();
    let named = |version: Option<String>, commit: &CommitId| version.unwrap_or_else(|| commit.to_string());
    let stages: BTreeMap<&String, Value> = artifact
        .stages
        .iter()
        .map(|(stage, is)| {
            let version = named(is.version.as_ref().map(ToString::to_string), &is.commit);
            (stage, serde_json::json!({"version": version, "commit": digit(&is.commit), "by": is.act.by}))
        })
        .collect();
    let registered = artifact.versions.iter().filter(|version| version.is_registered());
    let versions: Vec<Value> = registered
        .map(|version| {
            let by = version.registered.as_ref().map(|act| act.by.clone());
            serde_json::json!([version.semver.to_string(), digit(&version.commit), by])
        })
        .collect();
    let mut history: Vec<_> = artifact
        .history
        .iter()
        .map(|event| {
            let (what, stage) = match &event.action {
                Action::Register(_) => ("registration", None),
                Action::Deregister(_) => ("deregistration", None),
                Action::Assign(stage) => ("assignment", Some(stage)),
                Action::Unassign(stage) => ("unassignment", Some(stage)),
                Action::Deprecate => ("deprecation", None),
                Action::Create => ("creation", None),
            };
            let version = event.version.as_ref().map(ToString::to_string);
            let version = if stage.is_some() { Some(named(version, &event.commit)) } else { version };
            (event.act.at.as_second(), what, version, stage, &event.act.tag)
        })
        .collect();
    history.sort();
    serde_json::json!({
        "latest": artifact.latest().map(|version| version.semver.to_string()),
        "active": artifact.deprecated.is_none(),
        "stages": stages,
        "versions": versions,
        "history": history,
        "next": artifact.next_count,
    })
}

fn any_tag() -> impl Strategy<Value = Tag> {
    let name = "[ab](=c)?(@v[01]\\.0\\.[01]!?|#(x|y)!?|@deprecated|@created|@w)(#[0-9])?";
    (name, "[12]", 0_i64..6)
        .prop_map(|(name, digit, at)| (name, digit.chars().next().expect("a digit"), at, "Ada".to_owned()))
}

proptest! {
    #[test]
    fn the_order_of_the_tags_makes_no_difference(
        tags in proptest::collection::vec(any_tag(), 0..20),
        turn in 0_usize..20,
    ) {
        let mut seen = BTreeSet::new();
        let tags: Vec<Tag> = tags.into_iter().filter(|tag| seen.insert(tag.0.clone())).collect();
        let mut turned = tags.clone();
        turned.reverse();
        if !turned.is_empty() {
            turned.rotate_left(turn % tags.len());
        }
        prop_assert_eq!(state(&tags), state(&turned));
    }

    #[test]
    fn who_is_in_a_stage_is_registered_or_unregistered_on_purpose(
        tags in proptest::collection::vec(any_tag(), 0..20),
    ) {
        let mut seen = BTreeSet::new();
        let tags: Vec<Tag> = tags.into_iter().filter(|tag| seen.insert(tag.0.clone())).collect();
        for artifact in state(&tags).artifacts.values() {
            for assignment in artifact.stages.values() {
                let Some(semver) = &assignment.version else { continue };
                let is_it = |version: &&Version| {
                    version.semver == *semver && version.commit == assignment.commit
                };
                prop_assert!(artifact.versions.iter().find(is_it).is_some_and(Version::is_registered));
            }
        }
    }
}
