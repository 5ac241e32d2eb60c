//! Small files that stand for large ones: recognised and named, their bytes are not fetched here.

use keelmark_formats::dvc::read_pointer;
use keelmark_types::Sha256;

use crate::dvc::{folder_of, unreadable};
use crate::{Error, PointerKind};

const LFS_HEAD: &[u8] = b"version https://git-lfs.github.com/spec/v1\n";
/// A Git LFS pointer is never larger.
const LARGEST: usize = 4096;

/// What a Git LFS pointer stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lfs {
    pub sha256: Sha256,
    pub size_bytes: Option<u64>,
}

fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(key)).map(str::trim)
}

/// The text of a Git LFS pointer, where `bytes` are one.
fn lfs_text(bytes: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    let is_pointer = bytes.len() <= LARGEST && bytes.starts_with(LFS_HEAD);
    is_pointer.then(|| String::from_utf8_lossy(bytes))
}

/// What a sound Git LFS pointer stands for.
pub(crate) fn lfs_object(bytes: &[u8]) -> Option<Lfs> {
    let text = lfs_text(bytes)?;
    let sha256 = Sha256::new(field(&text, "oid sha256:")?).ok()?;
    Some(Lfs { sha256, size_bytes: field(&text, "size ").and_then(|size| size.parse().ok()) })
}

/// The error for `bytes` that are a Git LFS pointer.
pub(crate) fn lfs(path: &str, bytes: &[u8]) -> Option<Error> {
    let text = lfs_text(bytes)?;
    Some(Error::Elsewhere {
        path: path.to_owned(),
        kind: PointerKind::GitLfs,
        oid: field(&text, "oid ").map(str::to_owned),
        size_bytes: field(&text, "size ").and_then(|size| size.parse().ok()),
        said_to_be: Vec::new(),
    })
}

/// The error for a path whose `.dvc` file holds `bytes`.
pub(crate) fn dvc(path: &str, bytes: &[u8]) -> Error {
    let pointer = match read_pointer(folder_of(path), bytes) {
        Ok(pointer) => pointer,
        Err(error) => return unreadable(&format!("{path}.dvc"), error).into(),
    };
    let out = pointer.outs.iter().find(|out| out.path == path);
    Error::Elsewhere {
        path: path.to_owned(),
        kind: PointerKind::Dvc,
        oid: out.and_then(|out| out.md5.as_ref()).map(|md5| format!("md5:{md5}")),
        size_bytes: out.and_then(|out| out.size_bytes),
        said_to_be: Vec::new(),
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
        assert!(lfs_object(pointer).is_none(), "a digest cut short names nothing");
        assert!(lfs("a.csv", b"version,https\n1,2\n").is_none(), "a table is not a pointer");
        let told =
            dvc("d/a.csv", b"outs:\n- md5: d8e8fca2dc0f896fd7cb4cb0031ba249\n  size: 7\n  path: a.csv\n");
        assert!(told.to_string().contains("md5:d8e8fca2dc0f896fd7cb4cb0031ba249, 7 bytes"), "{told}");
        let told = dvc("d/a.csv", b"outs:\n- md5: d8e8\n  path: a.csv\n").to_string();
        assert!(told.starts_with("d/a.csv.dvc:2: `d8e8` of d/a.csv is no MD5 digest"), "{told}");
    }
}
