//! A repository that other tools made opens as it is: history, comparison, and nothing written.

use std::path::Path;

use keelmark_journeys::{Snapshot, TestWorld};

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
