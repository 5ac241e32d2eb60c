//! Versions, revisions, history and refs, against what git itself says.

mod support;

use keelmark_git::{EntryKind, Error, HistoryOptions, Repository};
use support::{TestRepo, child, child_argument, git_in};

#[test]
fn a_repository_is_found_from_within_and_nothing_else_is_one() {
    let repo = TestRepo::new();
    let inner = Repository::open(repo.path().join("data")).expect("found upwards");
    assert_eq!(inner.common_dir(), repo.open().common_dir(), "one repository, however it is entered");
    let nowhere = tempfile::tempdir().expect("a folder");
    for path in [nowhere.path().to_owned(), nowhere.path().join("missing")] {
        let error = Repository::open(&path).expect_err("not a repository");
        assert!(matches!(error, Error::NotARepository { .. }), "{error}");
    }
}

#[test]
fn bare_repositories_and_linked_work_trees_open() {
    let repo = TestRepo::new();
    let beside = tempfile::tempdir().expect("a folder");
    let (bare, linked) = (beside.path().join("b.git"), beside.path().join("linked"));
    repo.git(&["clone", "-q", "--bare", ".", bare.to_str().expect("UTF-8")]);
    repo.git(&["worktree", "add", "-q", "-b", "side", linked.to_str().expect("UTF-8")]);
    let opened = Repository::open(&bare).expect("a bare repository opens");
    assert_eq!((opened.work_dir(), opened.status().expect("no work tree")), (None, vec![]));
    let opened = Repository::open(&linked).expect("a linked work tree opens");
    assert_eq!(opened.common_dir(), repo.open().common_dir(), "work trees share one state");
    assert_eq!(opened.head_branch().expect("a branch").as_deref(), Some("side"));
}

#[test]
fn revisions_resolve_as_git_does() {
    let repo = TestRepo::new();
    let first = repo.head();
    repo.git(&["tag", "-a", "-m", "Release", "digits@v1.0.0"]);
    repo.git(&["tag", "digits#production#5"]);
    repo.file("README.md", "two\n");
    repo.commit_all("Second");
    repo.file("README.md", "three\n");
    let third = repo.commit_all("Third");
    repo.git(&["branch", "feature/x", "HEAD~1"]);
    let opened = repo.open();
    for revision in [
        "HEAD",
        "HEAD~2",
        "main",
        "feature/x",
        "digits@v1.0.0",
        "digits#production#5",
        third.as_str(),
        third.short(),
    ] {
        let said = repo.git(&["rev-parse", &format!("{revision}^{{commit}}")]);
        let ours = opened.resolve(revision).expect(revision);
        assert_eq!(ours.as_str(), said.trim(), "{revision} as git resolves it");
    }
    assert_eq!(opened.resolve("digits@v1.0.0").expect("a tag"), first, "a tag stands for its commit");
    match opened.resolve("digits@v1.0.1") {
        Err(Error::NotFound { near, .. }) => {
            assert_eq!(near.first().map(String::as_str), Some("digits@v1.0.0"));
        }
        other => panic!("a near name is offered: {other:?}"),
    }
    for wrong in ["", "HEAD~99", "no such", "deadbeefdeadbeef", "\0", "--help", "HEAD^{tree}"] {
        assert!(opened.resolve(wrong).is_err(), "{wrong:?} names no commit");
    }
}

