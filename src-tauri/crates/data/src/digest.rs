//! Digests of data and of what it is used for.

use keelmark_manifest::{DataSpec, Split};
use keelmark_types::Sha256;
use serde_json::json;
use sha2::{Digest, Sha256 as Hasher};

/// The version of the metric definitions: it goes up when a metric of the same name means another number.
pub const METRIC_DEFINITIONS: u32 = 1;

/// The digest of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> Sha256 {
    finish(Hasher::new().chain_update(bytes))
}

/// The digest of what was fed to a hasher.
pub(crate) fn finish(hasher: Hasher) -> Sha256 {
    Sha256::new(hex(&hasher.finalize())).expect("32 bytes are 64 hexadecimal digits")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String cannot fail");
        text
    })
}

/// What a test set is and how it is judged: results with different digests are not comparable.
///
/// Made of the digest of the file the test examples are in, its id and target columns, the rules that divide that file and
/// the version of the metric definitions.
pub(crate) fn test_digest(data: &DataSpec, origin: &Origin<'_>) -> Sha256 {
    let rules: Vec<_> = [("train", &data.train), ("validation", &data.validation), ("test", &data.test)]
        .into_iter()
        .filter_map(|(name, split)| match split {
            Some(Split::From { split_from, ratio, seed }) if origin.divided_by.contains(&name) => {
                Some(json!({"split": name, "split_from": split_from, "ratio": ratio, "seed": seed}))
            }
            _ => None,
        })
        .collect();
    let text = json!({
        "schema": "keelmark.test/1",
        "data": origin.sha256,
        "id": origin.id,
        "target": data.target,
        "rules": rules,
        "metric_definitions": METRIC_DEFINITIONS,
    });
    sha256(text.to_string().as_bytes())
}

/// The file the test examples are in.
#[derive(Debug)]
pub(crate) struct Origin<'a> {
    pub sha256: &'a Sha256,
    pub id: Option<&'a str>,
    /// The splits whose rules decide which of its examples are test.
    pub divided_by: Vec<&'static str>,
}
