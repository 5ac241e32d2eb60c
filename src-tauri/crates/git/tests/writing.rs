//! Plans, durable writes, refs by compare-and-swap, snapshots and runs.

mod support;

use std::collections::BTreeMap;

use keelmark_git::{
    Error, HistoryOptions, Oid, Plan, PrivateFiles, RefUpdate, Repository, RunFiles, Trailer, TreeEdit,
};
use keelmark_types::{CommitId, RunId};
use support::{TestRepo, ada, at, child, child_argument, git_output, has_program};

const DEPLOY: &str = "refs/heads/keelmark/deploy";

/// Replaces one file on top of `parent` in a new commit, planned only.
fn change(repo: &Repository, parent: Option<&CommitId>, path: &str, text: &str) -> (Plan, CommitId) {
    let mut plan = Plan::new(repo);
    let base = parent.map(|parent| plan.tree_of(parent).expect("a tree"));
    let blob = plan.blob(text).expect("a blob");
    let tree = plan.tree(base, &[TreeEdit::file(path, blob)]).expect("a tree");
    let parents: Vec<CommitId> = parent.cloned().into_iter().collect();
    let trailers = [Trailer::new("Model", "digits"), Trailer::new("Sequence", "1")];
    let commit =
        plan.commit(tree, &parents, &ada(0), ("Promote digits", "Because."), &trailers).expect("a commit");
    (plan, commit)
}

#[test]
fn the_diff_shown_is_the_diff_committed() {
    let repo = TestRepo::new();
    repo.file("environments/staging/digits/kustomization.yaml", "kind: Kustomization\n");
    repo.file("old-name.txt", "the same long line\n".repeat(20));
    repo.file("ünï cödé.txt", "x\n");
    let head = repo.commit_all("Platform");
    let opened = repo.open();
    let mut plan = Plan::new(&opened);
    let base = plan.tree_of(&head).expect("a tree");
    let yaml = plan.blob("model: digits\n").expect("a blob");
    let binary = plan.blob(vec![0, 159, 146, 150, 0]).expect("a blob");
    let moved =
        opened.version(&head).expect("a version").entry("old-name.txt").expect("read").expect("there").oid;
    let edits = [
        TreeEdit::file("environments/staging/digits/release/deployment.yaml", yaml),
        TreeEdit::file("environments/staging/digits/release/model/model.safetensors", binary),
        TreeEdit::Remove { path: "old-name.txt".into() },
        TreeEdit::file("new-name.txt", moved),
        TreeEdit::Remove { path: "ünï cödé.txt".into() },
    ];
    let tree = plan.tree(Some(base), &edits).expect("a tree");
    let commit = plan.commit(tree, &[head], &ada(1), ("Promote", ""), &[]).expect("a commit");
    let before = repo.user_state();
    let shown = plan.diff(Some(base), tree).expect("a diff");
    assert!(
        git_output(repo.path(), &["cat-file", "-e", commit.as_str()]).status.code() != Some(0),
        "nothing written"
    );
    opened.write(&plan).expect("written");
    opened.publish(&RefUpdate::create(DEPLOY, &commit, "promotion")).expect("published");
    let by_git =
        repo.git(&["show", "--format=", "--no-color", "--no-ext-diff", "--no-textconv", commit.as_str()]);
    assert_eq!(shown, by_git, "the preview is git's own patch");
    assert!(shown.contains("rename from old-name.txt") && shown.contains("Binary files"), "{shown}");
    assert_eq!(repo.user_state(), before, "index and work tree of the user are untouched");
    assert_eq!(
        repo.git(&["show", &format!("{commit}:environments/staging/digits/kustomization.yaml")]),
        "kind: Kustomization\n"
    );
    repo.assert_sound();
}

