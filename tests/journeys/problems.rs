//! Bad input: its exit code, its kind, where it stands, and that nothing was changed.

use keelmark_journeys::{Snapshot, TabularSample, TestRepo, TestWorld};

use crate::{json, problem, text};

/// The refs and the work tree stay as they are over a call that must fail.
#[track_caller]
fn refused(repo: &TestRepo<'_>, args: &[&str], exit: i32, code: &str) -> serde_json::Value {
    let before = (repo.refs("refs"), repo.head(), repo.git(&["status", "--porcelain"]));
    let problem = problem(repo, args, exit, code);
    let after = (repo.refs("refs"), repo.head(), repo.git(&["status", "--porcelain"]));
    assert_eq!(before, after, "{args:?} failed and changed nothing");
    problem
}

#[test]
fn a_folder_without_a_repository_is_named() {
    let world = TestWorld::new();
    let folder = world.path().join("plain");
    std::fs::create_dir(&folder).expect("a folder");
    let before = Snapshot::of(&folder);
    for args in [["history", "--json"], ["check", "--json"], ["train", "--json"]] {
        let answer = world.keelmark_in(&folder, &args).expecting(3);
        assert_eq!(answer.problem()["code"], "not_a_repository", "{}", answer.told());
    }
    before.assert_unchanged("there is no repository to change");
}

#[test]
fn a_repository_without_a_manifest_is_told_so() {
    let world = TestWorld::new();
    let repo = world.repo("work");
    repo.write("README.md", "Nothing is declared here.\n");
    repo.commit("Begin");
    for args in [&["check"][..], &["train"], &["promote", "HEAD", "--to", "staging"]] {
        refused(&repo, args, 3, "no_manifest");
    }
}

#[test]
fn a_mistake_in_the_manifest_is_shown_where_it_stands() {
    let world = TestWorld::new();
    let sample = TabularSample::default();
    let repo = sample.repo(&world, "work");
    repo.write("model.yaml", sample.manifest().replace("task: classification", "task: clasification"));
    repo.commit("Mistype the task");
    for args in [&["check"][..], &["check", "HEAD"], &["train"]] {
        let problem = refused(&repo, args, 3, "invalid_manifest");
        let place = &problem["location"];
        assert_eq!(place["file"], "model.yaml", "the file is named: {problem:#}");
        assert_eq!(place["line"], 3, "the line is named: {problem:#}");
        assert!(place["column"].is_u64(), "the column is named: {problem:#}");
        assert!(text(&problem, "hint").contains("classification"), "what was expected is said: {problem:#}");
    }
    repo.write("model.yaml", "keelmark: 1\nname: [\n");
    let problem = refused(&repo, &["check"], 3, "invalid_manifest");
    assert!(problem["location"]["line"].is_u64(), "broken YAML has a line: {problem:#}");
}

#[test]
fn altered_data_is_not_trained_on() {
    let world = TestWorld::new();
    let sample = TabularSample::default();
    let repo = sample.repo(&world, "work");
    repo.write("data/train.csv", sample.train_csv().replacen("amber", "birch", 1));
    repo.commit("Change a label and forget the lock");
    let problem = refused(&repo, &["train"], 3, "altered_data");
    let told = format!("{} {}", text(&problem, "summary"), text(&problem, "detail"));
    assert!(told.contains("data/train.csv"), "the file is named: {problem:#}");
}

#[test]
fn unknown_names_are_said_to_be_unknown() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    json(&repo, &["train"]);
    for args in [
        &["train", "nowhere"][..],
        &["history", "nowhere"],
        &["check", "nowhere"],
        &["compare", "HEAD", "nowhere"],
        &["gates", "nowhere"],
        &["promote", "nowhere", "--to", "staging"],
    ] {
        refused(&repo, args, 3, "unknown_revision");
    }
    for args in [["runs", "show"], ["runs", "log"], ["runs", "stop"], ["runs", "resume"]] {
        refused(&repo, &[&args[..], &["00000000"]].concat(), 3, "unknown_run");
    }
    for args in [&["promote", "HEAD", "--to", "mars"][..], &["rollback", "mars"], &["env", "show", "mars"]] {
        refused(&repo, args, 3, "unknown_environment");
    }
}

