//! Remotes: what comes along with a clone, what a promotion pushes, and what happens where the remote says no, is
//! gone, or somebody else was there first.

use std::fs;

use keelmark_journeys::{BareRemote, HttpGit, HttpOptions, TestRepo, TestWorld};

use crate::{json, problem, text, two_versions};

const DEPLOY: &str = "refs/heads/keelmark/deploy";
const REFUSES: &str = "#!/bin/sh\nwhile read -r old new name; do\n  case $name in refs/heads/keelmark/*) \
    echo 'deployments are closed' >&2; exit 1;; esac\ndone\nexit 0\n";

/// Two trained versions whose main branch and runs are at `url`.
fn published<'w>(world: &'w TestWorld, url: &str) -> (TestRepo<'w>, String, String) {
    let (repo, first, second) = two_versions(world, "work");
    repo.git(&["remote", "add", "origin", url]);
    repo.git(&["push", "--quiet", "--set-upstream", "origin", "main"]);
    json(&repo, &["share"]);
    (repo, first, second)
}

/// A second person's clone, by the product itself.
fn cloned<'w>(world: &'w TestWorld, url: &str) -> TestRepo<'w> {
    let into = world.path().join("copy");
    let answer = world.keelmark(&["clone", url, &into.to_string_lossy(), "--json"]).ok().json();
    assert_eq!(answer["runs"], 2, "both runs come along: {answer:#}");
    assert_eq!(answer["models"][0], "clouds", "the model is named: {answer:#}");
    world.open(&into)
}

/// Share, clone, promote and see the promotion in the clone, over any transport.
fn there_and_back(world: &TestWorld, remote: &BareRemote<'_>, url: &str) {
    let (repo, first, second) = published(world, url);
    let copy = cloned(world, url);
    assert_eq!(copy.head(), second, "the clone stands where the remote does");
    let history = json(&copy, &["history", "--metrics", "accuracy"]);
    assert!(history["commits"][0]["metrics"]["accuracy"]["value"].is_f64(), "usable at once: {history:#}");
    let runs = json(&copy, &["runs"]);
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(2), "the runs are listed: {runs:#}");
    assert_eq!(json(&copy, &["compare", &first, &second])["comparable"], true, "and can be compared");

    let made = json(&repo, &["promote", &first, "--to", "staging"]);
    assert_eq!(made["pushed"], true, "the remote has it: {made:#}");
    assert_eq!(remote.tip(DEPLOY).as_deref(), made["commit"].as_str(), "Git says so too");
    for tag in made["tags"].as_array().expect("tags") {
        let name = format!("refs/tags/{}", tag.as_str().expect("a name"));
        assert!(remote.tip(&name).is_some(), "{name} was pushed with it");
    }

    json(&copy, &["fetch"]);
    let seen = json(&copy, &["env", "show", "staging"]);
    assert_eq!(seen["desired"]["deployment"]["version"], first.as_str(), "the other clone sees it: {seen:#}");
    let next = json(&copy, &["promote", &second, "--to", "staging"]);
    assert_eq!(next["pushed"], true, "a run that came along can be promoted: {next:#}");
    remote.git(&["merge-base", "--is-ancestor", text(&made, "commit"), text(&next, "commit")]);
    json(&repo, &["fetch"]);
    let seen = json(&repo, &["env", "show", "staging"]);
    assert_eq!(seen["desired"]["deployment"]["version"], second.as_str(), "and back again: {seen:#}");
    for repo in [&repo, &copy] {
        assert_eq!(json(repo, &["audit", "--verify"])["tampered"], false, "every word holds");
        assert_eq!(repo.git(&["status", "--porcelain"]), "", "the work tree is the user's");
        repo.fsck();
    }
    remote.fsck();
}

#[test]
fn a_bare_repository_by_its_path() {
    let world = TestWorld::new();
    let remote = world.bare("remote.git");
    there_and_back(&world, &remote, &remote.url());
}

#[test]
fn a_server_over_http() {
    let world = TestWorld::new();
    let Some(server) = HttpGit::start(&world, HttpOptions::default()) else { return };
    let remote = server.create("model");
    there_and_back(&world, &remote, &server.url("model"));
}

