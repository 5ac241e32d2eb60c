//! Repositories that try to run something: whatever is done with them, nothing does.

mod support;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use keelmark_git::{
    CloneOptions, Error, HistoryOptions, Oid, Plan, PrivateFiles, PushOutcome, PushUpdate, RefUpdate,
    Repository, RunFiles, TreeEdit, clone,
};
use keelmark_types::{NoProgress, Outcome, RunId, Stop};
use support::{TestRepo, ada, at, git_in, git_output};

const HOOKS: [&str; 9] = [
    "reference-transaction",
    "pre-push",
    "post-checkout",
    "post-index-change",
    "pre-commit",
    "fsmonitor-watchman",
    "post-update",
    "update",
    "pre-receive",
];

fn trap(folder: &Path, marker: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    for hook in HOOKS {
        let path = folder.join(hook);
        std::fs::write(&path, format!("#!/bin/sh\necho {hook} >> '{}'\n", marker.display())).expect("a hook");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("executable");
    }
}

/// A repository whose configuration, attributes and hooks name commands wherever git takes one.
fn hostile(marker: &Path) -> TestRepo {
    let repo = TestRepo::new();
    repo.file(".gitattributes", "* filter=evil diff=evil merge=evil\n");
    repo.file("notes.txt", "one\n");
    repo.commit_all("Trap");
    trap(&repo.path().join(".git/hooks"), marker);
    trap(&repo.path().join("evil-hooks"), marker);
    let run = |what: &str| format!("sh -c 'echo {what} >> {}; cat' #", marker.display());
    for key in [
        "core.fsmonitor",
        "core.sshCommand",
        "core.gitProxy",
        "core.pager",
        "core.editor",
        "core.askPass",
        "core.alternateRefsCommand",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "merge.evil.driver",
        "credential.helper",
        "gpg.program",
        "gpg.ssh.program",
        "gpg.ssh.defaultKeyCommand",
        "uploadpack.packObjectsHook",
        "pager.diff-tree",
        "alias.update-ref",
        "remote.origin.uploadpack",
        "remote.origin.receivepack",
    ] {
        repo.git(&["config", key, &run(key)]);
    }
    for (key, value) in [
        ("core.hooksPath", "evil-hooks"),
        ("filter.evil.required", "true"),
        ("commit.gpgSign", "true"),
        ("tag.gpgSign", "true"),
        ("push.gpgSign", "true"),
        ("core.worktree", "/etc"),
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", &format!("ext::sh -c echo% ext% >>% {}", marker.display())),
    ] {
        std::fs::write(
            repo.path().join(".git/config"),
            std::fs::read_to_string(repo.path().join(".git/config")).expect("a configuration")
                + &setting(key, value),
        )
        .expect("written");
    }
    repo
}

fn setting(key: &str, value: &str) -> String {
    let (section, name) = key.rsplit_once('.').expect("a key");
    let header = match section.split_once('.') {
        Some((section, subsection)) => format!("[{section} \"{subsection}\"]"),
        None => format!("[{section}]"),
    };
    format!("{header}\n\t{name} = \"{value}\"\n")
}

