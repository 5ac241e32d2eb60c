//! Every operator of ours answers as onnxruntime does, in each of its modes.

use crate::support::{Asked, complaint, json, run};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keelmark_onnx::{Limits, Model, RunOptions};

#[test]
fn every_operator_answers_as_onnxruntime_does() {
    let cases = json("operators.json");
    let cases = cases.as_array().unwrap();
    assert!(cases.len() > 180, "the fixtures are there: {}", cases.len());
    let mut complaints = Vec::new();
    for case in cases {
        let bytes = STANDARD.decode(case["model"].as_str().unwrap()).unwrap();
        let answers = Model::read(&bytes, &Limits::default()).and_then(|model| {
            let asked = Asked::of(case, model.description());
            run(&model, &asked.features(), &RunOptions::default())
        });
        let wrong = answers.map_or_else(|error| Some(error.to_string()), |answers| complaint(&answers, case));
        complaints.extend(wrong.map(|wrong| format!("{}: {wrong}", case["name"])));
    }
    assert!(complaints.is_empty(), "{} of {}:\n{}", complaints.len(), cases.len(), complaints.join("\n"));
}
