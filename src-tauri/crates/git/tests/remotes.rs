//! Clone, fetch and push, by path, `file://` and a real smart HTTP server.

mod support;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keelmark_git::{
    CloneOptions, Cloned, Error, Fetched, HistoryOptions, Oid, Plan, PushOutcome, PushUpdate, RefUpdate,
    Repository, RunFiles, TreeEdit, clone, sweep_clones,
};
use keelmark_types::{CommitId, NoProgress, Outcome, RunId, Stop};
use support::server::HttpServer;
use support::{TestRepo, ada, at, child, child_argument, git_in, git_output};

const DEPLOY: &str = "refs/heads/keelmark/deploy";

fn get(url: &str, into: &Path) -> Result<Cloned, Error> {
    let options = CloneOptions { url: url.to_owned(), into: into.to_owned(), depth: None };
    match clone(&options, &NoProgress, &Stop::new())? {
        Outcome::Done(cloned) => Ok(cloned),
        Outcome::Stopped { kept } => panic!("nobody stopped it: {kept}"),
    }
}

fn fetch(repo: &Repository) -> Fetched {
    match repo.fetch("origin", &NoProgress, &Stop::new()).expect("fetched") {
        Outcome::Done(fetched) => fetched,
        Outcome::Stopped { kept } => panic!("nobody stopped it: {kept}"),
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A repository with a tag, a deployment branch and a run.
fn source() -> (TestRepo, RunId) {
    let repo = TestRepo::new();
    repo.git(&["tag", "-a", "-m", "Release", "digits@v1.0.0"]);
    repo.git(&["branch", "keelmark/deploy"]);
    repo.git(&["branch", "feature"]);
    let run = record(&repo, 0);
    (repo, run)
}

fn record(repo: &TestRepo, second: i64) -> RunId {
    let run = RunId::from_parts(at(second), [1; 10]);
    let files = RunFiles { run_json: format!("{{\"n\": {second}}}").into_bytes(), ..Default::default() };
    repo.open().record_run(&run, &repo.head(), &files, &ada(second)).expect("recorded");
    run
}

fn check_clone(repo: &TestRepo, run: &RunId, cloned: &Cloned) {
    let head = repo.head();
    assert_eq!((cloned.head.as_ref(), cloned.commits), (Some(&head), 1));
    assert!(cloned.bytes > 0, "the pack has a size");
    let opened = Repository::open(&cloned.path).expect("a clone opens");
    assert_eq!(opened.status().expect("a state"), Vec::<String>::new(), "the work tree is as committed");
    assert_eq!(opened.resolve("digits@v1.0.0").expect("the tag came along"), head);
    let stored = opened.find_run(run).expect("readable").expect("the run came along");
    assert_eq!(stored.reference.remote.as_deref(), Some("origin"));
    assert_eq!(stored.run_json().expect("read"), b"{\"n\": 0}");
    assert_eq!(opened.default_branch().expect("a branch"), "main");
    let git = |arguments: &[&str]| git_in(&cloned.path, arguments);
    assert_eq!(git(&["status", "--porcelain"]), "", "the user's own git agrees");
    assert_eq!(git(&["config", "remote.origin.fetch"]).trim(), "+refs/heads/*:refs/remotes/origin/*");
    assert_eq!(git(&["rev-parse", "--abbrev-ref", "main@{upstream}"]).trim(), "origin/main");
    assert_eq!(git(&["rev-parse", "origin/keelmark/deploy"]).trim(), head.as_str());
    assert!(
        !git(&["config", "--list", "--local"]).contains("refs/keelmark"),
        "no refspec of ours in the configuration"
    );
    git(&["fetch", "-q"]);
    git(&["fsck", "--strict"]);
    let parent = cloned.path.parent().expect("a parent");
    let left: Vec<_> =
        std::fs::read_dir(parent).expect("listed").flatten().map(|entry| entry.path()).collect();
    assert!(
        left.iter().all(|path| !path.display().to_string().contains(".partial-")),
        "nothing is left: {left:?}"
    );
}

#[test]
fn a_clone_by_path_and_file_address_is_whole() {
    let (repo, run) = source();
    let folder = tempfile::tempdir().expect("a folder");
    check_clone(&repo, &run, &get(text(repo.path()), &folder.path().join("by-path")).expect("cloned"));
    let into = folder.path().join("empty");
    std::fs::create_dir(&into).expect("a folder");
    check_clone(
        &repo,
        &run,
        &get(&format!("file://{}", text(repo.path())), &into).expect("into an empty folder"),
    );
}

#[test]
fn a_clone_over_http_is_whole_and_pushes_back() {
    let Some(server) = HttpServer::start() else { return };
    let (repo, run) = source();
    let url = server.serve("p.git", repo.path());
    let folder = tempfile::tempdir().expect("a folder");
    let cloned = get(&url, &folder.path().join("c")).expect("cloned");
    check_clone(&repo, &run, &cloned);
    let missing =
        get(&url.replace("p.git", "q.git"), &folder.path().join("q")).expect_err("no such repository");
    assert!(matches!(missing, Error::NotFound { .. }), "{missing}");
    let opened = Repository::open(&cloned.path).expect("opens");
    let (old, new) = deployment(&opened, "1");
    let update = PushUpdate { local: Oid::from(&new), reference: DEPLOY.into(), expected: Some(old) };
    assert_eq!(opened.push("origin", &[update], &Stop::new()).expect("pushed"), PushOutcome::Done);
    assert_eq!(git_in(&server.path("p.git"), &["rev-parse", DEPLOY]).trim(), new.as_str());
    assert_eq!(fetch(&opened), Fetched::default(), "what was pushed is known here");
    git_in(&server.path("p.git"), &["config", "http.receivepack", "false"]);
    let (old, new) = deployment(&opened, "2");
    let update = PushUpdate { local: Oid::from(&new), reference: DEPLOY.into(), expected: Some(old) };
    let outcome = opened.push("origin", &[update], &Stop::new()).expect("an answer");
    assert!(matches!(outcome, PushOutcome::Denied { .. }), "the server takes no push: {outcome:?}");
}

/// A new commit on top of `origin/keelmark/deploy`, written and published at the branch here.
fn deployment(repo: &Repository, content: &str) -> (Oid, CommitId) {
    let old = repo.resolve("refs/remotes/origin/keelmark/deploy").expect("the branch");
    let mut plan = Plan::new(repo);
    let base = plan.tree_of(&old).expect("a tree");
    let blob = plan.blob(content).expect("a blob");
    let tree = plan.tree(Some(base), &[TreeEdit::file("release/deployment.yaml", blob)]).expect("a tree");
    let new = plan.commit(tree, std::slice::from_ref(&old), &ada(1), ("Promote", ""), &[]).expect("a commit");
    repo.write(&plan).expect("written");
    (Oid::from(&old), new)
}

#[test]
fn a_shallow_clone_holds_what_was_asked_for() {
    let (repo, _) = source();
    repo.file("README.md", "two");
    repo.commit_all("Two");
    let folder = tempfile::tempdir().expect("a folder");
    let options = CloneOptions {
        url: format!("file://{}", text(repo.path())),
        into: folder.path().join("c"),
        depth: std::num::NonZeroU32::new(1),
    };
    match clone(&options, &NoProgress, &Stop::new()).expect("cloned") {
        Outcome::Done(cloned) => assert_eq!(cloned.commits, 1, "one commit of the two"),
        Outcome::Stopped { kept } => panic!("nobody stopped it: {kept}"),
    }
    git_in(&options.into, &["fsck", "--strict"]);
    let opened = Repository::open(&options.into).expect("opens");
    let head = repo.head();
    for path in [None, Some("README.md".to_owned())] {
        let asked = HistoryOptions { path, ..Default::default() };
        let commits = opened.history(&head, &asked).expect("a history that ends");
        assert_eq!(
            (commits.len(), commits.first().map(|commit| commit.parents.len())),
            (1, Some(0)),
            "as git log"
        );
    }
    let (old, new) = deployment(&opened, "from a shallow clone");
    let update = PushUpdate { local: Oid::from(&new), reference: DEPLOY.into(), expected: Some(old) };
    assert_eq!(opened.push("origin", &[update], &Stop::new()).expect("pushed"), PushOutcome::Done);
    repo.assert_sound();
}

#[test]
fn an_empty_repository_is_cloned_and_filled_later() {
    let repo = TestRepo::empty(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let cloned = get(text(repo.path()), &folder.path().join("c")).expect("cloned");
    assert_eq!((cloned.head, cloned.commits), (None, 0));
    repo.file("README.md", "x");
    let first = repo.commit_all("First");
    let opened = Repository::open(&cloned.path).expect("opens");
    assert_eq!(fetch(&opened).moved.len(), 1, "the first branch");
    assert_eq!(opened.protected_base().expect("a base"), first);
}

#[test]
fn a_password_in_an_address_opens_the_remote() {
    let Some(server) = HttpServer::start_private() else { return };
    let repo = TestRepo::new();
    let url = server.serve("p.git", repo.path());
    let push = |user: &str, reference: &str| {
        let url = url.replace("http://", &format!("http://{user}"));
        git_output(repo.path(), &["remote", "remove", "origin"]);
        repo.git(&["remote", "add", "origin", &url]);
        let update =
            PushUpdate { local: Oid::from(&repo.head()), reference: reference.into(), expected: None };
        repo.open().push("origin", &[update], &Stop::new()).expect("an answer")
    };
    assert_eq!(push("ada:secret@", "refs/heads/a"), PushOutcome::Done);
    for wrong in ["", "ada:wrong@", "token@"] {
        let outcome = push(wrong, "refs/heads/b");
        assert!(matches!(outcome, PushOutcome::Denied { .. }), "{wrong:?} does not open it: {outcome:?}");
    }
}

#[test]
fn an_address_never_shows_on_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let repo = TestRepo::new();
    repo.git(&["remote", "add", "origin", &format!("http://ada:canary-secret@{address}/x.git")]);
    let opened = repo.open();
    let update =
        PushUpdate { local: Oid::from(&repo.head()), reference: "refs/heads/x".into(), expected: None };
    let stop = Stop::new();
    let raise = stop.clone();
    let watcher = std::thread::Builder::new().name("watch".into()).spawn(move || {
        std::thread::sleep(Duration::from_millis(400));
        let mut seen = Vec::new();
        for process in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            for file in ["cmdline", "environ"] {
                let text = std::fs::read(process.path().join(file)).unwrap_or_default();
                let text = String::from_utf8_lossy(&text).into_owned();
                if text.contains("canary-secret") {
                    seen.push(text);
                }
            }
        }
        raise.raise();
        drop(listener);
        seen
    });
    let outcome = opened.push("origin", &[update], &stop).expect("an answer");
    assert_ne!(outcome, PushOutcome::Done);
    let seen = watcher.expect("a thread").join().expect("it ends");
    assert_eq!(seen, Vec::<String>::new(), "the secret is in no argument and no variable");
    drop(folder);
}

#[test]
fn what_cannot_be_cloned_says_why_and_leaves_nothing() {
    let (repo, _) = source();
    let folder = tempfile::tempdir().expect("a folder");
    let into = folder.path().join("c");
    std::fs::create_dir(&into).expect("a folder");
    std::fs::write(into.join("mine"), "x").expect("a file");
    assert!(
        matches!(get(text(repo.path()), &into), Err(Error::Invalid { .. })),
        "a folder with files is refused"
    );
    let into = folder.path().join("d");
    for (url, kind) in [
        ("/nowhere/at/all", "NotFound"),
        ("http://127.0.0.1:1/x.git", "Unreachable"),
        ("ext::sh -c id", "Invalid"),
    ] {
        let error = get(url, &into).expect_err("it cannot be cloned");
        assert!(format!("{error:?}").starts_with(kind), "{url} is {kind}: {error:?}");
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).expect("listed").count(),
        1,
        "only the folder that was there"
    );
}