#[test]
fn a_version_is_read_without_the_work_tree() {
    let repo = TestRepo::new();
    repo.file("models/a/model.yaml", "name: a\n");
    repo.file("model.yaml", "name: root\n");
    std::os::unix::fs::symlink("/etc/passwd", repo.path().join("link")).expect("a link");
    let commit = repo.commit_all("Models");
    repo.file("model.yaml", "changed since\n");
    let version = repo.open().version(&commit).expect("a version");
    assert_eq!(version.read("model.yaml", 100).expect("readable").as_deref(), Some(&b"name: root\n"[..]));
    assert_eq!(version.read("link", 100).expect("readable"), None, "a link is never followed");
    assert_eq!(version.read("models", 100).expect("readable"), None, "a folder is no file");
    assert_eq!(version.read("nowhere/x", 100).expect("readable"), None);
    assert!(
        matches!(version.read("model.yaml", 5), Err(Error::Unsupported { .. })),
        "over the limit is an error"
    );
    assert_eq!(version.find_named("model.yaml").expect("found"), ["model.yaml", "models/a/model.yaml"]);
    let listed = version.list("").expect("listed");
    let ours: Vec<String> = listed.iter().map(|entry| format!("{} {}", entry.oid, entry.path)).collect();
    let gits = repo.git(&["ls-tree", "-r", "--format=%(objectname) %(path)", commit.as_str()]);
    let mut gits: Vec<&str> = gits.lines().collect();
    let mut sorted: Vec<&str> = ours.iter().map(String::as_str).collect();
    gits.sort_unstable();
    sorted.sort_unstable();
    assert_eq!(sorted, gits, "the same files as git ls-tree -r");
    let subtree = version.subtree("models/a").expect("readable").expect("a folder");
    assert_eq!(subtree.to_string(), repo.git(&["rev-parse", "HEAD:models/a"]).trim());
    let link = version.entry("link").expect("readable").expect("there");
    assert_eq!((link.kind, link.size_bytes), (EntryKind::Link, 11));
}

#[test]
fn history_is_that_of_git_log() {
    let repo = TestRepo::new();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.file("side.txt", "1");
    repo.commit_all("Side\n\nWith a body.\n");
    repo.git(&["checkout", "-q", "main"]);
    for number in 0..3 {
        repo.file("data/train.csv", format!("{number}"));
        repo.commit_all(&format!("Main {number}"));
    }
    repo.git(&["merge", "-q", "--no-ff", "-m", "Merge side", "side"]);
    let opened = repo.open();
    let head = repo.head();
    let ids = |options: &HistoryOptions| -> Vec<String> {
        let commits = opened.history(&head, options).expect("a history");
        commits.iter().map(|commit| commit.id.to_string()).collect()
    };
    let check = |options: &HistoryOptions, arguments: &[&str]| {
        let said = repo.git(&[&["rev-list", "--topo-order"], arguments].concat());
        assert_eq!(ids(options), said.lines().collect::<Vec<_>>(), "as git rev-list {arguments:?}");
    };
    let all = HistoryOptions::default();
    check(&all, &["HEAD"]);
    check(&HistoryOptions { limit: Some(2), ..all.clone() }, &["-n2", "HEAD"]);
    check(&HistoryOptions { first_parent: true, ..all.clone() }, &["--first-parent", "HEAD"]);
    check(&HistoryOptions { path: Some("data".into()), ..all.clone() }, &["HEAD", "--", "data"]);
    check(&HistoryOptions { path: Some("side.txt".into()), ..all.clone() }, &["HEAD", "--", "side.txt"]);
    let not_from = vec![opened.resolve("HEAD~1").expect("a commit")];
    check(&HistoryOptions { not_from, ..all.clone() }, &["HEAD", "^HEAD~1"]);
    repo.git(&["commit-graph", "write", "--reachable"]);
    check(&all, &["HEAD"]);
    let side = opened.commit_info(&opened.resolve("side").expect("a branch")).expect("a commit");
    assert_eq!((side.subject.as_str(), side.body.as_str()), ("Side", "With a body."));
    assert_eq!((side.author_name.as_str(), side.author_email.as_str()), ("Ada Example", "ada@example.org"));
}

#[test]
fn order_is_topology_whatever_the_dates() {
    let repo = TestRepo::new();
    for (index, (year, seconds)) in
        [("2999", 32_472_144_000_i64), ("1980", 315_532_800), ("2036", 2_082_758_400)].iter().enumerate()
    {
        repo.file("README.md", format!("{index}"));
        repo.git(&["add", "-A"]);
        let date = format!("@{seconds} +0000");
        let made = std::process::Command::new("git")
            .current_dir(repo.path())
            .args(["commit", "-q", "-m", year])
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .status();
        assert!(made.expect("git").success());
    }
    let commits = repo.open().history(&repo.head(), &HistoryOptions::default()).expect("a history");
    let subjects: Vec<&str> = commits.iter().map(|commit| commit.subject.as_str()).collect();
    assert_eq!(subjects, ["2036", "1980", "2999", "Begin"], "children before parents");
}

