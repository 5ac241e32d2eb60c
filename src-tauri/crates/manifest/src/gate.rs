//! `gates`: conditions a candidate has to meet.

use std::fmt;

use keelmark_types::{METRICS, TaskKind, metric_info};
use schemars::JsonSchema;
use serde::Serialize;

use crate::decode::{Bounds, Decoder, one_of};
use crate::evaluate::check_metric;
use crate::fields::Fields;
use crate::node::{Entry, Node, Value};

/// The metrics a gate may ask of single classes, with `class` or `each_class`.
pub const CLASS_METRICS: &[&str] = &["precision", "recall", "f1", "roc_auc", "support"];

/// A declared condition; exactly one a gate.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Gate {
    /// The metric on the test set has to reach a value.
    AtLeast {
        /// The metric.
        #[schemars(schema_with = "crate::schema::gate_metric")]
        metric: String,
        /// The least value that passes.
        at_least: f64,
        /// The one class it is asked of.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(schema_with = "crate::schema::optional_word")]
        class: Option<String>,
        /// Whether it is asked of every class.
        #[serde(skip_serializing_if = "is_false", default)]
        each_class: bool,
    },
    /// The metric on the test set has to stay under a value.
    AtMost {
        /// The metric.
        #[schemars(schema_with = "crate::schema::gate_metric")]
        metric: String,
        /// The largest value that passes.
        at_most: f64,
        /// The one class it is asked of.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(schema_with = "crate::schema::optional_word")]
        class: Option<String>,
        /// Whether it is asked of every class.
        #[serde(skip_serializing_if = "is_false", default)]
        each_class: bool,
    },
    /// Against what is deployed, the metric may worsen by so much at most (non-inferiority; the direction is the metric's own).
    MaxWorsening {
        /// The metric.
        #[schemars(schema_with = "crate::schema::gate_metric")]
        metric: String,
        /// The largest worsening that passes, in the metric's unit.
        #[schemars(range(min = 0))]
        max_worsening: f64,
        /// The confidence of the interval that has to exclude a larger worsening.
        #[serde(default = "confidence")]
        #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
        confidence: f64,
        /// The one class it is asked of.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        #[schemars(schema_with = "crate::schema::optional_word")]
        class: Option<String>,
        /// Whether it is asked of every class.
        #[serde(skip_serializing_if = "is_false", default)]
        each_class: bool,
    },
    /// The served files may have this size together.
    SizeMib {
        /// Mebibytes.
        #[schemars(extend("exclusiveMinimum" = 0))]
        size_mib: f64,
    },
}

