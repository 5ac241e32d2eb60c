//! Paths in DVC's files: relative to the folder of their file.

/// `path` seen from `folder`, without `.` and `..`; a problem where it leads out of the repository.
pub(crate) fn join(folder: &str, path: &str) -> Result<String, String> {
    joined(folder, path).ok_or_else(|| outside(path))
}

/// The folder at `path` seen from `folder`: like [`join`], but the root is one too.
pub(crate) fn join_folder(folder: &str, path: &str) -> Result<String, String> {
    let marked = joined(folder, &format!("{path}/x")).ok_or_else(|| outside(path))?;
    Ok(marked.strip_suffix('x').unwrap_or(&marked).trim_end_matches('/').to_owned())
}

/// Like [`join`], but an address is taken as it is.
pub(crate) fn join_or_address(folder: &str, path: &str) -> Result<String, String> {
    if path.contains("://") { Ok(path.to_owned()) } else { join(folder, path) }
}

fn outside(path: &str) -> String {
    format!("`{path}` leads out of the repository")
}

fn joined(folder: &str, path: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_the_repository() {
        assert_eq!(join("a", "b/c.json").as_deref(), Ok("a/b/c.json"));
        assert_eq!(join("a/b", "../c/./d").as_deref(), Ok("a/c/d"));
        assert_eq!(join("", "x").as_deref(), Ok("x"));
        for out in ["../x", "/etc/passwd", "a/../../x", "", ".", "a\\b"] {
            assert_eq!(join("", out), Err(format!("`{out}` leads out of the repository")), "{out}");
        }
        assert_eq!(join_folder("a", "..").as_deref(), Ok(""));
        assert_eq!(join_folder("", ".").as_deref(), Ok(""));
        assert_eq!(join_folder("", ".."), Err("`..` leads out of the repository".to_owned()));
        assert_eq!(join_folder("a", "b/").as_deref(), Ok("a/b"));
    }
}