#[test]
fn no_command_of_a_repository_runs() {
    let outside = tempfile::tempdir().expect("a folder");
    let marker = outside.path().join("marker");
    let repo = hostile(&marker);
    git_output(repo.path(), &["--work-tree=.", "status"]);
    assert!(marker.exists(), "the trap works: git itself walks into it");
    std::fs::remove_file(&marker).expect("removed");

    let opened = Repository::open(repo.path()).expect("opens");
    let work_dir = std::fs::canonicalize(repo.path()).expect("a path");
    assert_eq!(opened.work_dir(), Some(work_dir.as_path()), "core.worktree of a repository leads nowhere");
    let head = opened.head().expect("readable").expect("a commit");
    assert_eq!(opened.identity().expect("an identity").name, "Ada Example");
    repo.file("notes.txt", "two\n");
    assert!(opened.status().expect("a state").contains(&"notes.txt".to_owned()));
    let snapshot = opened.snapshot(&ada(0)).expect("a snapshot");
    let version = opened.version(&snapshot.commit).expect("a version");
    assert_eq!(
        version.read("notes.txt", 100).expect("read").as_deref(),
        Some(&b"two\n"[..]),
        "no clean filter"
    );
    assert_eq!(opened.history(&head, &HistoryOptions::default()).expect("a history").len(), 2);
    assert!(opened.resolve("v1").is_err() && opened.tags().expect("tags").is_empty());

    let mut plan = Plan::new(&opened);
    let blob = plan.blob("three\n").expect("a blob");
    let base = plan.tree_of(&head).expect("a tree");
    let tree = plan.tree(Some(base), &[TreeEdit::file("notes.txt", blob)]).expect("a tree");
    let commit =
        plan.commit(tree, std::slice::from_ref(&head), &ada(1), ("Promote", ""), &[]).expect("a commit");
    assert!(plan.diff(Some(base), tree).expect("a diff").contains("+three"));
    opened.write(&plan).expect("written");
    opened.publish(&RefUpdate::create("refs/heads/keelmark/deploy", &commit, "x")).expect("published");
    let run = RunId::from_parts(at(0), [5; 10]);
    opened.record_private(&run, &PrivateFiles::default(), &ada(0)).expect("recorded");
    opened.record_run(&run, &head, &RunFiles::default(), &ada(0)).expect("recorded");
    opened.sweep(at(0)).expect("swept");

    let stop = Stop::new();
    let update = PushUpdate { local: Oid::from(&commit), reference: "refs/heads/x".into(), expected: None };
    assert!(
        matches!(opened.fetch("origin", &NoProgress, &stop), Err(Error::Invalid { .. })),
        "ext:: is refused"
    );
    assert!(matches!(
        opened.push("origin", std::slice::from_ref(&update), &stop),
        Err(Error::Invalid { .. })
    ));
    let target = outside.path().join("good.git");
    git_in(outside.path(), &["init", "-q", "--bare", target.to_str().expect("UTF-8")]);
    let good = setting("remote.good.url", target.to_str().expect("UTF-8"))
        + &setting("remote.good.receivepack", &format!("touch {}", marker.display()))
        + &setting("remote.good.uploadpack", &format!("touch {}", marker.display()));
    let config = repo.path().join(".git/config");
    std::fs::write(&config, std::fs::read_to_string(&config).expect("read") + &good).expect("written");
    assert_eq!(opened.push("good", &[update], &stop).expect("pushed"), PushOutcome::Done);
    assert!(matches!(opened.fetch("good", &NoProgress, &stop), Ok(Outcome::Done(_))));
    let said = std::fs::read_to_string(&marker).unwrap_or_default();
    assert_eq!(said, "", "no command of the repository ran");
}

#[test]
fn a_missing_object_is_not_fetched_by_a_promisor() {
    let outside = tempfile::tempdir().expect("a folder");
    let marker = outside.path().join("marker");
    let repo = hostile(&marker);
    let blob = git_in(repo.path(), &["--git-dir=.git", "rev-parse", "HEAD:notes.txt"]);
    std::fs::remove_file(repo.path().join(".git/objects").join(&blob[..2]).join(&blob.trim()[2..]))
        .expect("removed");
    let opened = Repository::open(repo.path()).expect("opens");
    let head = opened.head().expect("readable").expect("a commit");
    let mut plan = Plan::new(&opened);
    let new = plan.blob("new\n").expect("a blob");
    let base = plan.tree_of(&head).expect("a tree");
    let tree = plan.tree(Some(base), &[TreeEdit::file("notes.txt", new)]).expect("a tree");
    assert!(matches!(plan.diff(Some(base), tree), Err(Error::Corrupt { .. })), "what is missing is damage");
    assert!(opened.version(&head).expect("a version").read("notes.txt", 100).is_err());
    assert!(!marker.exists(), "no remote was asked for it");
}

#[test]
fn cloning_a_hostile_repository_runs_nothing() {
    let outside = tempfile::tempdir().expect("a folder");
    let marker = outside.path().join("marker");
    let repo = hostile(&marker);
    std::os::unix::fs::symlink(&marker, repo.path().join("link")).expect("a link");
    let git = |arguments: &[&str]| {
        let clean =
            ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "filter.evil.process="];
        let more = [
            "-c",
            "filter.evil.clean=",
            "-c",
            "filter.evil.required=false",
            "-c",
            "commit.gpgSign=false",
            "--work-tree=.",
        ];
        git_in(repo.path(), &[&clean[..], &more[..], arguments].concat());
    };
    git(&["add", "link"]);
    git(&["commit", "-q", "-m", "Link"]);
    if marker.exists() {
        std::fs::remove_file(&marker).expect("removed");
    }
    let into = outside.path().join("c");
    let options = CloneOptions { url: repo.path().display().to_string(), into: into.clone(), depth: None };
    let outcome = clone(&options, &NoProgress, &Stop::new()).expect("cloned");
    assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    assert!(!marker.exists(), "no filter, hook or pack hook ran");
    assert_eq!(std::fs::read_to_string(into.join("notes.txt")).expect("a file"), "one\n", "as committed");
}

