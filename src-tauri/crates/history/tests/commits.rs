//! `history`: commits with metrics, tags and environments.

mod support;

use keelmark_history::{Error, History, HistoryQuery, MetricSource, history};
use keelmark_index::Index;
use serde_json::{Value, json};
use support::{MODEL_YAML, Promotion, World, by_name, digest, model};

fn ask(world: &World, index: &Index, query: &HistoryQuery) -> History {
    world.sync(index);
    history(&world.repository(), index, query).expect("answers")
}

#[test]
fn the_answer_has_the_fields_of_the_command_line() {
    let world = World::new();
    let first = world.declare();
    let second = world.commit("Train longer");
    let run = world.run(1, &second, 0.9, |_| {});
    world.git(&["tag", "--annotate", "digits@v1.0.0", "--message", "Release", second.as_str()]);
    for (sequence, environment) in [(1, "production"), (2, "staging")] {
        let promotion = Promotion { environment, version: &second, run: &run, release: "v1.0.0", sequence };
        world.promote(&promotion, &[]);
    }
    let answer = ask(&world, &world.index(), &HistoryQuery::default());
    let answer: Value = serde_json::to_value(&answer).expect("JSON");
    assert_eq!(
        answer["commits"][0],
        json!({
            "commit": second, "parents": [first], "subject": "Train longer", "author": "Ada",
            "time": "2026-02-25T06:15:20Z", "tags": ["digits@v1.0.0"],
            "environments": ["staging", "production"], "stages": [],
            "metrics": {"accuracy": {
                "value": 0.9, "low": 0.89, "high": 0.91, "run": run, "source": "run", "comparable": true,
                "test_digest": digest(100), "seeds": 1,
            }},
        }),
        "staging stands before production, which comes after it"
    );
    assert_eq!(answer["commits"][1]["metrics"], json!({}), "no run, no file: nothing is known");
    assert_eq!(answer["model"], "digits");
}

