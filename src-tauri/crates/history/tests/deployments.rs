//! The deploy branch read as any outsider's push would be read.

mod support;

use DeploymentAction::{Promote, Rollback};
use keelmark_git::Trailer;
use keelmark_history::{
    Candidate, DeploymentAction, Error, Selected, Selection, environments, models, select,
};
use keelmark_index::Index;
use keelmark_types::{EnvironmentName, HealthStatus, SyncStatus};
use support::{Promotion, World, deployment, model, run_id, trailers};

#[test]
fn promotions_rollbacks_and_overrides_are_told_apart() {
    let world = World::new();
    let version = world.declare();
    let (first, second) = (world.run(1, &version, 0.9, |_| {}), world.run(2, &version, 0.95, |_| {}));
    let promotion = |run, release, sequence| Promotion {
        environment: "staging",
        version: &version,
        run,
        release,
        sequence,
    };
    let one = world.promote(&promotion(&first, "v1.0.0", 1), &[]);
    let override_reason = Trailer::new("Override-Reason", "the fair is tomorrow");
    world.promote(&promotion(&second, "v1.1.0", 2), &[override_reason, Trailer::new("Previous", "v1.0.0")]);
    let tree =
        world.repository().version(&one).expect("there").subtree("environments/staging/digits/release");
    let mut back = trailers(&promotion(&first, "v1.0.0", 1));
    back.iter_mut()
        .filter(|trailer| trailer.key == "Sequence")
        .for_each(|trailer| trailer.value = "3".to_owned());
    let tree = tree.expect("reads").expect("a folder");
    let rollback = world.deploy("staging", None, Some(tree), "Roll back digits", &back);

    let index = world.index();
    assert_eq!(world.sync(&index).problems, []);
    let all = environments(&world.repository(), &index, Some(&model())).expect("answers");
    let staging = &all.environments[0];
    let actions: Vec<_> = staging
        .history
        .iter()
        .map(|entry| {
            entry.promoted.as_ref().map(|promoted| (promoted.action, promoted.sequence)).expect("ours")
        })
        .collect();
    assert_eq!(
        actions,
        [(Rollback, 3), (Promote, 2), (Promote, 1)],
        "newest first; the same bytes again are a rollback"
    );
    let overridden = staging.history[1].promoted.as_ref().expect("ours");
    assert_eq!(overridden.override_reason.as_deref(), Some("the fair is tomorrow"));
    assert_eq!(overridden.previous.as_deref(), Some("v1.0.0"));
    let desired = staging.desired.as_ref().expect("a release");
    assert_eq!(
        (&desired.deployment.run.id, &desired.commit, desired.sequence),
        (&first, &Some(rollback), Some(3))
    );
}

#[test]
fn environments_stand_in_declared_order_and_nothing_unknown_is_green() {
    let world = World::new();
    let version = world.declare();
    let run = world.run(1, &version, 0.9, |_| {});
    let lab = Promotion { environment: "lab", version: &version, run: &run, release: "v1.0.0", sequence: 1 };
    world.promote(&lab, &[]);
    let index = world.index();
    world.sync(&index);
    let all = environments(&world.repository(), &index, None).expect("answers");
    let names: Vec<(&str, bool)> =
        all.environments.iter().map(|state| (state.environment.as_str(), state.declared)).collect();
    assert_eq!(names, [("staging", true), ("production", true), ("lab", false)]);
    let production = &all.environments[1];
    assert_eq!(production.after.as_ref().map(EnvironmentName::as_str), Some("staging"));
    assert_eq!(production.desired, None);
    for state in &all.environments {
        assert_eq!(
            (state.sync, state.health, &state.running),
            (SyncStatus::Unknown, HealthStatus::Unknown, &None),
            "until somebody reports, nothing is known"
        );
    }
    assert!(all.environments[2].desired.is_some(), "what is deployed is shown, declared or not");
}

