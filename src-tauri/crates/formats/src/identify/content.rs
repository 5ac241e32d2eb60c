//! What the first bytes of a file say.

use super::Kind;
use crate::protobuf::{Message, Value};
use crate::{safetensors, tensorboard};

/// The most names that are read of an archive.
const MAX_NAMES: usize = 64;

/// What the field of an ONNX model's graph begins with: field 7, of a length.
const GRAPH_KEY: u64 = 7 << 3 | 2;

/// The kind of a file, where its bytes show it.
pub(super) fn recognise(name: &str, named: Option<Kind>, head: &[u8], size_bytes: u64) -> Option<Kind> {
    let begins = |magic: &[u8]| head.starts_with(magic);
    if begins(b"PK\x03\x04") {
        return archive(head);
    }
    // The signature of HDF5 may stand behind a block of whoever embeds it.
    if [0, 512, 1024, 2048].iter().any(|&at| has_at(head, at, b"\x89HDF\r\n\x1a\n")) {
        let keras = [&b"keras_version"[..], b"model_config", b"layer_names", b"model_weights"];
        let is_keras = keras.iter().any(|word| contains(head, word));
        return Some(if is_keras { Kind::KerasHdf5 } else { Kind::Hdf5 });
    }
    let magics: [(&[u8], Kind); 7] = [
        (b"GGUF", Kind::Gguf),
        (b"\x93NUMPY", Kind::Npy),
        (b"PAR1", Kind::Parquet),
        (b"ARROW1", Kind::Arrow),
        (b"FEA1", Kind::Arrow),
        (b"CBM1", Kind::CatBoost),
        (b"{L\0\0\0\0\0\0\0\x07learner", Kind::XgboostUbj),
    ];
    if let Some((_, kind)) = magics.iter().find(|(magic, _)| begins(magic)) {
        return Some(*kind);
    }
    if has_at(head, 4, b"TFL3") {
        return Some(Kind::TfLite);
    }
    if begins(b"SQLite format 3\0") {
        return named.filter(|kind| *kind == Kind::MlflowDatabase);
    }
    if begins(b"{i\x07learner") || begins(b"{U\x07learner") {
        return Some(Kind::XgboostUbj);
    }
    pickled(named, head)
        .or_else(|| text(name, named, head))
        .or_else(|| (named == Some(Kind::EventFile) && tensorboard::begins(head)).then_some(Kind::EventFile))
        .or_else(|| is_safetensors(head, size_bytes).then_some(Kind::Safetensors))
        .or_else(|| is_onnx(named, head, size_bytes).then_some(Kind::Onnx))
}

/// Whether the bytes are text, which the last of them may cut within a letter.
pub(super) fn is_text(head: &[u8]) -> bool {
    let whole = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    };
    whole && !head.contains(&0)
}

/// The kind of a zip: by the names in it.
fn archive(head: &[u8]) -> Option<Kind> {
    let names = names(head);
    let has = |ending: &str| names.iter().any(|name| name.ends_with(ending));
    if has("/constants.pkl") || has("/code/__torch__.py") || has("models/model.json") {
        Some(Kind::TorchScript)
    } else if has("/data.pkl") || has(".data/serialization_id") {
        Some(Kind::PyTorch)
    } else if has(".npy") {
        Some(Kind::Npz)
    } else if has("config.json") && (has("metadata.json") || has(".weights.h5")) {
        Some(Kind::Keras)
    } else {
        None
    }
}

/// The names of files in a zip, as far as they are in the beginning of it.
fn names(head: &[u8]) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = head;
    while names.len() < MAX_NAMES {
        let Some(at) = find(rest, b"PK\x03\x04") else { break };
        let Some(entry) = rest.get(at..) else { break };
        let length = entry.get(26..28).and_then(|two| two.try_into().ok()).map(u16::from_le_bytes);
        let name = length.and_then(|length| entry.get(30..30 + usize::from(length)));
        if let Some(name) = name.and_then(|name| std::str::from_utf8(name).ok()) {
            names.push(name);
        }
        rest = entry.get(4..).unwrap_or_default();
    }
    names
}

