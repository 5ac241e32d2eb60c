//! `train`: how weights are fitted.

use keelmark_types::TaskKind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::decode::{Bounds, Decoder};
use crate::evaluate::check_metric;
use crate::fields::Fields;
use crate::node::{Entry, Node};

/// How weights are fitted.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrainSpec {
    /// Passes over the training examples.
    #[schemars(range(min = 1, max = 100_000))]
    pub epochs: u32,
    /// Examples a step.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub batch_size: u32,
    /// How weights follow their gradients.
    pub optimizer: Optimizer,
    /// How the learning rate changes over the steps; constant where left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// The seed of all randomness of training.
    pub seed: u64,
    /// When to stop before the last epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// The share of each true class's probability spread over all classes, from 0 and below 1.
    #[schemars(range(min = 0), extend("exclusiveMaximum" = 1))]
    pub label_smoothing: f64,
}

impl Default for TrainSpec {
    fn default() -> Self {
        Self {
            epochs: 20,
            batch_size: 32,
            optimizer: Optimizer::adamw(),
            schedule: None,
            seed: 0,
            early_stopping: None,
            label_smoothing: 0.0,
        }
    }
}

/// How weights follow their gradients.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(transform = crate::schema::or_name_alone)]
pub enum Optimizer {
    /// AdamW: Adam with decoupled weight decay.
    Adamw {
        /// Learning rate.
        #[serde(default = "adamw_lr")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        lr: f64,
        /// Decay of the weights a step, times the learning rate.
        #[serde(default = "adamw_weight_decay")]
        #[schemars(range(min = 0))]
        weight_decay: f64,
        /// Memory of the gradients' mean.
        #[serde(default = "adamw_beta1")]
        #[schemars(range(min = 0), extend("exclusiveMaximum" = 1))]
        beta1: f64,
        /// Memory of the gradients' square.
        #[serde(default = "adamw_beta2")]
        #[schemars(range(min = 0), extend("exclusiveMaximum" = 1))]
        beta2: f64,
        /// Added to the denominator.
        #[serde(default = "adamw_epsilon")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        epsilon: f64,
    },
    /// Stochastic gradient descent.
    Sgd {
        /// Learning rate.
        #[serde(default = "sgd_lr")]
        #[schemars(extend("exclusiveMinimum" = 0))]
        lr: f64,
        /// Memory of the last step.
        #[serde(default)]
        #[schemars(range(min = 0), extend("exclusiveMaximum" = 1))]
        momentum: f64,
        /// Decay of the weights, added to the gradient.
        #[serde(default)]
        #[schemars(range(min = 0))]
        weight_decay: f64,
    },
}

impl Optimizer {
    /// AdamW as it is where nothing is declared.
    pub fn adamw() -> Self {
        Self::Adamw {
            lr: adamw_lr(),
            weight_decay: adamw_weight_decay(),
            beta1: adamw_beta1(),
            beta2: adamw_beta2(),
            epsilon: adamw_epsilon(),
        }
    }
}

fn adamw_lr() -> f64 {
    0.001
}

fn adamw_weight_decay() -> f64 {
    0.01
}

fn adamw_beta1() -> f64 {
    0.9
}

fn adamw_beta2() -> f64 {
    0.999
}

fn adamw_epsilon() -> f64 {
    1e-8
}

fn sgd_lr() -> f64 {
    0.01
}

/// How the learning rate changes over the steps.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[schemars(transform = crate::schema::or_name_alone)]
pub enum Schedule {
    /// Up in a straight line, then down along half a cosine to the last step.
    Cosine {
        /// Steps of the rise.
        #[serde(default)]
        warmup: u64,
        /// The learning rate at the end, as a share of the declared one, 0 to 1.
        #[serde(default)]
        #[schemars(range(min = 0, max = 1))]
        minimum: f64,
    },
}

/// When to stop before the last epoch; the best epoch's weights are kept.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlyStopping {
    /// Epochs without improvement before stopping.
    #[schemars(range(min = 1, max = 100_000))]
    pub patience: u32,
    /// What has to improve on the validation examples: `loss` or a metric of the task.
    #[serde(default = "loss")]
    #[schemars(schema_with = "crate::schema::validation_metric")]
    pub metric: String,
    /// Improvements smaller than this do not count.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub min_delta: f64,
}

fn loss() -> String {
    "loss".to_owned()
}

pub(crate) const TRAIN_KEYS: &[&str] =
    &["epochs", "batch_size", "optimizer", "schedule", "seed", "early_stopping", "label_smoothing"];
