//! A plan is the commit: the same diff, message, tree; neighbours survive; nothing is left to chance.

mod support;

use keelmark_git::Oid;
use keelmark_promote::{
    Claim, CommitVerdict, Error, Proposal, Published, TRAILERS, read_deployment, recomputed_digest, sha256,
};
use keelmark_types::CommitId;
use support::{World, blocked, change, environment, git_in, judgement, model, release};

fn show(world: &World, commit: &CommitId) -> String {
    world.git(&["show", "--format=", "-M", commit.as_str()])
}

fn oid_at(world: &World, commit: &CommitId, path: &str) -> String {
    world.git(&["rev-parse", &format!("{commit}:{path}")]).trim().to_owned()
}

#[test]
fn what_is_shown_is_what_is_committed() {
    let world = World::new();
    let version = world.commit("a", "1");
    let first = world.promote(&world.run(&version, 1), "staging");
    assert_eq!(first.base, None, "an orphan root");
    assert_eq!(show(&world, &first.commit), first.diff, "the diff of a root");
    assert_eq!(world.git(&["log", "-1", "--format=%B", first.commit.as_str()]).trim(), first.message.trim());
    assert_eq!(
        world.git(&["log", "-1", "--format=%an %ae %at %P", "keelmark/deploy"]).trim(),
        "Ada Example ada@example.org 1780000001"
    );

    let version = world.commit("a", "2");
    let second = world.promote(&world.run(&version, 2), "staging");
    assert_eq!(second.base.as_ref(), Some(&first.commit));
    assert_eq!(show(&world, &second.commit), second.diff, "the diff of a later promotion");
    assert!(world.tip() == Some(second.commit), "the branch is there");
    world.fsck();
    assert_eq!(world.git(&["status", "--porcelain"]), "", "the user's files are untouched");
}

#[test]
fn message_trailers_and_tags_are_as_promised() {
    let world = World::new();
    let version = world.commit("a", "1");
    let run = world.run(&version, 1);
    let first = world.promote(&run, "staging");
    let body = world.git(&["log", "-1", "--format=%B", "keelmark/deploy"]);
    assert!(body.starts_with("Promote digits v1.0.0 to staging\n\n"), "{body}");
    assert!(body.contains("first deployment"), "the verdict in a sentence: {body}");
    let trailers = world.git(&["log", "-1", "--format=%(trailers:only,unfold)", "keelmark/deploy"]);
    let keys: Vec<&str> = trailers.lines().filter_map(|line| Some(line.split_once(": ")?.0)).collect();
    let expected: Vec<&str> =
        TRAILERS.into_iter().filter(|key| !matches!(*key, "Previous" | "Override-Reason")).collect();
    assert_eq!(keys, expected, "git reads the same trailers");
    assert!(trailers.contains("Verdict: WARNED"), "there was no baseline: {trailers}");
    assert!(
        trailers.contains(&format!("Release-Digest: sha256:{}", first.deployment.release_digest)),
        "{trailers}"
    );
    let tags = world.git(&[
        "for-each-ref",
        "refs/tags",
        "--format=%(refname:short) %(objecttype) %(*objectname) %(subject)",
    ]);
    let expected = format!(
        "digits#staging#1 tag {version} Assigning stage staging to artifact digits version v1.0.0\n\
         digits@v1.0.0 tag {version} Registering artifact digits version v1.0.0\n"
    );
    assert_eq!(tags, expected);

    let second = world.promote(&world.run(&world.commit("a", "2"), 2), "staging");
    assert_eq!(second.deployment.release, release("v1.1.0"), "one minor number more");
    assert_eq!(second.claim.previous.as_ref(), Some(&first.deployment.release_digest));
    assert_eq!((second.claim.sequence, second.claim.verdict), (2, CommitVerdict::Passed));
    let third = world.promote(&run, "production");
    assert_eq!(third.deployment.release, release("v1.0.0"), "the version has its release already");
    let names: Vec<&str> = third.tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(names, ["digits@v1.0.0", "digits#production#3"], "one count over all stages of the artifact");
    assert!(!third.tags[0].is_new, "the release tag is there already");
    assert_eq!(
        (third.claim.sequence, &third.claim.previous),
        (1, &None),
        "each environment counts for itself"
    );
    let claim = Claim::read(
        third.message.lines().next().expect("a line"),
        third.message.split_once("\n\n").expect("a body").1,
    );
    assert_eq!(claim.expect("sound"), Some(third.claim.clone()), "what is written reads back");
}

