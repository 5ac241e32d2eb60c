//! Trees laid out for a quick walk, and checked so that every walk ends.

use std::collections::HashMap;

use tract_onnx::tract_hir::internal::*;

use super::super::{Attributes, table_of};

/// Rows that go through one tree before the next tree is taken up, so that a tree stays in the processor's cache.
const BLOCK: usize = 64;

/// How the trees' answers become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    Sum,
    Average,
    Min,
    Max,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    LessOrEqual,
    Less,
    GreaterOrEqual,
    Greater,
    Equal,
    NotEqual,
    Leaf,
}

/// A branch, or a leaf whose two ends point into the votes.
#[derive(Debug, Clone, Copy)]
struct Node {
    threshold: f64,
    feature: u32,
    /// Where the comparison holds; of a leaf, its first vote.
    then: u32,
    /// Where it does not; of a leaf, the vote after its last.
    otherwise: u32,
    mode: Mode,
    /// Whether a missing value goes the way of a comparison that holds.
    missing_holds: bool,
}

#[derive(Debug, Clone, Copy)]
struct Vote {
    class: u32,
    weight: f64,
}

#[derive(Debug)]
pub(super) struct Forest {
    nodes: Vec<Node>,
    roots: Vec<u32>,
    votes: Vec<Vote>,
    width: usize,
    /// How many columns the branches look at.
    columns: usize,
    /// Whether it counts in doubles.
    double: bool,
}

/// What a forest answers.
pub(super) struct Sums {
    pub rows: usize,
    /// `[rows, width]`.
    pub values: Vec<f64>,
    /// `[rows, width]`: whether any leaf spoke.
    pub spoken: Vec<bool>,
}

impl Forest {
    /// The trees in a node's attributes; `leaves` is what the names of those for leaves begin with.
    pub fn of(attributes: &Attributes<'_>, leaves: &str, width: usize) -> TractResult<Self> {
        ensure!(width > 0, "there is nothing to answer");
        let features = attributes.indices("nodes_featureids")?;
        let count = features.len();
        ensure!(count > 0, "there is no node");
        let lists = ["nodes_treeids", "nodes_nodeids", "nodes_truenodeids", "nodes_falsenodeids"];
        let [trees, ids, then, otherwise] = lists.map(|name| attributes.integers(name));
        let modes = attributes.texts("nodes_modes")?;
        let (thresholds, double) = attributes.precise("nodes_values")?;
        let missing = attributes.integers("nodes_missing_value_tracks_true");
        let lengths = [trees.len(), ids.len(), then.len(), otherwise.len(), modes.len(), thresholds.len()];
        ensure!(lengths.iter().all(|&length| length == count), "the lists of nodes are not equally long");

        let mut places = HashMap::new();
        let mut roots = Vec::new();
        for (place, key) in trees.iter().copied().zip(ids.iter().copied()).enumerate() {
            let place = u32::try_from(place)?;
            if place == 0 || roots.last().is_none_or(|&(tree, _)| tree != key.0) {
                roots.push((key.0, place));
            }
            ensure!(places.insert(key, place).is_none(), "tree {} has two nodes {}", key.0, key.1);
        }
        let (votes, mut ends) = votes(attributes, leaves, width, &places)?;

        let mut nodes = Vec::with_capacity(count);
        for (place, (((feature, mode), threshold), tree)) in
            features.iter().zip(&modes).zip(&thresholds).zip(trees).enumerate()
        {
            let mode = mode_of(mode)?;
            let (then, otherwise) = if mode == Mode::Leaf {
                ends.remove(&(place as u32)).unwrap_or((0, 0))
            } else {
                let child = |ids: &[i64]| {
                    let key = (*tree, ids.get(place).copied().unwrap_or(-1));
                    places.get(&key).copied().with_context(|| format!("tree {tree} has no node {}", key.1))
                };
                (child(then)?, child(otherwise)?)
            };
            let missing_holds = missing.get(place).is_some_and(|&flag| flag != 0);
            let feature = u32::try_from(*feature)?;
            nodes.push(Node { threshold: *threshold, feature, then, otherwise, mode, missing_holds });
        }
        let columns =
            nodes.iter().filter(|node| node.mode != Mode::Leaf).map(|node| node.feature as usize + 1).max();
        let roots: Vec<u32> = roots.into_iter().map(|(_, place)| place).collect();
        let forest = Self { nodes, roots, votes, width, columns: columns.unwrap_or(0), double };
        forest.check_ends()?;
        Ok(forest)
    }

    /// Refuses nodes that are met twice, so that every walk from a root ends at a leaf.
    fn check_ends(&self) -> TractResult<()> {
        let mut met = vec![false; self.nodes.len()];
        let mut open = self.roots.clone();
        while let Some(place) = open.pop() {
            let met = met.get_mut(place as usize).context("a node is missing")?;
            ensure!(!*met, "a tree goes round in a circle");
            *met = true;
            if let Some(node) = self.nodes.get(place as usize).filter(|node| node.mode != Mode::Leaf) {
                open.extend([node.then, node.otherwise]);
            }
        }
        Ok(())
    }

    pub fn width(&self) -> usize {
        self.width
    }

    /// Whether all leaves speak for the same class.
    pub fn speaks_for_one(&self) -> bool {
        self.votes.windows(2).all(|pair| matches!(pair, [a, b] if a.class == b.class))
    }

    /// Whether no leaf has a negative weight.
    pub fn is_positive(&self) -> bool {
        self.votes.iter().all(|vote| vote.weight >= 0.0)
    }

