//! What a file is: by its name and its first bytes. It is never loaded, only looked at.
//!
//! A name alone is no proof. What the bytes say counts more, and where both disagree, that is told.

mod content;
mod kind;

pub use kind::{Family, Kind};

/// As many first bytes as [`identify`] looks at.
pub const HEAD_BYTES: usize = 1 << 20;

/// The largest pointer of Git LFS.
const MAX_POINTER_BYTES: u64 = 1024;

/// A file that means something to who trains models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// What it is.
    pub kind: Kind,
    /// Why it is taken for that.
    pub evidence: Evidence,
}

/// Why a file is taken for what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Its bytes begin as those of its kind do.
    Content,
    /// Its name alone: files of its kind begin in many ways.
    Name,
    /// Its name; the bytes are a pointer of Git LFS, and what it points to was not seen.
    Pointer {
        /// The SHA-256 of what it points to, in hexadecimal digits.
        sha256: String,
        /// How many bytes that has.
        size_bytes: u64,
    },
    /// Its name; its bytes are not those of its kind.
    Contradicted {
        /// What is wrong, in a line.
        why: String,
    },
}

/// What the file at `path` is, which has `size_bytes` and begins with `head`: all of them or the first
/// [`HEAD_BYTES`]. `None` is a file of no meaning here.
pub fn identify(path: &str, head: &[u8], size_bytes: u64) -> Option<Artifact> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let named = Kind::of_name(path, name);
    let artifact = |kind, evidence| Some(Artifact { kind, evidence });
    if let Some((sha256, pointed_bytes)) = pointer(head, size_bytes) {
        return artifact(named?, Evidence::Pointer { sha256, size_bytes: pointed_bytes });
    }
    if let Some(kind) = content::recognise(name, named, head, size_bytes) {
        return artifact(kind, Evidence::Content);
    }
    let kind = named?;
    let why = if size_bytes == 0 {
        "it is empty".to_owned()
    } else {
        match kind.shape() {
            kind::Shape::Magic => format!("it does not begin as {} does", kind.words()),
            kind::Shape::Any => return artifact(kind, Evidence::Name),
            kind::Shape::Text if content::is_text(head) => return artifact(kind, Evidence::Name),
            kind::Shape::Text => "it is no text in UTF-8".to_owned(),
            // A file of a name that many have, such as `README.md`, is this only by what is in it.
            kind::Shape::Only => return None,
        }
    };
    artifact(kind, Evidence::Contradicted { why })
}

/// The digest and size of what a pointer of Git LFS points to.
fn pointer(head: &[u8], size_bytes: u64) -> Option<(String, u64)> {
    if size_bytes >= MAX_POINTER_BYTES || size_bytes != head.len() as u64 {
        return None;
    }
    let text = std::str::from_utf8(head).ok()?;
    let mut lines = text.lines();
    lines.next().filter(|line| *line == "version https://git-lfs.github.com/spec/v1")?;
    let (mut sha256, mut size) = (None, None);
    for (key, value) in lines.filter_map(|line| line.split_once(' ')) {
        match key {
            "oid" => sha256 = value.strip_prefix("sha256:"),
            "size" => size = value.parse().ok(),
            _ => {}
        }
    }
    let is_digest = |digest: &&str| digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some((sha256.filter(is_digest)?.to_owned(), size?))
}
