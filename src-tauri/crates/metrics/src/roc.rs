//! The ROC curve of two classes.

use keelmark_types::{Answers, Predictions};

use crate::sum::tied;
use crate::table::base_weights;

/// Points shown at most.
const SHOWN: usize = 200;

/// `[false positive rate, true positive rate]` at every distinct score, from [0, 0] to [1, 1]; empty where there are
/// not two classes or one of them has no example.
pub fn roc_curve(predictions: &Predictions) -> Vec<[f64; 2]> {
    let Answers::Classification { classes, truth, probabilities } = &predictions.answers else {
        return Vec::new();
    };
    let weights = base_weights(predictions);
    let rows = truth.len();
    if classes.len() != 2 || probabilities.len() != rows * 2 || weights.len() != rows {
        return Vec::new();
    }
    let mut order: Vec<usize> = (0..rows).collect();
    let score = |row: usize| probabilities[row * 2 + 1];
    order.sort_unstable_by(|&x, &y| score(y).total_cmp(&score(x)));
    let (mut misses, mut hits) = (0.0, 0.0);
    let mut points = vec![[0.0, 0.0]];
    for group in order.chunk_by(|&x, &y| tied(score(x), score(y))) {
        for &row in group {
            *(if truth[row] == 1 { &mut hits } else { &mut misses }) += weights[row];
        }
        points.push([misses, hits]);
    }
    if hits <= 0.0 || misses <= 0.0 {
        return Vec::new();
    }
    for point in &mut points {
        *point = [point[0] / misses, point[1] / hits];
    }
    points
}

/// At most 200 points of a curve: corners only, then the ones nearest to equal steps along it.
pub(crate) fn thinned(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut corners: Vec<[f64; 2]> = Vec::new();
    for &point in points {
        while let [.., first, second] = corners[..] {
            let cross = (second[0] - first[0]) * (point[1] - first[1])
                - (second[1] - first[1]) * (point[0] - first[0]);
            if cross.abs() > 1e-15 {
                break;
            }
            corners.pop();
        }
        corners.push(point);
    }
    if corners.len() <= SHOWN {
        return corners;
    }
    // Both rates only grow, so their sum is a way along the curve from 0 to 2.
    let way = |point: &[f64; 2]| point[0] + point[1];
    let mut kept: Vec<[f64; 2]> = Vec::with_capacity(SHOWN);
    for step in 0..SHOWN {
        let wanted = 2.0 * step as f64 / (SHOWN - 1) as f64;
        let at = corners.partition_point(|point| way(point) < wanted).min(corners.len() - 1);
        if kept.last() != Some(&corners[at]) {
            kept.push(corners[at]);
        }
    }
    if let Some(&end) = corners.last()
        && kept.last() != Some(&end)
    {
        kept.push(end);
        if kept.len() > SHOWN {
            kept.remove(SHOWN - 1);
        }
    }
    kept
}