#[test]
fn a_stalled_clone_stops_within_a_second_and_keeps_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/x.git", listener.local_addr().expect("an address"));
    let folder = tempfile::tempdir().expect("a folder");
    let options = CloneOptions { url, into: folder.path().join("c"), depth: None };
    let stop = Stop::new();
    let raise = stop.clone();
    let started = Instant::now();
    let thread = std::thread::Builder::new().name("raise".into()).spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        raise.raise();
    });
    let outcome = clone(&options, &NoProgress, &stop).expect("stopping is no error");
    thread.expect("a thread").join().expect("it ends");
    assert!(matches!(outcome, Outcome::Stopped { .. }), "{outcome:?}");
    assert!(
        started.elapsed() < Duration::from_millis(300 + 1500),
        "within a second: {:?}",
        started.elapsed()
    );
    assert!(!options.into.exists(), "nothing at the destination");
}

#[test]
fn a_killed_clone_leaves_only_what_is_swept() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("notes.partial-abcdefghijkl")).expect("somebody else's folder");
    let mut child = child("child_clones", &folder.path().join("c"))
        .env("KEELMARK_URL", format!("http://{}/x.git", listener.local_addr().expect("an address")))
        .spawn()
        .expect("a child starts");
    let partial = || -> Option<PathBuf> {
        let entries = std::fs::read_dir(folder.path()).expect("listed").flatten();
        entries.map(|entry| entry.path()).find(|path| path.join("owner.lock").exists())
    };
    let deadline = Instant::now() + Duration::from_secs(20);
    while partial().is_none() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    let left = partial().expect("an unfinished folder");
    assert_eq!(sweep_clones(folder.path()).expect("swept"), Vec::<PathBuf>::new(), "its owner lives");
    child.kill().and_then(|()| child.wait()).expect("killed");
    assert!(!folder.path().join("c").exists(), "nothing at the destination");
    assert_eq!(sweep_clones(folder.path()).expect("swept"), [left]);
    assert!(folder.path().join("notes.partial-abcdefghijkl").exists(), "what is not ours stays");
}

