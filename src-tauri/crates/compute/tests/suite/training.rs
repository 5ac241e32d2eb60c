//! What training must be able to do, and what it must refuse.

use std::collections::BTreeMap;

use crate::support::{accuracy, cnn, glyphs, line, manifest, mlp, spec, trained};
use keelmark_compute::{Error, Model, Streams, TrainEvent, TrainOutcome, TrainRequest, train};
use keelmark_manifest::{EarlyStopping, Layer, ModelSpec, Optimizer, Preset, Schedule, TrainSpec};
use keelmark_types::{Dataset, Stop, Target, TaskKind};

const CLASSES: TaskKind = TaskKind::Classification;

fn empty(like: &Dataset) -> Dataset {
    like.select(&[])
}

#[test]
fn every_kind_of_network_learns_32_rows_by_heart() {
    let data = glyphs(32, 1);
    let norm = ModelSpec::Layers(vec![
        Layer::Conv2d { channels: 4, kernel: 3, stride: 2, padding: 0 },
        Layer::LayerNorm,
        Layer::Relu,
        Layer::Linear { units: 32 },
        Layer::Relu,
    ]);
    let cnn = ModelSpec::Preset(Preset::Cnn { channels: vec![8, 16], hidden: 32 });
    for (name, model) in [("mlp", mlp(64)), ("cnn", cnn), ("layer norm", norm)] {
        let manifest = manifest(CLASSES, model, spec(150, 0.01));
        let done = trained(&manifest, &data, &empty(&data)).expect("it trains");
        let loss = done.log.last().and_then(|point| point.metrics["train/loss_epoch"]).expect("a loss");
        assert!(loss < 1e-2, "{name} ends with loss {loss} on 32 rows it could learn by heart");
        let share = accuracy(&Model::of(&done).expect("loads"), &data);
        assert!(share > 0.999, "{name} knows its rows, but is right about {share}");
    }
}

#[test]
fn unseen_glyphs_are_told_apart() {
    let (train_set, test) = (glyphs(800, 1), glyphs(400, 2));
    for (name, model, epochs) in [("mlp", mlp(64), 10), ("cnn", cnn(), 6)] {
        let done = trained(&manifest(CLASSES, model, spec(epochs, 0.003)), &train_set, &empty(&test));
        let share = accuracy(&Model::of(&done.expect("it trains")).expect("loads"), &test);
        assert!(share > 0.9, "{name} is right about {share} of unseen glyphs");
    }
}

#[test]
fn shuffled_labels_give_chance() {
    let (mut train_set, test) = (glyphs(600, 1), glyphs(1_000, 2));
    if let Target::Classes { labels, .. } = &mut train_set.target {
        let order = Streams::new(5).open("labels").permutation(labels.len());
        *labels = order.iter().map(|&place| labels[place]).collect();
    }
    let done = trained(&manifest(CLASSES, mlp(32), spec(5, 0.003)), &train_set, &empty(&test));
    let share = accuracy(&Model::of(&done.expect("it trains")).expect("loads"), &test);
    assert!((share - 0.1).abs() < 0.06, "labels that mean nothing must give about 0.1, not {share}");
}

#[test]
fn linear_regression_finds_its_coefficients() {
    let (train_set, validation) = (line(400, 1), line(100, 2));
    let sgd = Optimizer::Sgd { lr: 0.05, momentum: 0.9, weight_decay: 0.0 };
    let train_spec = TrainSpec { epochs: 30, optimizer: sgd, ..TrainSpec::default() };
    let manifest = manifest(TaskKind::Regression, ModelSpec::Preset(Preset::Linear), train_spec);
    let done = trained(&manifest, &train_set, &validation).expect("it trains");
    let model = Model::of(&done).expect("loads");
    let rows = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    let at = model.predict_rows(&rows).expect("answers");
    for (name, got, expected) in [
        ("intercept", at[0], 5.0),
        ("a", at[1] - at[0], 3.0),
        ("b", at[2] - at[0], -2.0),
        ("c", at[3] - at[0], 0.0),
    ] {
        assert!((got - expected).abs() < 1e-2, "{name} is {got} where the data has {expected}");
    }
    let r2 = done.validation["r2"].expect("defined");
    let rmse = done.validation["rmse"].expect("defined");
    assert!(r2 > 0.999_99 && rmse < 0.05, "without noise nothing is left: r2 {r2}, rmse {rmse}");
}

#[test]
fn a_loss_that_is_no_number_ends_training_with_advice() {
    let data = line(64, 1);
    let sgd = Optimizer::Sgd { lr: 1e8, momentum: 0.9, weight_decay: 0.0 };
    let train_spec = TrainSpec { epochs: 50, optimizer: sgd, ..TrainSpec::default() };
    let manifest = manifest(TaskKind::Regression, mlp(16), train_spec);
    let error = trained(&manifest, &data, &empty(&data)).expect_err("it cannot go well");
    let Error::Diverged { step, learning_rate, .. } = error else { panic!("{error}") };
    assert!((2..100).contains(&step) && learning_rate > 9e7, "step {step} at rate {learning_rate}");
    assert!(error.to_string().contains("smaller learning rate"), "the user has to know what to do: {error}");
}