#[test]
fn files_count_only_where_no_run_has_the_metric() {
    let world = World::new();
    world.declare();
    world.write("metrics.json", r#"{"accuracy": 0.5, "test": {"f1": 0.25, "note": "x"}}"#);
    let with_file = world.commit("Measure elsewhere");
    world.write("dvc.yaml", "stages:\n  e:\n    cmd: x\n    metrics: [scores/eval.json]\n");
    world.write("scores/eval.json", r#"{"accuracy": 0.1, "auc": 0.7}"#);
    let with_pipeline = world.commit("Add a pipeline");
    world.run(1, &with_pipeline, 0.9, |_| {});
    let history = ask(&world, &world.index(), &HistoryQuery::default());

    let newest = &history.commits[0];
    assert_eq!(newest.commit, with_pipeline);
    assert_eq!(by_name(&newest.metrics), ["accuracy", "auc", "test.f1"]);
    assert_eq!(
        (newest.metrics["accuracy"].value, newest.metrics["accuracy"].source),
        (Some(0.9), MetricSource::Run)
    );
    let auc = &newest.metrics["auc"];
    assert_eq!(
        (auc.value, auc.source, auc.comparable, &auc.run),
        (Some(0.7), MetricSource::File, None, &None)
    );
    let before = &history.commits[1];
    assert_eq!(before.commit, with_file);
    assert_eq!(before.metrics["accuracy"].value, Some(0.5), "the file speaks where no run does");
    assert!(!before.metrics.contains_key("auc"), "a version's files are its own");
    let one = HistoryQuery { metrics: vec!["test.f1".to_owned()], limit: Some(2), ..HistoryQuery::default() };
    let one = ask(&world, &world.index(), &one);
    assert_eq!(one.commits.len(), 2);
    assert!(one.commits.iter().all(|commit| by_name(&commit.metrics) == ["test.f1"]));
}

#[test]
fn a_pipeline_with_templates_names_its_files_by_what_stands_beside_it() {
    let world = World::new();
    world.write("params.yaml", "sets: [mnist, usps]\nout: scores\n");
    world.write(
        "dvc.yaml",
        "stages:\n  e:\n    foreach: ${sets}\n    do:\n      cmd: x\n      metrics: ['${out}/${item}.yaml']\n\
         metrics: [all.toml, ../outside.json]\n",
    );
    world.write("scores/mnist.yaml", "mnist:\n  acc: 0.50\n  note: NO\n");
    world.write("scores/usps.yaml", "usps: {acc: 1e-1}\n");
    world.write("all.toml", "[total]\nacc = 0.3\n");
    world.commit("Measure two sets");
    world.write("params.yaml", "sets: [usps]\nout: scores\n");
    world.commit("Measure one");
    world.write("params.yaml", "sets: [usps\n");
    world.commit("Break the parameters");
    let history = ask(&world, &world.index(), &HistoryQuery::default());
    let names = |at: usize| by_name(&history.commits[at].metrics);
    assert_eq!(names(2), ["mnist.acc", "total.acc", "usps.acc"]);
    assert_eq!(history.commits[2].metrics["usps.acc"].value, Some(0.1));
    assert_eq!(names(1), ["total.acc", "usps.acc"]);
    assert_eq!(names(0), ["total.acc"], "what needs no template is still read");
    let said: Vec<&str> = history.problems.iter().map(|problem| problem.why.as_str()).collect();
    assert!(said.iter().any(|why| why.contains("outside.json")), "{said:?}");
    assert!(said.iter().any(|why| why.contains("params.yaml: line 1")), "{said:?}");
}

#[test]
fn a_broken_metric_file_is_said_once() {
    let world = World::new();
    world.write("metrics.json", "{\"accuracy\": 0.9,}");
    world.write("dvclive/metrics.json", "{\"loss\": NaN, \"auc\": 0.7}");
    world.commit("A comma too many");
    world.commit("Something else");
    let history = ask(&world, &world.index(), &HistoryQuery::default());
    assert_eq!((history.commits.len(), history.problems.len()), (2, 1), "{:?}", history.problems);
    assert_eq!(history.problems[0].why, "line 1: trailing comma at line 1 column 18");
    assert_eq!(
        by_name(&history.commits[0].metrics),
        ["auc"],
        "the other file is read; what is no number is none"
    );
    assert_eq!(history.model, None, "a repository without a model.yaml opens too");
}

#[test]
fn numbers_of_another_test_set_are_marked() {
    let world = World::new();
    let old = world.declare();
    world.run(1, &old, 0.95, |record| record["test_digest"] = json!(digest(7)));
    let both = world.commit("Both test sets");
    world.run(2, &both, 0.80, |_| {});
    world.run(3, &both, 0.94, |record| record["test_digest"] = json!(digest(7)));
    let new = world.commit("New test set");
    world.run(4, &new, 0.85, |_| {});
    let history = ask(&world, &world.index(), &HistoryQuery::default());
    let accuracy: Vec<_> = history
        .commits
        .iter()
        .map(|commit| (commit.metrics["accuracy"].value, commit.metrics["accuracy"].comparable))
        .collect();
    let expected = [(Some(0.85), Some(true)), (Some(0.80), Some(true)), (Some(0.95), Some(false))];
    assert_eq!(accuracy, expected, "the newest commit's test set is preferred, another one is marked");
}

#[test]
fn runs_that_do_not_count_say_nothing() {
    let world = World::new();
    let version = world.declare();
    world.run(1, &version, 0.99, |record| record["status"] = json!("failed"));
    world.run(2, &version, 0.99, |record| record["dirty"] = json!(true));
    world.run(3, &version, 0.99, |record| record["model"] = json!("churn"));
    let history = ask(&world, &world.index(), &HistoryQuery::default());
    assert_eq!(history.commits[0].metrics.len(), 0, "failed, dirty and another model's");
}

#[test]
fn order_is_topology_whatever_the_clocks_say() {
    let world = World::new();
    world.declare();
    world.git(&["switch", "--quiet", "--create", "side"]);
    world.commit("side");
    world.git(&["switch", "--quiet", "main"]);
    world.commit("main");
    world.git(&["merge", "--quiet", "--no-ff", "--message", "merge", "side"]);
    world.git(&[
        "-c",
        "user.name=x",
        "commit",
        "--quiet",
        "--allow-empty",
        "--date=@0 +0000",
        "--message",
        "early clock",
    ]);
    let history = ask(&world, &world.index(), &HistoryQuery::default());
    let subjects: Vec<&str> = history.commits.iter().map(|commit| commit.subject.as_str()).collect();
    assert_eq!(subjects[..2], ["early clock", "merge"]);
    assert_eq!(subjects.len(), 5);
    assert_eq!(subjects[4], "Declare the model");
    let by_revision = HistoryQuery {
        revision: Some("side".to_owned()),
        path: Some("model.yaml".to_owned()),
        ..HistoryQuery::default()
    };
    assert_eq!(ask(&world, &world.index(), &by_revision).commits.len(), 1, "one commit touches model.yaml");
}

#[test]
fn several_models_need_a_name() {
    let world = World::new();
    world.write("a/model.yaml", MODEL_YAML);
    world.write("b/model.yaml", &MODEL_YAML.replace("digits", "churn"));
    world.write("b/metrics.json", r#"{"accuracy": 0.4}"#);
    world.commit("Two models");
    let index = world.index();
    let refused = history(&world.repository(), &index, &HistoryQuery::default());
    assert!(
        matches!(refused, Err(Error::Invalid { ref why, .. }) if why.contains("digits, churn")),
        "{refused:?}"
    );
    let of =
        |name: &str| HistoryQuery { model: Some(name.parse().expect("a name")), ..HistoryQuery::default() };
    let churn = ask(&world, &index, &of("churn"));
    assert_eq!(churn.commits[0].metrics["accuracy"].value, Some(0.4), "the files of its own folder");
    assert_eq!(ask(&world, &index, &of(model().as_str())).commits[0].metrics.len(), 0);
    assert!(matches!(history(&world.repository(), &index, &of("other")), Err(Error::NotFound { .. })));
}

#[test]
fn an_empty_repository_has_an_empty_history() {
    let world = World::new();
    assert_eq!(ask(&world, &world.index(), &HistoryQuery::default()).commits, []);
}

#[test]
fn a_long_history_is_read_side_by_side_in_order() {
    use std::fmt::Write as _;
    use std::io::Write as _;
    let world = World::new();
    // git fast-import makes 1,200 commits at once, each with its number as its metric.
    let mut stream = String::new();
    for number in 1..=1200 {
        let file = format!("{{\"step\": {number}}}");
        let from = if number == 1 { String::new() } else { format!("from :{}\n", number - 1) };
        write!(
            stream,
            "commit refs/heads/main\nmark :{number}\ncommitter A <a@example.org> {} +0000\ndata 1\nx\n{from}\
             M 100644 inline metrics.json\ndata {}\n{file}\n",
            1_772_000_000 + number,
            file.len()
        )
        .expect("a String takes it");
    }
    let mut import = std::process::Command::new("git")
        .current_dir(world.path())
        .args(["fast-import", "--quiet"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("git is installed");
    import.stdin.take().expect("piped").write_all(stream.as_bytes()).expect("reads it");
    assert!(import.wait().expect("ends").success());
    let history = ask(&world, &world.index(), &HistoryQuery::default());
    let steps: Vec<f64> = history.commits.iter().filter_map(|commit| commit.metrics["step"].value).collect();
    let expected: Vec<f64> = (1..=1200).rev().map(f64::from).collect();
    assert_eq!(steps, expected, "each commit has its own file's number");
}
