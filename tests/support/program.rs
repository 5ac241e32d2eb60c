//! Where the built `keelmark` program is; builds it where it is missing or older than its source.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The root of the workspace.
pub fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the tests package lies in the workspace").to_path_buf()
}

/// The `keelmark` program of the profile these tests were built with.
pub fn keelmark_path() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let folder = profile_folder();
        let program = folder.join(format!("keelmark{}", std::env::consts::EXE_SUFFIX));
        if !is_fresh(&program) {
            build(&folder);
        }
        assert!(program.is_file(), "cargo built no keelmark program at {}", program.display());
        program
    })
}

/// `target/debug`, or as the profile is called: where the test's own program lies in `deps`.
fn profile_folder() -> PathBuf {
    let test = std::env::current_exe().expect("a running program has a path");
    let deps = test.parent().expect("a program lies in a folder");
    deps.parent().expect("test programs lie in a `deps` folder").to_path_buf()
}

fn is_fresh(program: &Path) -> bool {
    let Ok(built) = fs::metadata(program).and_then(|metadata| metadata.modified()) else {
        return false;
    };
    let crates = workspace_root().join("src-tauri/crates");
    let Ok(entries) = fs::read_dir(crates) else { return true };
    let sources = entries.flatten().filter(|entry| entry.file_name() != "xtask");
    sources.filter_map(|entry| newest(&entry.path().join("src"))).max().is_none_or(|newest| newest <= built)
}

fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?;
    let of_entry = |path: PathBuf| {
        let metadata = fs::symlink_metadata(&path).ok()?;
        if metadata.is_dir() { newest(&path) } else { metadata.modified().ok() }
    };
    entries.flatten().filter_map(|entry| of_entry(entry.path())).max()
}

fn build(profile_folder: &Path) {
    let profile = match profile_folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(other) => other,
    };
    let target = profile_folder.parent().expect("a profile's folder lies in the target folder");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .current_dir(workspace_root())
        .args(["build", "--quiet", "--package", "keelmark", "--profile", profile, "--target-dir"])
        .arg(target)
        .status();
    match done {
        Ok(status) => assert!(status.success(), "`cargo build --package keelmark` failed: {status}"),
        Err(error) => panic!("cannot run cargo to build keelmark: {error}"),
    }
}
