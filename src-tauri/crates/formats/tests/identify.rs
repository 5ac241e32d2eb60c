//! Files of models and data as their own libraries wrote them (`tests/fixtures/others/makers/models.py`), told apart.

use std::path::{Path, PathBuf};

use keelmark_formats::identify::{Artifact, Evidence, Family, Kind, identify};
use proptest::prelude::*;
use serde_json::Value;

fn others() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/others")
}

fn read(name: &str) -> Vec<u8> {
    std::fs::read(others().join(name)).expect("a file")
}

fn of(path: &str, bytes: &[u8]) -> Option<Artifact> {
    identify(path, bytes, bytes.len() as u64)
}

fn kind(path: &str, bytes: &[u8]) -> Option<Kind> {
    of(path, bytes).map(|artifact| artifact.kind)
}

#[test]
fn files_are_what_their_libraries_made_them() {
    let files: Value = serde_json::from_slice(&read("models/files.json")).expect("JSON");
    let files = files.as_object().expect("files by name");
    assert!(files.len() > 25, "{}", files.len());
    for (name, file) in files {
        let bytes = read(&format!("models/{name}"));
        let artifact =
            of(&format!("some/folder/{name}"), &bytes).unwrap_or_else(|| panic!("{name} is known"));
        assert_eq!(Value::from(format!("{:?}", artifact.kind)), file["kind"], "{name}");
        // The oldest pickles have no sign, so that the name is all there is.
        let by_name = ["protocol-0.pickle"].contains(&name.as_str());
        assert_eq!(artifact.evidence, if by_name { Evidence::Name } else { Evidence::Content }, "{name}");
        // What is seen of a large file is its beginning.
        for seen in [bytes.len() / 2, 100] {
            let seen = bytes.get(..seen).unwrap_or(&bytes);
            let half = identify(name, seen, bytes.len() as u64);
            assert!(
                half.is_none_or(
                    |half| half.kind.family() == artifact.kind.family() || half.kind == Kind::Hdf5
                ),
                "{name}"
            );
        }
    }
}

#[test]
fn bytes_count_more_than_names() {
    let onnx = read("models/linear.onnx");
    assert_eq!(kind("model.bin", &read("models/tensors.safetensors")), Some(Kind::Safetensors));
    assert_eq!(kind("model", &onnx), Some(Kind::Onnx));
    assert_eq!(kind("model.pt", &read("models/arrays.npz")), Some(Kind::Npz));
    assert_eq!(kind("model.bin", &read("models/weights.pt")), Some(Kind::PyTorch));
    assert_eq!(kind("model.dat", &read("models/logistic.pkl")), Some(Kind::Pickle), "opaque by any name");
    let told = of("model.onnx", b"<html>not found</html>").expect("it is told");
    let Evidence::Contradicted { why } = told.evidence else { panic!("{told:?}") };
    assert_eq!((told.kind, why.as_str()), (Kind::Onnx, "it does not begin as an ONNX model does"));
    assert!(matches!(
        of("a.csv", b"a,b\n\xff\xff\n"),
        Some(Artifact { evidence: Evidence::Contradicted { .. }, .. })
    ));
    assert!(matches!(
        of("a.safetensors", b""),
        Some(Artifact { evidence: Evidence::Contradicted { .. }, .. })
    ));
    assert_eq!(of("notes.txt", b"tree\nof life"), None);
    assert_eq!(of("main.py", b"import os\n"), None);
    assert_eq!(of("config.json", br#"{"learner": 1}"#), None, "any object may have that name");
    assert_eq!(of("x.db", b"SQLite format 3\0"), None);
}

#[test]
fn names_tell_where_bytes_do_not() {
    assert_eq!(
        of("data/train.csv", b"a,b\n1,2\n"),
        Some(Artifact { kind: Kind::Csv, evidence: Evidence::Name })
    );
    assert_eq!(kind("x/mlflow.db", &read("mlflow.db")), Some(Kind::MlflowDatabase));
    assert_eq!(kind("model/MLmodel", &read("mlflow/MLmodel")), Some(Kind::MlModel));
    assert_eq!(kind("README.md", b"# Hello\n"), None, "no front matter");
    assert_eq!(kind("README.md", b"---\nlicense: mit\n---\n# Hello\n"), Some(Kind::ModelCard));
    assert_eq!(kind("a/.eval_results/x.yaml", b"[]"), Some(Kind::EvalResults));
    assert_eq!(kind("a/x.yaml", b"[]"), None);
    // Cut within a letter, it is still text.
    assert_eq!(
        identify("a.csv", "größ".as_bytes().split_last().expect("bytes").1, 100).map(|a| a.evidence),
        Some(Evidence::Name)
    );
}

#[test]
fn a_pointer_stands_for_what_it_points_to() {
    let oid = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12345\n");
    let expected = Evidence::Pointer { sha256: oid.to_owned(), size_bytes: 12345 };
    assert_eq!(of("a.onnx", pointer.as_bytes()), Some(Artifact { kind: Kind::Onnx, evidence: expected }));
    assert_eq!(of("a.txt", pointer.as_bytes()), None);
    let broken = pointer.replace("sha256:4d", "sha256:4");
    assert!(matches!(
        of("a.onnx", broken.as_bytes()).expect("named").evidence,
        Evidence::Contradicted { .. }
    ));
}

#[test]
fn what_may_run_code_is_opaque() {
    for name in
        ["logistic.pkl", "logistic.joblib", "weights.pt", "scripted.pt", "dense.keras", "dense.h5", "old.pth"]
    {
        assert!(kind(name, &read(&format!("models/{name}"))).expect("known").is_opaque(), "{name}");
    }
    for kind in [Kind::Onnx, Kind::Safetensors, Kind::Gguf, Kind::XgboostJson, Kind::LightGbm] {
        assert!(!kind.is_opaque() && kind.family() == Family::Model);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer(
        name in "[a-z]{0,3}(\\.(onnx|pkl|npz|h5|json|csv|safetensors|md|pt|joblib|gz|tfevents))?",
        begin in prop_oneof![
            Just(&b"PK\x03\x04"[..]), Just(&b"\x80\x04"[..]), Just(&b"\x89HDF\r\n\x1a\n"[..]), Just(&b"{"[..]), Just(&b"\x08\x08"[..]), Just(&b""[..]),
        ],
        rest in proptest::collection::vec(any::<u8>(), 0..200),
        size in 0_u64..1000,
    ) {
        let bytes = [begin, &rest].concat();
        identify(&name, &bytes, size);
        of(&name, &bytes);
    }
}
