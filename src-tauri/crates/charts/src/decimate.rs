//! Thins a line to what the pixels can show, keeping every spike and every gap.

use crate::survey::{fits, survey};

/// Points in a row without a gap between them, by index.
pub(crate) type Run = Vec<u32>;

/// What is left of a line.
pub(crate) struct Decimated {
    pub(crate) runs: Vec<Run>,
    /// Points that could be drawn, before thinning.
    pub(crate) present: usize,
}

/// A line to thin out.
pub(crate) struct Line<'a> {
    pub(crate) values: &'a [f64],
    /// Other values that must be there too for a point to be drawn; as long as `values`.
    pub(crate) beside: Option<&'a [f64]>,
    /// A value can be drawn above this and below infinity.
    pub(crate) floor: f64,
}

impl Line<'_> {
    fn is_present(&self, index: usize) -> bool {
        fits(self.values[index], self.floor)
            && self.beside.is_none_or(|values| fits(values[index], self.floor))
    }
}

/// For each pixel column keeps the lowest and highest point (and the ends of every run). `column` gives the column of a point and never
/// falls. A point that cannot be drawn ends the run. Runs that lie within one column are joined into its two extremes, so that the
/// answer never grows with the data.
pub(crate) fn decimate(line: &Line<'_>, column: impl Fn(usize) -> i64) -> Decimated {
    let mut present = 0;
    let values = line.values;
    let mut thin =
        Thinner { values, runs: Vec::new(), run: Vec::new(), bucket: None, columns: None, specks: None };
    let mut start = 0;
    while start < values.len() {
        let here = column(start);
        let end = start + column_length(start, values.len(), |index| column(index) == here);
        let seen = survey(&values[start..end], line.floor);
        let whole = seen.shown == end - start
            && line.beside.is_none_or(|beside| survey(&beside[start..end], line.floor).shown == end - start);
        if whole {
            present += end - start;
            let find = |wanted: f64| first_of(&values[start..end], wanted) + start;
            thin.add(Bucket {
                column: here,
                first: start as u32,
                last: (end - 1) as u32,
                lowest: find(seen.low) as u32,
                highest: find(seen.high) as u32,
                is_run_start: false,
            });
        } else {
            for index in start..end {
                if line.is_present(index) {
                    present += 1;
                    let point = index as u32;
                    thin.add(Bucket {
                        column: here,
                        first: point,
                        last: point,
                        lowest: point,
                        highest: point,
                        is_run_start: false,
                    });
                } else {
                    thin.end_run();
                }
            }
        }
        start = end;
    }
    thin.end_run();
    thin.flush_specks();
    Decimated { runs: thin.runs, present }
}

/// Where a value that is there stands first.
#[expect(clippy::float_cmp, reason = "the very value is looked for")]
fn first_of(values: &[f64], wanted: f64) -> usize {
    values.iter().position(|value| *value == wanted).unwrap_or(0)
}

