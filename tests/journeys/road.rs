//! The main road: from a manifest to a promoted model and back.

use std::fs;

use keelmark_journeys::{TabularSample, TestRepo, TestWorld};
use serde_json::Value;

use crate::{json, metric, text, two_versions};

/// Two versions, the second better than the first, each trained once.
fn improved(world: &TestWorld) -> (TestRepo<'_>, String, String) {
    let sample = TabularSample::default();
    let repo = TabularSample { mislabelled_percent: 25, ..sample.clone() }.repo(world, "work");
    let first = repo.head();
    sample.write(&repo);
    let second = repo.commit("Correct the labels");
    let before = json(&repo, &["train", &first]);
    let after = json(&repo, &["train"]);
    assert_eq!(after["version"], second.as_str(), "a clean tree trains HEAD");
    assert_eq!(after["dirty"], false, "a clean tree is not dirty");
    assert!(
        metric(&after, "log_loss") < metric(&before, "log_loss"),
        "right labels are better: {before:#} {after:#}"
    );
    (repo, first, second)
}

#[track_caller]
fn desired(repo: &TestRepo<'_>, environment: &str) -> Value {
    json(repo, &["env", "show", environment])["desired"]["deployment"]["version"].clone()
}

#[test]
fn a_sound_manifest_is_called_sound() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    let checked = json(&repo, &["check"]);
    assert_eq!(checked["problems"].as_array().map(Vec::len), Some(0), "nothing is wrong: {checked:#}");
    assert_eq!(checked["models"][0]["name"], "clouds", "the model is named: {checked:#}");
    json(&repo, &["check", "HEAD"]);
}

#[test]
fn history_shows_what_every_version_measured() {
    let world = TestWorld::new();
    let (repo, first, second) = improved(&world);
    let history = json(&repo, &["history", "--metrics", "accuracy,log_loss"]);
    let commits = history["commits"].as_array().expect("commits");
    let ids: Vec<_> = commits.iter().map(|commit| text(commit, "commit")).collect();
    assert_eq!(ids, [second.as_str(), &first], "newest first");
    for commit in commits {
        for name in ["accuracy", "log_loss"] {
            let measured = &commit["metrics"][name];
            let [low, value, high] =
                ["low", "value", "high"].map(|field| measured[field].as_f64().expect("a number"));
            assert!(low <= value && value <= high, "{name} lies in its interval: {measured:#}");
            assert!(measured["run"].is_string(), "{name} has a source: {measured:#}");
        }
    }
    assert_eq!(repo.git(&["status", "--porcelain"]), "", "training leaves the work tree alone");
}

#[test]
fn the_same_seed_gives_the_same_weights_on_any_number_of_threads() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    let weights = |args: &[&str]| {
        let run = json(&repo, &[&["train", "HEAD"], args].concat());
        text(&run, "model_sha256").to_owned()
    };
    let one = weights(&["--seed", "3", "--threads", "1"]);
    assert_eq!(one, weights(&["--seed", "3", "--threads", "2"]), "threads change nothing");
    assert_eq!(one, weights(&["--seed", "3", "--threads", "1"]), "nor does time");
    assert_ne!(one, weights(&["--seed", "4", "--threads", "1"]), "the seed does");
}

#[test]
fn two_versions_are_compared_in_every_respect() {
    let world = TestWorld::new();
    let (repo, first, second) = improved(&world);
    let report = world.path().join("report.html");
    let compared = json(&repo, &["compare", &first, &second, "--html", &report.to_string_lossy()]);
    let fields = [
        "verdict",
        "comparable",
        "why",
        "metrics",
        "flips",
        "confusion",
        "slices",
        "curves",
        "data",
        "config",
        "code",
        "weights",
        "cost",
        "gates",
        "tests",
    ];
    for field in fields {
        assert!(compared.get(field).is_some(), "`{field}` is in the answer: {compared:#}");
    }
    assert_eq!(compared["comparable"], true, "the test set is the same: {}", compared["why"]);
    let verdicts = ["better", "no_clear_change"];
    assert!(verdicts.contains(&text(&compared, "verdict")), "the second is not worse: {}", compared["why"]);
    let metrics = compared["metrics"].as_array().expect("metrics");
    for name in ["accuracy", "f1_macro", "log_loss"] {
        let found = metrics.iter().find(|metric| metric["name"] == name).expect("every declared metric");
        for field in ["direction", "a", "b", "change", "low", "high", "verdict", "p"] {
            assert!(found.get(field).is_some(), "{name} has `{field}`: {found:#}");
        }
    }
    for field in ["fixed", "broken", "changed", "examples"] {
        assert!(compared["flips"].get(field).is_some(), "flips have `{field}`: {}", compared["flips"]);
    }
    let html = fs::read_to_string(report).expect("a report");
    assert!(html.contains("<html"), "the report is a page");
    for reach in ["src=\"http", "href=\"http", "url(http", "<link", "@import"] {
        assert!(!html.contains(reach), "the report stands alone, but has {reach}");
    }
    let itself = json(&repo, &["compare", &second, &second]);
    assert_eq!(
        itself["verdict"], "no_clear_change",
        "a version is not better than itself: {}",
        itself["why"]
    );
}

