//! Areas under ROC and precision-recall curves of one class against the others, in one walk over its scores.

use crate::sum::tied;

/// Marks the last row of a group of equal scores.
const LAST: u32 = 1 << 31;

/// Rows by falling score of a class, with the ends of ties marked.
pub(crate) struct Order(Vec<u32>);

/// What a walk finds of a class.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Areas {
    /// Sum over thresholds of precision times gained recall.
    pub(crate) average_precision: f64,
    /// Trapezoids under precision over recall.
    pub(crate) trapezoid: f64,
}

impl Order {
    /// Sorts `scores`; fewer than 2³¹ of them.
    pub(crate) fn new(scores: &[f64]) -> Self {
        let mut rows: Vec<u32> = (0..scores.len() as u32).collect();
        rows.sort_unstable_by(|&x, &y| scores[y as usize].total_cmp(&scores[x as usize]));
        for place in 0..rows.len() {
            let here = scores[rows[place] as usize];
            let tied = rows.get(place + 1).is_some_and(|&next| tied(scores[next as usize], here));
            if !tied {
                rows[place] |= LAST;
            }
        }
        Self(rows)
    }

    /// Walks the rows under `weights`. Adds to `wins[j]` the weight of pairs (an example of `class`, one of j) that
    /// are ranked rightly, ties half.
    pub(crate) fn walk(&self, class: u32, truth: &[u32], weights: &[f64], wins: &mut [f64]) -> Areas {
        let mut areas = Areas::default();
        let (mut hits, mut misses, mut precision) = (0.0_f64, 0.0_f64, 1.0_f64);
        let mut begin = 0;
        while begin < self.0.len() {
            let (mut gained, mut lost) = (0.0, 0.0);
            let mut end = begin;
            loop {
                let row = (self.0[end] & !LAST) as usize;
                if truth[row] == class {
                    gained += weights[row];
                } else {
                    lost += weights[row];
                }
                end += 1;
                if self.0[end - 1] & LAST != 0 {
                    break;
                }
            }
            if lost > 0.0 {
                let above = hits + 0.5 * gained;
                for entry in &self.0[begin..end] {
                    let row = (entry & !LAST) as usize;
                    if truth[row] != class {
                        wins[truth[row] as usize] += weights[row] * above;
                    }
                }
            }
            hits += gained;
            misses += lost;
            if gained + lost > 0.0 {
                let here = hits / (hits + misses);
                areas.average_precision += gained * here;
                areas.trapezoid += 0.5 * gained * (here + precision);
                precision = here;
            }
            begin = end;
        }
        if hits > 0.0 {
            areas.average_precision /= hits;
            areas.trapezoid /= hits;
        }
        areas
    }
}
