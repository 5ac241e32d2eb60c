//! A change as objects in memory: what is shown is what is written.

use std::collections::BTreeMap;

use gix::bstr::{BString, ByteSlice};
use gix::objs::{Kind, WriteTo};
use keelmark_types::CommitId;

use crate::message::{self, Trailer};
use crate::{EntryKind, Error, Oid, Repository, Result, Signature};

/// Objects that are not stored yet. Nothing is written before [`Repository::write`].
#[derive(Debug, Clone)]
pub struct Plan {
    repository: Repository,
    objects: BTreeMap<Oid, Planned>,
}

#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) kind: Kind,
    pub(crate) bytes: Vec<u8>,
}

/// One change to a tree; entries it does not name keep their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeEdit {
    /// Puts an object at a path, making the folders above it.
    Put {
        /// Path from the tree's root.
        path: String,
        /// What it becomes.
        kind: EntryKind,
        /// A blob of this plan or the repository, or a whole subtree for [`EntryKind::Folder`].
        oid: Oid,
    },
    /// Takes away what is at a path, a whole folder too; no error where there is nothing.
    Remove {
        /// Path from the tree's root.
        path: String,
    },
}

impl TreeEdit {
    /// An ordinary file.
    pub fn file(path: impl Into<String>, oid: Oid) -> Self {
        Self::Put { path: path.into(), kind: EntryKind::File, oid }
    }

    /// A whole folder.
    pub fn folder(path: impl Into<String>, oid: Oid) -> Self {
        Self::Put { path: path.into(), kind: EntryKind::Folder, oid }
    }
}

impl Plan {
    /// A plan without objects, on top of what `repository` holds.
    pub fn new(repository: &Repository) -> Self {
        Self { repository: repository.clone(), objects: BTreeMap::new() }
    }

    /// The objects planned so far.
    pub fn object_count(&self) -> usize {
        self.objects.len()
    }

    /// Plans a file's bytes.
    pub fn blob(&mut self, bytes: impl Into<Vec<u8>>) -> Result<Oid> {
        self.add(Kind::Blob, bytes.into())
    }

    /// Plans a tree: `base` (or nothing) with the edits made. Folders that end up empty vanish.
    pub fn tree(&mut self, base: Option<Oid>, edits: &[TreeEdit]) -> Result<Oid> {
        let root = match base {
            Some(oid) => self.decode_tree(oid)?,
            None => gix::objs::Tree::empty(),
        };
        let mut written: Vec<gix::objs::Tree> = Vec::new();
        let id = {
            let find = Lookup { plan: self, local: self.repository.local() };
            let mut editor = gix::objs::tree::Editor::new(root, &find, gix::hash::Kind::Sha1);
            for edit in edits {
                let (TreeEdit::Put { path, .. } | TreeEdit::Remove { path }) = edit;
                let parts = components(path)?;
                let done = match edit {
                    TreeEdit::Put { kind, oid, .. } => {
                        self.check_put(path, *kind, *oid)?;
                        editor.upsert(parts, gix_kind(*kind), oid.0)
                    }
                    TreeEdit::Remove { .. } => editor.remove(parts),
                };
                done.map(|_| ()).map_err(|error| Error::from_gix(format!("a change at `{path}`"), &error))?;
            }
            editor
                .write(|tree| {
                    let mut bytes = Vec::new();
                    tree.write_to(&mut bytes).map_err(|error| error.to_string())?;
                    written.push(tree.clone());
                    gix::objs::compute_hash(gix::hash::Kind::Sha1, Kind::Tree, &bytes)
                        .map_err(|error| error.to_string())
                })
                .map_err(|why| Error::invalid("a tree", why))?
        };
        for tree in written {
            let mut bytes = Vec::new();
            tree.write_to(&mut bytes).map_err(|error| Error::invalid("a tree", error.to_string()))?;
            self.add(Kind::Tree, bytes)?;
        }
        Ok(Oid(id))
    }

    /// Plans a commit; author and committer are the same person at the same time.
    pub fn commit(
        &mut self,
        tree: Oid,
        parents: &[CommitId],
        author: &Signature,
        (subject, body): (&str, &str),
        trailers: &[Trailer],
    ) -> Result<CommitId> {
        let person = author.to_gix()?;
        let commit = gix::objs::Commit {
            tree: tree.0,
            parents: parents.iter().map(|parent| Oid::from(parent).0).collect(),
            author: person.clone(),
            committer: person,
            encoding: None,
            message: message::compose(subject, body, trailers)?.into(),
            extra_headers: Vec::new(),
        };
        let mut bytes = Vec::new();
        commit.write_to(&mut bytes).map_err(|error| Error::invalid("a commit", error.to_string()))?;
        Ok(self.add(Kind::Commit, bytes)?.to_commit_id())
    }

