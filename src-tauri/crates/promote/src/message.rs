//! What a deployment commit says: subject, a sentence, and trailers that machines read.

use keelmark_git::Trailer;
use keelmark_types::{CommitId, Deployment, EnvironmentName, ModelName, RunId, SemanticVersion, Sha256};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The verdict a deployment commit carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "UPPERCASE")]
pub enum CommitVerdict {
    /// Every gate passed against a baseline.
    Passed,
    /// It was let through by an override, or there was no baseline to judge against.
    Warned,
}

impl CommitVerdict {
    /// As the trailer has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "PASSED",
            Self::Warned => "WARNED",
        }
    }
}

/// What a deployment commit claims in its trailers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Claim {
    /// Which model.
    pub model: ModelName,
    /// The version deployed.
    pub version: CommitId,
    /// Its semantic version.
    pub release: SemanticVersion,
    /// The run deployed.
    pub run: RunId,
    /// Digest of everything deployed.
    pub release_digest: Sha256,
    /// The release digest the environment desired before; `None` for the first.
    pub previous: Option<Sha256>,
    /// Which environment.
    pub environment: EnvironmentName,
    /// The environment's own count for this model, rising.
    pub sequence: u64,
    /// The verdict.
    pub verdict: CommitVerdict,
    /// Why the judgement was overridden.
    pub override_reason: Option<String>,
}

/// The trailer keys, in the order they are written.
pub const TRAILERS: [&str; 10] = [
    "Model",
    "Model-Version",
    "Release",
    "Run",
    "Release-Digest",
    "Previous",
    "Environment",
    "Sequence",
    "Verdict",
    "Override-Reason",
];

impl Claim {
    /// The claim that goes with a deployment, without a previous one.
    pub(crate) fn of(deployment: &Deployment, verdict: CommitVerdict, sequence: u64) -> Self {
        Self {
            model: deployment.model.clone(),
            version: deployment.version.clone(),
            release: deployment.release,
            run: deployment.run.id.clone(),
            release_digest: deployment.release_digest.clone(),
            previous: None,
            environment: deployment.environment.clone(),
            sequence,
            verdict,
            override_reason: deployment.overridden.as_ref().map(|given| given.reason.clone()),
        }
    }

    /// The trailers, in order; one without a value is left out.
    pub fn trailers(&self) -> Vec<Trailer> {
        let digest = |digest: &Sha256| format!("sha256:{digest}");
        let values = [
            Some(self.model.to_string()),
            Some(self.version.to_string()),
            Some(self.release.to_string()),
            Some(self.run.to_string()),
            Some(digest(&self.release_digest)),
            self.previous.as_ref().map(digest),
            Some(self.environment.to_string()),
            Some(self.sequence.to_string()),
            Some(self.verdict.as_str().to_owned()),
            self.override_reason.clone(),
        ];
        TRAILERS.iter().zip(values).filter_map(|(key, value)| Some(Trailer::new(*key, value?))).collect()
    }

    /// Reads the claim of a commit: `None` where it makes none, an error naming the trailer where it is no sound one.
    pub fn read(subject: &str, body: &str) -> Result<Option<Self>, String> {
        let trailers = Trailer::parse(&format!("{subject}\n\n{body}"));
        let mut values: [Option<&str>; TRAILERS.len()] = [None; TRAILERS.len()];
        for trailer in &trailers {
            let known = TRAILERS.iter().position(|key| key.eq_ignore_ascii_case(&trailer.key));
            let Some(place) = known.and_then(|index| values.get_mut(index)) else { continue };
            if place.replace(trailer.value.as_str()).is_some() {
                return Err(format!("the trailer {} is there twice", trailer.key));
            }
        }
        let [model, version, release, run, digest, previous, environment, sequence, verdict, reason] = values;
        if environment.is_none() && digest.is_none() && sequence.is_none() {
            return Ok(None);
        }
        let reads_digest = |key: &str, text: &str| {
            let digits = text.strip_prefix("sha256:").unwrap_or(text);
            Sha256::new(digits).map_err(|error| format!("the trailer {key}: {error}"))
        };
        Ok(Some(Self {
            model: parse("Model", model)?,
            version: parse("Model-Version", version)?,
            release: parse("Release", release)?,
            run: parse("Run", run)?,
            release_digest: reads_digest("Release-Digest", need("Release-Digest", digest)?)?,
            previous: previous.map(|text| reads_digest("Previous", text)).transpose()?,
            environment: parse("Environment", environment)?,
            sequence: parse("Sequence", sequence)?,
            verdict: match need("Verdict", verdict)? {
                "PASSED" => CommitVerdict::Passed,
                "WARNED" => CommitVerdict::Warned,
                other => {
                    return Err(format!(
                        "the trailer Verdict: `{}` is neither PASSED nor WARNED",
                        other.escape_debug()
                    ));
                }
            },
            override_reason: reason.map(str::to_owned),
        }))
    }
}

fn need<'a>(key: &str, value: Option<&'a str>) -> Result<&'a str, String> {
    value.ok_or_else(|| format!("the trailer {key} is missing"))
}

fn parse<T>(key: &str, value: Option<&str>) -> Result<T, String>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    need(key, value)?.parse().map_err(|error| format!("the trailer {key}: {error}"))
}

/// The longest override reason that is kept.
const LONGEST_REASON: usize = 500;

/// A typed reason as one line: runs of white space are one space, control and direction characters go, and what is
/// over 500 characters is cut. `None` where nothing is left.
pub fn clean_reason(reason: &str) -> Option<String> {
    let visible: String = reason
        .chars()
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .filter(|letter| {
            !letter.is_control()
                && !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
        })
        .collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(LONGEST_REASON).collect();
    let line = line.trim_end();
    (!line.is_empty()).then(|| line.to_owned())
}

/// A sentence folded at 100 characters, as a commit message's body is.
pub(crate) fn folded(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= 100 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
