//! What a job finds out on its way, whole or in part.

use std::collections::BTreeMap;

use keelmark_types::{DataPin, Evaluation, JobEvent, Predictions, SeriesPoint, Sha256};

use crate::{Error, EventReader, JobFolder};

/// What a job found out, whole or in part: a failed job keeps what it had.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub seed: u64,
    pub config_sha256: Option<Sha256>,
    pub pins: Vec<DataPin>,
    pub test_digest: Option<Sha256>,
    pub examples: BTreeMap<String, u64>,
    pub log: Vec<SeriesPoint>,
    pub model_files: Vec<(String, Vec<u8>)>,
    /// The file made elsewhere that is the model.
    pub artifact: Option<DataPin>,
    pub parameters: Option<u64>,
    pub best_epoch: Option<u64>,
    pub validation: BTreeMap<String, Option<f64>>,
    pub predictions: Option<Predictions>,
    pub evaluation: Option<Evaluation>,
    /// Said when the job was stopped: what was kept.
    pub stopped: Option<String>,
}

impl Findings {
    /// What the events of a dead worker tell.
    pub(crate) fn from_events(folder: &JobFolder) -> Result<Self, Error> {
        let mut findings = Self::default();
        let mut reader = EventReader::new(folder.clone());
        loop {
            let events = reader.read()?;
            if events.is_empty() {
                return Ok(findings);
            }
            for event in events {
                match event {
                    JobEvent::Metrics { point } => findings.log.push(point),
                    JobEvent::Plan { examples, parameters, .. } => {
                        findings.examples = examples;
                        findings.parameters = Some(parameters);
                    }
                    _ => {}
                }
            }
        }
    }

    /// How far training had come, for a sentence.
    pub(crate) fn progress(&self) -> String {
        self.log.last().map_or_else(
            || "before training began".to_owned(),
            |point| format!("after step {} of epoch {}", point.step, point.epoch),
        )
    }
}
