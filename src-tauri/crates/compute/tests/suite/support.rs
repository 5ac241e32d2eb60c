//! Small data sets made of chance, and manifests for them.

use std::collections::BTreeMap;

use keelmark_compute::{Error, Model, Streams, TrainEvent, TrainOutcome, TrainRequest, Trained, train};
use keelmark_manifest::{
    DataSpec, EvaluateSpec, Layer, Manifest, ModelSpec, Optimizer, Preset, ShareSpec, TrainSpec,
};
use keelmark_types::{Answers, Dataset, ModelName, Predictions, Stop, Target, TaskKind};

/// A manifest that declares a task, a model and how to train it.
pub fn manifest(task: TaskKind, model: ModelSpec, train: TrainSpec) -> Manifest {
    Manifest {
        keelmark: 1,
        name: ModelName::new("sample").expect("a name"),
        task,
        data: DataSpec::default(),
        model,
        train,
        evaluate: EvaluateSpec::default(),
        gates: Vec::new(),
        environments: BTreeMap::new(),
        share: ShareSpec::default(),
        adopt: keelmark_manifest::AdoptSpec::default(),
    }
}

/// Training for so many epochs, batches of 32, AdamW at this rate.
pub fn spec(epochs: u32, lr: f64) -> TrainSpec {
    let Optimizer::Adamw { weight_decay, beta1, beta2, epsilon, .. } = Optimizer::adamw() else {
        unreachable!("it is AdamW")
    };
    let optimizer = Optimizer::Adamw { lr, weight_decay, beta1, beta2, epsilon };
    TrainSpec { epochs, optimizer, seed: 7, ..TrainSpec::default() }
}

/// One hidden layer.
pub fn mlp(units: usize) -> ModelSpec {
    ModelSpec::Preset(Preset::Mlp { hidden: vec![units], dropout: 0.0 })
}

/// The network of the design's example.
pub fn cnn() -> ModelSpec {
    ModelSpec::Layers(vec![
        Layer::Conv2d { channels: 16, kernel: 3, stride: 1, padding: 1 },
        Layer::Relu,
        Layer::MaxPool2d { kernel: 2, stride: 2 },
        Layer::Flatten,
        Layer::Linear { units: 64 },
        Layer::Dropout(0.1),
    ])
}

/// Ten glyphs of 8×8 under noise: easy to tell apart, but not by one pixel.
pub fn glyphs(rows: usize, seed: u64) -> Dataset {
    let shapes: Vec<Vec<f32>> =
        (0..10).map(|class| Streams::new(99).open(&format!("glyph/{class}")).symmetric(64, 4.0)).collect();
    let mut chance = Streams::new(seed).open("glyphs");
    let mut features = Vec::with_capacity(rows * 64);
    let mut labels = Vec::with_capacity(rows);
    for _ in 0..rows {
        let class = chance.below(10) as usize;
        let noise = chance.symmetric(64, 6.0);
        features.extend(shapes[class].iter().zip(noise).map(|(shape, noise)| 8.0 + shape + noise));
        labels.push(class as u32);
    }
    Dataset {
        ids: (0..rows).map(|row| format!("g{row}")).collect(),
        columns: (0..64).map(|column| format!("p{column}")).collect(),
        features,
        shape: vec![1, 8, 8],
        target: Target::Classes { names: (0..10).map(|class| class.to_string()).collect(), labels },
    }
}

/// `y = 3a − 2b + 0c + 5`, without noise, far from mean 0 and deviation 1.
pub fn line(rows: usize, seed: u64) -> Dataset {
    let features: Vec<f32> =
        Streams::new(seed).open("line").symmetric(rows * 3, 10.0).iter().map(|x| x + 40.0).collect();
    let value = |row: &[f32]| 3.0 * f64::from(row[0]) - 2.0 * f64::from(row[1]) + 5.0;
    Dataset {
        ids: (0..rows).map(|row| row.to_string()).collect(),
        columns: ["a", "b", "c"].map(str::to_owned).to_vec(),
        target: Target::Values(features.chunks_exact(3).map(value).collect()),
        features,
        shape: vec![3],
    }
}

/// Trains without stopping.
pub fn trained(manifest: &Manifest, train_set: &Dataset, validation: &Dataset) -> Result<Trained, Error> {
    let request = TrainRequest::new(manifest, train_set, validation);
    match train(&request, &mut |_: TrainEvent| {}, &Stop::new(), None)? {
        TrainOutcome::Done(trained) => Ok(*trained),
        TrainOutcome::Stopped { .. } => unreachable!("nobody asked it to stop"),
    }
}

/// The share of examples a model is right about.
pub fn accuracy(model: &Model, data: &Dataset) -> f64 {
    let Predictions { answers, .. } = model.predict(data).expect("predictions");
    let predicted = answers.predicted_classes();
    let Answers::Classification { truth, .. } = answers else { unreachable!("a classification") };
    let right = truth.iter().zip(&predicted).filter(|(truth, predicted)| truth == predicted).count();
    right as f64 / truth.len() as f64
}
