//! A repository that other tools made opens as it is: history, comparison, and nothing written.

use std::path::Path;

use keelmark_journeys::{Snapshot, TestWorld};
use serde_json::Value;

use crate::text;

/// Cloned from what DVC itself made: `tests/fixtures/others`.
fn cloned(world: &TestWorld) -> std::path::PathBuf {
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/others/dvc.bundle");
    let folder = world.path().join("dvc");
    world.git(world.path(), &["clone", "--quiet", &bundle.to_string_lossy(), "dvc"]).ok();
    folder
}

#[test]
fn a_dvc_repository_is_charted_and_compared_and_stays_as_it_is() {
    let world = TestWorld::new();
    let folder = cloned(&world);
    let before = Snapshot::of(&folder);

    let history = world.keelmark_in(&folder, &["history", "--json"]).ok().json();
    let commits = history["commits"].as_array().expect("commits");
    let newest = &commits[0]["metrics"];
    assert_eq!(newest["acc.top1"]["value"], 1.1, "nested, from JSON");
    for file in ["out/extra.yaml", "out/extra.toml"] {
        assert_eq!(newest[format!("{file}:deep.er.est")]["value"], 0.25, "both have it, so {file} is named");
    }
    assert_eq!(newest["single"]["value"], 0.125, "a file that is nothing but a number");
    assert!(newest.get("note").is_none(), "a text is no metric");
    assert_eq!(newest["acc.top1"]["source"], "file");
    let told = history["problems"].as_array().expect("problems");
    for word in ["model.nothing", "line 2"] {
        assert!(told.iter().any(|problem| text(problem, "why").contains(word)), "{word} in {told:?}");
    }

    let compared = world.keelmark_in(&folder, &["compare", "v1.0", "HEAD", "--json"]).ok().json();
    assert_eq!(compared["comparable"], false);
    assert!(text(&compared, "why").contains("somebody wrote down"), "{}", compared["why"]);
    let score =
        compared["metrics"].as_array().expect("metrics").iter().find(|metric| metric["name"] == "score");
    let score = score.expect("a metric both have");
    assert_eq!((&score["a"], &score["b"], &score["change"]), (&0.8125.into(), &0.875.into(), &0.0625.into()));
    assert_eq!(score["verdict"], "not_comparable", "nobody claims more than is known");
    let changed = compared["config"]["changes"].as_array().expect("changes of parameters");
    let lr =
        changed.iter().find(|change| text(change, "path").ends_with("model.lr")).expect("the rate changed");
    assert_eq!((&lr["a"], &lr["b"]), (&0.01.into(), &0.02.into()));

    before.assert_unchanged("it was only looked at");
}

/// `tests/fixtures/others/make_promoted.py` did the same and asked GTO.
#[test]
fn gto_reads_the_tags_of_promotions_and_rollbacks() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/others/gto/promoted.json");
    let told: Value = serde_json::from_slice(&std::fs::read(file).expect("the fixture")).expect("as written");
    let world = TestWorld::new();
    world.keelmark(&["init", "demo", "--sample", "digits", "--json"]).ok();
    let folder = world.path().join("demo");
    for step in told["steps"].as_array().expect("steps") {
        let words: Vec<&str> = step.as_array().expect("words").iter().filter_map(Value::as_str).collect();
        match words.split_first().expect("a program") {
            (&"keelmark", arguments) => world.keelmark_in(&folder, arguments).ok(),
            (_, arguments) => world.git(&folder, arguments).ok(),
        };
    }
    let format = "--format=%(refname:short)%09%(contents:subject)%09%(*subject)";
    let listed = world.git(&folder, &["for-each-ref", format, "refs/tags"]).ok();
    let tags: Vec<Vec<&str>> = listed.text().lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(serde_json::json!(tags), told["tags"], "the very tags that GTO was shown");
    let environments = world.keelmark_in(&folder, &["env", "--json"]).ok().json();
    for (stage, release) in told["show"]["digits"]["stage"].as_object().expect("stages") {
        let all = environments["environments"].as_array().expect("environments");
        let own = all.iter().find(|environment| environment["environment"] == *stage).expect("declared");
        assert_eq!(own["desired"]["deployment"]["release"], *release, "GTO and Keelmark agree on {stage}");
    }
}

