//! The workspace as Cargo and Git tell it.

use std::fs;
use std::path::Path;
use std::process::Command;

use keelmark_journeys::workspace_root;
use serde_json::Value;

/// One crate of ours.
#[derive(Debug, Clone)]
pub struct Member {
    pub name: String,
    pub description: String,
    /// Names of what it depends on, for any purpose.
    pub dependencies: Vec<String>,
}

/// One text file of ours.
#[derive(Debug, Clone)]
pub struct Source {
    /// Relative to the root, with `/`.
    pub path: String,
    pub text: String,
}

/// Everything the rules look at.
#[derive(Debug)]
pub struct Workspace {
    pub members: Vec<Member>,
    pub paths: Vec<String>,
    pub sources: Vec<Source>,
}

impl Workspace {
    /// Reads members from `cargo metadata`, files from Git: tracked ones and those it does not ignore.
    pub fn read() -> Self {
        let root = workspace_root();
        let paths = files(&root);
        let sources = paths.iter().filter_map(|path| source(&root, path)).collect();
        Self { members: members(&root), paths, sources }
    }
}

fn members(root: &Path) -> Vec<Member> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let told = output(root, &cargo, &["metadata", "--no-deps", "--format-version", "1", "--offline"]);
    let metadata: Value = serde_json::from_str(&told).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("cargo lists packages");
    let members: Vec<_> = packages.iter().map(member).collect();
    assert!(members.len() >= 16, "cargo lists only {} members", members.len());
    members
}

fn member(package: &Value) -> Member {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    Member {
        name: text(&package["name"]),
        description: text(&package["description"]),
        dependencies: dependencies.map(|dependency| text(&dependency["name"])).collect(),
    }
}

fn files(root: &Path) -> Vec<String> {
    let listed = output(root, "git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let paths: Vec<_> = listed.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    assert!(paths.len() >= 40, "Git lists only {} files", paths.len());
    paths
}

fn source(root: &Path, path: &str) -> Option<Source> {
    const KINDS: [&str; 13] =
        ["rs", "toml", "md", "yaml", "yml", "json", "sh", "ts", "svelte", "css", "html", "svg", "run"];
    let kind = path.rsplit(['.', '/']).next().unwrap_or_default();
    if !KINDS.contains(&kind) {
        return None;
    }
    // A file that Git knows and the work tree has no more is not there.
    let text = fs::read_to_string(root.join(path)).ok()?;
    Some(Source { path: path.to_owned(), text })
}

fn output(root: &Path, program: &str, args: &[&str]) -> String {
    let done = match Command::new(program).args(args).current_dir(root).output() {
        Ok(done) => done,
        Err(error) => panic!("cannot run {program}: {error}"),
    };
    assert!(done.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("paths and metadata are UTF-8")
}
