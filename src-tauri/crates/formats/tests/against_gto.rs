//! A repository of GTO's tags and what GTO itself says of it (`tests/fixtures/others/make.py`).

use std::collections::{BTreeMap, BTreeSet};

use keelmark_formats::gto::{Action, Artifact, ArtifactState, State, TagName, TagObject, next_count};
use keelmark_types::{CommitId, Timestamp};
use serde::Deserialize;
use serde_json::Value;

/// The tags of `gto.bundle`, as `git for-each-ref` lists them.
#[derive(Deserialize)]
struct Bundle {
    lightweight: Vec<String>,
    tags: Vec<Tag>,
}

/// Name, commit, seconds, tagger, message.
#[derive(Deserialize)]
struct Tag(String, CommitId, i64, String, String);

impl Bundle {
    fn read() -> Self {
        serde_json::from_str(include_str!("data/gto_tags.json")).expect("tags")
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let annotated = self.tags.iter().map(|tag| tag.0.as_str());
        annotated.chain(self.lightweight.iter().map(String::as_str))
    }

    fn state(&self) -> State {
        State::of(self.tags.iter().map(|Tag(name, commit, seconds, tagger, message)| {
            let at = Timestamp::from_second(*seconds).expect("a time");
            TagObject { name, commit, at, tagger, message }
        }))
    }
}

fn state_of<'a>(state: &'a State, artifact: &str) -> &'a ArtifactState {
    &state.artifacts[&Artifact::read(artifact).expect("an artifact")]
}

/// What GTO's commands said of the bundle.
fn told(text: &str) -> BTreeMap<String, Value> {
    serde_json::from_str(text).expect("an answer of GTO's")
}

#[test]
fn gto_parses_every_name_the_same() {
    let names = told(include_str!("../../../../tests/fixtures/others/gto/parsed-tags.json"));
    let bundle = Bundle::read();
    let listed: BTreeSet<&str> = bundle.names().collect();
    assert_eq!(listed, names.keys().map(String::as_str).collect(), "the tags are those of the bundle");
    for (name, theirs) in names {
        let ours = TagName::read(&name).map_or_else(
            |_| serde_json::json!({}),
            |tag| {
                let (action, version, stage) = match tag.action {
                    Action::Register(version) => ("register", Some(version), None),
                    Action::Deregister(version) => ("deregister", Some(version), None),
                    Action::Assign(stage) => ("assign", None, Some(stage)),
                    Action::Unassign(stage) => ("unassign", None, Some(stage)),
                    Action::Deprecate => ("deprecate", None, None),
                    Action::Create => ("create", None, None),
                };
                let mut fields = serde_json::json!({"action": action, "name": tag.artifact.to_string()});
                let said = [
                    ("version", version.map(|version| version.to_string().into())),
                    ("stage", stage.map(Value::from)),
                    ("counter", tag.count.map(Value::from)),
                ];
                for (key, value) in said {
                    if let Some(value) = value {
                        fields[key] = value;
                    }
                }
                fields
            },
        );
        assert_eq!(ours, theirs, "{name}");
    }
}

#[test]
fn gto_shows_the_same() {
    let bundle = Bundle::read();
    let ours = bundle.state();
    let latest = |state: &ArtifactState| state.latest().map(|version| version.semver.to_string());
    for (name, theirs) in told(include_str!("../../../../tests/fixtures/others/gto/show-registered.json")) {
        let state = state_of(&ours, &name);
        assert_eq!(latest(state).as_deref(), theirs["version"].as_str(), "{name}");
        assert_eq!(state.deprecated.is_none(), theirs["active"] == true, "{name}");
    }
    for (name, theirs) in told(include_str!("../../../../tests/fixtures/others/gto/show.json")) {
        let state = state_of(&ours, &name);
        assert_eq!(latest(state).as_deref(), theirs["version"].as_str(), "{name}");
        for (stage, version) in theirs["stage"].as_object().expect("stages") {
            let is = state
                .stages
                .get(stage)
                .map(|is| is.version.as_ref().map_or_else(|| is.commit.to_string(), ToString::to_string));
            assert_eq!(is.as_deref(), version.as_str(), "{name} in {stage}");
        }
    }
    let net = Artifact::read("digits-net").expect("an artifact");
    assert_eq!(ours.artifacts[&net].next_count, 6);
    assert_eq!(next_count(bundle.names(), &net), 100, "lightweight tags count");
}

#[test]
fn gto_tells_the_same_history() {
    let ours = Bundle::read().state();
    let text = include_str!("../../../../tests/fixtures/others/gto/history.json");
    let theirs: Vec<BTreeMap<String, Value>> = serde_json::from_str(text).expect("a history");
    let by_tag: BTreeMap<&str, &BTreeMap<String, Value>> =
        theirs.iter().map(|event| (event["ref"].as_str().expect("a tag"), event)).collect();
    let events: Vec<_> = ours.artifacts.values().flat_map(|state| &state.history).collect();
    assert_eq!(events.len(), theirs.len());
    for event in events {
        let said = by_tag[event.act.tag.as_str()];
        assert_eq!(event.act.by, said["author"]);
        assert_eq!(event.act.message, said["message"]);
        assert_eq!(event.commit.as_str(), said["commit"]);
        let at: Timestamp = said["timestamp"].as_str().expect("a text").parse().expect("a time");
        assert_eq!(event.act.at, at);
        let version = event.version.as_ref().map(ToString::to_string);
        let is_commit = said["version"] == event.commit.as_str();
        assert!(is_commit == (version.is_none() && !said["version"].is_null()), "{event:?}");
        assert!(is_commit || version.as_deref() == said["version"].as_str(), "{event:?}");
    }
}