/// A repository with DVC's pointers, whose remote is a folder.
#[test]
fn data_behind_pointers_is_told_and_fetched() {
    let world = TestWorld::new();
    let others = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/others");
    let folder = world.path().join("inner/tracked");
    let bundle = others.join("dvc_status.bundle");
    world
        .git(world.path(), &["clone", "--quiet", "-b", "main", &bundle.to_string_lossy(), "inner/tracked"])
        .ok();
    let status = world.keelmark_in(&folder, &["data", "status", "--json"]).ok().json();
    let of = |list: &str, key: &str, name: &str| {
        let all = status[list].as_array().expect("a list").clone();
        all.into_iter().find(|entry| entry[key] == name).expect("it is listed")
    };
    let raw = of("tracked", "path", "data/raw.csv");
    assert_eq!((&raw["here"], &raw["said_in"]), (&"missing".into(), &"data/raw.csv.dvc".into()));
    assert_eq!(of("stages", "name", "never")["state"], "stale");
    assert!(status["problems"].as_array().expect("problems").is_empty());

    let pull = |arguments: &[&str]| {
        let wanted = folder.join("data/raw.csv");
        let asked = ["data", "pull", &wanted.to_string_lossy(), "--json"];
        world.keelmark_in(&folder, &[&asked[..], arguments].concat())
    };
    let problem = pull(&[]).expecting(5).problem();
    assert_eq!(problem["code"], "unreachable", "the folder is not there: {problem}");
    assert_eq!(pull(&["--remote", "other"]).expecting(3).problem()["code"], "invalid_request");
    // Where the bundle says, seen from `.dvc`: ../../../store.
    let store = world.path().join("store/files/md5/9d");
    std::fs::create_dir_all(&store).expect("made");
    let cache: Value =
        serde_json::from_slice(&std::fs::read(others.join("dvc_status/cache.json")).expect("the fixture"))
            .expect("as written");
    let bytes = text(&cache, "files/md5/9d/532335b1b08c56dcf371400edc4134");
    std::fs::write(store.join("532335b1b08c56dcf371400edc4134"), bytes).expect("written");
    let pulled = pull(&[]).ok().json();
    assert_eq!((&pulled["fetched"], &pulled["bytes"]), (&1.into(), &bytes.len().into()));
    let told = world.keelmark_in(&folder, &["data", "status"]).ok();
    assert!(told.text().contains("cached") && told.text().contains("stale"), "{}", told.text());
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).expect("a folder");
        for entry in std::fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::copy(from, to).expect("copied");
    }
}

#[test]
fn parameters_and_experiments_are_listed_as_dvc_has_them() {
    let world = TestWorld::new();
    let folder = cloned(&world);
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/others/dvc.bundle");
    world.git(&folder, &["fetch", "--quiet", &bundle.to_string_lossy(), "refs/exps/*:refs/exps/*"]).ok();

    let history = world.keelmark_in(&folder, &["history", "HEAD", "--params", "--json"]).ok().json();
    let newest = &history["commits"][0]["params"];
    assert_eq!(newest["countries"], serde_json::json!(["us", "NO", "uk"]));
    assert_eq!(newest["odd.big"].to_string(), "12345678901234567890", "no digit is lost");
    let some = world.keelmark_in(&folder, &["history", "--params", "model.lr,seed", "--json"]).ok().json();
    let names = some["commits"][0]["params"].as_object().expect("parameters");
    assert_eq!(names.keys().collect::<Vec<_>>(), ["model.lr"]);
    let none = world.keelmark_in(&folder, &["history", "--json"]).ok().json();
    assert!(none["commits"][0].get("params").is_none(), "nobody asked");
    let words = world.keelmark_in(&folder, &["history", "--params", "model.lr"]).ok();
    assert!(words.text().contains("0.01 *"), "what changed is marked: {}", words.text());

    let runs = world.keelmark_in(&folder, &["runs", "--json"]).ok().json();
    let experiments = runs["experiments"].as_array().expect("experiments");
    assert_eq!((experiments.len(), runs["runs"].as_array().map(Vec::len)), (3, Some(0)));
    let (base, name) = (text(&experiments[0], "base"), text(&experiments[0], "name"));
    let compared = world.keelmark_in(&folder, &["compare", base, name, "--json"]).ok().json();
    assert_eq!(compared["b"]["version"], experiments[0]["commit"]);
    let origin = compared["b_origins"].as_object().expect("origins").values().next().expect("a number");
    assert_eq!((&origin["source"], &origin["grade"]), (&"file".into(), &"asserted".into()));
    let curves = compared["curves"].as_array().expect("curves");
    assert!(curves.iter().any(|curve| curve["metric"] == "loss" && !curve["a"][0].is_null()), "{curves:?}");
}

