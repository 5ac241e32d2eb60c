//! A repository of GTO's tags, and what GTO itself says of it.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use keelmark_history::{
    Environments, HistoryQuery, Selected, Selection, StageAction, environments, history, select,
};
use keelmark_index::Index;
use keelmark_types::Timestamp;
use serde_json::{Value, json};
use support::others::{answer, unbundled};
use support::{MODEL_YAML, Promotion, World};

fn read() -> Environments {
    let (_folder, repository) = unbundled("gto.bundle");
    environments(&repository, &Index::in_memory().expect("an index"), None).expect("answers")
}

#[test]
fn stages_and_releases_are_those_that_gto_shows() {
    let all = read();
    assert_eq!(all.environments, [], "nothing was promoted by the deploy branch");
    let said = answer("gto/show.json");
    for (artifact, theirs) in said.as_object().expect("artifacts") {
        let stages = all.stages.iter().filter(|stage| stage.artifact == *artifact && stage.declared);
        let ours: BTreeMap<&str, Value> = stages
            .map(|stage| {
                let desired = stage.desired.as_ref();
                let is = desired.map(|is| is.version.clone().unwrap_or_else(|| is.commit.to_string()));
                (stage.stage.as_str(), json!(is))
            })
            .collect();
        assert_eq!(json!(ours), theirs["stage"], "{artifact}");
        let latest = all.releases.iter().find(|release| release.artifact == *artifact && release.latest);
        assert_eq!(json!(latest.map(|release| &release.version)), theirs["version"], "{artifact}");
    }
    let listed: BTreeSet<&str> = all.stages.iter().map(|stage| stage.artifact.as_str()).collect();
    assert!(said.as_object().expect("artifacts").keys().all(|artifact| listed.contains(artifact.as_str())));
    let undeclared =
        all.stages.iter().find(|stage| !stage.declared).expect("a stage that .gto does not list");
    assert_eq!(undeclared.stage, "nosuchstage");
    let net = all.stages.iter().find(|stage| stage.artifact == "digits-net").expect("an artifact");
    let described = answer("gto/described.json");
    assert_eq!(json!(net.path), described["digits-net"]["path"]);
    assert_eq!(json!(net.kind), described["digits-net"]["type"]);
    assert!(all.problems.iter().any(|problem| problem.what == "tag digits-net@latest"), "{:?}", all.problems);
}

#[test]
fn assignments_and_registrations_are_those_of_its_history() {
    let all = read();
    let said = answer("gto/history.json");
    let said = said.as_array().expect("events");
    let of_kind = |kind: &str| said.iter().filter(|event| event["event"] == kind).collect::<Vec<_>>();
    let by_tag: BTreeMap<&str, _> = all
        .stages
        .iter()
        .flat_map(|stage| stage.history.iter().map(move |event| (event.tag.as_str(), (stage, event))))
        .collect();
    let kinds = [("assignment", StageAction::Assign), ("unassignment", StageAction::Unassign)];
    let mut compared = 0;
    for (kind, action) in kinds {
        for theirs in of_kind(kind) {
            let (stage, ours) = by_tag[theirs["ref"].as_str().expect("a tag")];
            assert_eq!(ours.action, action);
            assert_eq!(
                (json!(stage.artifact), json!(stage.stage)),
                (theirs["artifact"].clone(), theirs["stage"].clone())
            );
            let version = ours.version.clone().unwrap_or_else(|| ours.commit.to_string());
            assert_eq!(json!(version), theirs["version"]);
            assert_eq!(json!(ours.commit), theirs["commit"]);
            assert_eq!(
                (json!(ours.by), json!(ours.message)),
                (theirs["author"].clone(), theirs["message"].clone())
            );
            let at: Timestamp = theirs["timestamp"].as_str().expect("a text").parse().expect("a time");
            assert_eq!(ours.at, at);
            compared += 1;
        }
    }
    assert_eq!(compared, by_tag.len());
    let registered: BTreeSet<&str> =
        of_kind("registration").iter().filter_map(|event| event["ref"].as_str()).collect();
    let ours: BTreeSet<&str> = all.releases.iter().map(|release| release.tag.as_str()).collect();
    assert_eq!(ours, registered);
}

