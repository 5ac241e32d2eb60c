//! `run.json`, as far as it can be read.

use keelmark_git::{Repository, RunReference};
use keelmark_index::RunContent;
use keelmark_types::RunRecord;
use serde::Deserialize;

/// The largest `run.json` that is read.
const MAX_RECORD_BYTES: u64 = 4 << 20;
/// What every schema name of a run begins with; the major number follows.
const SCHEMA_PREFIX: &str = "keelmark.run/";

#[derive(Deserialize)]
struct Probe {
    schema: String,
}

/// Reads and checks the record that `reference` carries. What is wrong with it becomes part of the answer.
pub(crate) fn read(repository: &Repository, reference: &RunReference) -> RunContent {
    read_checked(repository, reference).unwrap_or_else(|why| RunContent::Unreadable { why })
}

fn read_checked(repository: &Repository, reference: &RunReference) -> Result<RunContent, String> {
    let said = |error: keelmark_git::Error| error.to_string();
    let version = repository.version(&reference.commit).map_err(said)?;
    let bytes = version.read("run.json", MAX_RECORD_BYTES).map_err(said)?.ok_or("it holds no run.json")?;
    let content = parse(&bytes)?;
    if let RunContent::Record(record) = &content {
        if record.run != reference.run {
            return Err(format!("run.json is of run {}", record.run));
        }
        let parents = repository.commit_info(&reference.commit).map_err(said)?.parents;
        if parents.first() != Some(&record.version) {
            return Err(format!("run.json is of version {}, which is not the run's parent", record.version));
        }
    }
    Ok(content)
}

/// Reads a record without knowing where it stands.
fn parse(bytes: &[u8]) -> Result<RunContent, String> {
    let probe: Probe = serde_json::from_slice(bytes).map_err(|error| format!("run.json: {error}"))?;
    let major = probe.schema.strip_prefix(SCHEMA_PREFIX).and_then(|major| major.parse::<u32>().ok());
    match major {
        Some(1) => {
            let record: RunRecord =
                serde_json::from_slice(bytes).map_err(|error| format!("run.json: {error}"))?;
            Ok(RunContent::Record(Box::new(record)))
        }
        Some(newer) if newer > 1 => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            Ok(RunContent::Newer { schema: probe.schema, text })
        }
        _ => Err(format!("run.json has the schema {:?}, not {SCHEMA_PREFIX}1", probe.schema)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_newer_major_is_kept_and_a_foreign_schema_is_not_a_run() {
        let newer = parse(br#"{"schema": "keelmark.run/2", "shape": ["unlike", 1]}"#);
        assert!(matches!(newer, Ok(RunContent::Newer { .. })), "{newer:?}");
        for foreign in
            [&b"{\"schema\": \"mlflow/1\"}"[..], b"{\"schema\": \"keelmark.run/0\"}", b"{}", b"", b"[1"]
        {
            assert!(parse(foreign).is_err(), "{} is no run", String::from_utf8_lossy(foreign));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..60) {
            parse(&bytes).ok();
            let start = br#"{"schema": "keelmark.run/1", "run": "01J", "model": "a"}"#;
            prop_assert!(parse(&start[..cut.min(start.len())]).is_err(), "a piece of a record is no record");
        }
    }
}
