//! Whatever is changed in a deployment commit after it was made, the audit names it.

mod support;

use std::path::Path;

use keelmark_promote::{
    Audit, AuditKind, CommitVerdict, RollbackRequest, RollbackTarget, audit, plan_rollback,
};
use support::{World, change, git_in};

fn audited(world: &World) -> Audit {
    audit(&world.open(), world.tip().as_ref()).expect("the branch is read")
}

fn promoted_twice() -> World {
    let world = World::new();
    world.promote(&world.run(&world.commit("a", "1"), 1), "staging");
    world.promote(&world.run(&world.commit("a", "2"), 2), "staging");
    world
}

const RELEASE: &str = "environments/staging/digits/release";

#[test]
fn an_untouched_branch_is_sound() {
    let world = promoted_twice();
    let first = world.run(&world.commit("a", "3"), 3);
    world.promote(&first, "production");
    world.by_hand(false, Some("Add an overlay"), |root| {
        std::fs::write(root.join("environments/staging/digits/overlay.yaml"), "replicas: 2\n")
            .expect("written");
    });
    let repository = world.open();
    let standing = world.standing("staging");
    let (tags, author) = (repository.tags().expect("tags"), world.next());
    let target = RollbackTarget::Previous;
    let request = RollbackRequest {
        repository: &repository,
        standing: &standing,
        target: &target,
        tags: &tags,
        author: &author,
    };
    world.publish(&change(plan_rollback(&request).expect("a plan")));
    let audit = audited(&world);
    let problems: Vec<&String> = audit.entries.iter().flat_map(|entry| &entry.problems).collect();
    assert!(!audit.tampered, "{problems:?}");
    let kinds: Vec<AuditKind> = audit.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(
        kinds,
        [
            AuditKind::Rollback,
            AuditKind::Other,
            AuditKind::Promotion,
            AuditKind::Promotion,
            AuditKind::Promotion
        ],
        "newest first"
    );
    assert!(audit.entries.iter().all(|entry| entry.notes.is_empty()), "everything is here to be checked");
}

#[test]
fn one_release_in_two_environments_is_sound() {
    let world = World::new();
    let run = world.run(&world.commit("a", "1"), 1);
    world.promote(&run, "staging");
    world.promote(&run, "production");
    let audit = audited(&world);
    assert!(!audit.tampered, "{:?}", audit.entries);
}

#[test]
fn a_release_promoted_again_is_judged_anew() {
    let world = World::new();
    let (one, other) = (world.run(&world.commit("a", "1"), 1), world.run(&world.commit("a", "2"), 2));
    for run in [&one, &other, &one] {
        world.promote(run, "staging");
    }
    let audit = audited(&world);
    let verdicts: Vec<_> =
        audit.entries.iter().filter_map(|entry| Some(entry.claim.as_ref()?.verdict)).collect();
    assert_eq!(
        verdicts,
        [CommitVerdict::Passed, CommitVerdict::Passed, CommitVerdict::Warned],
        "there was a baseline the second time"
    );
    assert!(!audit.tampered, "{:?}", audit.entries);
}

/// Amends the last promotion and expects the audit to say a word of it.
fn found(edit: impl FnOnce(&Path), expected: &str) {
    let world = promoted_twice();
    world.by_hand(true, None, edit);
    let audit = audited(&world);
    let problems = audit.entries.first().map(|entry| entry.problems.join("\n")).unwrap_or_default();
    assert!(audit.tampered && problems.contains(expected), "expected `{expected}` among: {problems}");
    assert!(audit.entries.iter().skip(1).all(|entry| entry.ok), "the others are sound");
}

fn replace(root: &Path, path: &str, from: &str, to: &str) {
    let path = root.join(path);
    let text = std::fs::read_to_string(&path).expect("a text");
    let changed = text.replacen(from, to, 1);
    assert_ne!(changed, text, "`{from}` is in {}", path.display());
    std::fs::write(&path, changed).expect("written");
}

/// Changes the value of a key of `deployment.yaml`, at any depth.
fn edit_line(root: &Path, key: &str, value: &str) {
    let path = root.join(RELEASE).join("deployment.yaml");
    let text = std::fs::read_to_string(&path).expect("a text");
    let mut done = false;
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            let bare = line.trim_start().trim_start_matches("- ");
            if done || !bare.starts_with(&format!("{key}:")) {
                return line.to_owned();
            }
            done = true;
            let indent = line.len() - bare.len();
            format!("{}{key}: {value}", &line[..indent])
        })
        .collect();
    assert!(done, "`{key}` is in {text}");
    std::fs::write(&path, lines.join("\n") + "\n").expect("written");
}