#[test]
fn neighbours_survive_and_the_release_folder_is_replaced() {
    let world = World::new();
    let version = world.commit("a", "1");
    world.promote(&world.run(&version, 1), "staging");
    world.by_hand(false, Some("Add an overlay"), |folder| {
        std::fs::write(folder.join("environments/staging/digits/overlay.yaml"), "replicas: 2\n")
            .expect("written");
        std::fs::write(folder.join("README.md"), "deployments\n").expect("written");
        std::fs::write(folder.join("environments/staging/digits/release/stray.txt"), "stray\n")
            .expect("written");
    });
    let by_hand = world.tip().expect("a tip");
    let overlay = oid_at(&world, &by_hand, "environments/staging/digits/overlay.yaml");
    let second = world.promote(&world.run(&world.commit("a", "2"), 2), "staging");
    assert_eq!(oid_at(&world, &second.commit, "environments/staging/digits/overlay.yaml"), overlay);
    let files =
        world.git(&["ls-tree", "-r", "--name-only", second.commit.as_str(), "environments/", "README.md"]);
    let expected = "README.md\nenvironments/staging/digits/overlay.yaml\n\
                    environments/staging/digits/release/deployment.yaml\n\
                    environments/staging/digits/release/model/config.json\n\
                    environments/staging/digits/release/model/model.safetensors\n\
                    environments/staging/digits/release/model/preprocess.json\n\
                    environments/staging/digits/release/model/signature.json\n";
    assert_eq!(files, expected, "the whole release folder is ours, nothing beside it is");
    assert!(second.diff.contains("stray.txt"), "what goes is shown");
}

#[test]
fn the_same_request_gives_the_same_objects_and_no_time_is_in_a_file() {
    let world = World::new();
    let run = world.run(&world.commit("a", "1"), 1);
    let (one, other) = (world.planned(&run, "staging"), world.planned(&run, "staging"));
    assert_ne!(one.commit, other.commit, "the author's time differs");
    assert_eq!(one.diff, other.diff, "no file holds a time, or the id of its commit");
}

#[test]
fn evidence_holds_aggregates_only() {
    let world = World::new();
    world.promote(&world.run(&world.commit("a", "1"), 1), "staging");
    let second = world.promote(&world.run(&world.commit("a", "2"), 2), "staging");
    assert!(!second.diff.contains("patient-4711"), "a flipped example is counted, not named");
    let folder = format!("evidence/{}", second.deployment.release_digest);
    let json = world.git(&["show", &format!("{}:{folder}/comparison.json", second.commit)]);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json["flips"]["fixed"], &json["flips"]["examples"]), (&1.into(), &serde_json::json!([])));
    let mut names: Vec<&str> = second.evidence.iter().filter_map(|path| path.rsplit('/').next()).collect();
    names.sort_unstable();
    let all =
        ["bom.json", "comparison.html", "comparison.json", "gates.json", "model-card.md", "statement.json"];
    assert_eq!(names, all);
    for path in &second.evidence {
        oid_at(&world, &second.commit, path);
    }
}

#[test]
fn the_deployment_on_the_branch_is_the_one_planned() {
    let world = World::new();
    let run = world.run(&world.commit("a", "1"), 1);
    let promotion = world.promote(&run, "staging");
    let folder = "environments/staging/digits/release";
    let text = world.git(&["show", &format!("{}:{folder}/deployment.yaml", promotion.commit)]);
    let read = read_deployment(text.as_bytes()).expect("it reads back");
    assert_eq!(read, promotion.deployment);
    assert_eq!(recomputed_digest(&read), read.release_digest);
    for file in &read.files {
        let name = file.path.strip_prefix("model/").expect("below model/");
        let bytes = &run.files.iter().find(|(known, _)| known == name).expect("served").1;
        assert_eq!((sha256(bytes), bytes.len() as u64), (file.sha256.clone(), file.size_bytes), "{name}");
        let stored = git_in(
            world.path(),
            &["cat-file", "-s", &format!("{}:{folder}/{}", promotion.commit, file.path)],
        );
        assert_eq!(stored.trim(), file.size_bytes.to_string(), "{name} is there");
    }
}