#[test]
fn a_first_commit_and_a_tag_are_as_git_would_make_them() {
    let repo = TestRepo::new();
    let opened = repo.open();
    let (mut plan, commit) = change(&opened, None, "release/deployment.yaml", "a: 1\n");
    let tree = plan.tree_of(&commit).expect("a tree");
    let tag = plan.tag("digits@v1.0.0", &repo.head(), &ada(5), "Release v1.0.0").expect("a tag");
    let shown = plan.diff(None, tree).expect("a diff");
    opened.write(&plan).expect("written");
    opened.publish(&RefUpdate::create(DEPLOY, &commit, "promotion")).expect("published");
    opened.publish(&RefUpdate::create("refs/tags/digits@v1.0.0", tag, "")).expect("published");
    assert_eq!(shown, repo.git(&["show", "--format=", commit.as_str()]), "an orphan root's patch");
    assert_eq!(repo.git(&["log", "-1", "--format=%(trailers:key=Model,valueonly)", DEPLOY]).trim(), "digits");
    assert_eq!(
        repo.git(&["log", "-1", "--format=%an %ae %at %cn %P", DEPLOY]).trim(),
        "Ada Example ada@example.org 1767225600 Ada Example"
    );
    assert_eq!(opened.resolve("digits@v1.0.0").expect("a tag"), repo.head());
    repo.assert_sound();
}

#[test]
fn writing_again_changes_nothing_and_many_objects_become_a_pack() {
    let repo = TestRepo::new();
    let opened = repo.open();
    let (plan, _) = change(&opened, None, "a", "b");
    opened.write(&plan).expect("written");
    opened.write(&plan).expect("written again");
    let mut plan = Plan::new(&opened);
    let edits: Vec<TreeEdit> = (0..500)
        .map(|number| {
            TreeEdit::file(
                format!("many/{number}"),
                plan.blob(format!("{number}").repeat(number)).expect("a blob"),
            )
        })
        .collect();
    let tree = plan.tree(None, &edits).expect("a tree");
    let commit = plan.commit(tree, &[], &ada(0), ("Many", ""), &[]).expect("a commit");
    opened.write(&plan).expect("written");
    opened.publish(&RefUpdate::create("refs/keelmark/x/many", &commit, "")).expect("published");
    assert!(repo.git(&["count-objects", "-v"]).contains("packs: 1"), "one pack, not 500 files");
    assert_eq!(repo.git(&["ls-tree", "-r", commit.as_str()]).lines().count(), 500);
    repo.assert_sound();
}

#[test]
fn names_that_would_leave_the_tree_are_refused() {
    let repo = TestRepo::new();
    let mut plan = Plan::new(&repo.open());
    let blob = plan.blob("x").expect("a blob");
    for path in ["", "/a", "a//b", "../a", "a/..", ".git/config", "a/.GIT", "git~1/x", "a\\b", "."] {
        let made = plan.tree(None, &[TreeEdit::file(path, blob)]);
        assert!(matches!(made, Err(Error::Invalid { .. })), "{path:?} is no path in a tree: {made:?}");
    }
    let missing: Oid = "12".repeat(20).parse().expect("an id");
    assert!(matches!(plan.tree(None, &[TreeEdit::file("a", missing)]), Err(Error::NotFound { .. })));
    assert!(plan.tree(None, &[TreeEdit::folder("a", blob)]).is_err(), "a blob is no folder");
}

#[test]
fn a_ref_moves_only_from_where_it_was_seen() {
    let repo = TestRepo::new();
    let opened = repo.open();
    let (plan, first) = change(&opened, None, "a", "1");
    opened.write(&plan).expect("written");
    opened.publish(&RefUpdate::create(DEPLOY, &first, "one")).expect("published");
    opened.publish(&RefUpdate::create(DEPLOY, &first, "one")).expect("again is no error");
    let (plan, second) = change(&opened, Some(&first), "a", "2");
    opened.write(&plan).expect("written");
    match opened.publish(&RefUpdate::create(DEPLOY, &second, "two")) {
        Err(Error::Conflict { now, .. }) => {
            assert_eq!(now, Some(Oid::from(&first)), "where it is now is told");
        }
        other => panic!("it exists already: {other:?}"),
    }
    let stale = RefUpdate::from_to(DEPLOY, Some(Oid::from(&second)), &first, "stale");
    assert!(opened.publish(&stale).is_ok(), "it is where the update would put it");
    opened.publish(&RefUpdate::from_to(DEPLOY, Some(Oid::from(&first)), &second, "two")).expect("published");
    let missing: Oid = "12".repeat(20).parse().expect("an id");
    assert!(matches!(
        opened.publish(&RefUpdate::create("refs/keelmark/x/y", missing, "")),
        Err(Error::NotFound { .. })
    ));
    assert!(matches!(opened.publish(&RefUpdate::create("HEAD", &first, "")), Err(Error::Invalid { .. })));
    opened.unpublish(DEPLOY, Oid::from(&second)).expect("removed");
    assert_eq!(opened.find_ref(DEPLOY).expect("readable"), None);
}

