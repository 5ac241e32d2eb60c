//! Paths of data files: within the repository, with `/`, leading nowhere else.

use crate::Error;
use crate::mistakes::{mistake, quoted};
use keelmark_types::Location;

/// The path from the repository's root of `path` within the model's `folder`.
pub(crate) fn within(folder: &str, path: &str) -> Result<String, Error> {
    let manifest = join(folder, keelmark_manifest::FILE_NAME);
    let folder = folder.trim_matches('/');
    for part in folder.split('/').filter(|_| !folder.is_empty()).chain(path.split('/')) {
        let leads_away = matches!(part, "" | "." | "..") || part.eq_ignore_ascii_case(".git");
        if leads_away || part.contains(['\\', ':', '\0']) {
            let message =
                format!("the path {} leads out of the model's folder or is not plain", quoted(path));
            let expected = "a path within the model's folder, with `/` and without `..`";
            return Err(mistake(Location::file(manifest), message, expected).into());
        }
    }
    Ok(join(folder, path))
}

/// `folder/name`, or `name` where the folder is the root.
pub(crate) fn join(folder: &str, name: &str) -> String {
    let folder = folder.trim_matches('/');
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_within_the_folder() {
        assert_eq!(within("", "data/train.csv").ok().as_deref(), Some("data/train.csv"));
        assert_eq!(within("models/a", "train.csv").ok().as_deref(), Some("models/a/train.csv"));
        for bad in
            ["../x", "/etc/passwd", "a//b", "a/../b", "", "./a", ".git/config", "a\\..\\b", "C:/x", ".GIT/x"]
        {
            assert!(within("models/a", bad).is_err(), "{bad:?} must be refused");
        }
    }
}
