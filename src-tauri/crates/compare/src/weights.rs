//! How far the weights moved, layer by layer.

use serde::{Deserialize, Serialize};

/// What became of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LayerChangeKind {
    /// The same bits.
    Same,
    /// The same shape, other values.
    Changed,
    /// Another shape.
    Reshaped,
    /// Only B has it.
    Added,
    /// Only A has it.
    Removed,
}

/// One layer on both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerChange {
    /// Its name.
    pub name: String,
    /// What became of it.
    pub kind: LayerChangeKind,
    /// A's shape.
    pub shape_a: Option<Vec<usize>>,
    /// B's shape.
    pub shape_b: Option<Vec<usize>>,
    /// Euclidean norm of A's values; null where not finite.
    pub norm_a: Option<f64>,
    /// Euclidean norm of B's values; null where not finite.
    pub norm_b: Option<f64>,
    /// ‖B − A‖ / ‖A‖; null where it cannot be told.
    pub relative_change: Option<f64>,
}

/// All layers of both sides.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct WeightsDiff {
    /// Whether every layer has the same bits.
    pub identical: bool,
    /// In A's order, then those only B has.
    pub layers: Vec<LayerChange>,
}