#[test]
fn a_branch_that_is_checked_out_is_not_moved() {
    let repo = TestRepo::new();
    let opened = repo.open();
    let head = repo.head();
    let (plan, next) = change(&opened, Some(&head), "a", "1");
    opened.write(&plan).expect("written");
    let update = RefUpdate::from_to("refs/heads/main", Some(Oid::from(&head)), &next, "");
    let refused = opened.publish(&update).expect_err("main is checked out");
    assert!(
        matches!(&refused, Error::Denied { .. }) && refused.to_string().contains("checked out"),
        "{refused}"
    );
    let beside = tempfile::tempdir().expect("a folder");
    let linked = beside.path().join("linked");
    opened.publish(&RefUpdate::create(DEPLOY, &head, "")).expect("published");
    repo.git(&["worktree", "add", "-q", linked.to_str().expect("UTF-8"), "keelmark/deploy"]);
    let refused = opened
        .publish(&RefUpdate::from_to(DEPLOY, Some(Oid::from(&head)), &next, ""))
        .expect_err("there too");
    assert!(refused.to_string().contains("linked"), "the folder is named: {refused}");
}

#[test]
fn a_new_repository_gets_its_first_commit_and_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let opened = Repository::init(&folder.path().join("new")).expect("made");
    let (plan, commit) = change(&opened, None, "data/a.csv", "1\n");
    opened.write(&plan).expect("written");
    opened
        .publish(&RefUpdate::create("refs/heads/main", &commit, "first"))
        .expect("an unborn branch may be born");
    opened.fill_work_tree().expect("filled");
    let work_dir = opened.work_dir().expect("a work tree");
    assert_eq!(std::fs::read_to_string(work_dir.join("data/a.csv")).expect("a file"), "1\n");
    assert_eq!(support::git_in(work_dir, &["status", "--porcelain"]), "", "the user's git agrees");
    let (plan, next) = change(&opened, Some(&commit), "data/a.csv", "2\n");
    opened.write(&plan).expect("written");
    let update = RefUpdate::from_to("refs/heads/main", Some(Oid::from(&commit)), &next, "");
    assert!(matches!(opened.publish(&update), Err(Error::Denied { .. })), "from now on it is the user's");
    assert!(matches!(opened.fill_work_tree(), Err(Error::Denied { .. })));
    assert!(Repository::init(work_dir).is_err(), "a folder with files is not made a repository");
}

#[test]
fn of_many_at_once_one_wins_and_none_is_lost() {
    let repo = TestRepo::new();
    let opened = repo.open();
    let (plan, root) = change(&opened, None, "start", "0");
    opened.write(&plan).expect("written");
    opened.publish(&RefUpdate::create(DEPLOY, &root, "")).expect("published");
    let children: Vec<_> = (0..4)
        .map(|number| {
            child("child_commits_five_times", repo.path()).env("KEELMARK_NUMBER", number.to_string()).spawn()
        })
        .collect();
    for child in children {
        let done = child.expect("a child starts").wait().expect("a child ends");
        assert!(done.success(), "every writer lands all its commits");
    }
    let tip = opened.resolve("keelmark/deploy").expect("the branch");
    let commits = opened.history(&tip, &HistoryOptions::default()).expect("a history");
    assert_eq!(commits.len(), 21, "20 commits and the first: linear, none lost");
    let files = opened.version(&tip).expect("a version").list("by").expect("files");
    assert_eq!(files.len(), 20, "every writer's files are in the last tree");
    repo.assert_sound();
}

