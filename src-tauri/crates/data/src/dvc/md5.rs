//! MD5 as DVC takes it, and the older kind that reads text with LF for CRLF.

use md5::{Digest, Md5};

use crate::digest::hex;

/// The older kind decides anew for each such piece whether it is text.
const PIECE_BYTES: usize = 1 << 20;
/// Whether a piece is text is told from so many of its bytes.
const LOOKED_AT: usize = 512;

/// How DVC took a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DigestKind {
    /// Of the bytes as they are.
    Plain,
    /// Of text with LF for CRLF: `md5-dos2unix`, before DVC's third version.
    Dos2Unix,
}

impl DigestKind {
    pub(crate) fn of(dos2unix: bool) -> Self {
        if dos2unix { Self::Dos2Unix } else { Self::Plain }
    }
}

/// A digest that is being taken.
pub(crate) struct Hasher {
    kind: DigestKind,
    inner: Md5,
    piece: Vec<u8>,
}

impl Hasher {
    pub(crate) fn new(kind: DigestKind) -> Self {
        Self { kind, inner: Md5::new(), piece: Vec::new() }
    }

    /// Takes further bytes, in portions of any size.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        if self.kind == DigestKind::Plain {
            return self.inner.update(bytes);
        }
        while !bytes.is_empty() {
            let (taken, rest) = bytes.split_at(bytes.len().min(PIECE_BYTES - self.piece.len()));
            self.piece.extend_from_slice(taken);
            bytes = rest;
            if self.piece.len() == PIECE_BYTES {
                self.end_piece();
            }
        }
    }

    fn end_piece(&mut self) {
        if is_text(&self.piece) {
            let mut from = 0;
            for (at, pair) in self.piece.windows(2).enumerate() {
                if pair == b"\r\n" {
                    self.inner.update(self.piece.get(from..at).unwrap_or_default());
                    from = at + 1;
                }
            }
            self.inner.update(self.piece.get(from..).unwrap_or_default());
        } else {
            self.inner.update(&self.piece);
        }
        self.piece.clear();
    }

    /// The digest in hex.
    pub(crate) fn finish(mut self) -> String {
        self.end_piece();
        hex(&self.inner.finalize())
    }
}

/// The digest of bytes that are all here.
pub(crate) fn md5(kind: DigestKind, bytes: &[u8]) -> String {
    let mut hasher = Hasher::new(kind);
    hasher.update(bytes);
    hasher.finish()
}

/// Text has no zero byte, and at most three in ten bytes are neither printable ASCII nor white space.
fn is_text(piece: &[u8]) -> bool {
    let head = piece.get(..LOOKED_AT).unwrap_or(piece);
    let strange = |byte: &&u8| !matches!(**byte, b' '..=b'~' | b'\n' | b'\r' | b'\t' | 0x0c | 0x08);
    !head.contains(&0) && head.iter().filter(strange).count() * 10 <= head.len() * 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_read_with_lf_by_the_older_kind_alone() {
        // As md5sum says.
        assert_eq!(md5(DigestKind::Plain, b"a,b\r\n1,2\r\n"), "b202f333fba4fd38d4b8e5e693077aab");
        let unix = md5(DigestKind::Plain, b"a,b\n1,2\n");
        assert_eq!(md5(DigestKind::Dos2Unix, b"a,b\r\n1,2\r\n"), unix);
        assert_eq!(md5(DigestKind::Dos2Unix, b"a,b\n1,2\n"), unix);
        let binary = b"a\0b\r\n";
        assert_eq!(md5(DigestKind::Dos2Unix, binary), md5(DigestKind::Plain, binary));
        assert_eq!(md5(DigestKind::Dos2Unix, b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(md5(DigestKind::Dos2Unix, b"a\r"), md5(DigestKind::Plain, b"a\r"), "a lone CR stays");
    }

    proptest! {
        #[test]
        fn portions_do_not_matter(bytes in proptest::collection::vec(any::<u8>(), 0..2000), at in 0_usize..2000) {
            let (first, second) = bytes.split_at(at.min(bytes.len()));
            for kind in [DigestKind::Plain, DigestKind::Dos2Unix] {
                let mut hasher = Hasher::new(kind);
                hasher.update(first);
                hasher.update(second);
                prop_assert_eq!(hasher.finish(), md5(kind, &bytes));
            }
        }
    }
}