#[test]
fn what_is_desired_already_writes_nothing() {
    let world = World::new();
    let run = world.run(&world.commit("a", "1"), 1);
    let promotion = world.promote(&run, "staging");
    let before = world.git(&["for-each-ref"]);
    match world.plan(&run, "staging") {
        Proposal::Unchanged(same) => assert_eq!(same.commit, promotion.commit),
        Proposal::Change(_) => panic!("the environment desires it already"),
    }
    assert_eq!(world.git(&["for-each-ref"]), before);
    // Where somebody changed the folder by hand since, promoting again mends it.
    world.by_hand(false, Some("Break it"), |folder| {
        std::fs::write(folder.join("environments/staging/digits/release/model/config.json"), "{}")
            .expect("written");
    });
    let mended = world.promote(&run, "staging");
    assert_eq!(mended.release_tree, promotion.release_tree, "the same release");
}

#[test]
fn an_override_is_recorded_on_one_line() {
    let world = World::new();
    let run = world.run(&world.commit("a", "1"), 1);
    let denied = world.plan_with(&run, "staging", &blocked(&run), None).expect_err("a gate blocks");
    assert!(matches!(denied, Error::Denied { .. }), "{denied}");
    assert!(
        world.plan_with(&run, "staging", &blocked(&run), Some(" \n\t\u{202e} ")).is_err(),
        "a reason has words"
    );
    let reason = "Fine for\u{7} now:\nVerdict: PASSED\r\n\u{202e}  see #12";
    let needed = change(world.plan_with(&run, "staging", &blocked(&run), Some(reason)).expect("overridden"));
    world.publish(&needed);
    let trailers = world.git(&["log", "-1", "--format=%(trailers:only,unfold)", "keelmark/deploy"]);
    assert!(
        trailers.contains("Verdict: WARNED\nOverride-Reason: Fine for now: Verdict: PASSED see #12\n"),
        "{trailers}"
    );
    assert_eq!(trailers.matches("\nVerdict: ").count(), 1, "a reason forges no trailer: {trailers}");
    assert!(
        needed.deployment.overridden.as_ref().is_some_and(|given| given.needed),
        "recorded in deployment.yaml"
    );

    let next = world.run(&world.commit("a", "2"), 2);
    let unneeded = change(
        world.plan_with(&next, "staging", &judgement(&next, false), Some("to be safe")).expect("accepted"),
    );
    assert_eq!(unneeded.claim.verdict, CommitVerdict::Passed, "the gates passed");
    assert_eq!(unneeded.claim.override_reason.as_deref(), Some("to be safe"), "recorded as such");
    assert!(unneeded.deployment.overridden.is_some_and(|given| !given.needed), "recorded as not needed");

    let mut against_baseline = blocked(&next);
    against_baseline.first_deployment = false;
    let needed =
        change(world.plan_with(&next, "staging", &against_baseline, Some("now")).expect("overridden"));
    assert_eq!(needed.claim.verdict, CommitVerdict::Warned, "it was needed, baseline or not");

    let mut hopeless = blocked(&next);
    hopeless.obstacles.push("run was made from uncommitted changes".to_owned());
    let error =
        world.plan_with(&next, "staging", &hopeless, Some("please")).expect_err("no override lifts that");
    assert!(error.to_string().contains("no override lifts that"), "{error}");
}

#[test]
fn a_version_has_one_release_of_one_run() {
    let world = World::new();
    let version = world.commit("a", "1");
    world.promote(&world.run(&version, 1), "staging");
    let other = world.run(&version, 2);
    let error = world.plan_with(&other, "staging", &judgement(&other, false), None).expect_err("another run");
    assert!(matches!(error, Error::Conflict { .. }), "{error}");
    assert!(error.to_string().contains("v1.0.0") && error.to_string().contains("new commit"), "{error}");
}

#[test]
fn a_release_stays_where_its_tags_were_lost() {
    let world = World::new();
    let version = world.commit("a", "1");
    world.promote(&world.run(&version, 1), "staging");
    world.git(&["tag", "-d", "digits@v1.0.0"]);
    let standing = world.standing("production");
    let next = |version: &CommitId| standing.next_release(&[], version).expect("a release");
    assert_eq!(next(&version), release("v1.0.0"), "the branch knows it");
    let other = world.commit("a", "2");
    assert_eq!(next(&other), release("v1.1.0"), "no number is given twice");
}

#[test]
fn a_version_that_gto_registered_keeps_its_number() {
    let world = World::new();
    let registered = world.commit("a", "1");
    world.git(&["tag", "-a", "digits@v0.3.0", "-m", "Registering artifact digits version v0.3.0"]);
    let version = world.commit("a", "2");
    world.promote(&world.run(&version, 1), "staging");
    let promotion = world.promote(&world.run(&registered, 2), "staging");
    let names: Vec<&str> = promotion.tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(names, ["digits@v0.3.0", "digits#staging#2"], "GTO refuses a second version on one commit");
    assert!(!promotion.tags[0].is_new);
}