#[test]
fn child_commits_five_times() {
    let Some(path) = child_argument() else { return };
    let number = std::env::var("KEELMARK_NUMBER").expect("a number");
    let repo = Repository::open(path).expect("opens");
    for round in 0..5 {
        loop {
            let tip = repo.resolve("keelmark/deploy").expect("the branch");
            let (plan, commit) = change(&repo, Some(&tip), &format!("by/{number}-{round}"), &number);
            repo.write(&plan).expect("written");
            match repo.publish(&RefUpdate::from_to(DEPLOY, Some(Oid::from(&tip)), &commit, "")) {
                Ok(()) => break,
                Err(Error::Conflict { .. } | Error::Denied { .. }) => {}
                Err(other) => panic!("a lost race is a conflict: {other}"),
            }
        }
    }
}

#[test]
fn a_snapshot_is_what_git_add_all_would_commit() {
    let repo = TestRepo::new();
    repo.file(".gitignore", "ignored\n");
    repo.file("gone.txt", "x");
    repo.file("staged-away.txt", "x");
    let head = repo.commit_all("Files");
    repo.file("README.md", "changed\n");
    repo.file("new/untracked.txt", "new\n");
    repo.file("ignored", "secret\n");
    repo.file("staged.txt", "first\n");
    repo.git(&["add", "staged.txt"]);
    repo.file("staged.txt", "then changed\n");
    repo.git(&["rm", "-q", "--cached", "staged-away.txt"]);
    std::fs::remove_file(repo.path().join("gone.txt")).expect("removed");
    std::fs::remove_dir_all(repo.path().join("data")).expect("removed");
    repo.file("data", "a file where a folder was\n");
    repo.file("big.bin", vec![7; (10 << 20) + 1]);
    let before = repo.user_state();
    let refs = repo.git(&["for-each-ref"]);
    let opened = repo.open();
    assert!(opened.is_dirty().expect("a state"));
    let snapshot = opened.snapshot(&ada(9)).expect("a snapshot");
    assert_eq!(repo.user_state(), before, "index and work tree of the user are untouched");
    assert_eq!(repo.git(&["for-each-ref"]), refs, "no ref is made");
    assert_eq!(snapshot.left_out, ["big.bin"]);
    assert_eq!(repo.git(&["rev-parse", &format!("{}^", snapshot.commit)]).trim(), head.as_str());
    std::fs::remove_file(repo.path().join("big.bin")).expect("removed");
    repo.git(&["add", "-A"]);
    let by_git = repo.git(&["write-tree"]);
    let ours = opened.version(&snapshot.commit).expect("a version").tree_id();
    assert_eq!(ours.to_string(), by_git.trim(), "the same tree as git add -A");
    repo.assert_sound();
}

#[test]
fn a_clean_work_tree_is_clean() {
    let repo = TestRepo::new();
    assert_eq!(repo.open().status().expect("a state"), Vec::<String>::new());
    repo.file("data/train.csv", "id,label\n1,0\n");
    assert_eq!(repo.open().status().expect("a state"), Vec::<String>::new(), "touched is not changed");
}

#[test]
fn runs_are_recorded_listed_and_read() {
    let repo = TestRepo::new();
    let opened = repo.open();
    let (older, newer) = (RunId::from_parts(at(0), [1; 10]), RunId::from_parts(at(60), [2; 10]));
    let private =
        PrivateFiles { predictions_parquet: Some(b"PAR1".to_vec()), log_txt: Some(b"epoch 1\n".to_vec()) };
    let private_commit = opened.record_private(&older, &private, &ada(0)).expect("recorded");
    let files = RunFiles {
        run_json: b"{}\n".to_vec(),
        metrics_jsonl: Some(b"{\"step\":1}\n".to_vec()),
        evaluation_json: None,
        model: BTreeMap::from([("model.safetensors".to_owned(), vec![1, 2, 3])]),
    };
    let commit = opened.record_run(&older, &repo.head(), &files, &ada(1)).expect("recorded");
    assert_eq!(
        opened.record_run(&older, &repo.head(), &files, &ada(1)).expect("again"),
        commit,
        "the same run again"
    );
    let other = RunFiles { run_json: b"{\"other\": 1}".to_vec(), ..files.clone() };
    assert!(matches!(opened.record_run(&older, &repo.head(), &other, &ada(1)), Err(Error::Conflict { .. })));
    opened.record_run(&newer, &repo.head(), &other, &ada(2)).expect("recorded");
    let runs = opened.runs().expect("listed");
    assert_eq!(runs.iter().map(|run| run.run.clone()).collect::<Vec<_>>(), [older.clone(), newer.clone()]);
    let expected = format!("refs/keelmark/runs/2026-01/{older}");
    assert_eq!(runs.first().map(|run| run.reference.as_str()), Some(expected.as_str()));
    let stored = opened.find_run(&older).expect("readable").expect("there");
    assert_eq!(stored.run_json().expect("read"), files.run_json);
    assert_eq!(stored.metrics_jsonl().expect("read"), files.metrics_jsonl);
    assert_eq!(stored.evaluation_json().expect("read"), None);
    assert_eq!(stored.model_file("model.safetensors").expect("read"), Some(vec![1, 2, 3]));
    assert_eq!(stored.model_entries().expect("listed").len(), 1);
    assert_eq!(opened.read_private(&older).expect("read"), Some(private));
    assert_eq!(opened.find_private(&older).expect("found"), Some(private_commit));
    assert_eq!(
        repo.git(&["rev-parse", &format!("{commit}^")]).trim(),
        repo.head().as_str(),
        "its parent is the version"
    );
    repo.assert_sound();
}

