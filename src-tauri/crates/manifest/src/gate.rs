//! `gates`: conditions a candidate has to meet.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

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
