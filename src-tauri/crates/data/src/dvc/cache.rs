//! DVC's cache on this machine: objects by their digest, in DVC's own layout.

use std::path::{Component, Path, PathBuf};

use keelmark_formats::dvc::Tracked;

use super::config::{Config, Layer, Setting};
use super::listing::{self, Listing, MAX_LISTING_BYTES};
use super::md5::{DigestKind, md5};
use super::tracking::Out;
use crate::path::join;
use crate::rooted::Found;
use crate::{Error, MAX_FILE_BYTES, RootedDir, Source, Stores};

/// A configuration is never larger.
const MAX_CONFIG_BYTES: usize = 1 << 16;

/// One DVC project of a repository: its configuration and its cache.
#[derive(Debug)]
pub(crate) struct Dvc {
    pub config: Config,
    pub(super) cache: Option<RootedDir>,
    place: CachePlace,
}

/// Where a cache is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CachePlace {
    /// A folder of the work tree, by its path from the root.
    Within(String),
    /// A folder elsewhere.
    Beside(PathBuf),
    /// There is no work tree, or its path cannot be told.
    Nowhere,
}

/// An object: a digest with how it was taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kept {
    pub md5: String,
    pub kind: DigestKind,
    /// The list of a folder's files.
    pub is_list: bool,
    pub size_bytes: Option<u64>,
}

impl Kept {
    /// The object of an out, where it has a digest.
    pub(crate) fn of(out: &Out) -> Option<Self> {
        Self::of_tracked(&out.tracked)
    }

    /// The object of what a lock or a pointer names, where it has a digest.
    pub(crate) fn of_tracked(tracked: &Tracked) -> Option<Self> {
        Some(Self {
            md5: tracked.md5.clone()?,
            kind: DigestKind::of(tracked.dos2unix),
            is_list: tracked.is_folder,
            // What is said of a folder is of its files, not of its list.
            size_bytes: tracked.size_bytes.filter(|_| !tracked.is_folder),
        })
    }

    /// A file of a folder whose list is `self`.
    pub(crate) fn file(&self, md5: &str) -> Self {
        Self { md5: md5.to_owned(), kind: self.kind, is_list: false, size_bytes: None }
    }

    /// Where caches and remotes keep it: first where this kind belongs, then where the other would be.
    pub(crate) fn paths(&self) -> [String; 2] {
        let (fan_out, rest) = self.md5.split_at_checked(2).unwrap_or((&self.md5, ""));
        let ending = if self.is_list { ".dir" } else { "" };
        let older = format!("{fan_out}/{rest}{ending}");
        let newer = format!("files/md5/{older}");
        if self.kind == DigestKind::Plain { [newer, older] } else { [older, newer] }
    }

    /// Whether bytes are what it names; the older kind's size is of the bytes before they were changed, or after.
    pub(crate) fn is(&self, bytes: &[u8]) -> bool {
        md5(self.kind, bytes) == self.md5
    }
}

impl Dvc {
    /// The project in `root`. `committed` is the configuration of a version, which counts where the work tree has none.
    pub(crate) fn of(stores: &Stores, root: &str, committed: Option<Vec<u8>>) -> Result<Self, Error> {
        let folder = join(root, ".dvc");
        let work = stores.work_tree();
        let mut config = Config::new(work.map(|(path, _)| path.join(&folder)).unwrap_or_default());
        if let Some(text) = stores.user_config() {
            config.add("the user's DVC configuration", text.as_bytes(), Layer::User)?;
        }
        let read = |name: &str| work.map_or(Ok(None), |(_, files)| files.read(&join(&folder, name)));
        let shared = read("config")?.or(committed);
        for (name, bytes, layer) in
            [("config", shared, Layer::Repository), ("config.local", read("config.local")?, Layer::Local)]
        {
            let Some(bytes) = bytes else { continue };
            let file = join(&folder, name);
            if bytes.len() > MAX_CONFIG_BYTES {
                let why = format!("it has more than {MAX_CONFIG_BYTES} bytes");
                return Err(Error::Unsupported { what: format!("`{file}`"), why });
            }
            config.add(&file, &bytes, layer)?;
        }
        let place = place(&config, &folder, stores);
        let cache = match &place {
            CachePlace::Within(path) => match work {
                Some((_, files)) => files.folder(path).map_err(|error| linked_away(path, error))?,
                None => None,
            },
            CachePlace::Beside(path) if path.is_dir() => Some(RootedDir::open(path)?),
            CachePlace::Beside(_) | CachePlace::Nowhere => None,
        };
        Ok(Self { config, cache, place })
    }

