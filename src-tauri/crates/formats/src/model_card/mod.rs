//! Model cards: the front matter of a README.md, and the results it claims.
//!
//! What a card says of a model's quality is an assertion: nobody here measured it.

mod results;

pub use results::{Assertion, read_eval_results};

use crate::located::Located;
use crate::{Unreadable, utf8};

/// The largest front matter, and the largest file of results, that is read.
pub const MAX_CARD_BYTES: usize = 4 << 20;

/// The most problems that are told of a file.
const MAX_PROBLEMS: usize = 20;

/// What a model card says in its front matter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelCard {
    /// The licence by its short name, e.g. `apache-2.0`, `other`.
    pub license: Option<String>,
    /// The licence's name, where it is `other`.
    pub license_name: Option<String>,
    /// Where the licence can be read.
    pub license_link: Option<String>,
    /// Languages of the model.
    pub languages: Vec<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Data sets it was trained on.
    pub datasets: Vec<String>,
    /// Metrics it is measured by.
    pub metrics: Vec<String>,
    /// Models it was made from.
    pub base_models: Vec<String>,
    /// How it was made from them, e.g. `finetune`, `quantized`.
    pub base_model_relation: Option<String>,
    /// The model that replaces it.
    pub new_version: Option<String>,
    /// What it is for, e.g. `text-classification`.
    pub pipeline_tag: Option<String>,
    /// What loads it, e.g. `transformers`.
    pub library_name: Option<String>,
    /// The results it claims.
    pub assertions: Vec<Assertion>,
    /// What could not be read, by line.
    pub problems: Vec<Unreadable>,
    /// The line in which the text behind the front matter begins, counted from 1.
    pub body_line: u64,
}

impl ModelCard {
    /// Reads a model card; `None` is a text without front matter. What is wrong in it, but for YAML that is none, is
    /// told beside the rest.
    pub fn read(bytes: &[u8]) -> Result<Option<Self>, Unreadable> {
        let Some(front) = FrontMatter::find(bytes) else { return Ok(None) };
        let front = front?;
        let moved = |problem: Unreadable| Unreadable {
            line: problem.line.map(|line| line.saturating_add(front.lines_before)),
            why: problem.why,
        };
        let root = Located::read(front.yaml.as_bytes()).map_err(moved)?;
        let mut card = Self { body_line: front.body_line, ..Self::default() };
        if root.is_map() {
            card.fill(&root);
        } else if !root.is_null() {
            card.problems
                .push(Unreadable::at(root.line.max(1), "the front matter is no mapping of names to values"));
        }
        card.problems = card.problems.into_iter().map(moved).collect();
        for assertion in &mut card.assertions {
            assertion.line = assertion.line.saturating_add(front.lines_before);
        }
        Ok(Some(card))
    }

    fn fill(&mut self, root: &Located) {
        let problems = &mut self.problems;
        self.license = single(root, "license", problems);
        self.license_name = single(root, "license_name", problems);
        self.license_link = single(root, "license_link", problems);
        self.languages = several(root, "language", problems);
        self.tags = several(root, "tags", problems);
        self.datasets = several(root, "datasets", problems);
        self.metrics = several(root, "metrics", problems);
        self.base_models = several(root, "base_model", problems);
        self.base_model_relation = single(root, "base_model_relation", problems);
        self.new_version = single(root, "new_version", problems);
        self.pipeline_tag = single(root, "pipeline_tag", problems);
        self.library_name = single(root, "library_name", problems);
        if let Some(index) = root.get("model-index") {
            results::of_index(index, &mut self.assertions, problems);
        }
        problems.truncate(MAX_PROBLEMS);
    }
}

/// Whether a text begins with front matter.
pub(crate) fn begins(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    head.strip_prefix(b"---").is_some_and(|rest| rest.starts_with(b"\n") || rest.starts_with(b"\r\n"))
}

struct FrontMatter<'a> {
    yaml: &'a str,
    /// How many lines stand before the YAML.
    lines_before: u64,
    body_line: u64,
}

impl<'a> FrontMatter<'a> {
    /// The YAML between the first two lines of `---`.
    fn find(bytes: &'a [u8]) -> Option<Result<Self, Unreadable>> {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        if !begins(bytes) {
            return None;
        }
        let kept = bytes.get(..MAX_CARD_BYTES).unwrap_or(bytes);
        // The text behind it may be cut within a letter, or be of any encoding.
        let text = match utf8(kept) {
            Ok(text) => text,
            Err(problem) => {
                let good = kept.utf8_chunks().next().map_or("", |chunk| chunk.valid());
                if !good.lines().skip_while(|line| line.trim().is_empty()).skip(1).any(is_fence) {
                    return Some(Err(problem));
                }
                good
            }
        };
        let (mut begins, mut lines_before, mut at) = (None, 0, 0);
        for (line, text_of_line) in (1..).zip(text.split_inclusive('\n')) {
            let end = at + text_of_line.len();
            match begins {
                None if is_fence(text_of_line) => {
                    begins = Some(end);
                    lines_before = line;
                }
                Some(begin) if is_fence(text_of_line) => {
                    let yaml = text.get(begin..at).unwrap_or_default();
                    return Some(Ok(Self { yaml, lines_before, body_line: line + 1 }));
                }
                _ => {}
            }
            at = end;
        }
        let why = if bytes.len() > kept.len() {
            format!("the front matter is longer than {MAX_CARD_BYTES} bytes")
        } else {
            "the front matter that begins here does not end".to_owned()
        };
        Some(Err(Unreadable::at(lines_before, why)))
    }
}

fn is_fence(line: &str) -> bool {
    line.trim_end() == "---"
}

/// A single text.
fn single(of: &Located, key: &str, problems: &mut Vec<Unreadable>) -> Option<String> {
    let value = of.get(key)?;
    let text = value.text().or_else(|| match value.list() {
        Some([only]) => only.text(),
        _ => None,
    });
    if text.is_none() {
        problems.push(Unreadable::at(value.line, format!("`{key}` is no single text")));
    }
    text
}

/// A text or a list of texts.
fn several(of: &Located, key: &str, problems: &mut Vec<Unreadable>) -> Vec<String> {
    let Some(value) = of.get(key) else { return Vec::new() };
    let items = value.list().unwrap_or(std::slice::from_ref(value));
    let mut texts = Vec::with_capacity(items.len());
    for item in items.iter().filter(|item| !item.is_null()) {
        match item.text() {
            Some(text) => texts.push(text),
            None => problems.push(Unreadable::at(item.line, format!("`{key}` has an item that is no text"))),
        }
    }
    texts
}
