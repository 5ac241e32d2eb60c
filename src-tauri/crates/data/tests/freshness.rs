//! Whether stages are fresh: held against what `dvc status` said of the same clones.

mod support;

use std::fs;

use keelmark_data::{Change, DataSource, Freshness, StageFreshness, StaleReason};
use serde_json::{Map, Value, json};
use support::{Clone, Scenario, Told, told};

/// A clone as a scenario left it.
fn staged(told: &Told, scenario: &Scenario) -> Clone {
    let clone = Clone::at(&told.commits[&scenario.at]);
    clone.put_cache(|path| !scenario.drop.iter().any(|dropped| dropped == path));
    for (path, text) in &told.files[&scenario.at] {
        clone.write(path, text);
    }
    for (path, text) in &scenario.write {
        match text {
            Some(text) => clone.write(path, text),
            None => clone.remove(path),
        }
    }
    clone
}

fn of_work_tree(clone: &Clone) -> Freshness {
    let (repository, stores) = (clone.repository(), clone.stores());
    let source = DataSource::of_work_tree(&repository, &stores).expect("asked").expect("a work tree");
    source.freshness().expect("asked")
}

fn word(change: Change) -> Value {
    json!(match change {
        Change::Modified => "modified",
        Change::Deleted => "deleted",
        Change::New => "new",
        Change::NotInCache => "not in cache",
        Change::Unknown => "unknown",
    })
}

/// In DVC's words and shape.
fn as_dvc_says(found: &Freshness) -> Value {
    let mut all = Map::new();
    for StageFreshness { name, reasons } in &found.stages {
        let (mut deps, mut outs, mut rest) = (Map::new(), Map::new(), Vec::new());
        for reason in reasons {
            match reason {
                StaleReason::Dependency { path, change } | StaleReason::Parameters { path, change } => {
                    deps.insert(path.clone(), word(*change));
                }
                StaleReason::Parameter { path, name, change } => {
                    let names = deps.entry(path.clone()).or_insert_with(|| json!({}));
                    names[name] = word(*change);
                }
                StaleReason::Output { path, change } => {
                    outs.insert(path.clone(), word(*change));
                }
                StaleReason::Command => rest.push(json!("changed command")),
                StaleReason::Always => rest.push(json!("always changed")),
            }
        }
        let mut told = Vec::new();
        if !deps.is_empty() {
            told.push(json!({ "changed deps": deps }));
        }
        if !outs.is_empty() {
            told.push(json!({ "changed outs": outs }));
        }
        told.extend(rest);
        if !told.is_empty() {
            all.insert(name.clone(), Value::Array(told));
        }
    }
    Value::Object(all)
}

#[test]
fn every_answer_is_the_one_dvc_gave() {
    let told = told();
    assert_eq!(told.scenarios.len(), 28, "all that the script made");
    for scenario in &told.scenarios {
        let found = of_work_tree(&staged(&told, scenario));
        assert_eq!(found.problems, [], "{}", scenario.name);
        assert_eq!(as_dvc_says(&found), scenario.status, "{}", scenario.name);
        let listed = found.stages.iter().map(|stage| stage.name.as_str());
        let pointers = ["data/images.dvc", "data/raw.csv.dvc", "old.csv.dvc"];
        assert_eq!(listed.filter(|name| pointers.contains(name)).count(), 3, "fresh ones are there too");
    }
}

fn of_version(clone: &Clone) -> Freshness {
    let (version, stores) = (clone.version(), clone.stores());
    DataSource::of_version(&version, &stores).freshness().expect("asked")
}

#[test]
fn a_version_is_judged_by_git_and_its_locks_alone() {
    let told = told();
    for at in ["fresh", "stale", "behind"] {
        // Not one byte of what DVC keeps is here.
        let found = of_version(&Clone::at(&told.commits[at]));
        let name = if at == "fresh" { "clean".to_owned() } else { format!("{at} commit") };
        let scenario = told.scenarios.iter().find(|scenario| scenario.name == name).expect("it is told");
        assert_eq!(as_dvc_says(&found), scenario.status, "{at}");
    }
}

#[test]
fn a_dependency_may_be_a_folder_with_tracked_files_in_it() {
    let told = told();
    let clone = Clone::at(&told.commits["fresh"]);
    let text = fs::read_to_string(clone.path().join("dvc.yaml")).expect("there");
    let stage =
        "  look:\n    cmd: ls data\n    deps: [data, src, data/images/sub, data/images/one.txt, sub]\n";
    clone.write("dvc.yaml", &format!("{text}{stage}"));
    // As `dvc repro -s look` of DVC 3.67.1 wrote it.
    let recorded = [
        ("data", "ee3fd03d03b70fdbc183ef7de6ef4362.dir"),
        ("data/images/one.txt", "b026324c6904b2a9cb4b88d6d61c81d1"),
        ("data/images/sub", "be0f38c864542815de7b0698ab196022.dir"),
        ("src", "4d6973d9b3aadd648dce753fccabf386.dir"),
        ("sub", "dcbd82cb18d37b617cbbbbfac7424a75.dir"),
    ];
    let row = |(path, md5): (&str, &str)| format!("    - path: {path}\n      hash: md5\n      md5: {md5}\n");
    let lock = fs::read_to_string(clone.path().join("dvc.lock")).expect("there");
    let rows: String = recorded.into_iter().map(row).collect();
    clone.write("dvc.lock", &format!("{lock}  look:\n    cmd: ls data\n    deps:\n{rows}"));
    clone.commit();
    let reasons = || {
        let found = of_version(&clone);
        found.stages.into_iter().find(|stage| stage.name == "look").expect("it is declared").reasons
    };
    let unknown = |path: &str| StaleReason::Dependency { path: path.to_owned(), change: Change::Unknown };
    // The list of the tracked folder is not here.
    let found = reasons();
    assert_eq!(found, ["data", "data/images/sub", "data/images/one.txt"].map(unknown));
    assert!(!StageFreshness { name: String::new(), reasons: found }.is_stale(), "nothing says so");
    clone.put_cache(|path| path.contains(".dir"));
    assert_eq!(reasons(), []);
    clone.write("data/more.csv", "x,y\n");
    clone.commit();
    let changed = StaleReason::Dependency { path: "data".to_owned(), change: Change::Modified };
    assert_eq!(reasons(), [changed]);
}

#[test]
fn what_cannot_be_read_is_told_and_hides_nothing() {
    let told = told();
    let clone = staged(&told, &told.scenarios[0]);
    clone.write("params.yaml", "lr: [\n");
    clone.write("sub/dvc.lock", "schema: '2.0'\nstages: [\n");
    clone.write("deep/dvc.yaml", "stages:\n  a:\n    cmd: echo ${none}\n");
    clone.write("x.csv.dvc", "outs:\n- md5: no\n  path: x.csv\n");
    let found = of_work_tree(&clone);
    let files: Vec<&str> = found.problems.iter().map(|problem| problem.location.file.as_str()).collect();
    for file in ["params.yaml", "sub/dvc.lock", "deep/dvc.yaml", "x.csv.dvc"] {
        assert!(files.contains(&file), "{file} in {files:?}");
    }
    let train = found.stages.iter().find(|stage| stage.name == "train").expect("it is declared");
    let unknown = StaleReason::Parameters { path: "params.yaml".to_owned(), change: Change::Unknown };
    assert_eq!(train.reasons, [unknown]);
    assert!(found.stages.iter().all(|stage| !stage.name.contains("score")), "its lock says nothing");
}