    /// The same with a cache that is there, and that may be written to: never a part of Git's folder, nothing behind a
    /// link of the work tree, and no new folder outside of it.
    pub(super) fn for_writing(&self, stores: &Stores) -> Result<Self, Error> {
        let refused = |what: String, why: &str| Error::Unsupported { what, why: why.to_owned() };
        let cache = match &self.place {
            CachePlace::Within(path) => {
                if path.split('/').any(|part| part.eq_ignore_ascii_case(".git")) {
                    return Err(refused(format!("the cache folder `{path}`"), "it is in Git's folder"));
                }
                match stores.work_tree() {
                    Some((_, work)) => work.make_folder(path)?,
                    None => return Err(refused("DVC's cache".to_owned(), "there is no work tree for it")),
                }
            }
            CachePlace::Beside(path) => {
                let real = path.canonicalize();
                let real =
                    real.map_err(|source| Error::Storage { path: path.display().to_string(), source })?;
                if stores.is_in_git_folder(&real) {
                    let what = format!("the cache folder `{}`", path.display());
                    return Err(refused(what, "it is in Git's folder"));
                }
                RootedDir::open(&real)?
            }
            CachePlace::Nowhere => {
                let why = "there is no work tree, or `cache.dir` names no folder that can be told";
                return Err(refused("writing to DVC's cache".to_owned(), why));
            }
        };
        Ok(Self { config: self.config.clone(), cache: Some(cache), place: self.place.clone() })
    }

    /// Where the cache has an object, with its size.
    pub(crate) fn find(&self, object: &Kept) -> Result<Option<(String, u64)>, Error> {
        let Some(cache) = &self.cache else { return Ok(None) };
        for path in object.paths() {
            if let Some(Found::File { size_bytes }) = cache.found(&path)? {
                return Ok(Some((path, size_bytes)));
            }
        }
        Ok(None)
    }

    /// The bytes of an object, checked; `None` where the cache does not have it.
    pub(crate) fn read(&self, object: &Kept) -> Result<Option<Vec<u8>>, Error> {
        let (Some(cache), Some((path, size_bytes))) = (&self.cache, self.find(object)?) else {
            return Ok(None);
        };
        let limit = if object.is_list { MAX_LISTING_BYTES } else { MAX_FILE_BYTES };
        if size_bytes > limit {
            let what = format!("{path} of DVC's cache");
            return Err(Error::Unsupported { what, why: format!("it is larger than {limit} bytes") });
        }
        let Some(bytes) = cache.read(&path)? else { return Ok(None) };
        if object.is(&bytes) {
            return Ok(Some(bytes));
        }
        let why = format!("its bytes have md5 {}", md5(object.kind, &bytes));
        Err(Error::corrupt(format!("{path} of DVC's cache"), why))
    }

    /// The files of the folder whose list an object is; `None` where the cache does not have it.
    pub(crate) fn list(&self, object: &Kept, told_of: &str) -> Result<Option<Listing>, Error> {
        self.read(object)?.map(|bytes| listing::read(told_of, &bytes)).transpose()
    }
}

fn place(config: &Config, folder: &str, stores: &Stores) -> CachePlace {
    let Some((work_dir, _)) = stores.work_tree() else {
        return named(config.get("cache", "dir"), config).map_or(CachePlace::Nowhere, |path| {
            if path.is_absolute() { CachePlace::Beside(path) } else { CachePlace::Nowhere }
        });
    };
    match config.get("cache", "dir") {
        None => CachePlace::Within(join(folder, "cache")),
        setting => match named(setting, config) {
            None => CachePlace::Nowhere,
            Some(path) => match path.strip_prefix(work_dir).ok().and_then(Path::to_str) {
                Some(within) => CachePlace::Within(within.to_owned()),
                None => CachePlace::Beside(path),
            },
        },
    }
}

/// The folder of a setting, without `..`.
fn named(setting: Option<&Setting>, config: &Config) -> Option<PathBuf> {
    let setting = setting?;
    let mut path = PathBuf::new();
    for part in config.path(setting)?.components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::CurDir => {}
            part => path.push(part),
        }
    }
    Some(path)
}

/// A cache behind a link that leads out of the work tree is not followed: the link may be a stranger's.
fn linked_away(path: &str, error: Error) -> Error {
    match error {
        Error::Storage { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
            Error::Unsupported {
                what: format!("`{path}`"),
                why: format!(
                    "it cannot be opened, or leads out of the repository ({source}); name the folder itself as \
                     `cache.dir` in .dvc/config.local"
                ),
            }
        }
        other => other,
    }
}
