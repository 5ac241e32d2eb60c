//! A DVC repository and what DVC itself says of it.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use keelmark_formats::leaves;
use keelmark_git::Repository;
use keelmark_history::{HistoryQuery, Recorded, Selected, Selection, experiments, history, recorded, select};
use keelmark_index::Index;
use keelmark_types::CommitId;
use serde_json::Value;
use support::World;
use support::others::{answer, unbundled};

fn written(repository: &Repository, commit: &str) -> Recorded {
    let commit = CommitId::new(commit).expect("an id");
    recorded(&repository.version(&commit).expect("there"), "")
}

/// DVC's files, each with its leaves; files it could not read are left out.
fn files(said: &Value) -> BTreeMap<String, BTreeMap<String, Value>> {
    let files = said.as_object().expect("files");
    let read = files.iter().filter_map(|(path, file)| Some((path.clone(), leaves(file.get("data")?).ok()?)));
    read.collect()
}

fn assert_metrics(ours: &Recorded, theirs: &Value, what: &str) {
    for (path, theirs) in files(theirs) {
        let stem = path.rsplit('/').next().and_then(|name| name.split('.').next()).expect("a name");
        let numbers: BTreeMap<String, f64> = theirs
            .into_iter()
            .filter_map(|(name, value)| {
                Some((if name.is_empty() { stem.to_owned() } else { name }, value.as_f64()?))
            })
            .collect();
        assert_eq!(ours.metric_files.get(&path), Some(&numbers), "{what}: {path}");
    }
    let listed: BTreeSet<&String> = theirs.as_object().expect("files").keys().collect();
    assert!(ours.metric_files.keys().all(|path| listed.contains(path)), "{what}: no file but DVC's");
}

fn assert_params(ours: &Recorded, theirs: &Value, what: &str) {
    let theirs = files(theirs);
    for (path, theirs) in &theirs {
        // Of nothing but values in templates there is no parameter here.
        if path != "vars.yaml" {
            let ours = ours.param_files.get(path).unwrap_or_else(|| panic!("{what}: {path}"));
            // `010` is the number 10 to both; whether it is a whole one is not asked. Python alone takes `1_0.5` for a
            // number, and its JSON has `true` for the name `True`.
            let odd = ["under", "True", "true"];
            let plain = |value: &Value| value.as_f64().map_or_else(|| value.clone(), Value::from);
            let plain = |all: &BTreeMap<String, Value>| -> BTreeMap<String, Value> {
                let kept = all.iter().filter(|(name, _)| !odd.contains(&name.as_str()));
                kept.map(|(name, value)| (name.clone(), plain(value))).collect()
            };
            assert_eq!(plain(ours), plain(theirs), "{what}: {path}");
        }
    }
}

#[test]
fn metrics_are_those_that_dvc_shows() {
    let (_folder, repository) = unbundled("dvc.bundle");
    let mut compared = 0;
    for (commit, said) in answer("dvc/metrics-show.json").as_object().expect("commits") {
        let Some(theirs) = said.get("data").filter(|_| commit.len() == 40) else { continue };
        assert_metrics(&written(&repository, commit), theirs, commit);
        compared += 1;
    }
    assert!(compared >= 4, "{compared} commits");
}

#[test]
fn experiments_and_commits_have_what_dvc_shows_of_them() {
    let (_folder, repository) = unbundled("dvc.bundle");
    let said = answer("dvc/exp-show.json");
    let mut compared = 0;
    for commit in said.as_array().expect("commits") {
        let own = std::iter::once(commit).filter(|commit| commit["rev"] != "workspace");
        let experiments = commit["experiments"].as_array().into_iter().flatten();
        for shown in own.chain(experiments.map(|experiment| &experiment["revs"][0])) {
            let (Some(rev), Some(data)) = (shown["rev"].as_str(), shown["data"].as_object()) else {
                continue;
            };
            let ours = written(&repository, rev);
            assert_metrics(&ours, &data["metrics"], rev);
            assert_params(&ours, &data["params"], rev);
            compared += 1;
        }
    }
    assert_eq!(compared, 8, "five commits and three experiments");
}