#[test]
fn every_field_of_the_deployment_is_covered() {
    let digits = |digit: &str, count: usize| format!("\"{}\"", digit.repeat(count));
    for (key, value, word) in [
        ("schema", "keelmark.deployment/9".to_owned(), "schema"),
        ("model", "letters".to_owned(), "model: the trailer"),
        ("environment", "production".to_owned(), "environment: the trailer"),
        ("version", digits("a", 40), "version: the trailer"),
        ("id", "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(), "run: the trailer"),
        ("commit", digits("b", 40), "release digest"),
        ("release", "v9.0.0".to_owned(), "release: the trailer"),
        ("release_digest", digits("c", 64), "release digest"),
        ("test_digest", digits("d", 64), "release digest"),
        ("accuracy", "0.999".to_owned(), "deployment.yaml has other bytes"),
        ("state", "failed".to_owned(), "a gate failed"),
        ("why", "because".to_owned(), "other gates"),
        ("decision", "blocked".to_owned(), "decision"),
        ("override", "{reason: x, needed: false}".to_owned(), "override reason"),
        ("path", "model/other.json".to_owned(), "is listed and missing"),
        ("sha256", digits("e", 64), "has sha256"),
        ("size_bytes", "1".to_owned(), "bytes, deployment.yaml lists 1"),
    ] {
        found(|root| edit_line(root, key, &value), word);
    }
}

#[test]
fn a_served_byte_an_extra_file_or_a_missing_one_is_found() {
    found(
        |root| std::fs::write(root.join(RELEASE).join("model/model.safetensors"), b"evil").expect("written"),
        "has sha256",
    );
    found(
        |root| std::fs::write(root.join(RELEASE).join("model/extra.bin"), b"x").expect("written"),
        "not listed",
    );
    found(
        |root| std::fs::remove_file(root.join(RELEASE).join("model/config.json")).expect("gone"),
        "listed and missing",
    );
    found(
        |root| std::fs::remove_file(root.join(RELEASE).join("deployment.yaml")).expect("gone"),
        "is missing",
    );
}

#[test]
fn evidence_is_covered() {
    let in_evidence = |name: &'static str, change: &'static dyn Fn(&Path)| {
        move |root: &Path| {
            // The second promotion's evidence is the one with a comparison.
            let folders = std::fs::read_dir(root.join("evidence")).expect("evidence");
            let folder = folders
                .map(|entry| entry.expect("an entry").path())
                .find(|folder| folder.join("comparison.json").exists())
                .expect("a comparison");
            change(&folder.join(name));
        }
    };
    let append = |path: &Path| {
        let mut text = std::fs::read(path).expect("bytes");
        text.push(b'\n');
        std::fs::write(path, text).expect("written");
    };
    let append: &'static dyn Fn(&Path) = Box::leak(Box::new(append));
    let remove: &'static dyn Fn(&Path) = &|path: &Path| std::fs::remove_file(path).expect("gone");
    for name in ["comparison.json", "comparison.html", "statement.json", "model-card.md", "bom.json"] {
        found(in_evidence(name, append), "other bytes than gates.json");
        found(in_evidence(name, remove), "is missing");
    }
    found(in_evidence("gates.json", remove), "gates.json` is missing");
    let edit: &'static dyn Fn(&Path) = &|path: &Path| {
        let text =
            std::fs::read_to_string(path).expect("a text").replacen("\"passed\"", "\"inconclusive\"", 1);
        std::fs::write(path, text).expect("written");
    };
    found(in_evidence("gates.json", edit), "other gates");
    let stray: &'static dyn Fn(&Path) = &|path: &Path| std::fs::write(path, "x").expect("written");
    found(in_evidence("stray.txt", stray), "no part of the evidence");
    let subject: &'static dyn Fn(&Path) = &|path: &Path| {
        let text = std::fs::read_to_string(path).expect("a text").replacen(
            "model/config.json",
            "model/other.json",
            1,
        );
        std::fs::write(path, text).expect("written");
    };
    found(in_evidence("statement.json", subject), "speaks of other files");
}