#[test]
fn child_clones() {
    let Some(into) = child_argument() else { return };
    let url = std::env::var("KEELMARK_URL").expect("an address");
    println!("{:?}", get(&url, &into));
}

#[test]
fn a_fetch_brings_what_moved_and_replaces_no_run() {
    let (repo, run) = source();
    let folder = tempfile::tempdir().expect("a folder");
    let cloned = get(text(repo.path()), &folder.path().join("c")).expect("cloned");
    let opened = Repository::open(&cloned.path).expect("opens");
    assert_eq!(fetch(&opened), Fetched::default(), "nothing moved");
    repo.file("README.md", "two");
    let two = repo.commit_all("Two");
    repo.git(&["tag", "digits@v1.1.0"]);
    let new_run = record(&repo, 60);
    let fetched = fetch(&opened);
    let moved: Vec<&str> = fetched.moved.iter().map(|moved| moved.reference.as_str()).collect();
    let run_ref = format!("refs/keelmark/remotes/origin/runs/2026-01/{new_run}");
    assert_eq!(moved, [run_ref.as_str(), "refs/remotes/origin/main", "refs/tags/digits@v1.1.0"]);
    assert_eq!(opened.protected_base().expect("a base"), two);
    assert_eq!(opened.runs().expect("listed").len(), 2);
    let other = repo.head();
    repo.git(&["update-ref", &format!("refs/keelmark/runs/2026-01/{run}"), other.as_str()]);
    let fetched = fetch(&opened);
    assert_eq!(
        (fetched.moved.len(), fetched.differing.len()),
        (0, 1),
        "a rewritten run is told, not taken over"
    );
    let stored = opened.find_run(&run).expect("readable").expect("there");
    assert_eq!(stored.run_json().expect("read"), b"{\"n\": 0}", "the run that was here is still here");
    git_in(&cloned.path, &["fsck", "--strict"]);
}

