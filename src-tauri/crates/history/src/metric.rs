//! One number of one commit, and where it comes from.

use keelmark_index::Headline;
use keelmark_types::{Grade, RunId, Sha256};
use serde::Serialize;
use ts_rs::TS;

use crate::foreign::{ForeignRun, ForeignValue};

/// Where a number comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum MetricSource {
    /// A recorded run.
    Run,
    /// A metric file in the version's tree.
    File,
    /// A run that `MLflow` recorded of the version.
    Mlflow,
}

/// One metric of one commit: from one run or one file, never from several.
#[derive(Debug, Clone, PartialEq, Serialize, TS)]
pub struct HistoryMetric {
    /// The value; `None` where it is undefined.
    pub value: Option<f64>,
    /// Lower end of the 95 % interval.
    pub low: Option<f64>,
    /// Upper end of the 95 % interval.
    pub high: Option<f64>,
    /// The run it is from.
    pub run: Option<RunId>,
    /// Run, file or run of another tool.
    pub source: MetricSource,
    /// The file it is written in, where it is from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub file: Option<String>,
    /// The run of another tool it is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub foreign_run: Option<String>,
    /// Its grade of evidence, where the source says it: somebody wrote it down.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub grade: Option<Grade>,
    /// Whether it was measured on the newest commit's test set; `None` where that is not known (files).
    pub comparable: Option<bool>,
    /// The test set it was measured on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub test_digest: Option<Sha256>,
    /// Runs that differ in their seed only, this one included.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub seeds: Option<u64>,
    /// Sample standard deviation over those seeds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub spread: Option<f64>,
    /// Why the value or its interval is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub why: Option<String>,
}

impl HistoryMetric {
    /// The number that a run measured; `None` where its headline lacks it.
    pub(crate) fn from_run(headline: &Headline, name: &str, reference: Option<&Sha256>) -> Option<Self> {
        let metric = headline.metrics.get(name)?;
        Some(Self {
            value: metric.value.value,
            low: metric.value.low,
            high: metric.value.high,
            run: Some(metric.run.clone()),
            source: MetricSource::Run,
            file: None,
            foreign_run: None,
            grade: None,
            comparable: Some(headline.test_digest.as_ref() == reference),
            test_digest: headline.test_digest.clone(),
            seeds: Some(metric.seeds),
            spread: metric.spread,
            why: metric.value.why.clone(),
        })
    }

    /// A number that a file has.
    pub(crate) fn from_file(number: f64, path: &str) -> Self {
        Self {
            value: Some(number),
            low: None,
            high: None,
            run: None,
            source: MetricSource::File,
            file: Some(path.to_owned()),
            foreign_run: None,
            grade: Some(Grade::Asserted),
            comparable: None,
            test_digest: None,
            seeds: None,
            spread: None,
            why: None,
        }
    }

    /// The last value that a run of another tool logged.
    pub(crate) fn from_foreign(run: &ForeignRun, value: &ForeignValue) -> Self {
        Self {
            value: value.value,
            source: MetricSource::Mlflow,
            foreign_run: Some(run.id.clone()),
            why: value.why.clone(),
            ..Self::from_file(0.0, &run.file)
        }
    }
}