#[test]
fn runs_of_mlflow_are_listed_shown_charted_and_compared() {
    let world = TestWorld::new();
    let repo = world.repo("mlflow");
    repo.write(".gitignore", "mlruns\n");
    repo.write("params.yaml", "depth: 3\n");
    let commit = repo.commit("Begin");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/others/mlruns");
    copy(&fixtures, &repo.path().join("mlruns"));
    let owl = "804c50268c894dd5acac777cefc249be";
    let bee = "8c6a8d93797348b9a8d94660c64b4c4d";
    repo.write(&format!("mlruns/896984555559378330/{owl}/tags/mlflow.source.git.commit"), &commit);
    let before = repo.snapshot();

    let runs = repo.keelmark(&["runs", "--json"]).ok().json();
    let of = |id: &str| {
        let all = runs["foreign_runs"].as_array().expect("runs of others");
        all.iter().find(|run| run["id"] == id).expect("listed").clone()
    };
    assert_eq!((&of(owl)["orphan"], &of(bee)["orphan"]), (&Value::Null, &"unknown_commit".into()));
    let shown = repo.keelmark(&["runs", "show", &owl[..8], "--json"]).ok().json();
    assert_eq!((&shown["name"], &shown["params"]["batch-size"]), (&"careful-owl-1".into(), &"64".into()));
    assert_eq!(shown["metrics"]["nan"]["why"], "NaN", "it stays visible");
    repo.keelmark(&["runs", "show", "0000", "--json"]).expecting(3);
    let chart = world.path().join("loss.svg");
    let chart = chart.to_string_lossy();
    let drawn = repo.keelmark(&["chart", "loss", "--runs", bee, "-o", &chart, "--json"]).ok().json();
    assert_eq!(drawn["series"][0]["pointsTotal"], 50);

    let history = repo.keelmark(&["history", "HEAD", "--params", "--json"]).ok().json();
    let newest = &history["commits"][0];
    assert_eq!((&newest["params"]["depth"], &newest["params"]["batch-size"]), (&3.into(), &"64".into()));
    assert!(newest["foreign_params"].as_array().is_some_and(|names| names.contains(&"batch-size".into())));

    let compared = repo.keelmark(&["compare", owl, bee, "--json"]).ok().json();
    let loss =
        compared["metrics"].as_array().expect("metrics").iter().find(|metric| metric["name"] == "loss");
    let loss = loss.expect("both have it");
    assert_eq!((&loss["a"], &loss["b"]), (&0.1.into(), &0.02.into()));
    assert_eq!(compared["a_origins"]["loss"]["source"], "mlflow");
    assert_eq!((&compared["a"]["version"], &compared["b"]["version"]), (&commit.into(), &Value::Null));
    let changed = compared["config"]["changes"].as_array().expect("parameters");
    assert!(changed.iter().any(|change| change["path"] == "lr"), "{changed:?}");
    before.assert_unchanged("it was only looked at");
}

#[test]
fn versions_with_predictions_of_one_name_are_compared_by_example() {
    let world = TestWorld::new();
    let repo = world.repo("predicted");
    let predictions = |wrong: usize| {
        let row = |row: usize| {
            let truth = row % 2;
            let answer = if row < wrong { 1 - truth } else { truth };
            let probabilities = if answer == 0 { "0.8,0.2" } else { "0.2,0.8" };
            format!("{row},{truth},{probabilities}\n")
        };
        format!("id,y_true,p0,p1\n{}", (0..200).map(row).collect::<String>())
    };
    repo.write("out/predictions.csv", predictions(60));
    repo.write("metrics.json", r#"{"accuracy": 0.1, "size": 3}"#);
    repo.commit("First");
    repo.write("out/predictions.csv", predictions(20));
    repo.write("metrics.json", r#"{"accuracy": 0.2, "size": 4}"#);
    repo.commit("Second");
    let compared = repo.keelmark(&["compare", "HEAD~1", "HEAD", "--json"]).ok().json();
    assert_eq!((&compared["comparable"], &compared["verdict"]), (&true.into(), &"better".into()));
    assert_eq!(compared["flips"]["fixed"], 40);
    let metric = |name: &str| {
        let all = compared["metrics"].as_array().expect("metrics");
        all.iter().find(|metric| metric["name"] == name).expect("there").clone()
    };
    let accuracy = metric("accuracy");
    assert_eq!(
        (&accuracy["a"], &accuracy["b"]),
        (&0.7.into(), &0.9.into()),
        "computed, not as it is written"
    );
    let origin = &compared["a_origins"]["accuracy"];
    assert_eq!((&origin["grade"], &origin["file"]), (&"recomputed".into(), &"out/predictions.csv".into()));
    assert_eq!(
        (&metric("size")["b"], &compared["b_origins"]["size"]["grade"]),
        (&4.0.into(), &"asserted".into())
    );
}
