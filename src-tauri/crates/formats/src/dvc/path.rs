//! Paths in DVC's files: relative to the folder of their file.

/// `path` seen from `folder`, without `.` and `..`; `None` where it leads out of the repository.
pub(crate) fn join(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.contains('\\') || path.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            other => parts.push(other),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The folder at `path` seen from `folder`: like [`join`], but the root is one too.
pub(crate) fn join_folder(folder: &str, path: &str) -> Option<String> {
    let marked = join(folder, &format!("{path}/x"))?;
    Some(marked.strip_suffix('x')?.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_repository() {
        assert_eq!(join("a", "b/c.json").as_deref(), Some("a/b/c.json"));
        assert_eq!(join("a/b", "../c/./d").as_deref(), Some("a/c/d"));
        assert_eq!(join("", "x").as_deref(), Some("x"));
        for out in ["../x", "/etc/passwd", "a/../../x", "", ".", "a\\b"] {
            assert_eq!(join("", out), None, "{out}");
        }
        assert_eq!(join_folder("a", "..").as_deref(), Some(""));
        assert_eq!(join_folder("", ".").as_deref(), Some(""));
        assert_eq!(join_folder("", "..").as_deref(), None);
        assert_eq!(join_folder("a", "b/").as_deref(), Some("a/b"));
    }
}
