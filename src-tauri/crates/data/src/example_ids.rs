//! Ids of examples that no column names.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256 as Hasher};

use crate::digest::hex;

/// Gives each example the digest of its features and how often they were met, from 1: `<64 digits>-1`.
#[derive(Debug, Default)]
pub(crate) struct ExampleIds {
    met: BTreeMap<[u8; 32], u32>,
}

impl ExampleIds {
    pub(crate) fn next(&mut self, features: &[f32]) -> String {
        self.next_of(fingerprint(features))
    }

    /// The same for features of any kind, by their digest.
    pub(crate) fn next_of(&mut self, digest: [u8; 32]) -> String {
        let count = self.met.entry(digest).or_insert(0);
        *count += 1;
        format!("{}-{count}", hex(&digest))
    }
}

/// The digest of features: their bits, little-endian, both zeros alike.
pub(crate) fn fingerprint(features: &[f32]) -> [u8; 32] {
    let mut hasher = Hasher::new();
    for &feature in features {
        hasher.update((feature + 0.0).to_le_bytes());
    }
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_features_are_counted() {
        let mut ids = ExampleIds::default();
        let (first, other, again) = (ids.next(&[1.0, 0.0]), ids.next(&[1.0, 2.0]), ids.next(&[1.0, -0.0]));
        assert!(first.ends_with("-1") && again.ends_with("-2"), "{first} {again}");
        assert_eq!(first[..64], again[..64], "the same features have the same digest");
        assert_ne!(first[..64], other[..64]);
    }
}