/// Pickles and what compresses them.
fn pickled(named: Option<Kind>, head: &[u8]) -> Option<Kind> {
    // The sign by which `PyTorch` began its files before they were zips: a long number, pickled.
    const OLD_TORCH: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
    if let [0x80, protocol @ 2..=5, rest @ ..] = head {
        if rest.starts_with(OLD_TORCH) {
            return Some(Kind::PyTorch);
        }
        // From protocol 4 on comes a frame; before it, what begins an object.
        let begins = rest.first().is_some_and(|code| *protocol < 4 || *code == 0x95 || named.is_some());
        let of_joblib = named == Some(Kind::Joblib) || contains(head, b"joblib.numpy_pickle");
        let known = matches!(named, Some(Kind::Pickle | Kind::Joblib | Kind::PyTorch));
        if begins && of_joblib {
            return Some(Kind::Joblib);
        }
        // Two bytes are a weak sign where the name says nothing of the kind.
        let strong = *protocol >= 4 && rest.first() == Some(&0x95);
        return (begins && (known || strong)).then_some(Kind::Pickle);
    }
    let compressed: [&[u8]; 8] = [
        b"\x1f\x8b",
        b"BZh",
        b"\xfd7zXZ\0",
        b"\x5d\0\0",
        b"\x04\x22\x4d\x18",
        b"\x78\x9c",
        b"\x78\xda",
        b"\x78\x5e",
    ];
    let is_compressed =
        compressed.iter().any(|magic| head.starts_with(magic)) || head.starts_with(b"\x78\x01");
    (is_compressed && matches!(named, Some(Kind::Joblib | Kind::Pickle))).then_some(Kind::Joblib)
}

/// Kinds that are text.
fn text(name: &str, named: Option<Kind>, head: &[u8]) -> Option<Kind> {
    let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
    match named {
        Some(Kind::ModelCard) => return (crate::model_card::begins(head)).then_some(Kind::ModelCard),
        Some(Kind::MlModel) => {
            return (is_text(head) && contains(head, b"flavors:")).then_some(Kind::MlModel);
        }
        _ => {}
    }
    if head.starts_with(b"tree\n") || head.starts_with(b"tree\r\n") {
        return contains(head.get(..256).unwrap_or(head), b"version=v").then_some(Kind::LightGbm);
    }
    let json = name.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("json"));
    if json && is_xgboost(head) {
        return Some(Kind::XgboostJson);
    }
    None
}

/// `XGBoost` writes an object of `learner` and `version`, in this order.
fn is_xgboost(head: &[u8]) -> bool {
    let Some(fields) = head.trim_ascii_start().strip_prefix(b"{") else { return false };
    let fields = fields.trim_ascii_start();
    fields.starts_with(b"\"learner\"")
        && [&b"\"gradient_booster\""[..], b"\"learner_model_param\""].iter().any(|word| contains(head, word))
}

fn is_safetensors(head: &[u8], size_bytes: u64) -> bool {
    let header = safetensors::header_bytes(head).is_ok_and(|needed| needed <= size_bytes);
    let text = head.get(8..).unwrap_or_default();
    header
        && text.starts_with(b"{")
        && text
            .get(1..)
            .is_some_and(|rest| rest.trim_ascii_start().starts_with(b"\"") || rest.starts_with(b"}"))
}

/// Whether the bytes are a model's first fields. Without the name these are a weak sign, so that more is asked.
fn is_onnx(named: Option<Kind>, head: &[u8], size_bytes: u64) -> bool {
    let whole = head.len() as u64 == size_bytes;
    let mut message = Message::new(head, 0);
    let (mut version, mut graph, mut opset) = (false, false, false);
    loop {
        let mut ahead = message.clone();
        match message.next() {
            Ok(Some(field)) => match (field.number, &field.value) {
                (1, Value::Number(1..=64)) => version = true,
                (7, Value::Bytes(_)) => graph = true,
                (8, Value::Bytes(_)) => opset = true,
                (2..=4 | 6 | 14 | 20 | 25 | 26, Value::Bytes(_)) | (5, Value::Number(_)) => {}
                _ => return false,
            },
            Ok(None) => break,
            // Of a large model the graph, which is nearly all of it, goes on behind what is seen.
            Err(_) if !whole => {
                graph |= ahead.number() == Ok(GRAPH_KEY);
                break;
            }
            Err(_) => return false,
        }
    }
    version && graph && (named == Some(Kind::Onnx) || named.is_none() && opset)
}

fn has_at(head: &[u8], at: usize, magic: &[u8]) -> bool {
    head.get(at..).is_some_and(|rest| rest.starts_with(magic))
}

fn contains(head: &[u8], word: &[u8]) -> bool {
    find(head, word).is_some()
}

fn find(head: &[u8], word: &[u8]) -> Option<usize> {
    let first = *word.first()?;
    let mut from = 0;
    loop {
        let at = from + head.get(from..)?.iter().position(|byte| *byte == first)?;
        if head.get(at..)?.starts_with(word) {
            return Some(at);
        }
        from = at + 1;
    }
}