#[test]
fn experiments_are_those_that_dvc_lists() {
    let (_folder, repository) = unbundled("dvc.bundle");
    let listed = experiments(&repository).expect("answers");
    let mut theirs: BTreeMap<String, (String, String)> = BTreeMap::new();
    for commit in answer("dvc/exp-show.json").as_array().expect("commits") {
        for experiment in commit["experiments"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().expect("a text").to_owned();
            let rev = text(&experiment["revs"][0]["rev"]);
            theirs.insert(text(&experiment["name"]), (rev, text(&commit["rev"])));
        }
    }
    let ours: BTreeMap<String, (String, String)> = listed
        .experiments
        .iter()
        .map(|of| (of.name.clone(), (of.commit.to_string(), of.base.to_string())))
        .collect();
    assert_eq!(ours, theirs, "names, commits and bases");
    assert!(listed.experiments.iter().all(|of| of.base_known));
    let old = listed.experiments.iter().find(|of| of.name == "old-faith").expect("listed");
    assert_eq!(old.params["model.lr"], 0.5);
    assert!(old.metrics.contains_key("out/train.json:loss"), "{:?}", old.metrics.keys());

    let index = Index::in_memory().expect("an index");
    let select_named = |name: &str| {
        select(&repository, &index, &Selection { name: name.to_owned(), ..Selection::default() })
    };
    let selected = select_named("old-faith").expect("found");
    assert_eq!(
        (&selected.version, &selected.selected),
        (&old.commit, &Selected::Experiment(old.reference.clone()))
    );
    let again = select_named(&old.reference).expect("found");
    assert_eq!((again.version, again.selected), (old.commit.clone(), Selected::Revision));
}

#[test]
fn names_that_files_share_go_by_their_files() {
    let (_folder, repository) = unbundled("dvc.bundle");
    let index = Index::in_memory().expect("an index");
    let query = HistoryQuery {
        params: Some(vec!["own.k".to_owned(), "model.lr".to_owned()]),
        ..HistoryQuery::default()
    };
    let answer = history(&repository, &index, &query).expect("answers");
    let newest = &answer.commits[0];
    assert_eq!(newest.metrics["out/train.json:loss"].value, Some(0.25));
    assert_eq!(newest.metrics["sub/scores.yaml:loss"].file.as_deref(), Some("sub/scores.yaml"));
    assert!(!newest.metrics.contains_key("loss"), "nobody's name alone");
    let params = newest.params.as_ref().expect("they were asked for");
    assert_eq!(params.keys().collect::<Vec<_>>(), ["model.lr", "own.k"]);
    assert_eq!(params["model.lr"], 0.02);
    let without = history(&repository, &index, &HistoryQuery::default()).expect("answers");
    assert!(without.commits.iter().all(|commit| commit.params.is_none()));
    let oldest = answer.commits.last().expect("commits");
    let params = oldest.params.as_ref().expect("they were asked for");
    assert_eq!(params.keys().collect::<Vec<_>>(), ["model.lr"], "there was no subfolder yet");
    assert_eq!(params["model.lr"], 0.001);
    assert_eq!(oldest.metrics["out/train.json:loss"].value, Some(0.5));
}

#[test]
fn other_models_and_other_repositories_are_not_looked_into() {
    let world = World::new();
    let pipeline = "metrics: [m.json]\nparams: [p.yaml]\n";
    for folder in ["a", "a/b", "model", "other"] {
        world.write(&format!("{folder}/dvc.yaml"), pipeline);
        world.write(&format!("{folder}/m.json"), &format!("{{\"{}\": 1}}", folder.replace('/', "_")));
        world.write(&format!("{folder}/p.yaml"), &format!("{}: 2\n", folder.replace('/', "_")));
    }
    world.write("model/model.yaml", support::MODEL_YAML);
    world.write("other/.dvc/config", "");
    let commit = world.commit("Four pipelines");
    let ours = written(&world.repository(), commit.as_str());
    assert_eq!(ours.metric_files.keys().collect::<Vec<_>>(), ["a/b/m.json", "a/m.json"]);
    assert_eq!(ours.params.keys().collect::<Vec<_>>(), ["a", "a_b"]);
    let own = recorded(&world.repository().version(&commit).expect("there"), "model");
    assert_eq!(own.metrics.keys().collect::<Vec<_>>(), ["model"]);
}