/// How many points from `start` on are `same`, found by doubling steps and then halving them.
fn column_length(start: usize, end: usize, same: impl Fn(usize) -> bool) -> usize {
    let mut step = 1;
    let mut inside = start;
    while inside + step < end && same(inside + step) {
        inside += step;
        step *= 2;
    }
    let mut outside = (inside + step).min(end);
    while inside + 1 < outside {
        let middle = usize::midpoint(inside, outside);
        if same(middle) {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    inside + 1 - start
}

/// The points of one column of one run.
#[derive(Clone, Copy)]
struct Bucket {
    column: i64,
    first: u32,
    last: u32,
    lowest: u32,
    highest: u32,
    is_run_start: bool,
}

/// Runs that lie wholly within one column.
struct Specks {
    column: i64,
    lowest: u32,
    highest: u32,
    only: Option<Run>,
}

struct Thinner<'a> {
    values: &'a [f64],
    runs: Vec<Run>,
    run: Run,
    bucket: Option<Bucket>,
    /// First and last column of the run.
    columns: Option<(i64, i64)>,
    specks: Option<Specks>,
}

impl Thinner<'_> {
    fn value(&self, index: u32) -> f64 {
        self.values.get(index as usize).copied().unwrap_or(f64::NAN)
    }

    /// Adds the points of (part of) a column.
    fn add(&mut self, part: Bucket) {
        let (lowest, highest) = (self.value(part.lowest), self.value(part.highest));
        if let Some(bucket) = &mut self.bucket
            && bucket.column == part.column
        {
            bucket.last = part.last;
            if lowest < self.values[bucket.lowest as usize] {
                bucket.lowest = part.lowest;
            }
            if highest > self.values[bucket.highest as usize] {
                bucket.highest = part.highest;
            }
            return;
        }
        let is_run_start = self.bucket.is_none();
        self.flush_bucket(false);
        let column = part.column;
        self.bucket = Some(Bucket { is_run_start, ..part });
        self.columns = Some(self.columns.map_or((column, column), |(first, _)| (first, column)));
    }

    fn flush_bucket(&mut self, is_run_end: bool) {
        let Some(bucket) = self.bucket.take() else { return };
        let mut kept = [bucket.lowest, bucket.highest, bucket.lowest, bucket.lowest];
        // Two points are no more than their extremes; of more, the ends matter only where the run begins or ends.
        if bucket.is_run_start {
            kept[2] = bucket.first;
        }
        if is_run_end {
            kept[3] = bucket.last;
        }
        kept.sort_unstable();
        let mut before = None;
        for index in kept {
            if before != Some(index) {
                self.run.push(index);
            }
            before = Some(index);
        }
    }

    fn end_run(&mut self) {
        self.flush_bucket(true);
        let Some((first, last)) = self.columns.take() else { return };
        let run = std::mem::take(&mut self.run);
        if first != last {
            self.flush_specks();
            self.runs.push(run);
            return;
        }
        if self.specks.as_ref().is_some_and(|specks| specks.column != first) {
            self.flush_specks();
        }
        let (mut lowest, mut highest) = (run[0], run[0]);
        for &index in &run {
            if self.value(index) < self.value(lowest) {
                lowest = index;
            }
            if self.value(index) > self.value(highest) {
                highest = index;
            }
        }
        self.specks = Some(match self.specks.take() {
            None => Specks { column: first, lowest, highest, only: Some(run) },
            Some(before) => Specks {
                column: first,
                lowest: if self.value(lowest) < self.value(before.lowest) { lowest } else { before.lowest },
                highest: if self.value(highest) > self.value(before.highest) {
                    highest
                } else {
                    before.highest
                },
                only: None,
            },
        });
    }

    fn flush_specks(&mut self) {
        let Some(specks) = self.specks.take() else { return };
        if let Some(run) = specks.only {
            self.runs.push(run);
            return;
        }
        let (first, second) = (specks.lowest.min(specks.highest), specks.lowest.max(specks.highest));
        self.runs.push(vec![first]);
        if second != first {
            self.runs.push(vec![second]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn thin(values: &[f64], per_column: usize) -> Vec<Run> {
        let line = Line { values, beside: None, floor: f64::NEG_INFINITY };
        decimate(&line, |index| (index / per_column).cast_signed() as i64).runs
    }

    #[test]
    fn a_spike_among_many_stays() {
        let mut values = vec![1.0; 10_000];
        values[4321] = 99.0;
        let kept: Vec<u32> = thin(&values, 100).concat();
        assert!(kept.contains(&4321), "the one value that matters");
        assert!(kept.len() <= 204, "{} points for 100 columns", kept.len());
    }

    #[test]
    fn a_gap_ends_the_line() {
        assert_eq!(thin(&[1.0, 2.0, f64::NAN, 3.0, 4.0], 1), [vec![0, 1], vec![3, 4]]);
        assert_eq!(thin(&[f64::NAN, 5.0, f64::NAN], 1), [vec![1]], "a point alone is kept");
    }

    #[test]
    fn every_other_value_missing_does_not_grow_with_the_data() {
        let values: Vec<f64> =
            (0..10_000).map(|index| if index % 2 == 0 { f64::from(index) } else { f64::NAN }).collect();
        assert!(thin(&values, 100).len() <= 200);
    }

    proptest! {
        #[test]
        fn extremes_and_order_are_kept(
            values in prop::collection::vec(prop_oneof![4 => -1e3..1e3, 1 => Just(f64::NAN)], 0..400),
            per_column in 1_usize..40,
        ) {
            let runs = thin(&values, per_column);
            let kept: Vec<u32> = runs.concat();
            for (column, chunk) in values.chunks(per_column).enumerate() {
                let drawn: Vec<f64> = kept.iter().map(|&index| index as usize).filter(|index| index / per_column == column)
                    .map(|index| values[index]).collect();
                for extreme in [f64::min as fn(f64, f64) -> f64, f64::max] {
                    let of_all = chunk.iter().copied().filter(|value| value.is_finite()).reduce(extreme);
                    prop_assert_eq!(drawn.iter().copied().reduce(extreme), of_all, "column {}", column);
                }
            }
            for run in &runs {
                prop_assert!(run.windows(2).all(|pair| pair[0] < pair[1]), "in order");
                if let (Some(&first), Some(&last)) = (run.first(), run.last()) {
                    prop_assert!(values[first as usize..=last as usize].iter().all(|value| value.is_finite()), "no line over a gap");
                }
            }
        }
    }
}
