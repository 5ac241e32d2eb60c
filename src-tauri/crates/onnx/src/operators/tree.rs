//! Ensembles of decision trees.

mod forest;

use std::sync::Arc;

use tract_onnx::tract_hir::internal::*;

use self::forest::{Aggregate, Forest, Sums};
use super::scores::{Labels, PostTransform, largest, logistic};
use super::{Attributes, Fact, Kernel, first, floats, rows_of};

#[derive(Debug)]
struct Regressor {
    forest: Forest,
    aggregate: Aggregate,
    base: Vec<f64>,
    post: PostTransform,
}

pub(super) fn regressor(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    let targets = usize::try_from(attributes.integer("n_targets", 1))?;
    let aggregate = match attributes.text("aggregate_function", "SUM")?.as_str() {
        "SUM" => Aggregate::Sum,
        "AVERAGE" => Aggregate::Average,
        "MIN" => Aggregate::Min,
        "MAX" => Aggregate::Max,
        other => bail!("trees cannot be put together by {other}"),
    };
    let forest = Forest::of(attributes, "target", targets)?;
    let (base, _) = attributes.precise("base_values")?;
    ensure!(base.is_empty() || base.len() == targets, "{} base values for {targets} targets", base.len());
    Ok(Arc::new(Regressor { forest, aggregate, base, post: PostTransform::of(attributes)? }))
}

impl Kernel for Regressor {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        Ok(vec![(f32::datum_type(), tvec![rows_of(first(inputs)?), self.forest.width().to_dim()])])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let width = self.forest.width();
        let sums = self.forest.sums(first(inputs)?, self.aggregate)?;
        // A target that no leaf speaks for has no base either, as in onnxruntime.
        let base = self.base.iter().copied().chain(std::iter::repeat(0.0)).take(width);
        let mut values = Vec::with_capacity(sums.values.len());
        for (row, spoken) in sums.values.chunks_exact(width).zip(sums.spoken.chunks_exact(width)) {
            let each = row.iter().zip(spoken).zip(base.clone());
            values.extend(each.map(|((sum, spoken), base)| if *spoken { (sum + base) as f32 } else { 0.0 }));
        }
        values.chunks_exact_mut(width).for_each(|row| self.post.apply(row));
        Ok(vec![floats(&[sums.rows, width], &values)?])
    }
}

#[derive(Debug)]
struct Classifier {
    forest: Forest,
    labels: Labels,
    base: Vec<f32>,
    post: PostTransform,
    /// Whether all leaves speak for one of two classes, and what is left is the other's.
    one_sided: bool,
    /// Whether no leaf speaks against a class, as if their sum were a probability.
    positive: bool,
}

pub(super) fn classifier(attributes: &Attributes<'_>) -> TractResult<Arc<dyn Kernel>> {
    let labels = Labels::of(attributes, "classlabels_int64s")?;
    let forest = Forest::of(attributes, "class", labels.len())?;
    let (base, _) = attributes.precise("base_values")?;
    ensure!(base.len() <= labels.len(), "{} base values for {} classes", base.len(), labels.len());
    let one_sided = labels.len() == 2 && forest.speaks_for_one();
    let positive = forest.is_positive();
    let base = base.into_iter().map(|base| base as f32).collect();
    Ok(Arc::new(Classifier {
        forest,
        labels,
        base,
        post: PostTransform::of(attributes)?,
        one_sided,
        positive,
    }))
}

impl Kernel for Classifier {
    fn outputs(&self, inputs: &[Fact]) -> TractResult<Vec<Fact>> {
        let rows = rows_of(first(inputs)?);
        Ok(vec![self.labels.fact(rows.clone()), (f32::datum_type(), tvec![rows, self.labels.len().to_dim()])])
    }

    fn run(&self, inputs: &[TValue]) -> TractResult<Vec<Tensor>> {
        let width = self.labels.len();
        let Sums { rows, values, spoken } = self.forest.sums(first(inputs)?, Aggregate::Sum)?;
        let mut winners = Vec::with_capacity(rows);
        let mut scores = Vec::with_capacity(values.len());
        for (sums, spoken) in values.chunks_exact(width).zip(spoken.chunks_exact(width)) {
            let (winner, row) = match (sums, spoken) {
                ([first, second], [by_first, by_second]) => {
                    let (winner, pair) = self.two((*first as f32, *by_first), (*second as f32, *by_second));
                    (winner, pair.to_vec())
                }
                _ => self.many(sums, spoken),
            };
            winners.push(winner);
            scores.extend(row);
        }
        Ok(vec![self.labels.at(&winners)?, floats(&[rows, width], &scores)?])
    }
}

impl Classifier {
    /// More classes: the winner among those that a leaf or a base speaks for, and all scores.
    fn many(&self, sums: &[f64], spoken: &[bool]) -> (usize, Vec<f32>) {
        let base = self.base.iter().copied().chain(std::iter::repeat(0.0));
        let mut row: Vec<f32> = sums.iter().zip(base).map(|(sum, base)| *sum as f32 + base).collect();
        let heard = row
            .iter()
            .zip(spoken)
            .map(|(&score, &spoken)| if spoken || !self.base.is_empty() { score } else { f32::NEG_INFINITY });
        let winner = largest(&heard.collect::<Vec<_>>());
        self.post.apply(&mut row);
        (winner, row)
    }

    /// Two classes, each with its sum and whether a leaf spoke for it: the winner and both scores. The specification
    /// is vague; this is onnxruntime's reading.
    fn two(&self, (first, by_first): (f32, bool), (second, by_second): (f32, bool)) -> (usize, [f32; 2]) {
        let if_first = |score: f32| if by_first { score } else { 0.0 };
        let mut both = by_second;
        let mut pair = [first, second];
        match *self.base {
            [_, base] if by_second => pair = [if_first(-(base + first)), base + first],
            [base, _] => {
                pair = [if_first(first + base), 0.0];
                both = true;
            }
            [base] => pair = [if_first(first + base), second],
            _ => {}
        }
        let threshold = if self.one_sided && self.positive { 0.5 } else { 0.0 };
        if both {
            let winner = match (by_second, self.one_sided) {
                (true, false) => largest(&pair),
                (true, true) => usize::from(pair[1] > threshold),
                (false, _) => usize::from(pair[0] > threshold),
            };
            self.post.apply(&mut pair);
            return (winner, pair);
        }
        let score = pair[0];
        let winner = usize::from(score > threshold);
        let pair = match self.post {
            PostTransform::Logistic => [logistic(-score), logistic(score)],
            _ if self.one_sided && self.positive => [1.0 - score, score],
            _ => [-score, score],
        };
        (winner, pair)
    }
}
