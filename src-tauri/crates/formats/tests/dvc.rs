//! DVC's files: templates, `foreach`, `matrix`, locks and pointers.

use keelmark_formats::dvc::{Pipeline, Resolved, Stage, read_lock, read_pointer};
use keelmark_formats::read_values;
use proptest::prelude::*;

fn resolve(folder: &str, text: &str, files: &[(&str, &str)]) -> Resolved {
    let pipeline = Pipeline::read(folder, text.as_bytes()).expect("a pipeline");
    pipeline.resolve(|path| match files.iter().find(|(name, _)| *name == path) {
        Some((_, text)) => read_values(path, text.as_bytes()).map(Some),
        None => Ok(None),
    })
}

fn names(resolved: &Resolved) -> Vec<&str> {
    resolved.stages.iter().map(|stage| stage.name.as_str()).collect()
}

fn stage<'a>(resolved: &'a Resolved, name: &str) -> &'a Stage {
    resolved.stages.iter().find(|stage| stage.name == name).expect("the stage is there")
}

#[test]
fn a_stage_has_its_files_seen_from_the_root() {
    let text = "
vars:
- conf.toml
- out: models
stages:
  train:
    wdir: ../code
    cmd: train --lr ${lr} ${opt} -o ${out}
    deps: [train.py, ../data, s3://bucket/x]
    params:
    - lr
    - opt.name
    - ../other.yaml: [a, b.c]
    - all.toml:
    outs:
    - ${out}/model.bin
    metrics:
    - scores.json: {cache: false}
    plots:
    - curve.tsv: {x: step, cache: true}
    frozen: true
metrics: [summary.json]
params: [more.yaml]
artifacts:
  churn: {path: models/churn.onnx, type: model}
";
    let files =
        [("sub/params.yaml", "lr: 1e-3\nopt: {name: sgd, momentum: 0.9}\n"), ("sub/conf.toml", "seed = 7\n")];
    let resolved = resolve("sub", text, &files);
    assert!(resolved.problems.is_empty(), "{:?}", resolved.problems);
    let train = stage(&resolved, "train");
    assert_eq!(train.wdir, "code");
    assert_eq!(train.cmd, ["train --lr 0.001 --name sgd --momentum 0.9 -o models"]);
    assert_eq!(train.deps, ["code/train.py", "data", "s3://bucket/x"]);
    let params: Vec<_> = train.params.iter().map(|file| (file.path.as_str(), file.keys.join(" "))).collect();
    assert_eq!(
        params,
        [
            ("code/params.yaml", "lr opt.name".to_owned()),
            ("other.yaml", "a b.c".to_owned()),
            ("code/all.toml", String::new())
        ]
    );
    assert_eq!(train.outs[0].path, "code/models/model.bin");
    assert!(train.outs[0].cache && train.plots[0].cache && !train.metrics[0].cache && train.frozen);
    assert_eq!(resolved.metric_files(), ["code/scores.json", "sub/summary.json"]);
    assert_eq!(resolved.artifacts["churn"].path, "sub/models/churn.onnx");
    assert_eq!(resolved.params_files().last().map(|file| file.path.as_str()), Some("sub/more.yaml"));
}

#[test]
fn one_stage_for_each() {
    let text = "
vars:
- sets: [mnist, {name: usps}]
  sizes: {small: {n: 1}, large: {n: 2}}
stages:
  plain:
    foreach: [a, 1, true]
    do: {cmd: 'run ${item}'}
  mixed:
    foreach: ${sets}
    do: {cmd: run}
  keyed:
    foreach: ${sizes}
    do: {cmd: 'run ${key} ${item.n}', metrics: ['${key}.json']}
  grid:
    matrix:
      model: [cnn, mlp]
      data: [{name: x}, {name: y}]
    cmd: run ${item.model} ${item.data.name} ${key}
";
    let resolved = resolve("", text, &[]);
    assert!(resolved.problems.is_empty(), "{:?}", resolved.problems);
    assert_eq!(
        names(&resolved),
        [
            "plain@a",
            "plain@1",
            "plain@true",
            "mixed@0",
            "mixed@1",
            "keyed@small",
            "keyed@large",
            "grid@cnn-data0",
            "grid@cnn-data1",
            "grid@mlp-data0",
            "grid@mlp-data1"
        ]
    );
    assert_eq!(stage(&resolved, "keyed@large").cmd, ["run large 2"]);
    assert_eq!(stage(&resolved, "keyed@small").metrics[0].path, "small.json");
    assert_eq!(stage(&resolved, "grid@mlp-data1").cmd, ["run mlp y mlp-data1"]);
}

#[test]
fn what_cannot_be_resolved_does_not_hide_the_rest() {
    let text = "
vars: [missing.yaml]
stages:
  good: {cmd: run, metrics: [a.json]}
  bad: {cmd: 'run ${nothing}'}
  out: {cmd: run, outs: [../../etc/passwd]}
  none: 7
  empty: {foreach: [a]}
  flood:
    matrix: {a: [1,2,3,4,5,6,7,8,9,10], b: [1,2,3,4,5,6,7,8,9,10], c: [1,2,3,4,5,6,7,8,9,10], d: [1,2,3]}
    cmd: run
metrics: ['${gone}', b.json]
";
    let resolved = resolve("", text, &[]);
    assert_eq!(names(&resolved), ["good"]);
    assert_eq!(resolved.metric_files(), ["a.json", "b.json"]);
    let problems = resolved.problems.join("\n");
    for word in ["missing.yaml", "`bad`", "`out`", "`none`", "`empty`", "`flood`", "`metrics`"] {
        assert!(problems.contains(word), "{word} in\n{problems}");
    }
    assert!(Pipeline::read("", b"- a\n").is_err() && Pipeline::read("", b"stages: [\n").is_err());
    assert!(Pipeline::read("", b"").is_ok(), "an empty one has no stage");
}

#[test]
fn a_lock_as_dvc_writes_it() {
    let text = "
schema: '2.0'
stages:
  train:
    cmd: sh train.sh
    deps:
    - path: data/train.csv
      hash: md5
      md5: 408a8e0c2198df81ca25cb2d916a4b1e
      size: 23
    - path: images
      md5: 63f4f1e9b725370f459720575cd5f953.dir
      size: 7
      nfiles: 2
    params:
      params.yaml:
        seed: 7
        train.lr: 0.001
    outs:
    - path: models/model.safetensors
      hash: md5
      md5: 63f4f1e9b725370f459720575cd5f953
      size: 7
";
    let lock = read_lock("", text.as_bytes(), |_| None).expect("a lock");
    let train = &lock.stages["train"];
    assert_eq!(train.cmd, ["sh train.sh"]);
    assert_eq!((train.deps[0].size_bytes, train.deps[0].dos2unix), (Some(23), false));
    assert_eq!((train.deps[1].is_folder, train.deps[1].dos2unix, train.deps[1].files), (true, true, Some(2)));
    assert_eq!(train.params["params.yaml"]["train.lr"], serde_json::json!(0.001));
    assert_eq!(train.outs[0].path, "models/model.safetensors");
    let moved = read_lock("", text.as_bytes(), |_| Some("code".to_owned())).expect("a lock");
    assert_eq!(moved.stages["train"].deps[0].path, "code/data/train.csv");
    for bad in [
        "schema: '3.0'\nstages: {}\n",
        "stages: {a: {deps: [{path: ../x}]}}\n",
        "stages: {a: {outs: [{path: x, md5: zz}]}}\n",
    ] {
        assert!(read_lock("", bad.as_bytes(), |_| None).is_err(), "{bad}");
    }
}

#[test]
fn a_pointer_as_dvc_writes_it() {
    let text = "outs:\n- md5: d8e8fca2dc0f896fd7cb4cb0031ba249\n  size: 7\n  hash: md5\n  path: train.csv\n";
    let pointer = read_pointer("data", text.as_bytes()).expect("a pointer");
    assert_eq!(pointer.outs[0].path, "data/train.csv");
    assert_eq!(pointer.outs[0].md5.as_deref(), Some("d8e8fca2dc0f896fd7cb4cb0031ba249"));
    let import = "frozen: true\ndeps:\n- path: https://example.org/a.csv\n  size: 3\nouts:\n- path: a.csv\n";
    let import = read_pointer("", import.as_bytes()).expect("an import");
    assert!(import.frozen && import.deps[0].path.starts_with("https://"));
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer(text in "[\\[\\]{}$:,#\\-a-c \\n'.]{0,120}") {
        if let Ok(pipeline) = Pipeline::read("", text.as_bytes()) {
            pipeline.resolve(|_| Ok(None));
        }
        read_lock("", text.as_bytes(), |_| None).ok();
        read_pointer("", text.as_bytes()).ok();
    }

    #[test]
    fn any_stage_is_an_answer(cmd in "[${}a.\\[\\]\\\\ ]{0,20}", each in "[${}a.\\[\\], ]{0,10}") {
        let text = format!("vars: [{{a: {{a: [1, x]}}}}]\nstages:\n  s:\n    foreach: '{each}'\n    do: {{cmd: '{cmd}'}}\n  t: {{cmd: '{cmd}'}}\n");
        if let Ok(pipeline) = Pipeline::read("", text.as_bytes()) {
            pipeline.resolve(|_| Ok(None));
        }
    }
}
