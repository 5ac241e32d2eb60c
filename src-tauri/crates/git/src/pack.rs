//! Many objects at once, as one pack that git indexes and flushes.

use std::io::Write;

use gix::objs::Kind;

use crate::command::Git;
use crate::plan::Planned;
use crate::{Error, Oid, Repository, Result};

/// Hands the objects to `git index-pack`, which checks, flushes and names the pack.
pub(crate) fn write(repository: &Repository, objects: &[(Oid, &Planned)]) -> Result<()> {
    let folder = repository.common_dir().join("objects/pack");
    let bytes = encode(objects).map_err(|error| Error::storage("packing objects", &folder, error))?;
    let output = Git::new(repository.place(), "index-pack").args(["--stdin"]).stdin(bytes).output()?;
    if output.success {
        Ok(())
    } else {
        Err(Error::storage("writing a pack", &folder, std::io::Error::other(output.stderr.trim().to_owned())))
    }
}

fn encode(objects: &[(Oid, &Planned)]) -> std::io::Result<Vec<u8>> {
    let count = u32::try_from(objects.len()).map_err(std::io::Error::other)?;
    let mut pack = b"PACK\0\0\0\x02".to_vec();
    pack.extend(count.to_be_bytes());
    for (_, planned) in objects {
        entry_header(&mut pack, planned.kind, planned.bytes.len() as u64);
        let mut encoder = flate2::write::ZlibEncoder::new(&mut pack, flate2::Compression::fast());
        encoder.write_all(&planned.bytes)?;
        encoder.finish()?;
    }
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
    hasher.update(&pack);
    let digest = hasher.try_finalize().map_err(|error| std::io::Error::other(error.to_string()))?;
    pack.extend_from_slice(digest.as_slice());
    Ok(pack)
}

/// Kind and size: four bits of the size in the first byte, seven in each that follows, the top bit saying "more".
fn entry_header(pack: &mut Vec<u8>, kind: Kind, size: u64) {
    let kind_bits: u8 = match kind {
        Kind::Commit => 1,
        Kind::Tree => 2,
        Kind::Blob => 3,
        Kind::Tag => 4,
    };
    let mut rest = size >> 4;
    let mut byte = (kind_bits << 4) | (size & 0x0f) as u8;
    while rest > 0 {
        pack.push(byte | 0x80);
        byte = (rest & 0x7f) as u8;
        rest >>= 7;
    }
    pack.push(byte);
}
