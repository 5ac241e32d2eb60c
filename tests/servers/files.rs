//! The built UI, read afresh at each request.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, ensure};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// The folder of the built UI.
#[derive(Debug, Clone)]
pub struct Files {
    folder: Arc<Path>,
}

impl Files {
    /// The folder, which must hold a page.
    pub fn of(folder: PathBuf) -> Result<Self> {
        let page = folder.join("index.html");
        ensure!(page.is_file(), "{} is missing: build the UI first", page.display());
        Ok(Self { folder: folder.into() })
    }

    /// The file of a URL's path; the page itself for `/`.
    pub fn answer(&self, path: &str) -> Response {
        let name = Path::new(path.trim_start_matches('/'));
        let name = if name.as_os_str().is_empty() { Path::new("index.html") } else { name };
        let plain = name.components().all(|part| matches!(part, Component::Normal(_)));
        let Some(kind) = kind(name).filter(|_| plain) else { return StatusCode::NOT_FOUND.into_response() };
        match std::fs::read(self.folder.join(name)) {
            Ok(bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
            Err(_) => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

fn kind(name: &Path) -> Option<&'static str> {
    Some(match name.extension()?.to_str()? {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_the_folder_is_served() {
        let folder = tempfile::tempdir().expect("a folder");
        let ui = folder.path().join("dist");
        std::fs::create_dir(&ui).expect("a folder");
        std::fs::write(ui.join("index.html"), "page").expect("a file");
        std::fs::write(folder.path().join("secret.txt"), "secret").expect("a file");
        let files = Files::of(ui).expect("there is a page");
        for (path, status) in [
            ("/", StatusCode::OK),
            ("/index.html", StatusCode::OK),
            ("/missing.js", StatusCode::NOT_FOUND),
            ("/../secret.txt", StatusCode::NOT_FOUND),
            ("/index.html/../../secret.txt", StatusCode::NOT_FOUND),
        ] {
            assert_eq!(files.answer(path).status(), status, "{path}");
        }
        let page = files.answer("/");
        assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8", "a browser shows it");
    }

    #[test]
    fn a_ui_that_is_not_built_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = Files::of(folder.path().to_path_buf()).expect_err("there is no page");
        assert!(error.to_string().contains("build the UI first"), "{error}");
    }
}
