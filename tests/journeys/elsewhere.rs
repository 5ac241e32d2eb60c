//! Models that were made elsewhere, on the same road as ours: evaluated, compared, promoted, rolled back, audited.

use std::fs;
use std::path::{Path, PathBuf};

use keelmark_journeys::{TestRepo, TestWorld, Window};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{json, metric, problem, text};

/// What scikit-learn, skl2onnx and DVC made: `tests/fixtures/others/evaluated`.
fn made(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/others/evaluated").join(name);
    fs::read(path).expect("the fixture is in the repository")
}

fn expected() -> Value {
    serde_json::from_slice(&made("expected.json")).expect("as the script wrote it")
}

fn manifest(artifact: &str, more: &str) -> String {
    format!(
        "keelmark: 1
name: churn
task: classification
data:
  test: {{path: data/test.csv, id: customer}}
  target: churn
model: {{artifact: {artifact}}}
evaluate:
  metrics: [accuracy, f1_macro, log_loss]
{more}gates:
  - {{metric: accuracy, at_least: 0.4}}
environments:
  staging: {{auto_promote: false}}
"
    )
}

const PREDICTED: &str =
    "  predictions: {path: answers.csv, id: customer, truth: churn, probabilities: \"p_*\"}\n";

fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("writing to a string cannot fail");
        digits
    })
}

/// Two versions of the ONNX model in a repository that nothing of Keelmark's was in before the manifest.
#[track_caller]
fn two_onnx(world: &TestWorld) -> (TestRepo<'_>, String, String) {
    let repo = world.repo("churn");
    repo.write("data/test.csv", made("test.csv"));
    repo.write("models/churn.onnx", made("first.onnx"));
    repo.write("model.yaml", manifest("models/churn.onnx", ""));
    let first = repo.commit("Predict who leaves");
    repo.write("models/churn.onnx", made("second.onnx"));
    let second = repo.commit("Use trees");
    (repo, first, second)
}

#[track_caller]
fn assert_measured(run: &Value, expected: &Value) {
    for (name, value) in expected["metrics"].as_object().expect("metrics") {
        let (is, wanted) = (metric(run, name), value.as_f64().expect("a number"));
        assert!((is - wanted).abs() < 1e-5, "{name} is {is}, scikit-learn says {wanted}");
    }
}

/// Compares, promotes both, rolls back and audits; the answer of the comparison.
#[track_caller]
fn down_the_road(repo: &TestRepo<'_>, first: &str, second: &str, file: &str, bytes: &[u8]) -> Value {
    assert_eq!(json(repo, &["check"])["problems"], Value::Array(Vec::new()), "nothing is wrong");
    let compared = json(repo, &["compare", first, second]);
    assert_eq!(compared["comparable"], true, "the test set is the same: {}", compared["why"]);
    assert_eq!(compared["verdict"], "better", "{}", compared["why"]);
    assert!(compared["flips"]["fixed"].as_u64() > Some(50), "paired by customer: {}", compared["flips"]);
    let history = json(repo, &["history", "--metrics", "accuracy"]);
    assert!(history["commits"][0]["metrics"]["accuracy"]["run"].is_string(), "{history:#}");

    json(repo, &["promote", first, "--to", "staging"]);
    let made = json(repo, &["promote", second, "--to", "staging"]);
    let served = format!("keelmark/deploy:environments/staging/churn/release/model/{file}");
    let digest = sha256(bytes);
    let listed = repo.git(&["show", "keelmark/deploy:environments/staging/churn/release/deployment.yaml"]);
    assert!(listed.contains(&digest), "the artifact's digest is deployed: {listed}");
    assert_eq!(repo.git(&["cat-file", "-s", &served]), bytes.len().to_string(), "and its bytes");
    assert_eq!(text(&made, "version"), second);
    json(repo, &["rollback", "staging"]);
    let desired = json(repo, &["env", "show", "staging"])["desired"]["deployment"]["version"].clone();
    assert_eq!(desired, first, "the first is desired again");
    let audit = json(repo, &["audit", "--verify"]);
    assert_eq!(audit["tampered"], false, "every word holds: {audit:#}");
    assert_eq!(audit["entries"].as_array().map(Vec::len), Some(3), "{audit:#}");
    assert_eq!(repo.git(&["status", "--porcelain"]), "", "the work tree is the user's");
    repo.fsck();
    compared
}

#[test]
fn an_onnx_model_of_scikit_learn_goes_the_whole_road() {
    let world = TestWorld::new();
    let (repo, first, second) = two_onnx(&world);
    let expected = expected();
    for (version, name) in [(&first, "first"), (&second, "second")] {
        let run = json(&repo, &["evaluate", version]);
        assert_eq!(run["status"], "succeeded", "{run:#}");
        assert_measured(&run, &expected[name]["onnx"]);
        assert_eq!(run["evaluation"]["grade"], "repeated", "inference was run here");
        let shown = json(&repo, &["runs", "show", text(&run, "run")]);
        let digest = sha256(&made(&format!("{name}.onnx")));
        assert_eq!(text(&shown, "model_sha256"), digest, "the artifact is the model");
        assert_eq!(shown["artifact"]["path"], "models/churn.onnx", "{shown:#}");
        assert_eq!(text(&shown["artifact"], "sha256"), digest);
        assert_eq!(shown["job"], "evaluate");
    }
    down_the_road(&repo, &first, &second, "churn.onnx", &made("second.onnx"));

    let refused = problem(&repo, &["train", &first], 3, "unsupported");
    assert!(text(&refused, "summary").contains("models/churn.onnx"), "{refused:#}");
    assert!(text(&refused, "hint").contains("keelmark evaluate"), "{refused:#}");
}

