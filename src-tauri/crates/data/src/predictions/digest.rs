//! The canonical digest of predictions: same examples, same answers, same digest, whatever the order of the rows.

use keelmark_types::{Answers, Predictions, Sha256};
use sha2::{Digest, Sha256 as Hasher};

use crate::digest::finish;

/// The canonical digest: sha256 over the task, the classes and the rows sorted by id, numbers as their 64 bits,
/// little-endian, texts after their length. Slice columns are the data set's and are not part of it.
pub fn predictions_digest(predictions: &Predictions) -> Sha256 {
    let mut hasher = Hasher::new();
    hasher.update(b"keelmark.predictions/1\n");
    match &predictions.answers {
        Answers::Classification { classes, .. } => {
            hasher.update(b"classification\n");
            hasher.update((classes.len() as u64).to_le_bytes());
            for class in classes {
                text(&mut hasher, class);
            }
        }
        Answers::Regression { .. } => hasher.update(b"regression\n"),
    }
    hasher.update([u8::from(predictions.weights.is_some())]);
    let mut rows: Vec<usize> = (0..predictions.ids.len()).collect();
    rows.sort_by_key(|&row| &predictions.ids[row]);
    for row in rows {
        text(&mut hasher, &predictions.ids[row]);
        match &predictions.answers {
            Answers::Classification { classes, truth, probabilities } => {
                hasher.update(truth.get(row).copied().unwrap_or(u32::MAX).to_le_bytes());
                let width = classes.len();
                let begin = row.saturating_mul(width);
                let of_row = probabilities.get(begin..begin.saturating_add(width)).unwrap_or_default();
                for probability in of_row {
                    number(&mut hasher, Some(probability));
                }
            }
            Answers::Regression { truth, predicted } => {
                number(&mut hasher, truth.get(row));
                number(&mut hasher, predicted.get(row));
            }
        }
        if let Some(weights) = &predictions.weights {
            number(&mut hasher, weights.get(row));
        }
    }
    finish(hasher)
}

fn text(hasher: &mut Hasher, text: &str) {
    hasher.update((text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

fn number(hasher: &mut Hasher, number: Option<&f64>) {
    hasher.update(number.copied().unwrap_or(f64::NAN).to_bits().to_le_bytes());
}
