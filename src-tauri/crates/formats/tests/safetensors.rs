//! safetensors headers, read as the library of the format reads them.

use std::collections::BTreeMap;
use std::path::Path;

use keelmark_formats::safetensors::{Header, MAX_HEADER_BYTES, header_bytes};
use proptest::prelude::*;
use safetensors::SafeTensors;
use serde_json::{Value, json};

fn fixture(name: &str) -> Vec<u8> {
    let others = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures/others");
    std::fs::read(others.join("models").join(name)).expect("a file")
}

fn read(bytes: &[u8]) -> Result<Header, keelmark_formats::Unreadable> {
    Header::read(bytes, bytes.len() as u64)
}

/// A file of a header's text and so many bytes behind it.
fn file(header: &str, data: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![0; data]].concat()
}

#[test]
fn headers_are_those_that_python_sees() {
    let answers: Value = serde_json::from_slice(&fixture("safetensors.json")).expect("JSON");
    let answers = answers.as_object().expect("an answer a file");
    assert_eq!(answers.len(), 2);
    for (name, theirs) in answers {
        let bytes = fixture(name);
        let needed = header_bytes(&bytes).expect("a length");
        let head = bytes.get(..usize::try_from(needed).expect("small")).expect("a header");
        let header = Header::read(head, bytes.len() as u64).expect("a header");
        let tensors: serde_json::Map<_, _> = header
            .tensors
            .iter()
            .map(|tensor| (tensor.name.clone(), json!([tensor.dtype, tensor.shape])))
            .collect();
        assert_eq!(&json!({"metadata": header.metadata, "tensors": tensors}), theirs, "{name}");
    }
    let header = read(&fixture("tensors.safetensors")).expect("a header");
    // 2×3, 3×2, 3, one, none and two.
    assert_eq!(header.parameters(), 18);
}

#[test]
fn what_is_broken_is_told() {
    let one =
        |fields: &str, data| read(&file(&format!("{{\"w\":{fields}}}"), data)).map_err(|problem| problem.why);
    assert!(one(r#"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, 8).is_ok());
    let expected = "its tensor `w` is said to be the bytes 0 to 4, where 8 of a F32 [2] begin at 0";
    assert_eq!(one(r#"{"dtype":"F32","shape":[2],"data_offsets":[0,4]}"#, 4), Err(expected.to_owned()));
    let expected = "its tensors are said to have 8 bytes, and there are 9 of them";
    assert_eq!(one(r#"{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, 9), Err(expected.to_owned()));
    let expected = "its tensor `w` is of the type `F31`, which is not known";
    assert_eq!(one(r#"{"dtype":"F31","shape":[2],"data_offsets":[0,8]}"#, 8), Err(expected.to_owned()));
    let huge = r#"{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,8]}"#;
    assert_eq!(one(huge, 8), Err("its tensor `w` is larger than can be counted".to_owned()));
    let twice = r#"{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#;
    let twice = read(&file(twice, 1)).expect_err("two of a name").why;
    assert!(twice.contains("`w` is given twice"), "{twice}");
    assert!(read(b"").is_err() && read(&file("[]", 0)).is_err() && read(&file("{", 0)).is_err());
    let long = (MAX_HEADER_BYTES + 1).to_le_bytes();
    assert!(Header::read(&long, u64::MAX).expect_err("too long").why.contains("are not read"));
    assert!(Header::read(&u64::MAX.to_le_bytes(), u64::MAX).is_err());
}

fn tensor() -> impl Strategy<Value = String> {
    let kind = prop_oneof![Just("F32"), Just("U8"), Just("F4"), Just("BF16"), Just("C64"), Just("X")];
    let shape = proptest::collection::vec(0_u64..4, 0..3);
    (kind, shape, 0_u64..40, 0_u64..40).prop_map(|(kind, shape, from, length)| {
        format!(r#"{{"dtype":"{kind}","shape":{shape:?},"data_offsets":[{from},{}]}}"#, from + length)
    })
}

proptest! {
    #[test]
    fn what_the_library_refuses_is_refused(tensors in proptest::collection::btree_map("[a-c]", tensor(), 0..3), data in 0_usize..80) {
        let fields: Vec<String> = tensors.iter().map(|(name, tensor)| format!("\"{name}\":{tensor}")).collect();
        let bytes = file(&format!("{{{}}}", fields.join(",")), data);
        let theirs = SafeTensors::deserialize(&bytes);
        let ours = read(&bytes);
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", ours, theirs);
    }

    #[test]
    fn whatever_the_library_writes_is_read(shapes in proptest::collection::btree_map("[a-z]{1,5}", proptest::collection::vec(0_usize..5, 0..4), 0..6)) {
        let data = vec![0_u8; 4 * 5 * 5 * 5];
        let views: BTreeMap<_, _> = shapes.iter().map(|(name, shape)| {
            let size = 4 * shape.iter().product::<usize>();
            (name.clone(), safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), &data[..size]).expect("a view"))
        }).collect();
        let bytes = safetensors::serialize(views, None).expect("a file");
        let header = read(&bytes).expect("a header");
        let found: BTreeMap<String, Vec<usize>> =
            header.tensors.into_iter().map(|tensor| (tensor.name, tensor.shape.into_iter().map(|length| length as usize).collect())).collect();
        prop_assert_eq!(found, shapes);
    }

    #[test]
    fn any_bytes_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..100), header in "[\\[\\]{}:,\"0-9a-z_]{0,60}") {
        read(&bytes).ok();
        read(&file(&header, 3)).ok();
    }
}
