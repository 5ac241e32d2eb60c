//! The verdict in words.

use keelmark_types::metric_info;

use crate::{MetricChange, Pairing, Verdict};

/// What else is worth a sentence: a word for people, and the metrics that stand for it.
const ASPECTS: [(&str, &[&str]); 7] = [
    ("Accuracy", &["accuracy"]),
    ("F1", &["f1_macro"]),
    ("Ranking", &["roc_auc", "roc_auc_ovr_macro"]),
    ("Log loss", &["log_loss"]),
    ("Calibration", &["ece15"]),
    ("Mean absolute error", &["mae"]),
    ("Root mean squared error", &["rmse"]),
];

/// A number with its sign; as many decimals as make `scale` legible.
fn signed(value: f64, scale: f64, plus: bool) -> String {
    let decimals = if scale >= 100.0 || scale <= 0.0 {
        1
    } else {
        (2.0 - scale.log10().floor()).clamp(1.0, 6.0) as usize
    };
    let text =
        if scale >= 1e7 { format!("{:.2e}", value.abs()) } else { format!("{:.decimals$}", value.abs()) };
    let zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    match (value < 0.0 && !zero, plus) {
        (true, _) => format!("−{text}"),
        (false, true) => format!("+{text}"),
        (false, false) => text,
    }
}

/// `+2.7 pts, 95 % CI 1.1…4.3`, as far as it is known.
fn figures(metric: &MetricChange, confidence: f64) -> Option<String> {
    let change = metric.change?;
    let is_share = metric_info(&metric.name).is_some_and(|info| info.is_share);
    let factor = if is_share { 100.0 } else { 1.0 };
    let ends = [metric.low, metric.high].into_iter().flatten();
    let scale = if is_share {
        100.0
    } else {
        ends.chain([change]).fold(0.0_f64, |largest, end| largest.max(end.abs()))
    };
    let shown = |value: f64, plus: bool| signed(value * factor, scale, plus);
    let unit = if is_share { " pts" } else { "" };
    let interval = metric.low.zip(metric.high).map_or_else(String::new, |(low, high)| {
        let per_cent = (confidence * 1e4).round() / 100.0;
        format!(", {per_cent} % CI {}…{}", shown(low, false), shown(high, false))
    });
    Some(format!("{}{unit}{interval}", shown(change, true)))
}

fn label(name: &str) -> &str {
    metric_info(name).map_or(name, |info| info.label)
}

/// The whole verdict: the headline with its figures, then what else changed, then what was left out.
pub(crate) fn whole(
    headline: &MetricChange,
    metrics: &[MetricChange],
    declared: &[String],
    pairing: &Pairing,
    same_answers: bool,
    confidence: f64,
) -> String {
    let figures = figures(headline, confidence).map(|text| format!(" ({text})")).unwrap_or_default();
    let name = label(&headline.name);
    let mut sentences = vec![match headline.verdict {
        Verdict::Better | Verdict::Worse => format!("{name} is {}{figures}.", headline.verdict),
        Verdict::NoClearChange => format!("{name}: no clear change{figures}."),
        Verdict::NotComparable => {
            format!(
                "{name} cannot be compared: {}.",
                headline.why.as_deref().unwrap_or("it has no paired interval")
            )
        }
    }];
    if headline.verdict != Verdict::NotComparable
        && let Some(why) = &headline.why
    {
        sentences.push(format!("{}.", capitalised(why)));
    }
    sentences.extend(others(headline, metrics, declared));
    if same_answers {
        sentences.push("Both give the same answer to every example.".to_owned());
    }
    if pairing.only_a + pairing.only_b > 0 {
        sentences.push(format!(
            "Measured on the {} examples both have; {} only in A and {} only in B are left out.",
            pairing.paired, pairing.only_a, pairing.only_b
        ));
    }
    sentences.join(" ")
}

fn others(headline: &MetricChange, metrics: &[MetricChange], declared: &[String]) -> Vec<String> {
    let clear = |name: &str| {
        metrics
            .iter()
            .find(|metric| metric.name == name && metric.name != headline.name)
            .filter(|metric| matches!(metric.verdict, Verdict::Better | Verdict::Worse))
    };
    let aspect_of = |name: &str| ASPECTS.iter().find(|(_, names)| names.contains(&name));
    let mut said: Vec<&str> = vec![aspect_of(&headline.name).map_or("", |(word, _)| word)];
    let mut sentences = Vec::new();
    let usual = ASPECTS.iter().flat_map(|(_, names)| names.iter().copied());
    for name in declared.iter().map(String::as_str).chain(usual) {
        let word = aspect_of(name).map_or_else(|| label(name), |(word, _)| *word);
        if let Some(metric) = clear(name)
            && !said.contains(&word)
        {
            sentences.push(format!("{word} is {}.", metric.verdict));
            said.push(word);
        }
    }
    sentences
}

/// A reason as a sentence's beginning.
pub(crate) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::direction_of;

    fn metric(name: &str, change: f64, low: f64, high: f64, verdict: Verdict) -> MetricChange {
        MetricChange {
            name: name.to_owned(),
            class: None,
            direction: direction_of(name),
            a: Some(0.0),
            b: Some(change),
            change: Some(change),
            low: Some(low),
            high: Some(high),
            verdict,
            p: None,
            p_holm: None,
            why: None,
        }
    }

    fn said(metrics: &[MetricChange], pairing: Pairing) -> String {
        whole(&metrics[0], metrics, &[], &pairing, false, 0.95)
    }

    #[test]
    fn a_verdict_reads_as_a_sentence() {
        let metrics = [
            metric("accuracy", 0.027, 0.011, 0.043, Verdict::Better),
            metric("ece15", 0.02, 0.01, 0.03, Verdict::Worse),
            metric("log_loss", 0.001, -0.01, 0.012, Verdict::NoClearChange),
        ];
        let expected = "Accuracy is better (+2.7 pts, 95 % CI 1.1…4.3). Calibration is worse.";
        assert_eq!(said(&metrics, Pairing::default()), expected);
    }

    #[test]
    fn numbers_keep_their_unit_and_sign() {
        let metrics = [metric("rmse", -4.1934, -8.2, 0.312, Verdict::NoClearChange)];
        let pairing = Pairing { a: 100, b: 90, paired: 80, only_a: 20, only_b: 10 };
        assert_eq!(
            said(&metrics, pairing),
            "Root mean squared error: no clear change (−4.19, 95 % CI −8.20…0.31). Measured on the 80 examples both \
             have; 20 only in A and 10 only in B are left out."
        );
        let unchanged = [metric("accuracy", -1e-9, 0.0, 0.0, Verdict::NoClearChange)];
        assert_eq!(
            said(&unchanged, Pairing::default()),
            "Accuracy: no clear change (+0.0 pts, 95 % CI 0.0…0.0)."
        );
    }
}
