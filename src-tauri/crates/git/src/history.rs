//! Commits in topological order, newest first.

use std::collections::BTreeSet;

use gix::bstr::ByteSlice;
use gix::objs::Find;
use gix::traverse::commit::{Parents, topo};
use keelmark_types::{CommitId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Error, Oid, Repository, Result, Signature};

/// One commit as history shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitInfo {
    /// Its id.
    pub id: CommitId,
    /// Its parents, the first one first; none where a shallow history ends.
    pub parents: Vec<CommitId>,
    /// The first paragraph of its message on one line.
    pub subject: String,
    /// The rest of its message.
    pub body: String,
    /// Who wrote it.
    pub author_name: String,
    /// Their e-mail address.
    pub author_email: String,
    /// When it was written, as the author's clock had it.
    pub time: Timestamp,
}

/// Which part of a history to list.
#[derive(Debug, Clone, Default)]
pub struct HistoryOptions {
    /// Not these commits and nothing before them.
    pub not_from: Vec<CommitId>,
    /// At most so many.
    pub limit: Option<usize>,
    /// Only commits in which something at this path (a file or a folder) differs from every parent.
    pub path: Option<String>,
    /// Follow first parents only.
    pub first_parent: bool,
}

impl Repository {
    /// The history of `from`: no commit before one of its children, lines of history not mixed.
    pub fn history(&self, from: &CommitId, options: &HistoryOptions) -> Result<Vec<CommitInfo>> {
        let mut local = self.local();
        local.object_cache_size_if_unset(8 << 20);
        let failed = |error: gix::Error| match Error::from_gix(format!("the history of {from}"), &error) {
            Error::NotFound { what, near } if self.has_object(Oid::from(from)) => {
                drop(near);
                Error::corrupt(what, "a commit in it is missing here")
            }
            other => other,
        };
        let edge = edge_of(&local).map_err(failed)?;
        let graph = local.commit_graph_if_enabled().unwrap_or_else(|error| {
            tracing::warn!(%error, "the commit-graph is not readable and not used");
            None
        });
        let graph = graph.filter(|_| edge.is_empty());
        let parents = if options.first_parent { Parents::First } else { Parents::All };
        let walk = topo::Builder::new(Edged { local: &local, edge: &edge })
            .with_tips([Oid::from(from).0])
            .with_ends(options.not_from.iter().map(|id| Oid::from(id).0))
            .sorting(topo::Sorting::TopoOrder)
            .parents(parents)
            .with_commit_graph(graph)
            .build()
            .map_err(failed)?;
        let parts = options.path.as_deref().map(parts_of);
        let limit = options.limit.unwrap_or(usize::MAX);
        let mut commits = Vec::new();
        for step in walk {
            if commits.len() >= limit {
                break;
            }
            let step = step.map_err(failed)?;
            if let Some(parts) = &parts
                && !touches(&local, step.id, parts, &edge).map_err(failed)?
            {
                continue;
            }
            commits.push(read(&local, step.id, &edge).map_err(failed)?);
        }
        Ok(commits)
    }

    /// One commit as history shows it.
    pub fn commit_info(&self, commit: &CommitId) -> Result<CommitInfo> {
        let local = self.local();
        let read = edge_of(&local).and_then(|edge| read(&local, Oid::from(commit).0, &edge));
        read.map_err(|error| Error::from_gix(format!("commit {commit}"), &error))
    }
}

fn parts_of(path: &str) -> Vec<String> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
}

type Edge = BTreeSet<gix::ObjectId>;

/// The commits at which a shallow history ends; empty for a whole one.
fn edge_of(local: &gix::Repository) -> gix::Result<Edge> {
    let commits = local.shallow_commits()?;
    Ok(commits.map(|commits| commits.iter().copied().collect()).unwrap_or_default())
}

/// Objects in which the commits at the edge have no parents, as git sees them.
struct Edged<'a> {
    local: &'a gix::Repository,
    edge: &'a Edge,
}

impl Find for Edged<'_> {
    fn try_find<'b>(
        &self,
        id: &gix::oid,
        buffer: &'b mut Vec<u8>,
    ) -> gix::Result<Option<gix::objs::Data<'b>>> {
        if !self.edge.contains(id) {
            return self.local.objects.try_find(id, buffer);
        }
        let Some(kind) = self.local.objects.try_find(id, buffer)?.map(|data| data.kind) else {
            return Ok(None);
        };
        let head = buffer.windows(2).position(|pair| pair == b"\n\n").unwrap_or(buffer.len());
        let mut kept = Vec::with_capacity(buffer.len());
        for line in buffer.get(..head).unwrap_or_default().split_inclusive(|&byte| byte == b'\n') {
            if !line.starts_with(b"parent ") {
                kept.extend_from_slice(line);
            }
        }
        kept.extend_from_slice(buffer.get(head..).unwrap_or_default());
        *buffer = kept;
        Ok(Some(gix::objs::Data::new(buffer, kind, gix::hash::Kind::Sha1)))
    }
}

fn read(local: &gix::Repository, id: gix::ObjectId, edge: &Edge) -> gix::Result<CommitInfo> {
    let object = local.find_object(id)?;
    let commit = object.try_to_commit_ref()?;
    let author = Signature::from_gix(commit.author()?);
    let message = commit.message();
    Ok(CommitInfo {
        id: Oid(id).to_commit_id(),
        parents: commit
            .parents()
            .filter(|_| !edge.contains(&id))
            .map(|parent| Oid(parent).to_commit_id())
            .collect(),
        subject: message.summary().to_str_lossy().trim().to_owned(),
        body: message.body.map(|body| body.to_str_lossy().trim_end().to_owned()).unwrap_or_default(),
        author_name: author.who.name,
        author_email: author.who.email,
        time: author.at,
    })
}

/// Whether the entry at the path differs from that of every parent (for a root: whether there is one).
fn touches(local: &gix::Repository, id: gix::ObjectId, parts: &[String], edge: &Edge) -> gix::Result<bool> {
    let own = entry_at(local, id, parts)?;
    let parents: Vec<_> = {
        let object = local.find_object(id)?;
        object.try_to_commit_ref()?.parents().filter(|_| !edge.contains(&id)).collect()
    };
    if parents.is_empty() {
        return Ok(own.is_some());
    }
    for parent in parents {
        if entry_at(local, parent, parts)? == own {
            return Ok(false);
        }
    }
    Ok(true)
}

type Found = Option<(gix::objs::tree::EntryMode, gix::ObjectId)>;

fn entry_at(local: &gix::Repository, commit: gix::ObjectId, parts: &[String]) -> gix::Result<Found> {
    let tree = local.find_object(commit)?.try_to_commit_ref()?.tree();
    if parts.is_empty() {
        return Ok(Some((gix::objs::tree::EntryKind::Tree.into(), tree)));
    }
    let entry = local.find_tree(tree)?.lookup_entry(parts.iter().map(String::as_bytes))?;
    Ok(entry.map(|entry| (entry.mode(), entry.object_id())))
}