    pub fn sums(&self, input: &Tensor, aggregate: Aggregate) -> TractResult<Sums> {
        let (rows, columns) = table_of(input.shape())?;
        ensure!(columns >= self.columns, "the trees look at {} columns, got {columns}", self.columns);
        let values = if input.datum_type() == f64::datum_type() {
            self.walk(input.try_as_plain_ram()?.as_slice::<f64>()?, columns, aggregate)
        } else {
            let input = input.cast_to::<f32>()?;
            self.walk(input.try_as_plain_ram()?.as_slice::<f32>()?, columns, aggregate)
        };
        let (mut values, spoken) = values;
        if aggregate == Aggregate::Average {
            for value in &mut values {
                *value = self.round(*value / self.roots.len() as f64);
            }
        }
        Ok(Sums { rows, values, spoken })
    }

    /// A sum in the precision of the file.
    fn round(&self, value: f64) -> f64 {
        if self.double { value } else { f64::from(value as f32) }
    }

    fn walk<T: Copy + Into<f64>>(
        &self,
        table: &[T],
        columns: usize,
        aggregate: Aggregate,
    ) -> (Vec<f64>, Vec<bool>) {
        let columns = columns.max(1);
        let size = table.len() / columns * self.width;
        let (mut values, mut spoken) = (vec![0.0; size], vec![false; size]);
        let blocks = values.chunks_mut(BLOCK * self.width).zip(spoken.chunks_mut(BLOCK * self.width));
        for (table, (values, spoken)) in table.chunks(BLOCK * columns).zip(blocks) {
            for &root in &self.roots {
                let answers = values.chunks_exact_mut(self.width).zip(spoken.chunks_exact_mut(self.width));
                for (row, (values, spoken)) in table.chunks_exact(columns).zip(answers) {
                    for vote in self.leaf(root, row) {
                        let class = vote.class as usize;
                        let (Some(value), Some(spoken)) = (values.get_mut(class), spoken.get_mut(class))
                        else {
                            continue;
                        };
                        *value = match aggregate {
                            Aggregate::Sum | Aggregate::Average => self.round(*value + vote.weight),
                            Aggregate::Min if *spoken => value.min(vote.weight),
                            Aggregate::Max if *spoken => value.max(vote.weight),
                            Aggregate::Min | Aggregate::Max => vote.weight,
                        };
                        *spoken = true;
                    }
                }
            }
        }
        (values, spoken)
    }

    /// The votes of the leaf that a row falls into.
    #[expect(clippy::float_cmp, reason = "a branch may ask whether two numbers are the same")]
    fn leaf<T: Copy + Into<f64>>(&self, root: u32, row: &[T]) -> &[Vote] {
        let mut place = root;
        while let Some(node) = self.nodes.get(place as usize) {
            if node.mode == Mode::Leaf {
                return self.votes.get(node.then as usize..node.otherwise as usize).unwrap_or_default();
            }
            let value: f64 = row.get(node.feature as usize).map_or(f64::NAN, |&value| value.into());
            let holds = match node.mode {
                Mode::LessOrEqual => value <= node.threshold,
                Mode::Less => value < node.threshold,
                Mode::GreaterOrEqual => value >= node.threshold,
                Mode::Greater => value > node.threshold,
                Mode::Equal => value == node.threshold,
                Mode::NotEqual => value != node.threshold,
                Mode::Leaf => false,
            };
            place = if holds || node.missing_holds && value.is_nan() { node.then } else { node.otherwise };
        }
        &[]
    }
}

fn mode_of(name: &str) -> TractResult<Mode> {
    Ok(match name {
        "BRANCH_LEQ" => Mode::LessOrEqual,
        "BRANCH_LT" => Mode::Less,
        "BRANCH_GTE" => Mode::GreaterOrEqual,
        "BRANCH_GT" => Mode::Greater,
        "BRANCH_EQ" => Mode::Equal,
        "BRANCH_NEQ" => Mode::NotEqual,
        "LEAF" => Mode::Leaf,
        other => bail!("a node of a tree cannot be {other}"),
    })
}

/// Where the votes of each leaf begin and end.
type Ends = HashMap<u32, (u32, u32)>;

/// All votes, those of one leaf side by side in the order of the file.
fn votes(
    attributes: &Attributes<'_>,
    leaves: &str,
    width: usize,
    places: &HashMap<(i64, i64), u32>,
) -> TractResult<(Vec<Vote>, Ends)> {
    let list = |name: &str| attributes.integers(&format!("{leaves}_{name}"));
    let (trees, ids, classes) =
        (list("treeids"), list("nodeids"), attributes.indices(&format!("{leaves}_ids"))?);
    let (weights, _) = attributes.precise(&format!("{leaves}_weights"))?;
    let lengths = [trees.len(), ids.len(), classes.len(), weights.len()];
    ensure!(
        lengths.iter().all(|&length| length == classes.len()),
        "the lists of leaves are not equally long"
    );
    let mut found = Vec::with_capacity(classes.len());
    for (((tree, id), class), weight) in trees.iter().zip(ids).zip(classes).zip(weights) {
        ensure!(class < width, "a leaf speaks for class {class} of {width}");
        let place = *places.get(&(*tree, *id)).with_context(|| format!("tree {tree} has no leaf {id}"))?;
        found.push((place, Vote { class: u32::try_from(class)?, weight }));
    }
    found.sort_by_key(|(place, _)| *place);
    let mut ends = Ends::new();
    for (at, (place, _)) in found.iter().enumerate() {
        let at = u32::try_from(at)?;
        ends.entry(*place).or_insert((at, at)).1 = at + 1;
    }
    Ok((found.into_iter().map(|(_, vote)| vote).collect(), ends))
}
