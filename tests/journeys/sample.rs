//! The shipped sample: made, trained, as good as it says.

use keelmark_journeys::TestWorld;

#[test]
fn the_digits_sample_is_a_real_repository_with_a_run_of_every_version() {
    let world = TestWorld::new();
    let folder = world.path().join("demo");
    let made = world.keelmark(&["init", "demo", "--sample", "digits", "--json"]).ok().json();
    let versions = made["versions"].as_array().expect("a list");
    assert_eq!(versions.len(), 12, "a dozen versions: {made:#}");
    assert!(versions.iter().all(|version| version["status"] == "succeeded"), "each is trained: {made:#}");
    let accuracy = |index: usize| versions[index]["headline"]["value"].as_f64().expect("an accuracy");
    let best = (0..12).map(accuracy).fold(0.0, f64::max);
    assert!(best >= 0.95, "the best version reads digits: {best}");
    assert!(
        accuracy(7) < accuracy(6) - 0.05,
        "the regression is real: {} after {}",
        accuracy(7),
        accuracy(6)
    );
    let repo = world.open(&folder);
    repo.fsck();
    assert_eq!(repo.git(&["status", "--porcelain"]), "", "its work tree is clean");
    let again = world.keelmark(&["init", "demo", "--sample", "digits", "--json"]).expecting(3);
    assert_eq!(again.problem()["code"], "destination_exists", "a folder that is taken is not touched");
    let unknown = world.keelmark(&["init", "other", "--sample", "nothing", "--json"]).expecting(3);
    assert_eq!(unknown.problem()["code"], "unknown_sample", "samples are named");
}
