//! Publishing at a bare remote: one wins, the other is told and nothing of it moved; offline is pending.

mod support;

use std::path::Path;

use keelmark_git::Oid;
use keelmark_promote::{Destination, Promotion, Published, RemoteBranch, publish, push_pending};
use keelmark_types::{CommitId, Stop};
use support::{RecordedRun, World, change, git_in, judgement};
use tempfile::TempDir;

fn bare_with(world: &World) -> TempDir {
    let bare = tempfile::Builder::new().prefix("keelmark-bare-").tempdir().expect("a temporary folder");
    git_in(bare.path(), &["init", "-q", "--bare", "-b", "main"]);
    world.git(&["remote", "add", "origin", bare.path().to_str().expect("UTF-8")]);
    world.git(&["push", "-q", "origin", "main"]);
    world.git(&["fetch", "-q", "origin"]);
    bare
}

fn refs(folder: &Path) -> String {
    git_in(folder, &["for-each-ref", "refs/heads", "refs/tags", "refs/remotes"])
}

/// The remote's deploy branch as this clone last saw it.
fn seen(world: &World) -> Option<CommitId> {
    let seen = world.open().find_ref("refs/remotes/origin/keelmark/deploy").expect("refs");
    seen.map(Oid::to_commit_id)
}

fn plan(world: &World, run: &RecordedRun, to: &str) -> Promotion {
    let tip = seen(world).or_else(|| world.tip());
    change(world.plan_at(tip.as_ref(), run, to, &judgement(run, true), None).expect("a plan"))
}

fn publish_to_origin(world: &World, promotion: &Promotion, tip: Option<&CommitId>) -> Published {
    let local = world.tip();
    let destination =
        Destination { local_tip: local.as_ref(), remote: Some(RemoteBranch { name: "origin", tip }) };
    publish(&world.open(), promotion, destination, &Stop::new()).expect("publishing answers")
}

#[test]
fn of_two_racing_publishers_one_wins() {
    let ada = World::new();
    let version = ada.commit("a", "1");
    let bare = bare_with(&ada);
    let bob = World::cloned(bare.path());
    let (of_ada, of_bob) = (ada.run(&version, 1), bob.run(&version, 2));
    let (from_ada, from_bob) = (plan(&ada, &of_ada, "staging"), plan(&bob, &of_bob, "staging"));
    assert_eq!(publish_to_origin(&ada, &from_ada, None), Published::Published { pushed: true });
    let before = refs(bob.path());
    let lost = publish_to_origin(&bob, &from_bob, None);
    let now = Some(Oid::from(&from_ada.commit));
    assert_eq!(lost, Published::Conflict { reference: "refs/heads/keelmark/deploy".into(), now });
    assert_eq!(refs(bob.path()), before, "nothing of the loser moved");
    let there = refs(bare.path());
    assert!(
        there.contains("refs/tags/digits@v1.0.0") && there.contains("refs/tags/digits#staging#1"),
        "{there}"
    );
    assert_eq!(seen(&ada).as_ref(), Some(&from_ada.commit), "the winner's view of the remote moved");

    // A fresh plan, once fetched, lands: another environment was not touched meanwhile.
    bob.git(&["fetch", "-q", "origin"]);
    let other = bob.run(&bob.commit("a", "2"), 3);
    let again = plan(&bob, &other, "production");
    let tip = seen(&bob);
    assert_eq!(publish_to_origin(&bob, &again, tip.as_ref()), Published::Published { pushed: true });
    assert_eq!(
        git_in(bare.path(), &["rev-list", "--count", "keelmark/deploy"]).trim(),
        "2",
        "linear, none lost"
    );
    bob.fsck();
    git_in(bare.path(), &["fsck", "--strict"]);
}

#[test]
fn a_refusal_moves_nothing_and_says_the_remotes_words() {
    let world = World::new();
    let version = world.commit("a", "1");
    let bare = bare_with(&world);
    let hook = bare.path().join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().expect("a folder")).expect("made");
    std::fs::write(&hook, "#!/bin/sh\necho 'deployments need a review' >&2\nexit 1\n").expect("written");
    #[cfg(unix)]
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("executable");
    let promotion = plan(&world, &world.run(&version, 1), "staging");
    let before = refs(world.path());
    match publish_to_origin(&world, &promotion, None) {
        Published::Rejected { words } => assert!(words.contains("need a review"), "{words}"),
        other => panic!("expected a refusal, not {other:?}"),
    }
    assert_eq!(refs(world.path()), before);
}

#[test]
fn offline_is_committed_here_and_pushed_later_with_its_tags() {
    let world = World::new();
    let version = world.commit("a", "1");
    let bare = bare_with(&world);
    let address = bare.path().to_str().expect("UTF-8").to_owned();
    world.git(&["remote", "set-url", "origin", "http://127.0.0.1:9/nobody.git"]);
    let first = plan(&world, &world.run(&version, 1), "staging");
    assert!(
        matches!(publish_to_origin(&world, &first, None), Published::PushPending { .. }),
        "nobody answers"
    );
    assert_eq!(world.tip().as_ref(), Some(&first.commit), "committed here");
    assert!(refs(world.path()).contains("refs/tags/digits#staging#1"), "tagged here");

    world.git(&["remote", "set-url", "origin", &address]);
    let second = plan(&world, &world.run(&world.commit("a", "2"), 2), "staging");
    assert_eq!(second.base.as_ref(), Some(&first.commit));
    assert_eq!(publish_to_origin(&world, &second, None), Published::Published { pushed: true });
    let there = refs(bare.path());
    for tag in ["digits@v1.0.0", "digits@v1.1.0", "digits#staging#1", "digits#staging#2"] {
        assert!(there.contains(&format!("refs/tags/{tag}\n")), "{tag} went with it: {there}");
    }
}

#[test]
fn what_is_pending_can_be_pushed_alone() {
    let world = World::new();
    let version = world.commit("a", "1");
    let bare = bare_with(&world);
    let promotion = world.promote(&world.run(&version, 1), "staging");
    let origin = RemoteBranch { name: "origin", tip: None };
    let pushed = push_pending(&world.open(), origin, &Stop::new()).expect("an answer");
    assert_eq!(pushed, Published::Published { pushed: true });
    let there = refs(bare.path());
    assert!(
        there.contains(promotion.commit.as_str()) && there.contains("refs/tags/digits@v1.0.0"),
        "{there}"
    );
    let origin = RemoteBranch { name: "origin", tip: Some(&promotion.commit) };
    let again = push_pending(&world.open(), origin, &Stop::new()).expect("an answer");
    assert_eq!(again, Published::Published { pushed: true }, "twice is once");
}

#[test]
fn a_promotion_the_remote_has_is_not_tagged_again_here() {
    let ada = World::new();
    let version = ada.commit("a", "1");
    let bare = bare_with(&ada);
    let promotion = plan(&ada, &ada.run(&version, 1), "staging");
    publish_to_origin(&ada, &promotion, None);
    let bob = World::cloned(bare.path());
    bob.git(&["branch", "keelmark/deploy", "origin/keelmark/deploy"]);
    for tag in ["digits@v1.0.0", "digits#staging#1"] {
        bob.git(&["tag", "-d", tag]);
    }
    let made = keelmark_promote::heal(&bob.open()).expect("healed");
    assert_eq!(made, Vec::<String>::new(), "its tags come with a fetch, under their own numbers");
}
