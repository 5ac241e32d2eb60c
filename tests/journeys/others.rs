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
