//! Examples whose predicted class differs.

use keelmark_types::Answers;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::align::Aligned;

/// What became of an example.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FlipKind {
    /// A was right, B is wrong.
    Broken,
    /// A was wrong, B is right.
    Fixed,
    /// Both are wrong, each in its own way.
    Changed,
}

/// One flipped example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Flip {
    /// The example.
    pub id: String,
    /// What became of it.
    pub kind: FlipKind,
    /// Its true class.
    pub truth: String,
    /// A's answer.
    pub a: String,
    /// B's answer.
    pub b: String,
    /// A's probability of its answer.
    pub confidence_a: f64,
    /// B's probability of its answer.
    pub confidence_b: f64,
}

/// All flips counted, the first of them listed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, TS)]
pub struct Flips {
    /// Wrong before, right now.
    pub fixed: u64,
    /// Right before, wrong now.
    pub broken: u64,
    /// Wrong before and now, with another answer.
    pub changed: u64,
    /// All of them; more than `examples` holds where the list was cut.
    pub total: u64,
    /// Broken first, then fixed, then changed; the surest mistakes first.
    pub examples: Vec<Flip>,
}

/// Finds the flips of paired examples and lists at most `most` of them.
pub(crate) fn flips(aligned: &Aligned, most: usize) -> Flips {
    let (
        Answers::Classification { classes, truth, probabilities },
        Answers::Classification { probabilities: others, .. },
    ) = (&aligned.a.answers, &aligned.b.answers)
    else {
        return Flips::default();
    };
    let (answers_a, answers_b) =
        (aligned.a.answers.predicted_classes(), aligned.b.answers.predicted_classes());
    let name = |class: u32| classes.get(class as usize).cloned().unwrap_or_default();
    let mut found = Flips::default();
    for (row, ((id, &truth), (&a, &b))) in
        aligned.a.ids.iter().zip(truth).zip(answers_a.iter().zip(&answers_b)).enumerate()
    {
        if a == b {
            continue;
        }
        let (kind, count) = if b == truth {
            (FlipKind::Fixed, &mut found.fixed)
        } else if a == truth {
            (FlipKind::Broken, &mut found.broken)
        } else {
            (FlipKind::Changed, &mut found.changed)
        };
        *count += 1;
        let confidence = |values: &[f64], class: u32| {
            values.get(row * classes.len() + class as usize).copied().unwrap_or(0.0)
        };
        found.examples.push(Flip {
            id: id.clone(),
            kind,
            truth: name(truth),
            a: name(a),
            b: name(b),
            confidence_a: confidence(probabilities, a),
            confidence_b: confidence(others, b),
        });
    }
    found.total = found.fixed + found.broken + found.changed;
    found.examples.sort_by(|x, y| {
        x.kind.cmp(&y.kind).then(mistake(y).total_cmp(&mistake(x))).then_with(|| x.id.cmp(&y.id))
    });
    found.examples.truncate(most);
    found
}

/// How sure the mistaken side was.
fn mistake(flip: &Flip) -> f64 {
    match flip.kind {
        FlipKind::Broken => flip.confidence_b,
        FlipKind::Fixed => flip.confidence_a,
        FlipKind::Changed => flip.confidence_a.max(flip.confidence_b),
    }
}