    /// Plans an annotated tag (`name` without `refs/tags/`) of a commit.
    pub fn tag(&mut self, name: &str, target: &CommitId, tagger: &Signature, message: &str) -> Result<Oid> {
        if !crate::revision::is_full_ref_name(&format!("refs/tags/{name}")) {
            return Err(Error::invalid(
                format!("`{}`", name.escape_debug()),
                "it cannot be the name of a tag",
            ));
        }
        let tag = gix::objs::Tag {
            target: Oid::from(target).0,
            target_kind: Kind::Commit,
            name: name.into(),
            tagger: Some(tagger.to_gix()?),
            message: message::compose(message, "", &[])?.into(),
            signature: None,
        };
        let mut bytes = Vec::new();
        tag.write_to(&mut bytes).map_err(|error| Error::invalid("a tag", error.to_string()))?;
        self.add(Kind::Tag, bytes)
    }

    /// The tree of a commit that is planned or stored.
    pub fn tree_of(&self, commit: &CommitId) -> Result<Oid> {
        let oid = Oid::from(commit);
        let Some(planned) = self.objects.get(&oid) else {
            return Ok(self.repository.version(commit)?.tree_id());
        };
        gix::objs::CommitRef::from_bytes(&planned.bytes, gix::hash::Kind::Sha1)
            .map(|decoded| Oid(decoded.tree()))
            .map_err(|error| Error::from_gix(format!("commit {commit}"), &error))
    }

    pub(crate) fn objects(&self) -> &BTreeMap<Oid, Planned> {
        &self.objects
    }

    pub(crate) fn repository(&self) -> &Repository {
        &self.repository
    }

    fn add(&mut self, kind: Kind, bytes: Vec<u8>) -> Result<Oid> {
        let oid = gix::objs::compute_hash(gix::hash::Kind::Sha1, kind, &bytes)
            .map(Oid)
            .map_err(|error| Error::from_gix("an object", &error))?;
        self.objects.entry(oid).or_insert(Planned { kind, bytes });
        Ok(oid)
    }

    fn decode_tree(&self, oid: Oid) -> Result<gix::objs::Tree> {
        let failed = |error: gix::Error| Error::from_gix(format!("tree {oid}"), &error);
        let decode = |bytes: &[u8]| {
            gix::objs::TreeRef::from_bytes(bytes, gix::hash::Kind::Sha1)
                .map(gix::objs::Tree::from)
                .map_err(failed)
        };
        if oid == Oid::empty_tree() {
            return Ok(gix::objs::Tree::empty());
        }
        match self.objects.get(&oid) {
            Some(planned) => decode(&planned.bytes),
            None => decode(&self.repository.local().find_tree(oid.0).map_err(failed)?.data),
        }
    }

    fn check_put(&self, path: &str, kind: EntryKind, oid: Oid) -> Result<()> {
        let stored = match self.objects.get(&oid) {
            Some(planned) => Some(planned.kind),
            None if kind == EntryKind::Submodule => return Ok(()),
            None => self
                .repository
                .local()
                .try_find_header(oid.0)
                .map_err(|error| Error::from_gix(format!("object {oid}"), &error))?
                .map(|header| header.kind()),
        };
        let wanted = if kind == EntryKind::Folder { Kind::Tree } else { Kind::Blob };
        match stored {
            Some(found) if found == wanted => Ok(()),
            Some(found) => {
                Err(Error::invalid(format!("`{path}`"), format!("object {oid} is a {found}, not a {wanted}")))
            }
            None => Err(Error::not_found(format!("object {oid} for `{path}`"))),
        }
    }
}

/// Finds planned objects first, then stored ones.
struct Lookup<'a> {
    plan: &'a Plan,
    local: gix::Repository,
}

impl gix::objs::Find for Lookup<'_> {
    fn try_find<'b>(
        &self,
        id: &gix::oid,
        buffer: &'b mut Vec<u8>,
    ) -> gix::Result<Option<gix::objs::Data<'b>>> {
        match self.plan.objects.get(&Oid(id.to_owned())) {
            Some(planned) => {
                buffer.clear();
                buffer.extend_from_slice(&planned.bytes);
                Ok(Some(gix::objs::Data::new(buffer, planned.kind, gix::hash::Kind::Sha1)))
            }
            None => gix::objs::Find::try_find(&self.local, id, buffer),
        }
    }
}

fn components(path: &str) -> Result<Vec<BString>> {
    let options = gix::validate::path::component::Options::default();
    path.split('/')
        .map(|part| {
            gix::validate::path::component(part.as_bytes().as_bstr(), None, options)
                .map(ToOwned::to_owned)
                .map_err(|error| Error::invalid(format!("path `{}`", path.escape_debug()), error.to_string()))
        })
        .collect()
}

fn gix_kind(kind: EntryKind) -> gix::objs::tree::EntryKind {
    use gix::objs::tree::EntryKind as Gix;
    match kind {
        EntryKind::File => Gix::Blob,
        EntryKind::Executable => Gix::BlobExecutable,
        EntryKind::Link => Gix::Link,
        EntryKind::Folder => Gix::Tree,
        EntryKind::Submodule => Gix::Commit,
    }
}
