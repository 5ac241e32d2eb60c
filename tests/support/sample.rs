//! A small model repository that trains in well under a second.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::snapshot::hex;
use crate::{TestRepo, TestWorld};

const CLASSES: [(&str, f64, f64); 3] = [("amber", -2.0, -1.0), ("birch", 2.0, -1.0), ("cedar", 0.0, 2.0)];

/// Three clouds of points in two features, a linear model, gates and two environments. Change a field and
/// [`write`](Self::write) again for another version; the same fields give the same bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct TabularSample {
    /// Rows in `data/train.csv`, a fifth of which become the validation set.
    pub train_rows: u64,
    /// Rows in `data/test.csv`.
    pub test_rows: u64,
    /// How far the points scatter: 0.8 is easy, 3 is hopeless.
    pub scatter: f64,
    /// How many of a hundred training labels are wrong.
    pub mislabelled_percent: u64,
    /// Seed of the points.
    pub data_seed: u64,
    /// Passes over the training data: 1 underfits.
    pub epochs: u32,
    /// Seed of the training.
    pub seed: u64,
    /// Further lines of `model.yaml`, at top level.
    pub more: String,
}

impl Default for TabularSample {
    fn default() -> Self {
        Self {
            train_rows: 120,
            test_rows: 90,
            scatter: 0.8,
            mislabelled_percent: 0,
            data_seed: 1,
            epochs: 12,
            seed: 7,
            more: String::new(),
        }
    }
}

impl TabularSample {
    /// `data/train.csv`: `row_id,width,length,label`.
    pub fn train_csv(&self) -> String {
        self.csv("train", self.train_rows, self.data_seed, self.mislabelled_percent)
    }

    /// `data/test.csv`, with the right labels always.
    pub fn test_csv(&self) -> String {
        self.csv("test", self.test_rows, self.data_seed.wrapping_add(0x7E57), 0)
    }

    /// `model.yaml`.
    pub fn manifest(&self) -> String {
        let Self { epochs, seed, more, .. } = self;
        format!(
            "keelmark: 1
name: clouds
task: classification
data:
  train: {{path: data/train.csv, id: row_id}}
  validation: {{split_from: train, ratio: 0.2, seed: 1}}
  test: {{path: data/test.csv, id: row_id}}
  target: label
  features: {{point: {{columns: [width, length]}}}}
model: {{preset: linear}}
train: {{epochs: {epochs}, batch_size: 16, optimizer: {{adamw: {{lr: 0.05}}}}, seed: {seed}}}
evaluate:
  metrics: [accuracy, f1_macro, log_loss]
gates:
  - {{metric: accuracy, at_least: 0.7}}
  - {{metric: accuracy, max_worsening: 0.05}}
environments:
  staging: {{auto_promote: false}}
  production: {{after: staging}}
{more}"
        )
    }

    /// `model.lock`: digest and size of both data files.
    pub fn lock(&self) -> String {
        let mut text = "keelmark_lock: 1\nfiles:\n".to_owned();
        for (path, content) in [("data/test.csv", self.test_csv()), ("data/train.csv", self.train_csv())] {
            let (sha256, size) = (hex(&Sha256::digest(&content)), content.len());
            let added = write!(text, "  \"{path}\":\n    sha256: \"{sha256}\"\n    size_bytes: {size}\n");
            added.expect("writing to a string cannot fail");
        }
        text
    }

    /// Writes all four files into the work tree; commits nothing.
    #[track_caller]
    pub fn write(&self, repo: &TestRepo<'_>) {
        repo.write("data/train.csv", self.train_csv());
        repo.write("data/test.csv", self.test_csv());
        repo.write("model.yaml", self.manifest());
        repo.write("model.lock", self.lock());
    }

    /// A new repository in the folder `name` with this as its first commit.
    #[track_caller]
    pub fn repo<'w>(&self, world: &'w TestWorld, name: &str) -> TestRepo<'w> {
        let repo = world.repo(name);
        self.write(&repo);
        repo.commit("Tell three clouds apart");
        repo
    }

    fn csv(&self, split: &str, rows: u64, seed: u64, mislabelled_percent: u64) -> String {
        let mut text = "row_id,width,length,label\n".to_owned();
        for row in 0..rows {
            let chance = |use_of: u64| mixed(seed ^ mixed(row * 16 + use_of));
            let class = (row % 3) as usize;
            let (_, x, y) = CLASSES[class];
            let wrong = chance(9) % 100 < mislabelled_percent;
            let label = CLASSES[(class + usize::from(wrong)) % 3].0;
            let x = x + self.scatter * bell([0, 1, 2, 3].map(chance));
            let y = y + self.scatter * bell([4, 5, 6, 7].map(chance));
            let added = writeln!(text, "{split}-{row:04},{x:.4},{y:.4},{label}");
            added.expect("writing to a string cannot fail");
        }
        text
    }
}

/// SplitMix64's output function: well mixed bits of a number.
pub fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// About a standard normal: four even draws, centred and scaled to variance 1.
fn bell(draws: [u64; 4]) -> f64 {
    let sum: f64 = draws.iter().map(|&bits| (bits >> 11) as f64 / (1_u64 << 53) as f64).sum();
    (sum - 2.0) * 3.0_f64.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(csv: &str) -> Vec<&str> {
        csv.lines().skip(1).filter_map(|line| line.rsplit(',').next()).collect()
    }

    #[test]
    fn the_same_sample_has_the_same_bytes_and_another_seed_others() {
        let sample = TabularSample::default();
        assert_eq!(sample.train_csv(), sample.clone().train_csv(), "nothing is left to chance");
        let other = TabularSample { data_seed: 2, ..sample.clone() };
        assert_ne!(sample.train_csv(), other.train_csv(), "the seed decides");
        let first = hex(&Sha256::digest(sample.train_csv()));
        assert_eq!(&first[..16], "e8a37dc9394b726d", "a change here changes every digest the journeys see");
    }

    #[test]
    fn the_clouds_can_be_told_apart() {
        let csv = TabularSample::default().test_csv();
        let nearest_is_right = |line: &str| {
            let fields: Vec<_> = line.split(',').collect();
            let (x, y): (f64, f64) =
                (fields[1].parse().expect("a number"), fields[2].parse().expect("a number"));
            let distance = |class: &&(&str, f64, f64)| (x - class.1).powi(2) + (y - class.2).powi(2);
            let nearest = CLASSES.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
            nearest.is_some_and(|class| class.0 == fields[3])
        };
        let right = csv.lines().skip(1).filter(|line| nearest_is_right(line)).count();
        assert!(right >= 80, "only {right} of 90 points lie nearest to their own centre");
    }

    #[test]
    fn wrong_labels_are_as_many_as_asked_and_only_in_training() {
        let clean = TabularSample::default();
        let noisy = TabularSample { mislabelled_percent: 40, ..clean.clone() };
        let (before, after) = (clean.train_csv(), noisy.train_csv());
        let changed = labels(&before).iter().zip(labels(&after)).filter(|(a, b)| **a != *b).count();
        assert!((30..=66).contains(&changed), "{changed} of 120 labels changed, about 48 were asked for");
        assert_eq!(clean.test_csv(), noisy.test_csv(), "the test set keeps its digest");
    }
}
