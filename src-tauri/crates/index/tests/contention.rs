//! Several processes write to one index at once.

mod support;

use std::path::PathBuf;
use std::process::{Child, Command};

use keelmark_index::RunFilter;
use support::{open, run};

const FOLDER: &str = "KEELMARK_INDEX_TEST_FOLDER";
const WRITER: &str = "KEELMARK_INDEX_TEST_WRITER";
const RUNS_EACH: u64 = 50;

/// What each child process does; does nothing in an ordinary test run.
#[test]
fn child_writes_its_runs() {
    let (Ok(folder), Ok(writer)) = (std::env::var(FOLDER), std::env::var(WRITER)) else { return };
    let writer: u64 = writer.parse().expect("a number");
    let path = PathBuf::from(folder).join("index.sqlite");
    for number in writer * RUNS_EACH..(writer + 1) * RUNS_EACH {
        // Opened anew each time, as by a command line in a loop.
        open(&path).put_runs(&[run(number, number % 7, 0.5)]).expect("never locked out");
    }
}

#[test]
fn four_processes_lose_no_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = std::env::current_exe().expect("this test's program");
    let children: Vec<Child> = (0..4)
        .map(|writer| {
            Command::new(&program)
                .args(["--exact", "child_writes_its_runs", "--quiet"])
                .env(FOLDER, folder.path())
                .env(WRITER, writer.to_string())
                .spawn()
                .expect("starts")
        })
        .collect();
    for mut child in children {
        assert!(child.wait().expect("ends").success(), "every writer gets its turn");
    }
    let index = open(&folder.path().join("index.sqlite"));
    assert_eq!(index.runs(&RunFilter::default()).expect("answers").len(), 200, "a row a run");
    assert_eq!(index.integrity_check().expect("answers"), Vec::<String>::new());
}