#[test]
fn names_that_cannot_be_paths_are_refused() {
    let world = World::new();
    let mut run = world.run(&world.commit("a", "1"), 1);
    for bad in ["../x", "a//b", "", "a\nfile 0 x", ".git/config", "."] {
        run.files = vec![(bad.to_owned(), b"x".to_vec())];
        assert!(world.plan_with(&run, "staging", &judgement(&run, true), None).is_err(), "{bad:?}");
    }
    run.files.clear();
    assert!(world.plan_with(&run, "staging", &judgement(&run, true), None).is_err(), "nothing to serve");
}

#[test]
fn a_checked_out_branch_is_left_alone() {
    let world = World::new();
    let run = world.run(&world.commit("a", "1"), 1);
    world.promote(&run, "staging");
    let next = world.planned(&world.run(&world.commit("a", "2"), 2), "staging");
    world.git(&["worktree", "add", "-q", "copy", "keelmark/deploy"]);
    let destination = keelmark_promote::Destination { local_tip: next.base.as_ref(), remote: None };
    let error = keelmark_promote::publish(&world.open(), &next, destination, &keelmark_types::Stop::new());
    assert!(matches!(error, Err(Error::Denied { .. })), "{error:?}");
    assert_eq!(world.tip(), next.base, "nothing moved");
}

#[test]
fn a_kill_between_branch_and_tags_is_healed() {
    let world = World::new();
    let run = world.run(&world.commit("a", "1"), 1);
    let promotion = world.promote(&run, "staging");
    let second = world.promote(&world.run(&world.commit("a", "2"), 2), "staging");
    let before = world.git(&["for-each-ref", "refs/tags"]);
    let repository = world.open();
    assert_eq!(
        keelmark_promote::heal(&repository).expect("healed"),
        Vec::<String>::new(),
        "nothing is missing"
    );
    // What a kill leaves: the branch moved, the last tags were not made.
    for name in ["digits@v1.1.0", "digits#staging#2"] {
        world.git(&["tag", "-d", name]);
    }
    let made = keelmark_promote::heal(&repository).expect("healed");
    assert_eq!(made, ["digits@v1.1.0", "digits#staging#2"]);
    assert_eq!(world.git(&["for-each-ref", "refs/tags"]), before, "the very same tags");
    assert_eq!(keelmark_promote::heal(&repository).expect("healed"), Vec::<String>::new(), "once is enough");
    assert!(promotion.commit != second.commit && world.tip() == Some(second.commit), "no branch moved");
    world.fsck();
}

#[test]
fn two_promotions_of_one_second_each_have_their_tag() {
    let world = World::new();
    let (one, other) = (world.run(&world.commit("a", "1"), 1), world.run(&world.commit("a", "2"), 2));
    world.promote(&one, "staging");
    world.hold_clock();
    world.promote(&other, "staging");
    world.hold_clock();
    world.promote(&one, "staging");
    world.git(&["tag", "-d", "digits#staging#3"]);
    let made = keelmark_promote::heal(&world.open()).expect("healed");
    assert_eq!(made, ["digits#staging#3"], "the tag of the first is not the tag of the third");
}

#[test]
fn two_plans_on_one_tip_cannot_both_land() {
    let world = World::new();
    world.promote(&world.run(&world.commit("a", "1"), 1), "staging");
    let one = world.planned(&world.run(&world.commit("a", "2"), 2), "staging");
    let other = world.planned(&world.run(&world.commit("a", "3"), 3), "staging");
    world.publish(&one);
    let refs = world.git(&["for-each-ref"]);
    let lost = world.publish(&other);
    let now = Some(Oid::from(&one.commit));
    assert_eq!(lost, Published::Conflict { reference: "refs/heads/keelmark/deploy".into(), now });
    assert_eq!(world.git(&["for-each-ref"]), refs, "no ref moved");
    let entry = |name: &str| world.standing(name).release_tree;
    assert!(!other.can_retry(entry("staging")), "staging itself moved: people have to look");
    assert!(other.can_retry(other.release_tree_before), "unchanged");
    assert!(other.can_retry(Some(other.release_tree)), "already equal");
    assert_eq!(world.standing("production").sequence(), 0);
    assert_eq!((environment("staging"), model()), (other.claim.environment, other.claim.model));
}