#[test]
fn a_push_that_lost_the_race_says_where_the_ref_is() {
    let (repo, _) = source();
    let folder = tempfile::tempdir().expect("a folder");
    let bare = folder.path().join("p.git");
    repo.git(&["clone", "-q", "--mirror", ".", text(&bare)]);
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let (a, b) = (get(text(&bare), &a).expect("cloned").path, get(text(&bare), &b).expect("cloned").path);
    let (a, b) = (Repository::open(a).expect("opens"), Repository::open(b).expect("opens"));
    let push = |repo: &Repository, old: Option<Oid>, new: &CommitId| {
        let update = PushUpdate { local: Oid::from(new), reference: DEPLOY.into(), expected: old };
        repo.push("origin", &[update], &Stop::new())
    };
    let (old, first) = deployment(&a, "a");
    assert_eq!(push(&a, Some(old), &first).expect("pushed"), PushOutcome::Done);
    assert_eq!(push(&a, Some(old), &first).expect("again"), PushOutcome::Done, "the remote has it already");
    let (old, second) = deployment(&b, "b");
    let conflict = PushOutcome::Conflict { reference: DEPLOY.into(), now: Some(Oid::from(&first)) };
    assert_eq!(push(&b, Some(old), &second).expect("an answer"), conflict);
    assert_eq!(push(&b, None, &second).expect("an answer"), conflict, "it was not to exist");
    let rewriting = push(&a, Some(Oid::from(&first)), &repo.head());
    assert!(matches!(rewriting, Err(Error::Invalid { .. })), "history is never taken away: {rewriting:?}");
    assert_eq!(git_in(&bare, &["rev-parse", DEPLOY]).trim(), first.as_str());
    assert_eq!(a.find_ref("refs/remotes/origin/keelmark/deploy").expect("read"), Some(Oid::from(&first)));
    let tips = a.remote_tips("origin", &[DEPLOY, "refs/heads/none"]).expect("tips");
    assert_eq!(tips.into_iter().collect::<Vec<_>>(), [(DEPLOY.to_owned(), Oid::from(&first))]);
}

