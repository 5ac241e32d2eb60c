//! `check`: are the manifests sound, and is what they say possible?

use keelmark_data::{RootedDir, Source};
use keelmark_types::{CommitId, Mistake};
use serde::Serialize;
use ts_rs::TS;

use crate::{Code, Problem, Remedy, Session};

/// What `check` found.
#[derive(Debug, Clone, Serialize, TS)]
pub struct Checked {
    /// The models declared, by name and folder.
    pub models: Vec<CheckedModel>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
}

/// A model that was checked.
#[derive(Debug, Clone, Serialize, TS)]
pub struct CheckedModel {
    /// Its name; none where the manifest cannot be read that far.
    pub name: Option<String>,
    /// Its folder, empty for the root.
    pub folder: String,
}

const MANIFEST_BYTES: u64 = 1 << 20;

impl Session {
    /// Checks the work tree's manifests, or those of a version.
    pub fn check(&self, revision: Option<&str>) -> Result<Checked, Problem> {
        match revision {
            Some(revision) => self.check_version(&self.repository.resolve(revision)?),
            None => match self.repository.work_dir() {
                Some(folder) => self.check_folder(&RootedDir::open(folder)?),
                None => self.check_version(&self.repository.resolve("HEAD")?),
            },
        }
    }

    fn check_version(&self, version: &CommitId) -> Result<Checked, Problem> {
        let view = self.repository.version(version)?;
        let mut texts = Vec::new();
        for path in view.find_named(keelmark_manifest::FILE_NAME)? {
            let bytes = view.read(&path, MANIFEST_BYTES)?.unwrap_or_default();
            texts.push((path, bytes));
        }
        check_texts(texts, |path| Ok(view.read(path, MANIFEST_BYTES)?))
    }

    fn check_folder(&self, root: &RootedDir) -> Result<Checked, Problem> {
        let mut texts = Vec::new();
        for path in self.work_tree_manifests()? {
            if let Some(bytes) = root.read(&path)? {
                texts.push((path, bytes));
            }
        }
        check_texts(texts, |path| Ok(root.read(path)?))
    }
}

fn check_texts(
    manifests: Vec<(String, Vec<u8>)>,
    read: impl Fn(&str) -> Result<Option<Vec<u8>>, Problem>,
) -> Result<Checked, Problem> {
    let mut checked = Checked { models: Vec::new(), problems: Vec::new() };
    if manifests.is_empty() {
        checked.problems.push(
            Problem::new(Code::NoManifest, "There is no model.yaml here")
                .detail("Nothing is declared, so there is nothing to check.")
                .remedy(
                    Remedy::MendManifest,
                    "Add a model.yaml; `keelmark schema` prints its JSON Schema for editors.",
                ),
        );
        return Ok(checked);
    }
    for (path, bytes) in manifests {
        let folder = path
            .strip_suffix(keelmark_manifest::FILE_NAME)
            .unwrap_or_default()
            .trim_end_matches('/')
            .to_owned();
        let mut name = None;
        match text(&path, bytes).and_then(|text| keelmark_manifest::parse(&path, &text)) {
            Ok(manifest) => {
                checked.problems.extend(keelmark_compute::check_manifest(&manifest).err().map(Problem::from));
                name = Some(manifest.name.to_string());
            }
            Err(mistakes) => checked.problems.extend(problems(&mistakes)),
        }
        let lock = if folder.is_empty() {
            keelmark_manifest::LOCK_NAME.to_owned()
        } else {
            format!("{folder}/{}", keelmark_manifest::LOCK_NAME)
        };
        if let Some(bytes) = read(&lock)?
            && let Err(mistakes) =
                text(&lock, bytes).and_then(|text| keelmark_manifest::Lock::parse(&lock, &text).map(drop))
        {
            checked.problems.extend(problems(&mistakes));
        }
        checked.models.push(CheckedModel { name, folder });
    }
    Ok(checked)
}

fn text(path: &str, bytes: Vec<u8>) -> Result<String, Vec<Mistake>> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.split(|&byte| byte == b'\n').count() as u64;
        vec![Mistake {
            location: keelmark_types::Location { file: path.to_owned(), line: Some(line), column: None },
            message: "this is not UTF-8 text".to_owned(),
            expected: "UTF-8".to_owned(),
        }]
    })
}

fn problems(mistakes: &[Mistake]) -> impl Iterator<Item = Problem> {
    mistakes
        .iter()
        .map(|mistake| Problem::from_mistakes(Code::InvalidManifest, std::slice::from_ref(mistake)))
}
