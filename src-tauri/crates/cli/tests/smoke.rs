//! The program answers at all, and fails in the promised shape.

use std::process::{Command, Output};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn keelmark(arguments: &[&str], home: &std::path::Path) -> std::io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_keelmark"))
        .args(arguments)
        .current_dir(home)
        .env("HOME", home)
        .env("GIT_CEILING_DIRECTORIES", home)
        .output()
}

#[test]
fn it_answers_and_fails_in_one_document() -> Result<()> {
    let home = tempfile::tempdir()?;
    let version = keelmark(&["--version"], home.path())?;
    assert!(version.status.success());
    assert!(String::from_utf8(version.stdout)?.starts_with("keelmark "));

    let outside = keelmark(&["--json", "history"], home.path())?;
    assert_eq!(outside.status.code(), Some(3));
    // Parsing the whole of standard output fails where there is more than one document.
    let document: serde_json::Value = serde_json::from_slice(&outside.stdout)?;
    assert_eq!(document["problem"]["code"], "not_a_repository");

    let wrong = keelmark(&["--json", "history", "--no-such-flag"], home.path())?;
    assert_eq!(wrong.status.code(), Some(2));
    let document: serde_json::Value = serde_json::from_slice(&wrong.stdout)?;
    assert_eq!(document["problem"]["code"], "wrong_usage");
    Ok(())
}
