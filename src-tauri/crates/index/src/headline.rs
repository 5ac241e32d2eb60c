//! Headline metrics: which run speaks for a version, metric by metric, and how much seeds spread.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use keelmark_types::{CommitId, MetricValue, ModelName, RunId, Sha256};

use crate::index::Failure;
use crate::runs::{commit_id, from_json, json_text, read_row, run_id};
use crate::{Error, Index};

/// What speaks for one version on one test set.
#[derive(Debug, Clone, PartialEq)]
pub struct Headline {
    /// The version.
    pub version: CommitId,
    /// The test set; `None` where the runs name none.
    pub test_digest: Option<Sha256>,
    /// The run that speaks where it has the metric: the promoted one, else the newest.
    pub run: RunId,
    /// Whether that run is, or was, promoted.
    pub promoted: bool,
    /// Metric name to value.
    pub metrics: BTreeMap<String, HeadlineMetric>,
}

/// One metric of a version, from one run.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadlineMetric {
    /// Value and interval of that run.
    pub value: MetricValue,
    /// The run.
    pub run: RunId,
    /// Runs of this version on this test set with the same overrides and other seeds, itself included.
    pub seeds: u64,
    /// Sample standard deviation of the value over those seeds; `None` below two.
    pub spread: Option<f64>,
}

/// The part of a record that headlines need.
#[derive(Deserialize)]
struct Lean {
    seed: u64,
    #[serde(default)]
    overrides: BTreeMap<String, String>,
    #[serde(default)]
    test_digest: Option<Sha256>,
    #[serde(default)]
    metrics: BTreeMap<String, MetricValue>,
}

struct Speaker {
    run: RunId,
    promoted: bool,
    lean: Lean,
}

impl Index {
    /// The headlines of `model` at `versions` (at all versions for `None`): for each version and test digest the
    /// promoted run's metrics, else the newest succeeded clean run's. Within a version the digest of the run that
    /// was promoted last, else of the newest run that measured something, comes first.
    pub fn headlines(
        &self,
        model: &ModelName,
        versions: Option<&[CommitId]>,
    ) -> Result<BTreeMap<CommitId, Vec<Headline>>, Error> {
        let wanted = versions.map(|versions| json_text(&versions));
        let (rows, promoted) = self.read(async |connection| {
            let query = match &wanted {
                Some(wanted) => sqlx::query(
                    "SELECT ref_name, run, commit_id, remote, kind, model, version, job, status, dirty, checksum, content
                     FROM runs WHERE model = ?1 AND version IN (SELECT value FROM json_each(?2)) AND shown = 1
                       AND status = 'succeeded' AND dirty = 0 ORDER BY run DESC",
                )
                .bind(model.as_str())
                .bind(wanted),
                None => sqlx::query(
                    "SELECT ref_name, run, commit_id, remote, kind, model, version, job, status, dirty, checksum, content
                     FROM runs WHERE model = ?1 AND shown = 1
                       AND status = 'succeeded' AND dirty = 0 ORDER BY run DESC",
                )
                .bind(model.as_str()),
            };
            let mut rows = Vec::new();
            for row in query.fetch_all(&mut *connection).await? {
                let row = read_row(&row)?;
                let lean: Lean = from_json(&row.content)?;
                rows.push((commit_id(row.version)?, run_id(row.run)?, lean));
            }
            let promoted: Vec<(String, i64)> = sqlx::query_as(
                "SELECT run, MAX(position) FROM deployments WHERE model = ?1 AND run <> '' GROUP BY run",
            )
            .bind(model.as_str())
            .fetch_all(&mut *connection)
            .await?;
            Ok::<_, Failure>((rows, promoted.into_iter().collect::<BTreeMap<String, i64>>()))
        })?;
        let mut by_version: BTreeMap<CommitId, Vec<Speaker>> = BTreeMap::new();
        for (version, run, lean) in rows {
            let promoted = promoted.contains_key(run.as_str());
            by_version.entry(version).or_default().push(Speaker { run, promoted, lean });
        }
        Ok(by_version
            .into_iter()
            .map(|(version, mut speakers)| {
                // Newest promotion first, then newest run; the rows came newest run first and the sort is stable.
                // A run that measured nothing speaks only where no other does.
                speakers.sort_by_key(|speaker| {
                    let promotion = promoted.get(speaker.run.as_str()).copied().unwrap_or(-1);
                    (std::cmp::Reverse(promotion), speaker.lean.metrics.is_empty())
                });
                let headlines = speak(&version, &speakers);
                (version, headlines)
            })
            .collect())
    }
}

fn speak(version: &CommitId, speakers: &[Speaker]) -> Vec<Headline> {
    let mut headlines: Vec<Headline> = Vec::new();
    for speaker in speakers {
        if headlines.iter().any(|headline| headline.test_digest == speaker.lean.test_digest) {
            continue;
        }
        let peers: Vec<&Speaker> =
            speakers.iter().filter(|peer| peer.lean.test_digest == speaker.lean.test_digest).collect();
        let mut metrics = BTreeMap::new();
        for peer in &peers {
            for (name, value) in &peer.lean.metrics {
                if !metrics.contains_key(name) {
                    metrics.insert(name.clone(), headline_metric(name, value, peer, &peers));
                }
            }
        }
        headlines.push(Headline {
            version: version.clone(),
            test_digest: speaker.lean.test_digest.clone(),
            run: speaker.run.clone(),
            promoted: speaker.promoted,
            metrics,
        });
    }
    headlines
}

fn headline_metric(name: &str, value: &MetricValue, speaker: &Speaker, peers: &[&Speaker]) -> HeadlineMetric {
    let mut seeds = BTreeSet::from([speaker.lean.seed]);
    let mut values: Vec<f64> = value.value.into_iter().collect();
    for peer in peers {
        let other = peer.lean.metrics.get(name).and_then(|metric| metric.value);
        if let Some(other) = other
            && same_but_for_the_seed(&speaker.lean, &peer.lean)
            && seeds.insert(peer.lean.seed)
        {
            values.push(other);
        }
    }
    HeadlineMetric {
        value: value.clone(),
        run: speaker.run.clone(),
        seeds: values.len().max(1) as u64,
        spread: sample_deviation(&values),
    }
}

fn same_but_for_the_seed(a: &Lean, b: &Lean) -> bool {
    let rest = |lean: &Lean| {
        let mut overrides = lean.overrides.clone();
        overrides.remove("train.seed");
        overrides
    };
    rest(a) == rest(b)
}

/// Sample standard deviation (n − 1).
fn sample_deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    // Summed in order of size, so that the order of the runs cannot change a bit.
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::sample_deviation;

    #[test]
    fn deviation_is_of_a_sample() {
        // statistics.stdev([2, 4, 4, 4, 5, 5, 7, 9]) of Python 3.12
        let spread = sample_deviation(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).expect("eight values");
        assert!((spread - 2.138_089_935_299_395).abs() < 1e-15, "divided by n - 1, got {spread}");
        assert_eq!(sample_deviation(&[1.0]), None, "one value does not spread");
    }
}
