//! Small files that stand for large ones: recognised and named, their bytes are not fetched here.

use crate::{Error, PointerKind};

const LFS_HEAD: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
/// A pointer is never larger.
const LARGEST: usize = 4096;

/// The error for `bytes` that are a Git LFS pointer.
pub(crate) fn lfs(path: &str, bytes: &[u8]) -> Option<Error> {
    if bytes.len() > LARGEST || !bytes.starts_with(LFS_HEAD) {
        return None;
    }
    let text = String::from_utf8_lossy(bytes);
    let field = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    Some(Error::Elsewhere {
        path: path.to_owned(),
        kind: PointerKind::GitLfs,
        oid: field("oid ").map(str::to_owned),
        size_bytes: field("size ").and_then(|size| size.parse().ok()),
    })
}

/// The error for a path whose `.dvc` file holds `bytes`.
pub(crate) fn dvc(path: &str, bytes: &[u8]) -> Error {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(LARGEST)]);
    let field = |key: &str| {
        text.lines()
            .map(|line| line.trim_start_matches([' ', '-']))
            .find_map(|line| line.strip_prefix(key))
            .map(|value| value.trim().trim_matches(['"', '\'']).to_owned())
    };
    Error::Elsewhere {
        path: path.to_owned(),
        kind: PointerKind::Dvc,
        oid: field("md5:").map(|md5| format!("md5:{md5}")),
        size_bytes: field("size:").and_then(|size| size.parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_told_apart_from_data() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
        let told = lfs("a.csv", pointer).expect("a pointer").to_string();
        assert!(told.contains("sha256:4d7a") && told.contains("12345"), "{told}");
        assert!(lfs("a.csv", b"version,https\n1,2\n").is_none(), "a table is not a pointer");
        let told =
            dvc("a.csv", b"outs:\n- md5: d8e8fca2dc0f896fd7cb4cb0031ba249\n  size: 7\n  path: a.csv\n");
        assert!(told.to_string().contains("md5:d8e8fca2dc0f896fd7cb4cb0031ba249, 7 bytes"), "{told}");
    }
}