#[test]
fn versions_carry_the_badges_of_their_stages() {
    let (_folder, repository) = unbundled("gto.bundle");
    let index = Index::in_memory().expect("an index");
    let told = history(&repository, &index, &HistoryQuery::default()).expect("answers");
    let badges: BTreeMap<&str, Option<&str>> = told
        .commits
        .iter()
        .flat_map(|commit| &commit.stages)
        .map(|badge| (badge.label.as_str(), badge.version.as_deref()))
        .collect();
    assert_eq!(badges["digits-net#prod"], Some("v0.0.1"));
    assert_eq!(badges["digits-net#dev"], Some("v0.2.1"));
    assert_eq!(badges["sub/models:big/net#prod"], Some("v1.0.0"));
    assert_eq!(badges["loose#dev"], None);
    let named = |name: &str| {
        select(&repository, &index, &Selection { name: name.to_owned(), ..Selection::default() })
            .expect("found")
    };
    let staging = named("digits-net#staging");
    assert!(
        matches!(&staging.selected, Selected::Stage(badge) if badge.version.as_deref() == Some("v0.1.0"))
    );
    let commit = told.commits.iter().find(|commit| commit.commit == staging.version).expect("listed");
    assert!(commit.tags.iter().any(|tag| tag == "digits-net@v0.1.0"), "{:?}", commit.tags);
    assert_eq!(named("digits-net@v0.1.0").selected, Selected::Revision);
    // There is a tag of that name too.
    assert!(matches!(named("digits-net#prod").selected, Selected::Stage(_)));
    assert_eq!(named("tags/digits-net#prod").selected, Selected::Revision);
}

#[test]
fn tags_of_our_own_promotions_are_not_told_twice() {
    let world = World::new();
    world.write("dvc.yaml", "artifacts:\n  churn: {path: churn.onnx, type: model}\n");
    world.write("model.yaml", MODEL_YAML);
    let version = world.commit("Declare the model");
    let run = world.run(1, &version, 0.9, |_| {});
    let promotion =
        Promotion { environment: "production", version: &version, run: &run, release: "v1.0.0", sequence: 1 };
    world.promote(&promotion, &[]);
    let tag = |name: &str| world.git(&["tag", "--annotate", name, "--message", name, version.as_str()]);
    for name in ["digits@v1.0.0", "digits#production#1", "churn@v0.1.0", "churn#prod#1", "pkg@1.0.0"] {
        tag(name);
    }
    let index = world.index();
    world.sync(&index);
    let all = environments(&world.repository(), &index, None).expect("answers");
    let stages: Vec<_> =
        all.stages.iter().map(|stage| (stage.artifact.as_str(), stage.stage.as_str())).collect();
    assert_eq!(stages, [("churn", "prod")]);
    assert_eq!(
        (all.stages[0].path.as_deref(), all.stages[0].kind.as_deref()),
        (Some("churn.onnx"), Some("model"))
    );
    let releases: Vec<_> = all.releases.iter().map(|release| release.tag.as_str()).collect();
    assert_eq!(releases, ["churn@v0.1.0"]);
    let told = history(&world.repository(), &index, &HistoryQuery::default()).expect("answers");
    let labels: Vec<_> = told.commits[0].stages.iter().map(|badge| badge.label.as_str()).collect();
    assert_eq!(labels, ["churn#prod"]);
    let later = world.commit("Later");
    world.git(&["tag", "--annotate", "digits#production#2", "--message", "by hand", later.as_str()]);
    let all = environments(&world.repository(), &index, None).expect("answers");
    assert_eq!(all.stages.len(), 2, "what differs from the deploy branch is shown beside it");
}
