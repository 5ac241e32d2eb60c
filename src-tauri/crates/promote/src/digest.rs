//! Digests of bytes and of a whole release.

use std::fmt::Write as _;

use keelmark_types::{CommitId, DeployedFile, Deployment, ModelName, Sha256};
use sha2::Digest as _;

/// The SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> Sha256 {
    let digest = sha2::Sha256::digest(bytes);
    let digits = digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(HEX[usize::from(digit)]));
    let Ok(sha256) = Sha256::new(digits.collect::<String>()) else {
        unreachable!("32 bytes print as 64 hexadecimal digits");
    };
    sha256
}

const HEX: [u8; 16] = *b"0123456789abcdef";

/// The digest of everything promoted: the SHA-256 of this text, each line ended by a line feed, files by path.
///
/// ```text
/// keelmark.release/1
/// model <name>
/// version <commit>
/// run <commit of the run>
/// test <digest of the test set, or ->
/// file <sha256> <bytes> <path below release/>
/// ```
///
/// It names no environment, no time and no deployment commit: the same release has one digest wherever it goes, and
/// what is signed over it survives a rebase.
pub fn release_digest(
    model: &ModelName,
    version: &CommitId,
    run_commit: &CommitId,
    test_digest: Option<&Sha256>,
    files: &[DeployedFile],
) -> Sha256 {
    let mut files: Vec<&DeployedFile> = files.iter().collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let tested = test_digest.map_or("-", Sha256::as_str);
    let mut text =
        format!("keelmark.release/1\nmodel {model}\nversion {version}\nrun {run_commit}\ntest {tested}\n");
    for DeployedFile { path, sha256, size_bytes } in files {
        writeln!(text, "file {sha256} {size_bytes} {path}").expect("writing to a string cannot fail");
    }
    sha256(text.as_bytes())
}

/// The digest a deployment's own fields give.
pub fn recomputed_digest(deployment: &Deployment) -> Sha256 {
    release_digest(
        &deployment.model,
        &deployment.version,
        &deployment.run.commit,
        deployment.test_digest.as_ref(),
        &deployment.files,
    )
}
