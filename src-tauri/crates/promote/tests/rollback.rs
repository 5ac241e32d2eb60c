//! Going back restores the very folder, keeps what stands beside it, and checks the old bytes first.

mod support;

use keelmark_promote::{
    CommitVerdict, Error, Promotion, Proposal, Result, RollbackRequest, RollbackTarget, plan_rollback,
};
use support::{World, blocked, change, release};

fn plan(world: &World, to: &str, target: &RollbackTarget) -> Result<Proposal> {
    let repository = world.open();
    let standing = world.standing(to);
    let tags = repository.tags()?;
    let author = world.next();
    plan_rollback(&RollbackRequest {
        repository: &repository,
        standing: &standing,
        target,
        tags: &tags,
        author: &author,
    })
}

fn back(world: &World, to: &str, target: &RollbackTarget) -> Promotion {
    let promotion = change(plan(world, to, target).expect("a plan"));
    world.publish(&promotion);
    promotion
}

#[test]
fn the_old_folder_comes_back_with_a_higher_sequence() {
    let world = World::new();
    let first = world.promote(&world.run(&world.commit("a", "1"), 1), "production");
    let second = world.promote(&world.run(&world.commit("a", "2"), 2), "production");
    world.by_hand(false, Some("Scale up"), |folder| {
        std::fs::write(folder.join("environments/production/digits/overlay.yaml"), "replicas: 9\n")
            .expect("written");
    });
    let rolled = back(&world, "production", &RollbackTarget::Previous);
    assert_eq!(rolled.release_tree, first.release_tree, "the same oid");
    let tree = world.git(&["rev-parse", "keelmark/deploy:environments/production/digits/release"]);
    assert_eq!(tree.trim(), first.release_tree.to_string(), "in the commit too");
    let overlay = world.git(&["show", "keelmark/deploy:environments/production/digits/overlay.yaml"]);
    assert_eq!(overlay, "replicas: 9\n", "what the platform team changed stays");
    let body = world.git(&["log", "-1", "--format=%B", "keelmark/deploy"]);
    assert!(body.starts_with("Roll back digits in production to v1.0.0\n"), "{body}");
    assert_eq!(
        (rolled.claim.sequence, rolled.claim.verdict),
        (3, CommitVerdict::Warned),
        "the original's verdict"
    );
    assert_eq!(rolled.claim.previous.as_ref(), Some(&second.deployment.release_digest));
    assert_eq!(world.git(&["show", "--format=", "-M", "keelmark/deploy"]), rolled.diff, "shown as committed");
    let names: Vec<&str> = rolled.tags.iter().map(|tag| tag.name.as_str()).collect();
    assert_eq!(names, ["digits@v1.0.0", "digits#production#3"]);
    assert_eq!(
        world.git(&["rev-parse", "digits#production#3^{commit}"]).trim(),
        first.deployment.version.as_str()
    );
    assert!(rolled.evidence.iter().any(|path| path.ends_with("/statement.json")), "{:?}", rolled.evidence);
    world.fsck();

    // And forward again, by name.
    let again = back(&world, "production", &RollbackTarget::Release(release("v1.1.0")));
    assert_eq!((again.release_tree, again.claim.sequence), (second.release_tree, 4));
    let by_commit = back(&world, "production", &RollbackTarget::Commit(first.commit.clone()));
    assert_eq!(by_commit.release_tree, first.release_tree, "by the deployment commit");
    match plan(&world, "production", &RollbackTarget::Commit(first.deployment.version.clone()))
        .expect("a plan")
    {
        Proposal::Unchanged(same) => assert_eq!(same.commit, by_commit.commit, "desired already"),
        Proposal::Change(_) => panic!("by the version's commit it is what is desired already"),
    }
}

#[test]
fn evidence_somebody_removed_comes_back_with_the_release() {
    let world = World::new();
    let first = world.promote(&world.run(&world.commit("a", "1"), 1), "production");
    world.promote(&world.run(&world.commit("a", "2"), 2), "production");
    let folder = format!("evidence/{}", first.deployment.release_digest);
    world.by_hand(false, Some("Tidy up"), |root| {
        std::fs::remove_dir_all(root.join(&folder)).expect("removed");
    });
    let rolled = back(&world, "production", &RollbackTarget::Previous);
    world.git(&["rev-parse", &format!("{}:{folder}/gates.json", rolled.commit)]);
}

#[test]
fn there_has_to_be_something_to_go_back_to() {
    let world = World::new();
    assert!(matches!(plan(&world, "production", &RollbackTarget::Previous), Err(Error::NotFound { .. })));
    let run = world.run(&world.commit("a", "1"), 1);
    world.promote(&run, "production");
    let error = plan(&world, "production", &RollbackTarget::Previous).expect_err("only one so far");
    assert!(error.to_string().contains("desired v1.0.0 so far"), "{error}");
    let error =
        plan(&world, "production", &RollbackTarget::Release(release("v7.0.0"))).expect_err("never released");
    assert!(error.to_string().contains("v7.0.0"), "{error}");
    assert!(matches!(plan(&world, "staging", &RollbackTarget::Previous), Err(Error::NotFound { .. })));
}

#[test]
fn damaged_bytes_are_found_before_anything_is_planned() {
    let world = World::new();
    let run = world.run(&world.commit("a", "1"), 1);
    let sound =
        change(world.plan_with(&run, "production", &blocked(&run), Some("try it")).expect("overridden"));
    world.publish(&sound);
    world.by_hand(true, None, |root| {
        std::fs::write(root.join("environments/production/digits/release/model/config.json"), "{ }")
            .expect("written");
    });
    world.promote(&world.run(&world.commit("a", "2"), 2), "production");
    let error = plan(&world, "production", &RollbackTarget::Previous).expect_err("the bytes are others");
    assert!(matches!(error, Error::Corrupt { .. }) && error.to_string().contains("config.json"), "{error}");
}