#[test]
fn early_stopping_keeps_the_best_epoch() {
    let (mut train_set, validation) = (glyphs(100, 1), glyphs(200, 2));
    if let Target::Classes { labels, .. } = &mut train_set.target {
        // Three in ten labels are wrong: learning them by heart makes validation worse.
        labels.iter_mut().step_by(3).for_each(|label| *label = (*label + 1) % 10);
    }
    let rule = EarlyStopping { patience: 3, metric: "loss".to_owned(), min_delta: 0.0 };
    let train_spec = TrainSpec { early_stopping: Some(rule), ..spec(200, 0.01) };
    let manifest = manifest(CLASSES, mlp(64), train_spec);
    let done = trained(&manifest, &train_set, &validation).expect("it trains");
    let losses: Vec<f64> =
        done.log.iter().filter_map(|point| *point.metrics.get("validation/loss")?).collect();
    assert!(losses.len() < 200, "it has to stop early");
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(Some(&best), losses.get(done.best_epoch as usize - 1), "the epoch kept is the best one");
    assert_eq!(losses.len() as u64, done.best_epoch + 3, "it waits three epochs, no more");
    assert_eq!(done.validation["loss"], Some(best), "the scores are those of the epoch kept");
    let model = Model::of(&done).expect("loads");
    let share = accuracy(&model, &validation);
    assert!(
        (share - done.validation["accuracy"].expect("defined")).abs() < 1e-12,
        "the weights are those of the epoch kept"
    );
}

#[test]
fn early_stopping_watches_any_metric_of_the_task() {
    let (train_set, validation) = (glyphs(200, 1), glyphs(100, 2));
    let watching = |metric: &str| {
        let rule = EarlyStopping { patience: 2, metric: metric.to_owned(), min_delta: 0.001 };
        let train_spec = TrainSpec { early_stopping: Some(rule), ..spec(40, 0.01) };
        trained(&manifest(CLASSES, mlp(16), train_spec), &train_set, &validation)
    };
    let done = watching("f1_macro").expect("it trains");
    assert!(done.best_epoch > 1, "F1 rises for some epochs before it stands still");
    let last = done.log.last().expect("points").epoch;
    assert!(last == 40 || last == done.best_epoch + 2, "best {} but last {last}", done.best_epoch);
    let error = watching("rmse").expect_err("no metric of a classification").to_string();
    assert!(error.contains("`rmse`") && error.contains("f1_macro"), "{error}");
}

#[test]
fn scaling_never_sees_validation() {
    let train_set = line(50, 1);
    let mut validation = line(50, 2);
    let manifest = manifest(TaskKind::Regression, mlp(8), spec(2, 0.01));
    let first = trained(&manifest, &train_set, &validation).expect("it trains");
    validation.features.iter_mut().for_each(|x| *x = *x * 100.0 - 7.0);
    let second = trained(&manifest, &train_set, &validation).expect("it trains");
    assert_eq!(first.preprocess_json, second.preprocess_json, "scaling is fitted on train alone");
    assert_eq!(first.weights, second.weights, "and validation teaches nothing");
}

#[test]
fn events_tell_what_is_ahead_and_what_happened() {
    let (train_set, validation) = (glyphs(2_000, 1), glyphs(50, 2));
    let train_spec = TrainSpec {
        batch_size: 8,
        schedule: Some(Schedule::Cosine { warmup: 50, minimum: 0.1 }),
        ..spec(2, 0.002)
    };
    let manifest = manifest(CLASSES, mlp(8), train_spec);
    let request = TrainRequest::new(&manifest, &train_set, &validation);
    let mut events = Vec::new();
    let outcome = train(&request, &mut |event| events.push(event), &Stop::new(), None).expect("it trains");
    let TrainOutcome::Done(done) = outcome else { panic!("nobody stopped it") };
    assert_eq!(events[0], TrainEvent::Plan { epochs: 2, steps: 500, parameters: 64 * 8 + 8 + 8 * 10 + 10 });
    let points: Vec<_> = events
        .iter()
        .filter_map(|event| if let TrainEvent::Metrics(point) = event { Some(point.clone()) } else { None })
        .collect();
    assert_eq!(points, done.log, "the log is what was told");
    assert!((80..=102).contains(&points.len()), "{} points for two epochs of 250 steps", points.len());
    assert!(points.windows(2).all(|pair| pair[0].step < pair[1].step), "steps rise");
    let last = points.last().expect("points");
    assert_eq!((last.step, last.epoch), (500, 2));
    let names: Vec<&str> = last.metrics.keys().map(String::as_str).collect();
    let expected = [
        "learning_rate",
        "train/accuracy",
        "train/loss",
        "train/loss_epoch",
        "validation/accuracy",
        "validation/loss",
    ];
    assert_eq!(names, expected);
    let rate = last.metrics["learning_rate"].expect("a rate");
    assert!((rate - 0.000_2).abs() < 1e-12, "the cosine ends at a tenth of the rate, not at {rate}");
}

