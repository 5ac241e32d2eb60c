//! Stopping after any step and going on ends with the same bits.

use crate::support::{glyphs, manifest, spec, trained};
use keelmark_compute::{Error, TrainEvent, TrainOutcome, TrainRequest, Trained, train};
use keelmark_manifest::{EarlyStopping, Layer, Manifest, ModelSpec, Optimizer, Schedule, TrainSpec};
use keelmark_types::{Dataset, Stop, TaskKind};
use proptest::prelude::*;

/// Everything that has state: dropout, moments, a schedule, early stopping, a short last batch.
fn declared(kind: usize) -> Manifest {
    let model = ModelSpec::Layers(vec![
        Layer::Linear { units: 12 },
        Layer::LayerNorm,
        Layer::Relu,
        Layer::Dropout(0.3),
    ]);
    let optimizer = match kind {
        0 => spec(6, 0.02).optimizer,
        1 => Optimizer::Sgd { lr: 0.05, momentum: 0.9, weight_decay: 0.01 },
        _ => Optimizer::Sgd { lr: 0.05, momentum: 0.0, weight_decay: 0.0 },
    };
    let rule = EarlyStopping { patience: 2, metric: "accuracy".to_owned(), min_delta: 0.01 };
    let train_spec = TrainSpec {
        batch_size: 16,
        optimizer,
        schedule: Some(Schedule::Cosine { warmup: 5, minimum: 0.0 }),
        early_stopping: (kind == 0).then_some(rule),
        label_smoothing: 0.1,
        ..spec(6, 0.02)
    };
    manifest(TaskKind::Classification, model, train_spec)
}

/// Trains with a stop after each of the steps named, going on from each checkpoint.
fn interrupted(manifest: &Manifest, data: &Dataset, validation: &Dataset, stops: &[u64]) -> Trained {
    let request = TrainRequest::new(manifest, data, validation);
    let mut checkpoint: Option<Vec<u8>> = None;
    for &at in stops {
        let stop = Stop::new();
        if at == 0 {
            stop.raise();
        }
        let mut raise = |event: TrainEvent| {
            if let TrainEvent::Metrics(point) = event
                && point.step >= at
            {
                stop.raise();
            }
        };
        match train(&request, &mut raise, &stop, checkpoint.as_deref()).expect("it trains") {
            TrainOutcome::Done(done) => return *done,
            TrainOutcome::Stopped { checkpoint: bytes, at_step } => {
                assert!(at_step >= at && at_step <= at + 1, "asked at {at}, stopped at {at_step}");
                checkpoint = Some(bytes);
            }
        }
    }
    match train(&request, &mut |_| {}, &Stop::new(), checkpoint.as_deref()).expect("it trains") {
        TrainOutcome::Done(done) => *done,
        TrainOutcome::Stopped { .. } => unreachable!("nobody stopped it"),
    }
}

fn without_times(mut done: Trained) -> Trained {
    done.log.iter_mut().for_each(|point| point.wall_millis = 0);
    done
}

fn same_bits(kind: usize, mut stops: Vec<u64>) {
    // 100 examples in batches of 16: seven steps an epoch, 42 in all.
    let (data, validation) = (glyphs(100, 1), glyphs(40, 2));
    let manifest = declared(kind);
    let expected = without_times(trained(&manifest, &data, &validation).expect("it trains"));
    stops.sort_unstable();
    let got = without_times(interrupted(&manifest, &data, &validation, &stops));
    assert!(got.weights == expected.weights, "stops after {stops:?} changed the weights");
    assert_eq!(got, expected, "stops after {stops:?} changed what is recorded");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn stops_anywhere_change_no_bit(kind in 0_usize..3, stops in prop::collection::vec(0_u64..42, 1..4)) {
        same_bits(kind, stops);
    }
}

#[test]
fn stops_at_the_edges_of_an_epoch_change_no_bit() {
    for kind in 0..3 {
        for stop in [0, 6, 7, 8, 14, 35, 41] {
            same_bits(kind, vec![stop]);
        }
    }
}

#[test]
fn a_checkpoint_of_another_training_is_refused() {
    let (data, validation) = (glyphs(100, 1), glyphs(40, 2));
    let (mine, other) = (declared(0), declared(1));
    let stop = Stop::new();
    stop.raise();
    let request = TrainRequest::new(&mine, &data, &validation);
    let outcome = train(&request, &mut |_| {}, &stop, None).expect("it stops");
    let TrainOutcome::Stopped { checkpoint, at_step } = outcome else { panic!("it was asked to stop") };
    assert_eq!(at_step, 0, "asked before the first step, it takes none");
    let changed = glyphs(100, 3);
    for request in [
        TrainRequest::new(&other, &data, &validation),
        TrainRequest::new(&mine, &changed, &validation),
        TrainRequest { seed: 8, ..request },
    ] {
        let error = train(&request, &mut |_| {}, &Stop::new(), Some(&checkpoint)).expect_err("not its own");
        assert!(matches!(error, Error::Conflict(_)), "{error}");
    }
    for length in [0, 10, 21, 25, 100, checkpoint.len() - 1] {
        let error = train(&request, &mut |_| {}, &Stop::new(), Some(&checkpoint[..length]));
        assert!(matches!(error, Err(Error::Corrupt { .. })), "{length} bytes of a checkpoint are none");
    }
}