fn confidence() -> f64 {
    0.95
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Gate {
    /// The metric it asks for; `None` for the size.
    pub fn metric(&self) -> Option<&str> {
        match self {
            Self::AtLeast { metric, .. }
            | Self::AtMost { metric, .. }
            | Self::MaxWorsening { metric, .. } => Some(metric),
            Self::SizeMib { .. } => None,
        }
    }

    /// The one class it is asked of, where there is one.
    pub fn class(&self) -> Option<&str> {
        match self {
            Self::AtLeast { class, .. } | Self::AtMost { class, .. } | Self::MaxWorsening { class, .. } => {
                class.as_deref()
            }
            Self::SizeMib { .. } => None,
        }
    }

    /// Whether it is asked of every class.
    pub fn is_each_class(&self) -> bool {
        match self {
            Self::AtLeast { each_class, .. }
            | Self::AtMost { each_class, .. }
            | Self::MaxWorsening { each_class, .. } => *each_class,
            Self::SizeMib { .. } => false,
        }
    }

    /// The number it holds a value against.
    pub fn threshold(&self) -> f64 {
        match self {
            Self::AtLeast { at_least, .. } => *at_least,
            Self::AtMost { at_most, .. } => *at_most,
            Self::MaxWorsening { max_worsening, .. } => *max_worsening,
            Self::SizeMib { size_mib } => *size_mib,
        }
    }

    /// The gate in stable words, e.g. `accuracy at least 0.95`.
    pub fn sentence(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::SizeMib { size_mib } = self {
            return write!(f, "size at most {size_mib} MiB");
        }
        f.write_str(self.metric().unwrap_or_default())?;
        if let Some(class) = self.class() {
            write!(f, " of class {class}")?;
        } else if self.is_each_class() {
            f.write_str(" of each class")?;
        }
        match self {
            Self::AtLeast { at_least, .. } => write!(f, " at least {at_least}"),
            Self::AtMost { at_most, .. } => write!(f, " at most {at_most}"),
            Self::MaxWorsening { max_worsening, confidence, .. } => {
                write!(f, " worse by at most {max_worsening} at confidence {confidence}")
            }
            Self::SizeMib { .. } => Ok(()),
        }
    }
}

pub(crate) const GATE_KEYS: &[&str] =
    &["metric", "at_least", "at_most", "max_worsening", "confidence", "class", "each_class", "size_mib"];
const CONDITIONS: &[&str] = &["at_least", "at_most", "max_worsening", "size_mib"];

pub(crate) fn decode_all(decoder: &mut Decoder<'_>, root: &Fields<'_>, task: Option<TaskKind>) -> Vec<Gate> {
    let mut gates: Vec<Gate> = Vec::new();
    for (index, node) in root.list(decoder, "gates").iter().enumerate() {
        let Some(gate) = Gate::decode(decoder, node, index, task) else { continue };
        if decoder.is_clean() && gates.contains(&gate) {
            decoder.mistake(&node.place, format!("the gate `{gate}` is declared twice"), "each gate once");
        }
        gates.push(gate);
    }
    gates
}

/// What a gate looks at: a metric, of the whole set or of classes.
struct Subject {
    metric: String,
    class: Option<String>,
    each_class: bool,
}

impl Gate {
    fn decode(decoder: &mut Decoder<'_>, node: &Node, index: usize, task: Option<TaskKind>) -> Option<Self> {
        let path = format!("gates.{index}");
        let fields = decoder.fields(node, &node.place, &path, GATE_KEYS)?;
        let condition = one_condition(decoder, &fields, node, &path)?;
        if condition.key == "size_mib" {
            for key in ["metric", "class", "each_class", "confidence"] {
                if let Some(extra) = fields.entry(key) {
                    let message = format!("`{key}` does not go with `size_mib`");
                    decoder.mistake(&extra.place, message, "`size_mib` alone");
                }
            }
            let size_mib = decoder.number(&condition.node, &fields.path("size_mib"), Bounds::Positive);
            return Some(Self::SizeMib { size_mib });
        }
        if let (Some(extra), true) = (fields.entry("confidence"), condition.key != "max_worsening") {
            let message = format!("`confidence` does not go with `{}`", condition.key);
            decoder.mistake(&extra.place, message, "`confidence` with `max_worsening`");
        }
        let Subject { metric, class, each_class } = Subject::decode(decoder, &fields, task)?;
        let what = fields.path(&condition.key);
        if condition.key == "max_worsening" {
            return Some(Self::MaxWorsening {
                metric,
                max_worsening: decoder.number(&condition.node, &what, Bounds::NotNegative),
                confidence: fields.number(decoder, "confidence", Bounds::Between0And1, confidence()),
                class,
                each_class,
            });
        }
        let bounds = if is_share(&metric) { Bounds::From0To1 } else { Bounds::Any };
        let value = decoder.number(&condition.node, &what, bounds);
        Some(if condition.key == "at_least" {
            Self::AtLeast { metric, at_least: value, class, each_class }
        } else {
            Self::AtMost { metric, at_most: value, class, each_class }
        })
    }
}

fn one_condition<'n>(
    decoder: &mut Decoder<'_>,
    fields: &Fields<'n>,
    node: &Node,
    path: &str,
) -> Option<&'n Entry> {
    let mut found = fields
        .entries()
        .iter()
        .filter(|entry| CONDITIONS.contains(&entry.key.as_str()) && entry.node.value != Value::Null);
    let expected = format!("exactly {}", one_of(CONDITIONS));
    match (found.next(), found.next()) {
        (Some(condition), None) => Some(condition),
        (None, _) => {
            decoder.mistake(&node.place, format!("`{path}` has no condition"), expected);
            None
        }
        (Some(first), Some(second)) => {
            let message = format!("`{}` is a second condition beside `{}`", second.key, first.key);
            decoder.mistake(&second.place, message, expected);
            None
        }
    }
}

/// Whether values outside [0, 1] can never occur.
fn is_share(metric: &str) -> bool {
    metric_info(metric).map_or_else(|| metric != "support", |info| info.is_share)
}

impl Subject {
    fn decode(decoder: &mut Decoder<'_>, fields: &Fields<'_>, task: Option<TaskKind>) -> Option<Self> {
        let node = fields.need(decoder, "metric", "the name of a metric")?;
        let metric = decoder.text(node, &fields.path("metric"));
        let class = fields.text(decoder, "class");
        let each_class = fields.boolean(decoder, "each_class", false);
        let of_class = fields.entry("class").or_else(|| fields.entry("each_class").filter(|_| each_class));
        if class.is_some() && each_class {
            let message = "`class` names one class and `each_class` asks for all";
            decoder.mistake(fields.key_place("each_class"), message, "one of the two");
        }
        match of_class {
            Some(entry) if task == Some(TaskKind::Regression) => {
                let message = format!("`{}` in a regression, which has no classes", entry.key);
                decoder.mistake(&entry.place, message, "no such key");
                None
            }
            Some(_) if CLASS_METRICS.contains(&metric.as_str()) => Some(Self { metric, class, each_class }),
            Some(entry) => {
                let known = METRICS.iter().any(|info| info.name == metric);
                if known {
                    let message =
                        format!("`{metric}` is not measured of single classes, as `{}` asks", entry.key);
                    decoder.mistake(&node.place, message, one_of(CLASS_METRICS));
                } else if !metric.is_empty() {
                    decoder.unknown(&node.place, "metric", &metric, CLASS_METRICS);
                }
                None
            }
            None if CLASS_METRICS.contains(&metric.as_str()) && metric_info(&metric).is_none() => {
                let message = format!("`{metric}` is measured of single classes only");
                let whole =
                    METRICS.iter().map(|info| info.name).find(|name| *name == format!("{metric}_macro"));
                let or = whole.map_or(String::new(), |name| format!(", or `{name}`"));
                decoder.mistake(&node.place, message, format!("`class` or `each_class` beside it{or}"));
                None
            }
            None => check_metric(decoder, &node.place, &metric, task, &[]).then_some(Self {
                metric,
                class,
                each_class,
            }),
        }
    }
}
