//! The documented example reads exactly as it stands, and everything made from it agrees with it.

use std::collections::BTreeMap;

use keelmark_manifest::{
    EnvironmentSpec, Gate, Layer, Manifest, ModelSpec, Optimizer, Requirement, Scale, Schedule, SliceSpec,
    Split, SplitName, parse, with_overrides,
};
use keelmark_types::TaskKind;

const EXAMPLE: &str = include_str!("fixtures/digits.yaml");

fn example() -> Manifest {
    parse("model.yaml", EXAMPLE).expect("the documented example is sound")
}

#[test]
fn the_documented_example_reads_as_it_stands() {
    let manifest = example();
    assert_eq!((manifest.name.as_str(), manifest.task), ("digits", TaskKind::Classification));
    assert_eq!(manifest.data.train, Some(Split::File { path: "data/train.csv".into(), id: None }));
    assert_eq!(
        manifest.data.validation,
        Some(Split::From { split_from: SplitName::Train, ratio: 0.15, seed: 1 })
    );
    assert_eq!(
        manifest.data.test,
        Some(Split::File { path: "data/test.csv".into(), id: Some("row_id".into()) })
    );
    let pixels = &manifest.data.features["pixels"];
    assert_eq!(
        (pixels.columns.as_slice(), pixels.shape.as_deref(), pixels.scale),
        (["p*".to_owned()].as_slice(), Some([1, 8, 8].as_slice()), Scale::Standard)
    );
    assert_eq!(
        manifest.model,
        ModelSpec::Layers(vec![
            Layer::Conv2d { channels: 16, kernel: 3, stride: 1, padding: 1 },
            Layer::Relu,
            Layer::MaxPool2d { kernel: 2, stride: 2 },
            Layer::Flatten,
            Layer::Linear { units: 64 },
            Layer::Dropout(0.1),
        ])
    );
    assert_eq!((manifest.train.epochs, manifest.train.batch_size, manifest.train.seed), (20, 32, 7));
    assert_eq!(manifest.train.optimizer, Optimizer::adamw(), "0.001 is the default learning rate too");
    assert_eq!(manifest.train.schedule, Some(Schedule::Cosine { warmup: 50, minimum: 0.0 }));
    assert_eq!(
        manifest.evaluate.slices,
        [SliceSpec::Class { class: true }, SliceSpec::Bins { bins: "ink".into(), count: 4 }]
    );
    let sentences: Vec<String> = manifest.gates.iter().map(Gate::sentence).collect();
    assert_eq!(
        sentences,
        [
            "accuracy at least 0.95",
            "accuracy worse by at most 0.03 at confidence 0.95",
            "size at most 20 MiB"
        ]
    );
    let order: Vec<&str> = manifest.environments_in_order().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        order,
        ["staging", "production"],
        "production comes after staging, whatever the alphabet says"
    );
    let (_, production) = manifest.environments_in_order()[1];
    assert_eq!(
        production,
        &EnvironmentSpec {
            auto_promote: false,
            after: Some("staging".parse().expect("a name")),
            requires: vec![Requirement::Signature, Requirement::SecondApproval],
        }
    );
}

#[test]
fn canonical_json_is_itself_a_manifest_and_does_not_change() {
    let manifest = example();
    let json = manifest.to_canonical_json();
    assert_eq!(parse("model.yaml", &json).expect("JSON is YAML"), manifest);
    assert_eq!(serde_json::from_str::<Manifest>(&json).expect("the same decoder"), manifest);
    insta::assert_snapshot!("canonical", json);
}

#[test]
fn writing_a_default_or_another_order_changes_no_meaning() {
    let spelled = EXAMPLE
        .replace("padding: 1}", "stride: 1, padding: 1}")
        .replace("{adamw: {lr: 0.001}}", "{adamw: {beta1: 0.9, lr: 1e-3}}")
        .replace("split_from: train, ratio: 0.15", "ratio: 0.15, split_from: train");
    assert_ne!(spelled, EXAMPLE);
    let other = parse("model.yaml", &spelled).expect("sound");
    assert_eq!(other.to_canonical_json(), example().to_canonical_json());
}

fn set(overrides: &[(&str, &str)]) -> Result<Manifest, Vec<String>> {
    let overrides: BTreeMap<String, String> =
        overrides.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    with_overrides(&example(), &overrides)
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect())
}

#[test]
fn overrides_reach_every_depth() {
    let manifest = set(&[
        ("train.epochs", "5"),
        ("train.optimizer.sgd.lr", "0.1"),
        ("train.schedule", ""),
        ("model.layers.0.conv2d.channels", "8"),
        ("model.layers.5.dropout", "0.25"),
        ("data.features.pixels.scale", "min_max"),
        ("data.validation.seed", "9"),
    ])
    .expect("each key is documented");
    assert_eq!(manifest.train.epochs, 5);
    assert_eq!(manifest.train.optimizer, Optimizer::Sgd { lr: 0.1, momentum: 0.0, weight_decay: 0.0 });
    assert_eq!(manifest.train.schedule, None, "nothing takes a key away");
    assert_eq!(manifest.data.features["pixels"].scale, Scale::MinMax);
    let ModelSpec::Layers(layers) = manifest.model else { panic!("still layers") };
    assert_eq!(layers[0], Layer::Conv2d { channels: 8, kernel: 3, stride: 1, padding: 1 });
    assert_eq!(layers[5], Layer::Dropout(0.25));
    let preset =
        set(&[("model.preset.mlp.hidden", "[64, 32]")]).expect("another model takes the place of the layers");
    assert_eq!(
        preset.model,
        ModelSpec::Preset(keelmark_manifest::Preset::Mlp { hidden: vec![64, 32], dropout: 0.0 })
    );
}

#[test]
fn wrong_overrides_name_their_key_and_what_is_allowed() {
    for (key, value, fragment) in [
        ("train.epoch", "5", "override train.epoch: unknown key `epoch` in `train`; did you mean `epochs`?"),
        (
            "train.epochs",
            "many",
            "override train.epochs: `train.epochs` is the text `many` (expected a whole number from 1",
        ),
        ("trian.epochs", "5", "override trian.epochs: unknown key `trian`; did you mean `train`?"),
        ("model.layers.9.dropout", "0.1", "`model.layers` has no entry `9` (expected a number from 0 to 5)"),
        ("model.layers.first", "relu", "has no entry `first`"),
        ("train..epochs", "1", "not a dotted key"),
        ("", "1", "not a dotted key"),
        ("train.optimizer.adam.lr", "1", "unknown optimizer `adam`; did you mean `adamw`?"),
        ("train.seed", "[", "override train.seed: not readable as YAML"),
        ("train.epochs", "", "never"),
    ] {
        match set(&[(key, value)]) {
            Ok(manifest) => {
                assert_eq!(fragment, "never", "{key}={value} must be refused");
                assert_eq!(manifest.train.epochs, 20, "nothing given is the default");
            }
            Err(mistakes) => assert!(
                mistakes.iter().any(|mistake| mistake.contains(fragment)),
                "{key}={value} should say {fragment:?}, said {mistakes:?}"
            ),
        }
    }
}