#[test]
fn the_protected_base_is_what_was_fetched() {
    let repo = TestRepo::new();
    let fetched = repo.head();
    let beside = tempfile::tempdir().expect("a folder");
    let copy = beside.path().join("copy");
    repo.git(&["clone", "-q", ".", copy.to_str().expect("UTF-8")]);
    git_in(
        &copy,
        &["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "--allow-empty", "-m", "Local"],
    );
    let opened = Repository::open(&copy).expect("opens");
    assert_eq!(opened.default_branch().expect("a branch"), "main");
    assert_eq!(opened.protected_base().expect("a base"), fetched, "a local commit cannot change the base");
    git_in(&copy, &["remote", "remove", "origin"]);
    let local = git_in(&copy, &["rev-parse", "HEAD"]);
    assert_eq!(
        opened.protected_base().expect("a base").as_str(),
        local.trim(),
        "without origin the local branch"
    );
}

#[test]
fn tags_tell_their_commit_and_message() {
    let repo = TestRepo::new();
    repo.git(&["tag", "light"]);
    repo.git(&["tag", "-a", "-m", "Release one", "digits@v1.0.0"]);
    let tags = repo.open().tags().expect("tags");
    let names: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(names, ["digits@v1.0.0", "light"]);
    assert!(tags.iter().all(|tag| tag.commit == repo.head()), "both are of the one commit");
    let message =
        tags.iter().find_map(|tag| tag.annotation.as_ref()).map(|annotation| annotation.message.as_str());
    assert_eq!(message, Some("Release one"));
}

#[test]
fn damaged_and_missing_objects_are_typed_errors() {
    let repo = TestRepo::new();
    let commit = repo.head();
    let blob = repo.git(&["rev-parse", "HEAD:README.md"]);
    let path = repo.path().join(".git/objects").join(&blob[..2]).join(&blob.trim()[2..]);
    std::fs::remove_file(&path).expect("removed");
    let version = repo.open().version(&commit).expect("the commit is there");
    assert!(matches!(version.read("README.md", 100), Err(Error::Corrupt { .. })), "a missing blob is damage");
    std::fs::write(&path, b"scribble").expect("written");
    assert!(version.read("README.md", 100).is_err(), "a damaged blob is an error");
    let unknown = keelmark_types::CommitId::new("00".repeat(20)).expect("an id");
    assert!(matches!(repo.open().version(&unknown), Err(Error::NotFound { .. })));
}

#[test]
fn an_identity_is_never_guessed() {
    let repo = TestRepo::new();
    let identity = repo.open().identity().expect("configured in the repository");
    assert_eq!(identity.to_string(), "Ada Example <ada@example.org>");
    repo.git(&["config", "--unset", "user.name"]);
    repo.git(&["config", "--unset", "user.email"]);
    let home = tempfile::tempdir().expect("a folder");
    let run = |name: Option<&str>| {
        let mut command = child("child_prints_identity", repo.path());
        command.env("HOME", home.path()).env("GIT_CONFIG_NOSYSTEM", "1").env_remove("XDG_CONFIG_HOME");
        command.env_remove("GIT_CONFIG_GLOBAL").env_remove("GIT_AUTHOR_NAME").env_remove("GIT_AUTHOR_EMAIL");
        if let Some(name) = name {
            command.env("GIT_AUTHOR_NAME", name).env("GIT_AUTHOR_EMAIL", "grace@example.org");
        }
        String::from_utf8_lossy(&command.output().expect("the child runs").stdout).into_owned()
    };
    assert!(run(None).contains("git config --global user.name"), "the mend is said: {}", run(None));
    assert!(
        run(Some("Grace")).contains("Grace <grace@example.org>"),
        "the environment counts: {}",
        run(Some("G"))
    );
}

#[test]
fn child_prints_identity() {
    let Some(path) = child_argument() else { return };
    match Repository::open(path).expect("opens").identity() {
        Ok(identity) => println!("{identity}"),
        Err(error) => println!("{error}"),
    }
}
