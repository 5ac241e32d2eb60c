//! The reliability diagram: how often a confidence is right.

use keelmark_types::CalibrationBin;

use crate::sum::Sum;

/// Bins of equal width over [0, 1].
pub(crate) const BINS: usize = 15;

/// Bin k holds (k/15, (k+1)/15]; 0 goes to bin 0.
pub(crate) fn bin_of(confidence: f64) -> u8 {
    let edge = |index: usize| index as f64 / BINS as f64;
    (0..BINS - 1).find(|&bin| confidence <= edge(bin + 1)).unwrap_or(BINS - 1) as u8
}

/// Sums of weight, hits and confidence by bin.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bins([[Sum; 3]; BINS]);

impl Bins {
    #[inline]
    pub(crate) fn add(&mut self, bin: u8, weight: f64, hit: bool, confidence: f64) {
        let [count, hits, confidences] = &mut self.0[usize::from(bin)];
        count.add(weight);
        if hit {
            hits.add(weight);
        }
        confidences.add(weight * confidence);
    }

    /// The bins as they are shown.
    pub(crate) fn rows(&self) -> Vec<CalibrationBin> {
        self.0
            .iter()
            .map(|[count, hits, confidences]| {
                let count = count.value();
                let mean = |sum: Sum| (count > 0.0).then(|| sum.value() / count);
                CalibrationBin { count, accuracy: mean(*hits), confidence: mean(*confidences) }
            })
            .collect()
    }

    /// Expected and largest gap between confidence and share of hits.
    pub(crate) fn gaps(&self, total: f64) -> (f64, f64) {
        let mut expected = Sum::default();
        let mut largest = 0.0_f64;
        for [count, hits, confidences] in &self.0 {
            let count = count.value();
            if count > 0.0 {
                let gap = (hits.value() - confidences.value()).abs();
                expected.add(gap);
                largest = largest.max(gap / count);
            }
        }
        (expected.value() / total, largest)
    }
}