pub(crate) const ADAMW_KEYS: &[&str] = &["lr", "weight_decay", "beta1", "beta2", "epsilon"];
pub(crate) const SGD_KEYS: &[&str] = &["lr", "momentum", "weight_decay"];
pub(crate) const COSINE_KEYS: &[&str] = &["warmup", "minimum"];
pub(crate) const STOPPING_KEYS: &[&str] = &["patience", "metric", "min_delta"];
const EPOCHS: std::ops::RangeInclusive<u64> = 1..=100_000;

impl TrainSpec {
    pub(crate) fn decode(decoder: &mut Decoder<'_>, root: &Fields<'_>, task: Option<TaskKind>) -> Self {
        let default = Self::default();
        let Some(fields) = root.inner(decoder, "train", TRAIN_KEYS) else { return default };
        let epochs = fields.integer(decoder, "epochs", &EPOCHS, default.epochs.into());
        let batch_size = fields.integer(decoder, "batch_size", &(1..=1 << 20), default.batch_size.into());
        let optimizer = fields
            .get("optimizer")
            .and_then(|node| Optimizer::decode(decoder, node, &fields.path("optimizer")))
            .unwrap_or(default.optimizer);
        let schedule =
            fields.get("schedule").and_then(|node| Schedule::decode(decoder, node, &fields.path("schedule")));
        let early_stopping = fields
            .entry("early_stopping")
            .and_then(|entry| EarlyStopping::decode(decoder, entry, &fields.path("early_stopping"), task));
        let label_smoothing = fields.number(decoder, "label_smoothing", Bounds::From0Below1, 0.0);
        if label_smoothing > 0.0 && task == Some(TaskKind::Regression) {
            let place = fields.key_place("label_smoothing");
            decoder.mistake(place, "`label_smoothing` spreads over classes, and regression has none", "");
        }
        Self {
            epochs: epochs as u32,
            batch_size: batch_size as u32,
            optimizer,
            schedule,
            seed: fields.integer(decoder, "seed", &(0..=u64::MAX), default.seed),
            early_stopping,
            label_smoothing,
        }
    }
}

impl Optimizer {
    fn decode(decoder: &mut Decoder<'_>, node: &Node, path: &str) -> Option<Self> {
        let tagged = decoder.tagged(node, path, "optimizer", &["adamw", "sgd"])?;
        let path = format!("{path}.{}", tagged.tag);
        let keys = if tagged.tag == "sgd" { SGD_KEYS } else { ADAMW_KEYS };
        let fields = tagged.fields(decoder, &path, keys)?;
        Some(if tagged.tag == "sgd" {
            Self::Sgd {
                lr: fields.number(decoder, "lr", Bounds::Positive, sgd_lr()),
                momentum: fields.number(decoder, "momentum", Bounds::From0Below1, 0.0),
                weight_decay: fields.number(decoder, "weight_decay", Bounds::NotNegative, 0.0),
            }
        } else {
            Self::Adamw {
                lr: fields.number(decoder, "lr", Bounds::Positive, adamw_lr()),
                weight_decay: fields.number(
                    decoder,
                    "weight_decay",
                    Bounds::NotNegative,
                    adamw_weight_decay(),
                ),
                beta1: fields.number(decoder, "beta1", Bounds::From0Below1, adamw_beta1()),
                beta2: fields.number(decoder, "beta2", Bounds::From0Below1, adamw_beta2()),
                epsilon: fields.number(decoder, "epsilon", Bounds::Positive, adamw_epsilon()),
            }
        })
    }
}

impl Schedule {
    fn decode(decoder: &mut Decoder<'_>, node: &Node, path: &str) -> Option<Self> {
        let tagged = decoder.tagged(node, path, "schedule", &["cosine"])?;
        let fields = tagged.fields(decoder, &format!("{path}.cosine"), COSINE_KEYS)?;
        Some(Self::Cosine {
            warmup: fields.integer(decoder, "warmup", &(0..=u64::MAX), 0),
            minimum: fields.number(decoder, "minimum", Bounds::From0To1, 0.0),
        })
    }
}

impl EarlyStopping {
    fn decode(decoder: &mut Decoder<'_>, entry: &Entry, path: &str, task: Option<TaskKind>) -> Option<Self> {
        let fields = decoder.fields(&entry.node, &entry.place, path, STOPPING_KEYS)?;
        let patience = fields.need_integer(decoder, "patience", &EPOCHS);
        let metric = fields.get("metric").map(|node| {
            let name = decoder.text(node, &fields.path("metric"));
            if name != "loss" {
                check_metric(decoder, &node.place, &name, task, &["loss"]);
            }
            name
        });
        Some(Self {
            patience: patience as u32,
            metric: metric.unwrap_or_else(loss),
            min_delta: fields.number(decoder, "min_delta", Bounds::NotNegative, 0.0),
        })
    }
}