#[test]
fn a_pickled_model_is_judged_by_its_predictions_and_never_loaded() {
    let world = TestWorld::new();
    let repo = world.repo("churn");
    repo.write("data/test.csv", made("test.csv"));
    let mut versions = Vec::new();
    for name in ["first", "second"] {
        repo.write("models/churn.joblib", made(&format!("{name}.joblib")));
        repo.write("answers.csv", made(&format!("{name}.csv")));
        repo.write("model.yaml", manifest("models/churn.joblib", PREDICTED));
        versions.push(repo.commit(name));
        let run = json(&repo, &["evaluate"]);
        assert_measured(&run, &expected()[name]["predictions"]);
        assert_eq!(run["evaluation"]["grade"], "recomputed", "nothing was run");
        assert_eq!(text(&run, "model_sha256"), sha256(&made(&format!("{name}.joblib"))));
    }
    down_the_road(&repo, &versions[0], &versions[1], "churn.joblib", &made("second.joblib"));

    let other_truth = String::from_utf8(made("second.csv")).expect("text").replacen(",leaves,", ",stays,", 1);
    repo.write("answers.csv", other_truth);
    repo.commit("Answer another question");
    let refused = repo.keelmark(&["evaluate", "--json"]).expecting(3).problem();
    assert!(text(&refused, "summary").contains("the truth of example `c0000` differs"), "{refused:#}");

    repo.write("model.yaml", manifest("models/churn.joblib", ""));
    repo.commit("Name no predictions");
    let refused = problem(&repo, &["evaluate"], 3, "unsupported");
    for word in ["ONNX", "evaluate.predictions", "never loaded"] {
        assert!(text(&refused, "hint").contains(word), "{word} in {refused:#}");
    }
}

#[test]
fn models_that_cannot_be_run_say_why_before_anything_starts() {
    let world = TestWorld::new();
    let (repo, ..) = two_onnx(&world);
    let onnx = |name: &str| {
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/others/onnx").join(name))
            .expect("the fixture is in the repository")
    };
    let refused = |what: &str, bytes: Vec<u8>, code: &str, words: &[&str]| {
        repo.write("models/churn.onnx", bytes);
        repo.commit(what);
        let told = problem(&repo, &["evaluate"], 3, code);
        let all = told.to_string();
        for word in words {
            assert!(all.contains(word), "{what}: {word} in {told:#}");
        }
    };
    refused("Cut it short", onnx("bad/truncated.onnx"), "invalid_model", &["not a readable ONNX model"]);
    refused(
        "Ask for much",
        onnx("bad/opset_too_new.onnx"),
        "unsupported",
        &["opset", "evaluate.predictions"],
    );
    refused(
        "Leave the preprocessing in Python",
        made("rescaled.onnx"),
        "invalid_data",
        &["data/test.csv", "`Bern`", "not guessed"],
    );
    repo.write("model.yaml", manifest("models/gone.onnx", ""));
    repo.commit("Lose it");
    problem(&repo, &["evaluate"], 3, "missing_data");
    assert_eq!(json(&repo, &["runs"])["runs"], Value::Array(Vec::new()), "nothing was started");
}

#[test]
fn data_behind_a_pointer_of_dvc_is_read_from_its_cache_or_told_missing() {
    let world = TestWorld::new();
    let (repo, first, _) = two_onnx(&world);
    let in_git = json(&repo, &["evaluate", &first]);
    repo.git(&["rm", "--quiet", "data/test.csv"]);
    repo.write("models/churn.onnx", made("first.onnx"));
    repo.write(
        ".dvc/config",
        "[core]\n    remote = shelf\n['remote \"shelf\"']\n    url = s3://shelf/churn\n",
    );
    repo.write(".gitignore", "/.dvc/cache\n/data/test.csv\n");
    repo.write("data/test.csv.dvc", made("test.csv.dvc"));
    repo.commit("Track the data with DVC");
    let missing = problem(&repo, &["evaluate"], 3, "missing_data");
    let summary = text(&missing, "summary");
    assert!(summary.contains("DVC") && summary.contains("s3://shelf/churn"), "{missing:#}");

    repo.write(".dvc/cache/files/md5/40/9aa92a7194a2797d658e5949ae1295", made("test.csv"));
    let run = json(&repo, &["evaluate"]);
    assert_eq!(run["metrics"], in_git["metrics"], "the same bytes are the same test");
    let shown = json(&repo, &["runs", "show", text(&run, "run")]);
    assert_eq!(text(&shown["data"][0], "sha256"), sha256(&made("test.csv")), "{shown:#}");
    json(&repo, &["promote", "HEAD", "--to", "staging"]);
}

#[test]
fn a_window_evaluates_where_it_would_train() {
    let world = TestWorld::new();
    let (work, first, _) = two_onnx(&world);
    let window = Window::open(&world, Path::new(env!("CARGO_BIN_EXE_keelmark-loopback")));
    let repo = window.repo(work.path());
    let asked = serde_json::json!({"repo": repo, "model": null, "revision": first});
    assert_eq!(window.call("training_form", &asked)["artifact"], "models/churn.onnx");
    let asked = serde_json::json!({"repo": repo, "model": null, "revision": first, "run": null});
    let run = window.call("start_evaluation", &asked)["runs"][0].clone();
    let ended = window.until("the run's end", || {
        let runs = window.call("runs", &serde_json::json!({"repo": repo, "model": null}));
        let listed = runs.as_array()?.iter().find(|listed| listed["run"] == run)?.clone();
        (listed["status"] != "running").then_some(listed)
    });
    assert_eq!(ended["status"], "succeeded", "{ended:#}");
    assert_measured(&ended, &expected()["first"]["onnx"]);
}