#[test]
fn private_records_without_a_run_are_swept() {
    let repo = TestRepo::new();
    let opened = repo.open();
    let (orphan, young) = (RunId::from_parts(at(0), [3; 10]), RunId::from_parts(at(5000), [4; 10]));
    for run in [&orphan, &young] {
        opened.record_private(run, &PrivateFiles::default(), &ada(0)).expect("recorded");
    }
    assert_eq!(opened.sweep_private(at(1000)).expect("swept"), [orphan]);
    assert!(opened.find_private(&young).expect("found").is_some(), "what may still become a run stays");
}

#[test]
fn every_rename_follows_a_flush_and_is_followed_by_one() {
    if !has_program("strace") {
        return;
    }
    let repo = TestRepo::new();
    let log = repo.path().join(".git/strace.log");
    let traced = child("child_records_a_run", repo.path());
    let mut strace = std::process::Command::new("strace");
    strace.args([
        "-f",
        "-y",
        "-qq",
        "-e",
        "trace=rename,renameat,renameat2,link,linkat,fsync,fdatasync",
        "-o",
    ]);
    strace.arg(&log).arg(traced.get_program()).args(traced.get_args()).env("KEELMARK_CHILD", repo.path());
    let done = strace.output().expect("strace runs");
    if !done.status.success() && String::from_utf8_lossy(&done.stderr).contains("ptrace") {
        println!("skipped: tracing is not allowed here");
        return;
    }
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stdout));
    let text = std::fs::read_to_string(&log).expect("a log");
    let lines: Vec<&str> = text.lines().collect();
    let mut renames = 0;
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.contains("rename")) {
        let quoted: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        let (Some(from), Some(to)) = (quoted.first(), quoted.last()) else { continue };
        if !(to.contains("objects/") || to.contains("refs/")) {
            continue;
        }
        renames += 1;
        let name = std::path::Path::new(from).file_name().and_then(|name| name.to_str()).expect("a name");
        let flushed = lines.iter().take(index).any(|line| line.contains("fsync") && line.contains(name));
        assert!(flushed, "the file is flushed before: {line}");
        let folder = std::path::Path::new(to).parent().and_then(std::path::Path::to_str).expect("a folder");
        let relative = folder.rsplit(".git/").next().expect("a folder");
        let after = lines
            .iter()
            .skip(index)
            .any(|line| line.contains("fsync") && line.contains(&format!("{relative}>")));
        assert!(after, "the folder {relative} is flushed after: {line}");
    }
    assert!(renames >= 8, "objects and refs were written: {renames}");
}

#[test]
fn child_records_a_run() {
    let Some(path) = child_argument() else { return };
    let repo = Repository::open(path).expect("opens");
    let run = RunId::from_parts(at(0), [9; 10]);
    let head = repo.head().expect("readable").expect("a commit");
    let private = PrivateFiles { log_txt: Some(b"log\n".to_vec()), ..Default::default() };
    repo.record_private(&run, &private, &ada(0)).expect("recorded");
    let files = RunFiles { run_json: b"{}".to_vec(), ..Default::default() };
    repo.record_run(&run, &head, &files, &ada(0)).expect("recorded");
}