#[test]
fn data_that_is_no_table_is_refused_with_its_line() {
    let world = TestWorld::new();
    let sample = TabularSample::default();
    let repo = sample.repo(&world, "work");
    let whole = sample.train_csv();
    let fifth = whole.lines().nth(4).expect("five lines").to_owned();
    let fields: Vec<_> = fifth.split(',').collect();
    let ragged = whole.replacen(&fifth, &format!("{},{}", fields[0], fields[1]), 1);
    let wordy = whole.replacen(&fifth, &format!("{},wide,{},{}", fields[0], fields[2], fields[3]), 1);
    for (content, what) in [(ragged, "a short row"), (wordy, "a word for a number")] {
        repo.write("data/train.csv", content);
        json(&repo, &["data", "add", "data/train.csv"]);
        repo.commit(what);
        let problem = problem(&repo, &["train"], 3, "invalid_data");
        assert_eq!(problem["location"]["file"], "data/train.csv", "{what}: {problem:#}");
        assert_eq!(problem["location"]["line"], 5, "{what}: {problem:#}");
    }
}

#[test]
fn nobody_in_particular_cannot_promote() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    json(&repo, &["train"]);
    let before = repo.refs("refs");
    let mut command = world.keelmark_command(repo.path(), &["promote", "HEAD", "--to", "staging", "--json"]);
    command.env("HOME", world.temporary()).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let answer = world.finish(command).expecting(3);
    assert_eq!(answer.problem()["code"], "no_identity", "{}", answer.told());
    assert_eq!(repo.refs("refs"), before, "nothing was written in nobody's name");
}

#[test]
fn wrong_usage_is_exit_2() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    for args in [
        &[][..],
        &["fly"],
        &["promote", "HEAD"],
        &["train", "--threads", "none"],
        &["train", "--set", "epochs"],
        &["history", "--json", "--json-lines"],
    ] {
        repo.keelmark(args).expecting(2);
    }
    assert!(repo.refs("refs/keelmark").is_empty(), "nothing was started");
}

#[test]
fn a_dirty_tree_trains_and_is_never_promoted() {
    let world = TestWorld::new();
    let sample = TabularSample::default();
    let repo = sample.repo(&world, "work");
    let head = repo.head();
    repo.write("model.yaml", TabularSample { epochs: 9, ..sample }.manifest());
    let status = repo.git(&["status", "--porcelain"]);
    let run = json(&repo, &["train"]);
    assert_eq!(run["dirty"], true, "the run says so: {run:#}");
    assert_eq!(repo.git(&["status", "--porcelain"]), status, "the work tree is as it was");
    assert_eq!(repo.head(), head, "nothing was committed for the user");
    let heads = (repo.refs("refs/heads"), repo.refs("refs/tags"));
    for more in [&[][..], &["--override", "it is urgent"]] {
        let args = ["promote", text(&run, "run"), "--to", "staging", "--json"];
        let answer = repo.keelmark(&[&args[..], more].concat()).expecting(1);
        let blocked = answer.json();
        assert_eq!(blocked["decision"], "blocked", "no override lifts this: {blocked:#}");
        assert_ne!(blocked["obstacles"].as_array().map(Vec::len), Some(0), "what is in the way: {blocked:#}");
    }
    assert_eq!((repo.refs("refs/heads"), repo.refs("refs/tags")), heads, "no ref moved");
}

#[test]
fn a_gate_blocks_until_somebody_gives_a_reason() {
    let world = TestWorld::new();
    let repo = TabularSample { mislabelled_percent: 95, ..TabularSample::default() }.repo(&world, "work");
    json(&repo, &["train"]);
    assert_eq!(repo.keelmark(&["gates", "--json"]).expecting(1).json()["decision"], "blocked");
    let heads = repo.refs("refs/heads");
    let promote = ["promote", "HEAD", "--to", "staging", "--json"];
    let blocked = repo.keelmark(&promote).expecting(1).json();
    assert_eq!(blocked["decision"], "blocked", "{blocked:#}");
    assert!(blocked["commit"].is_null(), "nothing was made: {blocked:#}");
    assert_eq!(repo.refs("refs/heads"), heads, "no branch moved");

    let reason = "the demo needs a bad model";
    let made = repo.keelmark(&[&promote[..], &["--override", reason]].concat()).ok().json();
    let format = "--format=%(trailers:key=Override-Reason,valueonly)";
    let trailer = repo.git(&["log", "-1", format, text(&made, "commit")]);
    assert_eq!(trailer, reason, "the reason stays with the commit");
    assert_eq!(json(&repo, &["audit", "--verify"])["tampered"], false, "an override is no tampering");
    repo.fsck();
}

#[test]
fn an_unknown_model_is_said_to_be_unknown() {
    let world = TestWorld::new();
    let repo = TabularSample::default().repo(&world, "work");
    refused(&repo, &["history", "--model", "nobody"], 3, "unknown_model");
}