#[test]
fn what_is_no_promotion_of_ours_is_kept_and_named() {
    let world = World::new();
    let version = world.declare();
    let run = world.run(1, &version, 0.9, |_| {});
    let promotion = |sequence| Promotion {
        environment: "staging",
        version: &version,
        run: &run,
        release: "v1.0.0",
        sequence,
    };
    world.deploy("staging", None, None, "Set up the platform", &[]);
    world.promote(&promotion(1), &[]);
    // Trailers that promise another run than the file holds.
    let mut forged = trailers(&promotion(2));
    forged.iter_mut().filter(|t| t.key == "Run").for_each(|trailer| trailer.value = run_id(9).to_string());
    let bytes = deployment(&promotion(2)).to_string();
    world.deploy("staging", Some(bytes.as_bytes()), None, "Promote something else", &forged);
    let cut: Vec<Trailer> = trailers(&promotion(3)).into_iter().filter(|t| t.key != "Sequence").collect();
    world.deploy("staging", None, None, "Promote without a number", &cut);
    world.promote(&promotion(1), &[]);
    world.deploy("production", Some(b"schema: keelmark.deployment/7\n"), None, "By hand", &[]);

    let index = world.index();
    let problems: Vec<String> = world.sync(&index).problems.into_iter().map(|problem| problem.why).collect();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(problems[0].contains("its trailer says run"), "{}", problems[0]);
    assert!(problems[1].contains("Sequence is missing"), "{}", problems[1]);
    assert!(problems[2].contains("not above 1"), "{}", problems[2]);
    let all = environments(&world.repository(), &index, None).expect("answers");
    let other: Vec<&str> = all.other.iter().map(|entry| entry.subject.as_str()).collect();
    assert_eq!(
        other,
        ["By hand", "Promote without a number", "Promote something else", "Set up the platform"]
    );
    let production = &all.environments[1];
    assert!(
        production.problem.as_ref().is_some_and(|why| why.contains("deployment/7")),
        "{:?}",
        production.problem
    );
    assert!(all.environments[0].desired.is_some(), "a broken neighbour hides nothing");
}

#[test]
fn a_folder_changed_by_hand_names_no_promotion() {
    let world = World::new();
    let version = world.declare();
    let run = world.run(1, &version, 0.9, |_| {});
    let promotion =
        Promotion { environment: "staging", version: &version, run: &run, release: "v1.0.0", sequence: 1 };
    world.promote(&promotion, &[]);
    let mut edited = deployment(&promotion);
    edited["release"] = "v9.9.9".into();
    world.deploy("staging", Some(edited.to_string().as_bytes()), None, "Tweak", &[]);
    let index = world.index();
    world.sync(&index);
    let all = environments(&world.repository(), &index, None).expect("answers");
    let desired = all.environments[0].desired.as_ref().expect("the branch declares it");
    assert_eq!(desired.deployment.release.to_string(), "v9.9.9", "the branch is the truth");
    assert_eq!(desired.commit, None, "no promotion left the folder so");
}

#[test]
fn the_remote_branch_counts_where_it_is_ahead() {
    let world = World::new();
    let version = world.declare();
    let run = world.run(1, &version, 0.9, |_| {});
    let promotion = |sequence| Promotion {
        environment: "staging",
        version: &version,
        run: &run,
        release: "v1.0.0",
        sequence,
    };
    let first = world.promote(&promotion(1), &[]);
    let second = world.promote(&promotion(2), &[]);
    world.git(&["update-ref", "refs/remotes/origin/keelmark/deploy", second.as_str()]);
    world.git(&["update-ref", "refs/heads/keelmark/deploy", first.as_str()]);
    let index = world.index();
    assert_eq!(world.sync(&index).deployments_read, 2, "fetched, not merged");
    assert_eq!(index.deploy_tip().expect("answers"), Some(second));

    let ours = world.promote(&promotion(3), &[]);
    let synced = world.sync(&index);
    assert_eq!(index.deploy_tip().expect("answers"), Some(ours), "parted: the local one");
    assert!(synced.problems.iter().any(|problem| problem.why.contains("parted")), "{:?}", synced.problems);
    let rebuilt = Index::in_memory().expect("memory");
    world.sync(&rebuilt);
    assert_eq!(
        index.dump().expect("answers"),
        rebuilt.dump().expect("answers"),
        "a line that was left leaves no trace"
    );

    world.git(&["update-ref", "-d", "refs/heads/keelmark/deploy"]);
    world.git(&["update-ref", "-d", "refs/remotes/origin/keelmark/deploy"]);
    world.sync(&index);
    assert_eq!(index.deployments(None, None).expect("answers"), []);
}

