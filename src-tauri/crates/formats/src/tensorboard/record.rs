//! Records: a length of 8 bytes, its checksum of 4, the bytes, their checksum of 4.

use crate::Unreadable;

const HEADER_BYTES: usize = 12;
const CHECKSUM_BYTES: u64 = 4;

/// The largest record that is looked at: images and graphs may be larger, and are passed over.
const MAX_RECORD_BYTES: u64 = 32 << 20;

/// Finds the records of a file that comes in pieces.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// The beginning of a record whose end has not come yet.
    pending: Vec<u8>,
    /// How much of a record that is passed over is still to come.
    passing: u64,
    /// Where `pending`, or else the next piece, begins.
    at: u64,
    broken: bool,
}

impl Records {
    /// Takes the next piece and calls `each` with every record that is now whole and the byte it begins at. After a
    /// wrong checksum nothing is known of where the next record begins, so nothing more is read.
    pub(super) fn push(&mut self, piece: &[u8], mut each: impl FnMut(u64, &[u8])) -> Result<(), Unreadable> {
        let mut rest = piece;
        while !self.broken && !rest.is_empty() {
            if self.passing > 0 {
                rest = self.pass(rest);
                continue;
            }
            // What is pending grows only by as much as its record needs.
            let Some(needed) = self.needed(rest)? else { continue };
            if self.pending.is_empty() && needed <= rest.len() {
                let (record, after) = rest.split_at(needed);
                rest = after;
                self.record(record, &mut each)?;
            } else {
                let missing = needed.saturating_sub(self.pending.len());
                let (more, after) = rest.split_at(missing.min(rest.len()));
                self.pending.extend_from_slice(more);
                rest = after;
                if self.pending.len() < needed {
                    break;
                }
                if needed == HEADER_BYTES && missing > 0 {
                    // Now the length is known.
                    continue;
                }
                let record = std::mem::take(&mut self.pending);
                self.record(&record, &mut each)?;
            }
        }
        Ok(())
    }

    /// How many bytes the record at hand has as far as is known: its header's, or all.
    fn needed(&mut self, rest: &[u8]) -> Result<Option<usize>, Unreadable> {
        let seen = if self.pending.is_empty() { rest } else { &self.pending };
        let length = match length(seen) {
            None => return Ok(Some(HEADER_BYTES)),
            Some(Ok(length)) => length,
            Some(Err(())) => {
                self.broken = true;
                return Err(Unreadable::at_byte(self.at, "the checksum of a record's length is wrong"));
            }
        };
        let all = HEADER_BYTES as u64 + CHECKSUM_BYTES;
        if length <= MAX_RECORD_BYTES {
            return Ok(usize::try_from(all + length).ok());
        }
        let Some(all) = all.checked_add(length) else {
            self.broken = true;
            return Err(Unreadable::at_byte(self.at, "a record is larger than any file"));
        };
        self.passing = all - self.pending.len() as u64;
        self.at += self.pending.len() as u64;
        self.pending.clear();
        Ok(None)
    }

    fn pass<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let passed = usize::try_from(self.passing).map_or(rest.len(), |passing| passing.min(rest.len()));
        self.passing -= passed as u64;
        self.at += passed as u64;
        rest.get(passed..).unwrap_or_default()
    }

    fn record(&mut self, whole: &[u8], each: &mut impl FnMut(u64, &[u8])) -> Result<(), Unreadable> {
        let begins = self.at;
        let bytes = whole.get(HEADER_BYTES..).and_then(<[u8]>::split_last_chunk);
        let Some((bytes, checksum)) = bytes else { return Ok(()) };
        if masked_crc32c(bytes) != u32::from_le_bytes(*checksum) {
            self.broken = true;
            return Err(Unreadable::at_byte(
                begins,
                "the checksum of a record is wrong; nothing behind it was read",
            ));
        }
        self.at += whole.len() as u64;
        each(begins + HEADER_BYTES as u64, bytes);
        Ok(())
    }

    /// Whether nothing more can be read.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether the end of a record is still to come.
    pub(super) fn is_amidst(&self) -> bool {
        !self.broken && (self.passing > 0 || !self.pending.is_empty())
    }
}