#[test]
fn trailers_are_covered() {
    let world = promoted_twice();
    let message = world.git(&["log", "-1", "--format=%B", "keelmark/deploy"]);
    let line = |key: &str| {
        message.lines().find(|line| line.starts_with(&format!("{key}: "))).expect("the trailer").to_owned()
    };
    let with = |key: &str, value: &str| message.replace(&line(key), &format!("{key}: {value}"));
    let cases = [
        (with("Model", "letters"), "letters/release/deployment.yaml` is missing"),
        (with("Model-Version", &"a".repeat(40)), "version"),
        (with("Release", "v3.0.0"), "release"),
        (with("Run", "01ARZ3NDEKTSV4RRFFQ69G5FAV"), "run"),
        (with("Release-Digest", &format!("sha256:{}", "a".repeat(64))), "release digest"),
        (with("Previous", &format!("sha256:{}", "a".repeat(64))), "previous release"),
        (with("Environment", "production"), "missing"),
        (with("Sequence", "1"), "sequence"),
        (with("Sequence", "many"), "Sequence"),
        (with("Verdict", "FINE"), "Verdict"),
        (with("Verdict", "WARNED"), "verdict: the trailer says WARNED"),
        (message.replace(&line("Verdict"), "Verdict: PASSED\nOverride-Reason: because"), "override reason"),
        (message.replace(&line("Run"), &format!("{}\n{}", line("Run"), line("Run"))), "twice"),
        (message.replace(&format!("{}\n", line("Verdict")), ""), "Verdict is missing"),
        ("Tidy up".to_owned(), "by hand"),
    ];
    for (message, word) in cases {
        world.by_hand(true, Some(&message), |_| ());
        let audit = audited(&world);
        let problems = audit.entries.first().map(|entry| entry.problems.join("\n")).unwrap_or_default();
        assert!(audit.tampered && problems.contains(word), "expected `{word}` among: {problems}\n{message}");
    }
}

#[test]
fn changes_by_hand_and_beside_a_promotion_are_named() {
    let world = promoted_twice();
    world.by_hand(false, Some("Just this once"), |root| {
        replace(root, "environments/staging/digits/release/model/config.json", "layers", "Layers");
    });
    let audit = audited(&world);
    let entry = audit.entries.first().expect("an entry");
    assert_eq!(entry.kind, AuditKind::ByHand);
    assert!(entry.problems[0].contains(RELEASE), "{:?}", entry.problems);

    let world = promoted_twice();
    world.promote(&world.run(&world.commit("a", "3"), 3), "production");
    world.by_hand(true, None, |root| {
        replace(root, "environments/staging/digits/release/model/config.json", "layers", "Layers");
    });
    let audit = audited(&world);
    let problems = audit.entries[0].problems.join("\n");
    assert!(problems.contains(&format!("also changes {RELEASE}")), "{problems}");
}

#[test]
fn a_promotion_taken_out_of_the_middle_is_missed() {
    let world = promoted_twice();
    world.promote(&world.run(&world.commit("a", "3"), 3), "staging");
    let tip = world.tip().expect("a tip");
    let tree = world.git(&["rev-parse", "keelmark/deploy^{tree}"]);
    let first = world.git(&["rev-parse", "keelmark/deploy~2"]);
    let message = world.git(&["log", "-1", "--format=%B", tip.as_str()]);
    let forged = world.git(&["commit-tree", tree.trim(), "-p", first.trim(), "-m", message.trim()]);
    world.git(&["update-ref", "refs/heads/keelmark/deploy", forged.trim()]);
    let problems = audited(&world).entries[0].problems.join("\n");
    assert!(problems.contains("previous release"), "{problems}");
}

#[test]
fn a_run_that_is_not_here_is_said_and_is_no_tampering() {
    let world = promoted_twice();
    let bare = tempfile::tempdir().expect("a folder");
    git_in(bare.path(), &["init", "-q", "--bare", "-b", "main"]);
    world.git(&["push", "-q", bare.path().to_str().expect("UTF-8"), "keelmark/deploy"]);
    let clone = World::cloned(bare.path());
    let repository = clone.open();
    let tip = repository.find_ref("refs/remotes/origin/keelmark/deploy").expect("refs").expect("fetched");
    let audit = audit(&repository, Some(&tip.to_commit_id())).expect("audited");
    assert!(!audit.tampered, "{:?}", audit.entries);
    let notes = audit.entries[0].notes.join("\n");
    assert!(notes.contains("run") && notes.contains("version") && notes.contains("not here"), "{notes}");
}

#[test]
fn a_model_the_run_did_not_make_is_found() {
    let world = World::new();
    let mut run = world.run(&world.commit("a", "1"), 1);
    run.files[0].1 = b"another model".to_vec();
    world.promote(&run, "staging");
    let problems = audited(&world).entries[0].problems.join("\n");
    assert!(problems.contains("model.safetensors is not the one run"), "{problems}");
}

#[test]
fn a_release_tag_on_another_version_is_found() {
    let world = promoted_twice();
    world.git(&["tag", "-f", "-a", "digits@v1.0.0", "-m", "moved", "main"]);
    assert!(audited(&world).tampered, "the tag says another version is v1.0.0");
}