/// The remote's own rule says no: exit 6, and no ref moves here or there.
fn hook_says_no(repo: &TestRepo<'_>, remote: &BareRemote<'_>, first: &str) {
    let refs = || (repo.refs("refs/heads"), repo.refs("refs/tags"), repo.refs("refs/remotes"));
    let before = refs();
    let problem = problem(repo, &["promote", first, "--to", "staging"], 6, "rejected");
    let told = format!("{} {}", text(&problem, "summary"), text(&problem, "detail"));
    assert!(told.contains("deployments are closed"), "the hook's words are shown: {problem:#}");
    assert_eq!(refs(), before, "no ref moved here");
    assert_eq!(remote.tip(DEPLOY), None, "nor there");
    assert!(json(repo, &["env", "show", "staging"])["desired"].is_null(), "nothing is desired");
    repo.fsck();
}

#[test]
fn a_hook_that_refuses_by_path() {
    let world = TestWorld::new();
    let remote = world.bare("remote.git");
    remote.hook("pre-receive", REFUSES);
    let (repo, first, _) = published(&world, &remote.url());
    hook_says_no(&repo, &remote, &first);
}

#[test]
fn a_hook_that_refuses_over_http() {
    let world = TestWorld::new();
    let options = HttpOptions { pre_receive: Some(REFUSES), ..HttpOptions::default() };
    let Some(server) = HttpGit::start(&world, options) else { return };
    let remote = server.create("model");
    let (repo, first, _) = published(&world, &server.url("model"));
    hook_says_no(&repo, &remote, &first);
}

#[test]
fn a_password_that_is_missing_is_denied() {
    let world = TestWorld::new();
    let options = HttpOptions { auth: Some(("ada", "secret")), ..HttpOptions::default() };
    let Some(server) = HttpGit::start(&world, options) else { return };
    server.create("model");
    let answer = world.keelmark(&["clone", &server.url("model"), "copy", "--json"]).expecting(6);
    assert_eq!(answer.problem()["code"], "denied", "{}", answer.told());
    assert!(!world.path().join("copy/.git").exists(), "no half clone is left");
}

#[test]
fn a_remote_that_is_gone_gets_the_promotion_later() {
    let world = TestWorld::new();
    let remote = world.bare("remote.git");
    let (repo, first, _) = published(&world, &remote.url());
    let away = world.path().join("away.git");
    fs::rename(remote.path(), &away).expect("a folder of ours");
    let made = json(&repo, &["promote", &first, "--to", "staging"]);
    assert_eq!(made["pushed"], false, "the remote is not there: {made:#}");
    assert!(made["push_note"].is_string(), "and that is said: {made:#}");
    assert_eq!(repo.resolve(DEPLOY), text(&made, "commit"), "it is kept here");
    fs::rename(&away, remote.path()).expect("a folder of ours");
    json(&repo, &["share"]);
    assert_eq!(remote.tip(DEPLOY).as_deref(), made["commit"].as_str(), "it arrived as it was made");
    repo.fsck();
}

#[test]
fn promotions_that_parted_are_a_conflict() {
    let world = TestWorld::new();
    let remote = world.bare("remote.git");
    let (repo, first, second) = published(&world, &remote.url());
    let copy = cloned(&world, &remote.url());
    let kept = json(&repo, &["promote", &first, "--to", "staging", "--no-push"]);
    assert_eq!(kept["pushed"], false, "it was kept here: {kept:#}");
    let theirs = json(&copy, &["promote", &second, "--to", "staging"]);
    assert_eq!(theirs["pushed"], true, "the other one was faster: {theirs:#}");

    problem(&repo, &["promote", &second, "--to", "staging"], 4, "conflict");
    problem(&repo, &["share"], 4, "conflict");
    assert_eq!(repo.resolve(DEPLOY), text(&kept, "commit"), "what was kept here stays");
    assert_eq!(remote.tip(DEPLOY).as_deref(), theirs["commit"].as_str(), "nothing was overwritten there");
    repo.fsck();
    remote.fsck();
}

#[test]
fn sharing_with_a_remote_that_is_gone_is_unreachable() {
    let world = TestWorld::new();
    let remote = world.bare("remote.git");
    let (repo, ..) = published(&world, &remote.url());
    fs::remove_dir_all(remote.path()).expect("a folder of ours");
    json(&repo, &["train", "--seed", "9"]);
    let before = repo.refs("refs");
    problem(&repo, &["share"], 5, "unreachable");
    problem(&repo, &["fetch"], 5, "unreachable");
    assert_eq!(repo.refs("refs"), before, "no ref moved");
}
