//! What other tools wrote (DVC, GTO, `MLflow`, `TensorBoard`, files of models, cards, predictions), read exactly: bytes
//! in, values and located problems out.
//!
//! Place in the river: between a version's files and the metrics, parameters and releases that are made of them. Each
//! tool has a module, whose types say what its files say; nothing is guessed and nothing is repaired.
//! Never here: files opened, Git asked, programs of others run, pickled bytes loaded.

pub mod dvc;
pub mod gto;
pub mod identify;
mod located;
pub mod mlflow;
pub mod model_card;
pub mod onnx;
pub mod plots;
mod protobuf;
mod python;
pub mod safetensors;
pub mod tensorboard;
mod values;
mod yaml;

use std::fmt;

pub use values::{Leaves, leaves, numbers, read_values, value_at};

/// Why bytes could not be read as what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{why}", .line.map_or(String::new(), |line| format!("line {line}: ")))]
pub struct Unreadable {
    /// Counted from 1, where one is to blame.
    pub line: Option<u64>,
    /// What is wrong, in a line.
    pub why: String,
}

/// The text of a file.
fn utf8(bytes: &[u8]) -> Result<&str, Unreadable> {
    std::str::from_utf8(bytes).map_err(|error| Unreadable::whole(format!("it is not UTF-8 ({error})")))
}

impl Unreadable {
    /// A problem of the whole.
    pub(crate) fn whole(why: impl Into<String>) -> Self {
        Self { line: None, why: why.into() }
    }

    /// A problem of one line, counted from 1.
    pub(crate) fn at(line: u64, why: impl Into<String>) -> Self {
        Self { line: Some(line), why: why.into() }
    }

    /// A problem at one byte of a file that has no lines, counted from 0.
    pub(crate) fn at_byte(byte: u64, why: impl fmt::Display) -> Self {
        Self::whole(format!("byte {byte}: {why}"))
    }
}

/// The beginning of a text that may be long.
fn shorten(text: &str, letters: usize) -> String {
    let mut short: String = text.chars().take(letters).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
