//! Everything measured of predicted classes.

use keelmark_types::CalibrationBin;

use crate::agreement::Counts;
use crate::calibration::{Bins, bin_of};
use crate::ranking::{Areas, Order};
use crate::sum::{Sum, exact_sum, tied};
use crate::table::Key;

/// The clip of the log loss: one unit in the last place of 1.
const CLIP: f64 = f64::EPSILON;

/// What does not change from one resample to the next, one an example.
struct Row {
    /// Place of (truth, answer) in the confusion square.
    cell: u32,
    /// How many classes stand before the true one; equals stand before it from the highest index.
    rank: u32,
    hit: bool,
    bin: u8,
    confidence: f64,
    log_loss: f64,
    brier: f64,
}

/// The positive class of two, one an example.
struct Positive {
    bin: u8,
    probability: f64,
    brier: f64,
}

/// Prepared predictions of classes.
pub(crate) struct ClassificationTable {
    classes: usize,
    truth: Vec<u32>,
    rows: Vec<Row>,
    positives: Vec<Positive>,
    orders: Vec<Order>,
    keys: Vec<Key>,
    cells: Vec<f64>,
    wins: Vec<f64>,
}

impl ClassificationTable {
    pub(crate) fn new(classes: usize, truth: &[u32], probabilities: &[f64], ranking: bool) -> Self {
        let rows: Vec<Row> = truth
            .iter()
            .zip(probabilities.chunks_exact(classes))
            .map(|(&truth, row)| prepare(classes, truth, row))
            .collect();
        let positives = if classes == 2 {
            truth
                .iter()
                .zip(probabilities.chunks_exact(2))
                .map(|(&truth, row)| {
                    let miss = row[1] - f64::from(truth);
                    Positive { bin: bin_of(row[1]), probability: row[1], brier: miss * miss }
                })
                .collect()
        } else {
            Vec::new()
        };
        let orders = if ranking && classes > 1 {
            (0..classes)
                .map(|class| {
                    let scores: Vec<f64> =
                        probabilities.chunks_exact(classes).map(|row| row[class]).collect();
                    Order::new(&scores)
                })
                .collect()
        } else {
            Vec::new()
        };
        let ranked = !orders.is_empty();
        Self {
            classes,
            truth: truth.to_vec(),
            rows,
            positives,
            orders,
            keys: keys(classes, ranked),
            cells: vec![0.0; classes * classes],
            wins: vec![0.0; if ranked { classes * classes } else { 0 }],
        }
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub(crate) fn steps(&self) -> u64 {
        (self.rows.len() * (8 + self.orders.len()) + self.classes * self.classes * 2) as u64
    }

    /// Sums of weights, true class by row.
    pub(crate) fn confusion(&mut self, weights: &[f64]) -> &[f64] {
        self.cells.fill(0.0);
        for (row, &weight) in self.rows.iter().zip(weights) {
            self.cells[row.cell as usize] += weight;
        }
        &self.cells
    }

    /// The reliability diagram of the predicted class.
    pub(crate) fn calibration(&self, weights: &[f64]) -> Vec<CalibrationBin> {
        let mut bins = Bins::default();
        for (row, &weight) in self.rows.iter().zip(weights) {
            bins.add(row.bin, weight, row.hit, row.confidence);
        }
        bins.rows()
    }

    pub(crate) fn measure(&mut self, weights: &[f64]) -> Vec<f64> {
        let areas = self.rank(weights);
        self.confusion(weights);
        let counts = Counts::new(self.classes, &self.cells);
        let total = exact_sum(counts.support.iter().copied());
        if total <= 0.0 {
            return vec![f64::NAN; self.keys.len()];
        }
        let mut out = Vec::with_capacity(self.keys.len());
        out.extend([counts.accuracy(), counts.balanced_accuracy()]);
        let mut top = [0.0; 2];
        for (row, &weight) in self.rows.iter().zip(weights) {
            top[0] += if row.rank < 2 { weight } else { 0.0 };
            top[1] += if row.rank < 3 { weight } else { 0.0 };
        }
        out.extend(top.iter().take(self.classes.saturating_sub(2)).map(|hits| hits / total));
        let accuracy = counts.accuracy();
        for score in [Counts::precision, Counts::recall, Counts::f1] {
            let of = |class| score(&counts, class);
            out.extend([counts.macro_mean(of), accuracy, counts.weighted_mean(of)]);
        }
        if !self.orders.is_empty() {
            push_ranking(&mut out, &counts.support, total, &self.wins, &areas);
        }
        self.push_probabilities(&mut out, weights, total);
        out.extend([counts.matthews(), counts.kappa()]);
        for class in 0..self.classes {
            out.extend([counts.precision(class), counts.recall(class), counts.f1(class)]);
            if !self.orders.is_empty() {
                out.push(one_against_rest(class, &counts.support, total, &self.wins));
            }
        }
        out
    }

    fn rank(&mut self, weights: &[f64]) -> Vec<Areas> {
        self.wins.fill(0.0);
        let classes = self.classes;
        self.orders
            .iter()
            .zip(self.wins.chunks_exact_mut(classes))
            .enumerate()
            .map(|(class, (order, wins))| order.walk(class as u32, &self.truth, weights, wins))
            .collect()
    }

    fn push_probabilities(&self, out: &mut Vec<f64>, weights: &[f64], total: f64) {
        let (mut log_loss, mut brier) = (Sum::default(), Sum::default());
        let mut bins = Bins::default();
        for (row, &weight) in self.rows.iter().zip(weights) {
            if weight > 0.0 {
                log_loss.add(weight * row.log_loss);
                brier.add(weight * row.brier);
                bins.add(row.bin, weight, row.hit, row.confidence);
            }
        }
        let (expected, largest) = bins.gaps(total);
        let (mut positive_brier, mut positive_bins) = (Sum::default(), Bins::default());
        for ((row, &weight), &truth) in self.positives.iter().zip(weights).zip(&self.truth) {
            positive_brier.add(weight * row.brier);
            positive_bins.add(row.bin, weight, truth == 1, row.probability);
        }
        let binary = self.classes == 2;
        out.push(log_loss.value() / total);
        out.extend(binary.then(|| positive_brier.value() / total));
        out.extend([brier.value() / total, expected]);
        out.extend(binary.then(|| positive_bins.gaps(total).0));
        out.push(largest);
    }

    pub(crate) fn why_undefined(&self, key: Key, weights: &[f64], classes: &[String]) -> String {
        if key.name == "cohen_kappa" {
            return "every truth and every answer is the same class, so chance alone agrees fully".to_owned();
        }
        let mut support = vec![0.0; self.classes];
        for (&truth, &weight) in self.truth.iter().zip(weights) {
            support[truth as usize] += weight;
        }
        if let Some(class) = key.class.filter(|&class| support[class] > 0.0) {
            return format!("every example is of class {}", classes.get(class).map_or("", String::as_str));
        }
        let missing: Vec<&str> = (0..self.classes)
            .filter(|&class| support[class] <= 0.0 && key.class.is_none_or(|wanted| wanted == class))
            .filter_map(|class| classes.get(class).map(String::as_str))
            .collect();
        let shown = missing.iter().take(5).copied().collect::<Vec<_>>().join(", ");
        let more = if missing.len() > 5 { ", …" } else { "" };
        format!("there is no example of class {shown}{more}")
    }
}

fn prepare(classes: usize, truth: u32, row: &[f64]) -> Row {
    let mut answer = 0;
    for (class, &probability) in row.iter().enumerate() {
        if probability > row[answer] {
            answer = class;
        }
    }
    let right = truth as usize;
    let of_truth = row[right];
    let before = |(class, &p): (usize, &f64)| p > of_truth || (tied(p, of_truth) && class > right);
    let brier = exact_sum(row.iter().enumerate().map(|(class, &p)| {
        let miss = p - if class == right { 1.0 } else { 0.0 };
        miss * miss
    }));
    Row {
        cell: (right * classes + answer) as u32,
        rank: row.iter().enumerate().filter(|entry| before(*entry)).count() as u32,
        hit: answer == right,
        bin: bin_of(row[answer]),
        confidence: row[answer],
        log_loss: -of_truth.clamp(CLIP, 1.0 - CLIP).ln(),
        brier,
    }
}

fn keys(classes: usize, ranked: bool) -> Vec<Key> {
    let binary = classes == 2;
    let listed: [(&'static str, bool); 27] = [
        ("accuracy", true),
        ("balanced_accuracy", true),
        ("top2_accuracy", classes > 2),
        ("top3_accuracy", classes > 3),
        ("precision_macro", true),
        ("precision_micro", true),
        ("precision_weighted", true),
        ("recall_macro", true),
        ("recall_micro", true),
        ("recall_weighted", true),
        ("f1_macro", true),
        ("f1_micro", true),
        ("f1_weighted", true),
        ("roc_auc", binary && ranked),
        ("average_precision", binary && ranked),
        ("pr_auc_trapezoid", binary && ranked),
        ("roc_auc_ovr_macro", classes > 2 && ranked),
        ("roc_auc_ovo_macro", classes > 2 && ranked),
        ("average_precision_ovr_macro", classes > 2 && ranked),
        ("log_loss", true),
        ("brier", binary),
        ("brier_multiclass", true),
        ("ece15", true),
        ("ece15_positive_class", binary),
        ("mce15", true),
        ("mcc", true),
        ("cohen_kappa", true),
    ];
    let mut keys: Vec<Key> =
        listed.into_iter().filter(|(_, applies)| *applies).map(|(name, _)| Key::whole(name)).collect();
    for class in 0..classes {
        let named = |name| Key { name, class: Some(class) };
        keys.extend(["precision", "recall", "f1"].map(named));
        keys.extend(ranked.then(|| named("roc_auc")));
    }
    keys
}

fn one_against_rest(class: usize, support: &[f64], total: f64, wins: &[f64]) -> f64 {
    let classes = support.len();
    let pairs = support[class] * (total - support[class]);
    let won: f64 = wins[class * classes..(class + 1) * classes].iter().sum();
    if support[class] > 0.0 && total - support[class] > 0.0 { won / pairs } else { f64::NAN }
}

fn push_ranking(out: &mut Vec<f64>, support: &[f64], total: f64, wins: &[f64], areas: &[Areas]) {
    let classes = support.len();
    let complete = support.iter().all(|count| *count > 0.0);
    if classes == 2 {
        let defined = |value: f64| if complete { value } else { f64::NAN };
        out.push(one_against_rest(1, support, total, wins));
        out.extend([defined(areas[1].average_precision), defined(areas[1].trapezoid)]);
        return;
    }
    if !complete {
        out.extend([f64::NAN; 3]);
        return;
    }
    let mean_of = |values: &mut dyn Iterator<Item = f64>, count: usize| exact_sum(values) / count as f64;
    out.push(mean_of(&mut (0..classes).map(|class| one_against_rest(class, support, total, wins)), classes));
    let mut pairs = (0..classes).flat_map(|x| (0..x).map(move |y| (x, y))).map(|(x, y)| {
        let won = wins[x * classes + y] + wins[y * classes + x];
        0.5 * won / (support[x] * support[y])
    });
    out.push(mean_of(&mut pairs, classes * (classes - 1) / 2));
    out.push(mean_of(&mut areas.iter().map(|area| area.average_precision), classes));
}
