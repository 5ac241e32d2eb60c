//! The whole of `model.yaml`.

use std::collections::BTreeMap;

use keelmark_types::{EnvironmentName, Mistake, ModelName, TaskKind};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::canonical::to_canonical_json;
use crate::decode::{Decoder, one_of};
use crate::fields::Fields;
use crate::node::{self, Node, Place, Value};
use crate::suggest::nearest;
use crate::yaml;
use crate::{
    DataSpec, EnvironmentSpec, EvaluateSpec, FILE_NAME, FORMAT_VERSION, Gate, ModelSpec, TrainSpec,
    environment, gate, shape,
};

/// A model as its repository declares it, with every default filled in.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "model.yaml", description = "Declares a model for Keelmark.")]
pub struct Manifest {
    /// Version of this format: 1.
    #[schemars(extend("const" = 1))]
    pub keelmark: u32,
    /// The model's name: letters, digits, `-` and `_`, beginning and ending with a letter or digit.
    #[schemars(
        with = "String",
        length(min = 1, max = 100),
        regex(pattern = r"^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$")
    )]
    pub name: ModelName,
    /// What the model predicts.
    #[schemars(schema_with = "crate::schema::task")]
    pub task: TaskKind,
    /// Where the examples are and what of them the model sees.
    #[serde(default)]
    pub data: DataSpec,
    /// What the model is.
    pub model: ModelSpec,
    /// How weights are fitted.
    #[serde(default)]
    pub train: TrainSpec,
    /// What is measured.
    #[serde(default)]
    pub evaluate: EvaluateSpec,
    /// Conditions a candidate has to meet.
    #[serde(default)]
    pub gates: Vec<Gate>,
    /// The places the model is deployed to.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Option<EnvironmentSpec>>")]
    pub environments: BTreeMap<EnvironmentName, EnvironmentSpec>,
    /// What leaves this machine with a push.
    #[serde(default)]
    pub share: ShareSpec,
    /// Records of other tools that are read beside our own.
    #[serde(default)]
    pub adopt: AdoptSpec,
}

impl Manifest {
    /// Environments so that each stands behind the one it comes `after`; else by name.
    pub fn environments_in_order(&self) -> Vec<(&EnvironmentName, &EnvironmentSpec)> {
        environment::in_order(&self.environments)
    }

    /// The same text for the same meaning: every default filled in, keys sorted, no spaces. What the config digest is
    /// made over; it reads back with [`parse`].
    pub fn to_canonical_json(&self) -> String {
        to_canonical_json(self)
    }
}

/// What leaves this machine with a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShareSpec {
    /// Whether predictions and logs, which hold single examples, are pushed with the runs.
    pub predictions: bool,
}

/// Records of other tools that are read beside our own.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdoptSpec {
    /// The pipeline file of DVC, e.g. `dvc.yaml`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dvc: Option<String>,
    /// The folder of recorded `mlflow` runs, e.g. `mlruns`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mlflow: Option<String>,
}

pub(crate) const KEYS: &[&str] = &[
    "keelmark",
    "name",
    "task",
    "data",
    "model",
    "train",
    "evaluate",
    "gates",
    "environments",
    "share",
    "adopt",
];

/// Reads a `model.yaml`. `file` is what mistakes name. Either the manifest, or every mistake that can be found, in the
/// order of the file; after a mistake of syntax the rest cannot be read and that one is all.
pub fn parse(file: &str, text: &str) -> Result<Manifest, Vec<Mistake>> {
    let root = yaml::read(file, text).map_err(|mistake| vec![mistake])?;
    decode(file, &root)
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        decode(FILE_NAME, &node::from_json(&value)).map_err(|mistakes| {
            let texts: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
            D::Error::custom(texts.join("; "))
        })
    }
}

pub(crate) fn decode(file: &str, root: &Node) -> Result<Manifest, Vec<Mistake>> {
    let mut decoder = Decoder::new(file);
    let manifest = decode_root(&mut decoder, root);
    decoder.finish(manifest)
}

fn decode_root(decoder: &mut Decoder<'_>, root: &Node) -> Option<Manifest> {
    if root.value == Value::Null {
        let place = if root.place == Place::Unwritten { Place::At(1, 1) } else { root.place.clone() };
        decoder.mistake(&place, "the file declares nothing", format!("a mapping with {}", KEYS.join(", ")));
        return None;
    }
    check_version(decoder, root)?;
    let fields = decoder.fields(root, &root.place, "", KEYS)?;
    let name = fields
        .need(decoder, "name", "the model's name")
        .and_then(|node| decoder.name::<ModelName>(node, "name"));
    let tasks = [("classification", TaskKind::Classification), ("regression", TaskKind::Regression)];
    let task = fields
        .need(decoder, "task", &one_of(&["classification", "regression"]))
        .and_then(|node| decoder.word(node, "task", &tasks));
    let before = decoder.count();
    let model = ModelSpec::decode(decoder, &fields);
    let data = DataSpec::decode(decoder, &fields, model.as_ref().is_some_and(ModelSpec::is_trained_here));
    if let (Some(model), true) = (&model, decoder.count() == before) {
        shape::check(decoder, &fields, model, &data.features);
    }
    let train = TrainSpec::decode(decoder, &fields, task);
    let evaluate = EvaluateSpec::decode(decoder, &fields, task);
    let gates = gate::decode_all(decoder, &fields, task);
    let environments = environment::decode_all(decoder, &fields);
    let share = ShareSpec::decode(decoder, &fields);
    let adopt = AdoptSpec::decode(decoder, &fields);
    Some(Manifest {
        keelmark: FORMAT_VERSION,
        name: name?,
        task: task?,
        data,
        model: model?,
        train,
        evaluate,
        gates,
        environments,
        share,
        adopt,
    })
}

/// A file of a newer format is refused before anything else in it is judged.
fn check_version(decoder: &mut Decoder<'_>, root: &Node) -> Option<()> {
    let Value::Map(entries) = &root.value else { return Some(()) };
    let Some(entry) = entries.iter().find(|entry| entry.key == "keelmark") else {
        if !entries.iter().any(|entry| nearest(&entry.key, KEYS) == Some("keelmark")) {
            decoder.mistake(&root.place, "`keelmark` is missing", format!("keelmark: {FORMAT_VERSION}"));
        }
        return Some(());
    };
    match entry.node.value {
        Value::Integer(number) if number == i128::from(FORMAT_VERSION) => Some(()),
        Value::Integer(number) if number > i128::from(FORMAT_VERSION) => {
            let message = format!("written by a newer Keelmark (format {number})");
            decoder.mistake(
                &entry.node.place,
                message,
                format!("format {FORMAT_VERSION}; update Keelmark to read it"),
            );
            None
        }
        _ => {
            decoder.wrong(&entry.node, "keelmark", format!("the format version, {FORMAT_VERSION}"));
            Some(())
        }
    }
}

impl ShareSpec {
    fn decode(decoder: &mut Decoder<'_>, root: &Fields<'_>) -> Self {
        let Some(fields) = root.inner(decoder, "share", &["predictions"]) else { return Self::default() };
        Self { predictions: fields.boolean(decoder, "predictions", false) }
    }
}

impl AdoptSpec {
    fn decode(decoder: &mut Decoder<'_>, root: &Fields<'_>) -> Self {
        let Some(fields) = root.inner(decoder, "adopt", &["dvc", "mlflow"]) else { return Self::default() };
        let mut path = |key: &str| fields.get(key).map(|node| decoder.path(node, &fields.path(key)));
        Self { dvc: path("dvc"), mlflow: path("mlflow") }
    }
}
