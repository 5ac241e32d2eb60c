//! New repositories, and the first files of their work trees.

use std::path::Path;

use crate::command::Git;
use crate::repository::safe_options;
use crate::{Error, Repository, Result};

impl Repository {
    /// Makes an empty repository with a work tree in `folder`, which must be missing or empty. Its branch is `main`.
    pub fn init(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(|error| Error::storage("making a folder", folder, error))?;
        let kind = gix::create::Kind::WithWorktree;
        let options = gix::create::Options { destination_must_be_empty: Some(true), ..Default::default() };
        let made = gix::ThreadSafeRepository::init_opts(folder, kind, options, safe_options());
        made.map_err(|error| Error::invalid(format!("`{}`", folder.display()), crate::error::chain(&error)))?;
        Self::open(folder)
    }

    /// The paths the index of this work tree tracks.
    pub fn tracked_paths(&self) -> Result<Vec<String>> {
        let local = self.local();
        let index = local.index_or_empty().map_err(|error| Error::from_gix("the index", &error))?;
        Ok(index.entries().iter().map(|entry| entry.path(&index).to_string()).collect())
    }

    /// Writes the files of `HEAD` into a work tree that has no index yet, as after [`Repository::init`] and the first
    /// commit. Refused where there is an index: the files are the user's then.
    pub fn fill_work_tree(&self) -> Result<()> {
        let (Some(_), index) = (self.work_dir(), self.git_dir().join("index")) else {
            return Err(Error::invalid("the files of HEAD", "a bare repository has no work tree"));
        };
        if index.exists() {
            let why = "its index is there already; use git to change the files of a work tree".to_owned();
            return Err(Error::Denied { what: "filling the work tree".to_owned(), why });
        }
        // Git runs the filters a configuration names when it writes files. One made here names none.
        let config = self.local_config()?;
        let names =
            |section| config.sections_by_name(section).is_some_and(|mut found| found.next().is_some());
        if ["filter", "include", "includeIf"].into_iter().any(names) {
            let why = "its configuration names filters, which would run".to_owned();
            return Err(Error::Denied { what: "filling the work tree".to_owned(), why });
        }
        let done = Git::new(self.place(), "read-tree").args(["-m", "-u", "HEAD"]).output()?;
        if done.success {
            return Ok(());
        }
        Err(Error::invalid("the files of HEAD", crate::push_report::said(&done.stderr)))
    }
}
