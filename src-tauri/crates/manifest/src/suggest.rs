//! "Did you mean": the nearest word that would have been right.

/// The candidate a mistyped `word` most likely stands for, where one is near enough.
pub(crate) fn nearest<'c>(word: &str, candidates: &[&'c str]) -> Option<&'c str> {
    if word.chars().count() > 64 {
        return None;
    }
    let word = word.to_lowercase();
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    let by_distance = candidates
        .iter()
        .map(|&candidate| (distance(&word, &candidate.to_lowercase()), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= allowed)
        .map(|(_, candidate)| candidate);
    by_distance.or_else(|| {
        let related = |candidate: &&&'c str| word.len() >= 2 && candidate.contains(word.as_str());
        candidates
            .iter()
            .find(|c| related(c) && c.starts_with(word.as_str()))
            .or_else(|| candidates.iter().find(related))
            .copied()
    })
}

/// Edits between two words; a swap of neighbours counts as one.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    let width = b.len() + 1;
    let mut rows = vec![0; (a.len() + 1) * width];
    let at = |i: usize, j: usize| i * width + j;
    for (j, row) in rows.iter_mut().enumerate().take(width) {
        *row = j;
    }
    for i in 1..=a.len() {
        rows[at(i, 0)] = i;
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            let mut best =
                (rows[at(i - 1, j)] + 1).min(rows[at(i, j - 1)] + 1).min(rows[at(i - 1, j - 1)] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[at(i - 2, j - 2)] + 1);
            }
            rows[at(i, j)] = best;
        }
    }
    rows[at(a.len(), b.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_keyboard_are_understood() {
        let metrics = ["accuracy", "f1_macro", "roc_auc", "log_loss"];
        for (word, meant) in [
            ("acuracy", "accuracy"),
            ("accuarcy", "accuracy"),
            ("logloss", "log_loss"),
            ("f1", "f1_macro"),
            ("auc", "roc_auc"),
        ] {
            assert_eq!(nearest(word, &metrics), Some(meant), "{word} is near {meant}");
        }
        assert_eq!(nearest("perplexity", &metrics), None, "a far guess would mislead");
    }
}