/// The length at the beginning of a record, or that its checksum is wrong; `None` where it is not all there.
pub(super) fn length(bytes: &[u8]) -> Option<Result<u64, ()>> {
    let (length, rest) = bytes.split_first_chunk::<8>()?;
    let checksum = u32::from_le_bytes(*rest.first_chunk()?);
    Some(if masked_crc32c(length) == checksum { Ok(u64::from_le_bytes(*length)) } else { Err(()) })
}

/// CRC-32C, turned and shifted so that the checksum of bytes that have checksums in them is a good one.
fn masked_crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    let crc = bytes.iter().fold(!0_u32, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        (crc >> 8) ^ TABLE[usize::from(low ^ byte)]
    });
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8)
}

const fn table() -> [u32; 256] {
    let mut table = [0_u32; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(bytes: &[u8]) -> Vec<u8> {
        let length = (bytes.len() as u64).to_le_bytes();
        let mut record = length.to_vec();
        record.extend(masked_crc32c(&length).to_le_bytes());
        record.extend(bytes);
        record.extend(masked_crc32c(bytes).to_le_bytes());
        record
    }

    /// Records with the bytes they begin at.
    type Found = Vec<(u64, Vec<u8>)>;

    fn read(pieces: &[&[u8]]) -> (Found, Records, Option<String>) {
        let (mut records, mut found, mut problem) = (Records::default(), Vec::new(), None);
        for piece in pieces {
            let pushed = records.push(piece, |at, bytes| found.push((at, bytes.to_vec())));
            problem = problem.or(pushed.err().map(|problem| problem.to_string()));
        }
        (found, records, problem)
    }

    #[test]
    fn the_checksum_is_castagnolis() {
        // The check value of CRC-32/ISCSI is e3069283.
        assert_eq!(masked_crc32c(b"123456789"), 0xe306_9283_u32.rotate_right(15).wrapping_add(0xa282_ead8));
    }

    #[test]
    fn a_wrong_checksum_ends_the_reading() {
        let mut file = [record(b"one"), record(b"two"), record(b"three")].concat();
        file[19 + 13] ^= 1;
        let (found, records, problem) = read(&[&file]);
        assert_eq!(found, [(12, b"one".to_vec())]);
        assert!(records.is_broken() && !records.is_amidst());
        assert_eq!(
            problem.as_deref(),
            Some("byte 19: the checksum of a record is wrong; nothing behind it was read")
        );
        file[19] ^= 1;
        assert_eq!(read(&[&file]).2.as_deref(), Some("byte 19: the checksum of a record's length is wrong"));
    }

    #[test]
    fn what_is_too_large_is_passed_over() {
        let length = (MAX_RECORD_BYTES + 1).to_le_bytes();
        let header = [&length[..], &masked_crc32c(&length).to_le_bytes()].concat();
        let body = vec![0; MAX_RECORD_BYTES as usize + 5];
        let (before, after) = (record(b"one"), record(b"two"));
        let (found, records, problem) = read(&[&before, &header[..5], &header[5..], &body, &after]);
        assert_eq!(found.iter().map(|(_, bytes)| &bytes[..]).collect::<Vec<_>>(), [b"one", b"two"]);
        assert_eq!(found[1].0, (before.len() + header.len() + body.len() + 12) as u64);
        assert!(records.pending.capacity() < 100 && problem.is_none());
        let length = u64::MAX.to_le_bytes();
        let header = [&length[..], &masked_crc32c(&length).to_le_bytes()].concat();
        assert!(read(&[&header]).1.is_broken());
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_the_same(sizes in proptest::collection::vec(0_usize..40, 0..6), cut in 0_usize..60, pieces in 1_usize..30) {
            let file: Vec<u8> = sizes.iter().flat_map(|size| record(&vec![7; *size])).collect();
            let file = &file[..file.len().saturating_sub(cut)];
            let parts: Vec<&[u8]> = file.chunks(pieces).collect();
            let (whole, in_parts) = (read(&[file]), read(&parts));
            prop_assert_eq!(&whole.0, &in_parts.0);
            prop_assert_eq!(whole.1.is_amidst(), in_parts.1.is_amidst());
            prop_assert_eq!(in_parts.2, None);
            let complete: usize = sizes.iter().scan(0, |end, size| { *end += size + 16; Some(*end) }).filter(|end| *end <= file.len()).count();
            prop_assert_eq!(whole.0.len(), complete);
        }
    }
}