#[test]
fn charts_are_written_as_svg_and_png() {
    let world = TestWorld::new();
    let (repo, ..) = improved(&world);
    let at = |name: &str| world.path().join(name).to_string_lossy().into_owned();
    json(&repo, &["chart", "accuracy", "--by", "commit", "-o", &at("a.svg")]);
    let svg = fs::read_to_string(at("a.svg")).expect("a chart");
    assert!(svg.contains("<svg") && svg.trim_end().ends_with("</svg>"), "a whole SVG: {svg:.200}");
    json(&repo, &["chart", "train/loss", "--by", "epoch", "--smooth", "0.5", "-o", &at("b.png")]);
    let png = fs::read(at("b.png")).expect("a chart");
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.ends_with(b"IEND\xaeB`\x82"), "a whole PNG");
    assert_eq!(repo.git(&["status", "--porcelain"]), "", "the charts went where they were asked");
}

#[test]
fn a_dry_run_writes_nothing_and_shows_what_the_promotion_writes() {
    let world = TestWorld::new();
    let (repo, first, _) = two_versions(&world, "work");
    let gates = json(&repo, &["gates", &first]);
    assert_eq!(gates["decision"], "ready", "the gates pass: {gates:#}");
    assert_eq!(gates["gates"].as_array().map(Vec::len), Some(2), "each gate speaks: {gates:#}");

    let before = repo.snapshot();
    let dry = json(&repo, &["promote", &first, "--to", "staging", "--dry-run"]);
    before.assert_unchanged("a dry run writes nothing");
    assert_eq!(dry["dry_run"], true, "{dry:#}");

    let made = json(&repo, &["promote", &first, "--to", "staging"]);
    let commit = text(&made, "commit");
    assert_eq!(dry["diff"], made["diff"], "the dry run shows the same diff");
    let shown = repo.git(&["show", "--format=", commit]);
    assert_eq!(text(&dry, "diff").trim(), shown, "and Git shows it too");
    assert_eq!(made["pushed"], false, "there is no remote");
    assert_eq!(made["version"], first.as_str(), "the version is told");
    assert_eq!(repo.resolve("refs/heads/keelmark/deploy"), commit, "the deploy branch is there");
    for tag in made["tags"].as_array().expect("tags") {
        repo.git(&["rev-parse", "--verify", &format!("refs/tags/{}", tag.as_str().expect("a name"))]);
    }
    repo.fsck();
}

#[test]
fn what_was_promoted_can_be_rolled_back_and_audited() {
    let world = TestWorld::new();
    let (repo, first, second) = two_versions(&world, "work");
    let made = json(&repo, &["promote", &first, "--to", "staging"]);
    let refs = repo.refs("refs/heads");
    let again = json(&repo, &["promote", &first, "--to", "staging"]);
    assert_eq!(again["unchanged"], true, "what is desired already changes nothing: {again:#}");
    assert_eq!(again["commit"], made["commit"], "its commit is told");
    assert_eq!(repo.refs("refs/heads"), refs, "no branch moved");

    json(&repo, &["promote", &second, "--to", "staging"]);
    assert_eq!(desired(&repo, "staging"), second.as_str(), "the second is desired");
    json(&repo, &["rollback", "staging"]);
    assert_eq!(desired(&repo, "staging"), first.as_str(), "the first is desired again");
    let shown = json(&repo, &["env", "show", "staging"]);
    assert_eq!(shown["history"].as_array().map(Vec::len), Some(3), "all three are remembered: {shown:#}");
    assert!(desired(&repo, "production").is_null(), "production was left alone");
    json(&repo, &["promote", &first, "--to", "production"]);
    assert_eq!(desired(&repo, "production"), first.as_str(), "what is in staging may go to production");

    let audit = json(&repo, &["audit", "--verify"]);
    assert_eq!(audit["tampered"], false, "every word holds: {audit:#}");
    assert_eq!(audit["entries"].as_array().map(Vec::len), Some(4), "every deed is listed: {audit:#}");
    assert_eq!(json(&repo, &["index", "rebuild"])["same_answers"], true, "the index is only derived");
    assert_eq!(json(&repo, &["index", "verify"])["sound"], true, "the index is sound");
    assert_eq!(repo.git(&["status", "--porcelain"]), "", "the work tree is the user's");
    assert_eq!(repo.git(&["symbolic-ref", "HEAD"]), "refs/heads/main", "and so is HEAD");
    repo.fsck();
}