#[test]
fn what_does_not_fit_is_refused_before_the_first_step() {
    let data = glyphs(40, 1);
    let refuse = |model: ModelSpec, data: &Dataset, validation: &Dataset| {
        let manifest = manifest(CLASSES, model, spec(1, 0.01));
        trained(&manifest, data, validation).expect_err("it does not fit").to_string()
    };
    let conv = |kernel| Layer::Conv2d { channels: 4, kernel, stride: 1, padding: 0 };
    let late = refuse(ModelSpec::Layers(vec![Layer::Linear { units: 5 }, conv(3)]), &data, &empty(&data));
    assert!(late.contains("layer 2 (conv2d)") && late.contains("gets [5]"), "{late}");
    let large = refuse(ModelSpec::Layers(vec![Layer::Relu, conv(9)]), &data, &empty(&data));
    assert!(large.contains("layer 2 (conv2d)") && large.contains("[1, 8, 8]"), "{large}");
    let flat = Dataset { shape: vec![64], ..data.clone() };
    let flat = refuse(ModelSpec::Preset(Preset::Cnn { channels: vec![4], hidden: 8 }), &flat, &empty(&flat));
    assert!(flat.contains("[channels, height, width]"), "{flat}");
    let units = vec![Layer::Linear { units: 60_000 }; 3];
    let huge = refuse(ModelSpec::Layers(units), &data, &empty(&data));
    assert!(huge.contains("layer 2 (linear)") && huge.contains("weights"), "{huge}");

    let mut broken = data.clone();
    broken.features[70] = f32::NAN;
    let nan = refuse(mlp(4), &broken, &empty(&data));
    assert!(nan.contains("column `p6` of example `g1`"), "{nan}");
    let mut other = glyphs(5, 2);
    other.target = Target::Classes { names: vec!["x".to_owned()], labels: vec![0; 5] };
    let unseen = refuse(mlp(4), &data, &other);
    assert!(unseen.contains("class `x`") && unseen.contains("`g0`"), "{unseen}");

    let rule = EarlyStopping { patience: 1, metric: "loss".to_owned(), min_delta: 0.0 };
    let train_spec = TrainSpec { early_stopping: Some(rule), ..spec(1, 0.01) };
    let error = trained(&manifest(CLASSES, mlp(4), train_spec), &data, &empty(&data));
    let error = error.expect_err("nothing to watch").to_string();
    assert!(error.contains("validation examples"), "{error}");
}

#[test]
fn predictions_follow_the_models_classes() {
    let data = glyphs(300, 1);
    let done = trained(&manifest(CLASSES, mlp(16), spec(3, 0.01)), &data, &empty(&data)).expect("it trains");
    let model = Model::of(&done).expect("loads");
    let predictions = model.predict(&data).expect("predictions");
    let keelmark_types::Answers::Classification { classes, truth, probabilities } = &predictions.answers
    else {
        panic!("a classification")
    };
    assert_eq!((classes.len(), truth.len(), probabilities.len()), (10, 300, 3_000));
    for row in probabilities.chunks_exact(10) {
        let sum: f64 = row.iter().sum();
        assert!((sum - 1.0).abs() < 1e-12, "probabilities sum to 1, not {sum}");
    }
    let rows = model.predict_rows(&data.features).expect("answers");
    assert_eq!(&rows, probabilities, "rows without labels are answered the same");

    // The same examples with their classes named in the opposite order.
    let mut turned = data.clone();
    if let Target::Classes { names, labels } = &mut turned.target {
        names.reverse();
        for label in labels {
            *label = 9 - *label;
        }
    }
    assert_eq!(model.predict(&turned).expect("predictions"), predictions);
    let wrong = Dataset { shape: vec![64], ..data };
    let error = model.predict(&wrong).expect_err("another shape").to_string();
    assert!(error.contains("[64]") && error.contains("[1, 8, 8]"), "{error}");
}

#[test]
fn declared_scaling_is_used() {
    let data = line(40, 3);
    let mut declared = manifest(TaskKind::Regression, mlp(4), spec(1, 0.01));
    let spec = |scale, pattern: &str| keelmark_manifest::FeatureSpec {
        columns: vec![pattern.to_owned()],
        shape: None,
        scale,
    };
    declared.data.features = BTreeMap::from([
        ("one".to_owned(), spec(keelmark_manifest::Scale::None, "a")),
        ("two".to_owned(), spec(keelmark_manifest::Scale::MinMax, "*")),
    ]);
    let done = trained(&declared, &data, &empty(&data)).expect("it trains");
    let json: serde_json::Value = serde_json::from_str(&done.preprocess_json).expect("JSON");
    assert_eq!((json["subtract"][0].as_f64(), json["divide"][0].as_f64()), (Some(0.0), Some(1.0)));
    let lowest = data.features.chunks_exact(3).map(|row| row[1]).fold(f32::INFINITY, f32::min);
    assert_eq!(json["subtract"][1].as_f64(), Some(f64::from(lowest)), "the first group that matches decides");
}
