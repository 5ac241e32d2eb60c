//! How far the weights moved, layer by layer.

use keelmark_metrics::exact_sum;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::LayerWeights;

/// What became of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
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
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
pub struct WeightsDiff {
    /// Whether every layer has the same bits.
    pub identical: bool,
    /// In A's order, then those only B has.
    pub layers: Vec<LayerChange>,
}

/// Compares layers by name; `None` where a side has none.
pub(crate) fn weights(a: &[LayerWeights], b: &[LayerWeights]) -> Option<WeightsDiff> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let find = |layers: &'_ [LayerWeights], name: &str| layers.iter().position(|layer| layer.name == name);
    let mut layers: Vec<LayerChange> = a
        .iter()
        .map(|layer| change(&layer.name, Some(layer), find(b, &layer.name).map(|at| &b[at])))
        .collect();
    layers.extend(
        b.iter()
            .filter(|layer| find(a, &layer.name).is_none())
            .map(|layer| change(&layer.name, None, Some(layer))),
    );
    let identical = layers.iter().all(|layer| layer.kind == LayerChangeKind::Same);
    Some(WeightsDiff { identical, layers })
}

fn change(name: &str, a: Option<&LayerWeights>, b: Option<&LayerWeights>) -> LayerChange {
    let of = |layer: Option<&LayerWeights>| layer.and_then(|l| norm(l.values.iter().map(|&v| f64::from(v))));
    let (kind, moved) = match (a, b) {
        (Some(x), Some(y)) if x.shape == y.shape && x.values.len() == y.values.len() => {
            let same = x.values.iter().zip(&y.values).all(|(x, y)| x.to_bits() == y.to_bits());
            let moved = norm(x.values.iter().zip(&y.values).map(|(&x, &y)| f64::from(y) - f64::from(x)));
            (if same { LayerChangeKind::Same } else { LayerChangeKind::Changed }, moved)
        }
        (Some(_), Some(_)) => (LayerChangeKind::Reshaped, None),
        (Some(_), None) => (LayerChangeKind::Removed, None),
        (None, _) => (LayerChangeKind::Added, None),
    };
    let (norm_a, norm_b) = (of(a), of(b));
    let relative_change = match kind {
        LayerChangeKind::Same => Some(0.0),
        _ => moved.zip(norm_a).and_then(|(moved, norm)| (norm > 0.0).then(|| moved / norm)),
    };
    LayerChange {
        name: name.to_owned(),
        kind,
        shape_a: a.map(|layer| layer.shape.clone()),
        shape_b: b.map(|layer| layer.shape.clone()),
        norm_a,
        norm_b,
        relative_change: relative_change.filter(|value| value.is_finite()),
    }
}

/// The Euclidean norm; `None` where it is not finite.
fn norm(values: impl Iterator<Item = f64>) -> Option<f64> {
    let norm = exact_sum(values.map(|value| value * value)).sqrt();
    norm.is_finite().then_some(norm)
}