#[test]
fn several_refs_go_together_or_not_at_all() {
    let (repo, _) = source();
    let folder = tempfile::tempdir().expect("a folder");
    let bare = folder.path().join("p.git");
    repo.git(&["clone", "-q", "--mirror", ".", text(&bare)]);
    let opened =
        Repository::open(get(text(&bare), &folder.path().join("c")).expect("cloned").path).expect("opens");
    let (old, new) = deployment(&opened, "a");
    let mut plan = Plan::new(&opened);
    let tag = plan.tag("digits@v1.1.0", &new, &ada(0), "Release").expect("a tag");
    opened.write(&plan).expect("written");
    opened.publish(&RefUpdate::create("refs/tags/digits@v1.1.0", tag, "")).expect("published");
    let branch = PushUpdate { local: Oid::from(&new), reference: DEPLOY.into(), expected: Some(old) };
    let taken = PushUpdate { local: tag, reference: "refs/tags/digits@v1.0.0".into(), expected: None };
    let outcome = opened.push("origin", &[branch.clone(), taken], &Stop::new()).expect("an answer");
    assert!(
        matches!(&outcome, PushOutcome::Conflict { reference, .. } if reference == "refs/tags/digits@v1.0.0"),
        "{outcome:?}"
    );
    assert_eq!(git_in(&bare, &["rev-parse", DEPLOY]).trim(), old.to_string(), "the branch stayed too");
    let free = PushUpdate { local: tag, reference: "refs/tags/digits@v1.1.0".into(), expected: None };
    assert_eq!(opened.push("origin", &[branch, free], &Stop::new()).expect("pushed"), PushOutcome::Done);
    assert_eq!(git_in(&bare, &["rev-parse", "digits@v1.1.0^{commit}"]).trim(), new.as_str());
}

#[test]
fn a_hook_of_the_remote_is_heard() {
    use std::os::unix::fs::PermissionsExt;
    let (repo, _) = source();
    let folder = tempfile::tempdir().expect("a folder");
    let bare = folder.path().join("p.git");
    repo.git(&["clone", "-q", "--mirror", ".", text(&bare)]);
    let opened =
        Repository::open(get(text(&bare), &folder.path().join("c")).expect("cloned").path).expect("opens");
    let hook = bare.join("hooks/pre-receive");
    std::fs::create_dir_all(bare.join("hooks")).expect("a folder");
    std::fs::write(&hook, "#!/bin/sh\necho 'refused: two people must approve' >&2\nexit 1\n")
        .expect("a hook");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("executable");
    let (old, new) = deployment(&opened, "a");
    let update = PushUpdate { local: Oid::from(&new), reference: DEPLOY.into(), expected: Some(old) };
    let outcome = opened.push("origin", std::slice::from_ref(&update), &Stop::new()).expect("an answer");
    let words = "refused: two people must approve".to_owned();
    assert_eq!(outcome, PushOutcome::Rejected { reference: DEPLOY.into(), words });
    std::fs::remove_dir_all(&bare).expect("removed");
    let outcome = opened.push("origin", std::slice::from_ref(&update), &Stop::new()).expect("an answer");
    assert!(matches!(outcome, PushOutcome::NotFound { .. }), "{outcome:?}");
    git_in(opened.work_dir().expect("a work tree"), &["remote", "set-url", "origin", "http://127.0.0.1:1/x"]);
    let outcome = opened.push("origin", &[update], &Stop::new()).expect("an answer");
    assert!(matches!(outcome, PushOutcome::Unreachable { .. }), "{outcome:?}");
}