#[test]
fn words_name_candidates() {
    let world = World::new();
    let version = world.declare();
    let (first, second) = (world.run(1, &version, 0.9, |_| {}), world.run(900_000, &version, 0.8, |_| {}));
    let newer = world.commit("Newer");
    let production = Promotion {
        environment: "production",
        version: &version,
        run: &first,
        release: "v1.0.0",
        sequence: 1,
    };
    let index = world.index();
    world.sync(&index);
    let repository = world.repository();
    let pick = |name: &str| {
        select(&repository, &index, &Selection { name: name.to_owned(), ..Selection::default() })
    };
    let run_of = |candidate: &Candidate| candidate.run.as_ref().map(|run| run.record.run.clone());

    let unpromoted = pick(version.as_str()).expect("a version");
    assert_eq!(run_of(&unpromoted), Some(second.clone()), "the newest speaks before anything is promoted");
    assert!(matches!(pick("production"), Err(Error::NotFound { .. })), "nothing was promoted to it");
    assert!(matches!(pick("nowhere"), Err(Error::Git(_))));
    world.promote(&production, &[]);
    world.sync(&index);
    world.git(&["branch", "production", newer.as_str()]);

    let environment = pick("production").expect("a release");
    assert!(matches!(environment.selected, Selected::Environment(_)), "the environment before the branch");
    assert_eq!((run_of(&environment), &environment.version), (Some(first.clone()), &version));
    assert_eq!(pick("heads/production").expect("a branch").version, newer);
    assert_eq!(run_of(&pick("main").expect("a branch")), None, "no run of it yet");
    assert_eq!(run_of(&pick("main~1").expect("a version")), Some(first.clone()), "what was promoted speaks");
    for word in ["digits@v1.0.0", "v1.0.0"] {
        let release = pick(word).expect("a release");
        assert_eq!((run_of(&release), &release.version), (Some(first.clone()), &version), "{word}");
    }
    for word in [second.as_str(), &second.as_str()[..12].to_lowercase()] {
        let run = pick(word).expect("a run");
        assert_eq!((run_of(&run), run.selected), (Some(second.clone()), Selected::Run), "{word}");
    }
    let other = Selection { name: "main~1".to_owned(), run: Some(second.to_string()), model: None };
    assert_eq!(run_of(&select(&repository, &index, &other).expect("its run")), Some(second.clone()));
    let foreign = Selection { name: "main".to_owned(), run: Some(second.to_string()), model: None };
    assert!(
        matches!(select(&repository, &index, &foreign), Err(Error::Invalid { .. })),
        "a run of another version"
    );
}

#[test]
fn broken_models_are_listed_with_their_mistakes() {
    let world = World::new();
    world.declare();
    world.write("broken/model.yaml", "keelmark: 1\nname: 'a/b'\n");
    world.write("copy/model.yaml", support::MODEL_YAML);
    let commit = world.commit("Three files");
    let found = models(&world.repository().version(&commit).expect("there")).expect("answers");
    let seen: Vec<(&str, bool)> =
        found.iter().map(|entry| (entry.folder.as_str(), entry.manifest.is_ok())).collect();
    assert_eq!(
        seen,
        [("", true), ("broken", false), ("copy", false)],
        "by folder; a second one of a name is a mistake"
    );
    let mistakes = found[1].manifest.as_ref().expect_err("broken");
    assert!(mistakes.iter().all(|mistake| mistake.location.file == "broken/model.yaml"), "{mistakes:?}");
}

#[test]
fn a_run_that_measured_nothing_does_not_speak_for_a_version() {
    let world = World::new();
    let version = world.declare();
    let measured = world.run(1, &version, 0.9, |_| {});
    let silent = world.run(2, &version, 0.9, |record| {
        record["job"] = "command".into();
        record["metrics"] = serde_json::json!({});
        record["test_digest"] = serde_json::Value::Null;
    });
    let index = world.index();
    world.sync(&index);
    let main = Selection { name: "main".to_owned(), ..Selection::default() };
    let candidate = select(&world.repository(), &index, &main).expect("a version");
    assert_eq!(
        candidate.run.map(|run| run.record.run),
        Some(measured.clone()),
        "not {silent}, though it is newer"
    );
    world.git(&["update-ref", "-d", &format!("refs/keelmark/runs/{}/{measured}", measured.month())]);
    world.sync(&index);
    let candidate = select(&world.repository(), &index, &main).expect("a version");
    assert_eq!(candidate.run.map(|run| run.record.run), Some(silent), "better than none");
}