#[test]
fn trees_that_reach_outside_are_not_checked_out() {
    let repo = TestRepo::new();
    let blob = repo.git(&["hash-object", "-w", "README.md"]);
    for name in [".git", ".GIT", "..", "git~1"] {
        let inner = mktree(&repo, &format!("100644 blob {}\tconfig\n", blob.trim()));
        let tree = mktree(&repo, &format!("040000 tree {inner}\t{name}\n"));
        let commit = repo.git(&["commit-tree", "-m", "x", &tree]);
        repo.git(&["update-ref", "--no-deref", "HEAD", commit.trim()]);
        let folder = tempfile::tempdir().expect("a folder");
        let options = CloneOptions {
            url: repo.path().display().to_string(),
            into: folder.path().join("c"),
            depth: None,
        };
        let error = clone(&options, &NoProgress, &Stop::new()).expect_err("it is refused");
        assert!(matches!(error, Error::Corrupt { .. }), "{name}: {error}");
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 0, "nothing is left");
    }
}

fn mktree(repo: &TestRepo, lines: &str) -> String {
    use std::io::Write;
    let mut child = std::process::Command::new("git")
        .args(["mktree", "--missing"])
        .current_dir(repo.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("git starts");
    child.stdin.take().expect("a pipe").write_all(lines.as_bytes()).expect("written");
    String::from_utf8(child.wait_with_output().expect("git ends").stdout).expect("UTF-8").trim().to_owned()
}

#[test]
fn a_tree_bomb_is_an_error_not_a_wait() {
    let repo = TestRepo::new();
    let blob = repo.git(&["hash-object", "-w", "README.md"]);
    let mut tree = mktree(&repo, &format!("100644 blob {}\tf\n", blob.trim()));
    for _ in 0..10 {
        let lines: Vec<String> = (0..10).map(|index| format!("040000 tree {tree}\td{index}\n")).collect();
        tree = mktree(&repo, &lines.concat());
    }
    let commit = repo.git(&["commit-tree", "-m", "bomb", &tree]);
    let commit = keelmark_types::CommitId::new(commit.trim()).expect("an id");
    let version = repo.open().version(&commit).expect("a version");
    assert!(
        matches!(version.find_named("model.yaml"), Err(Error::Unsupported { .. })),
        "ten thousand million paths"
    );
}

#[test]
fn leftovers_of_a_crash_are_swept_by_age() {
    let repo = TestRepo::new();
    let opened = repo.open();
    let old = repo.path().join(".git/objects/ab");
    std::fs::create_dir_all(&old).expect("a folder");
    std::fs::create_dir_all(repo.path().join(".git/refs/keelmark/runs/2026-01")).expect("a folder");
    let object = old.join("tmp_obj_keelmark_1_ab");
    let lock = repo.path().join(".git/refs/keelmark/runs/2026-01/x.lock");
    let theirs = repo.path().join(".git/refs/heads/main.lock");
    for path in [&object, &lock, &theirs] {
        std::fs::write(path, "x").expect("written");
    }
    let nothing = opened.sweep(at(-400 * 86_400)).expect("swept");
    assert_eq!(nothing, keelmark_git::Swept::default(), "what is young may still be written");
    let swept = opened.sweep("2999-01-01T00:00:00Z".parse().expect("a time")).expect("swept");
    let git_dir = opened.git_dir();
    assert_eq!(swept.temporary_objects, [git_dir.join("objects/ab/tmp_obj_keelmark_1_ab")]);
    assert_eq!(swept.locks, [git_dir.join("refs/keelmark/runs/2026-01/x.lock")]);
    assert!(theirs.exists(), "a lock of the user's own branch is theirs");
}
