//! Files from strangers: refused with a reason, never a panic, never more memory than the file has.

use std::sync::LazyLock;

use crate::support::{glyphs, manifest, mlp, spec, trained};
use keelmark_compute::{Error, Model, Trained, layer_weights};
use keelmark_manifest::{ModelSpec, Preset};
use keelmark_types::TaskKind;
use proptest::prelude::*;

static SAMPLE: LazyLock<Trained> = LazyLock::new(|| {
    let data = glyphs(40, 1);
    let manifest = manifest(TaskKind::Classification, mlp(4), spec(1, 0.01));
    trained(&manifest, &data, &data.select(&[])).expect("it trains")
});

fn file(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(data);
    bytes
}

fn load(weights: &[u8], config: &str, preprocess: &str, signature: &str) -> Result<Model, Error> {
    Model::load(weights, config.as_bytes(), preprocess.as_bytes(), signature.as_bytes())
}

#[test]
fn weights_files_that_lie_are_refused() {
    let good = r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    let one = 1.5_f32.to_le_bytes();
    assert_eq!(layer_weights(&file(good, &one)).expect("good"), [("a".to_owned(), vec![1], vec![1.5])]);
    let entry = r#""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#;
    for (why, header, data) in [
        ("there twice", format!("{{{entry},{entry}}}"), &one[..]),
        ("there twice", format!("{{{entry},{}}}", entry.replace("\"a\"", "\"\\u0061\"")), &one[..]),
        ("only F32", good.replace("F32", "I32"), &one[..]),
        ("NaN", good.to_owned(), &f32::NAN.to_le_bytes()[..]),
        ("", good.replace("[0,4]", "[0,8]"), &one[..]),
        ("", good.replace("[0,4]", "[4,0]"), &one[..]),
        ("", good.replace("[1]", "[18446744073709551615,2]"), &one[..]),
        ("", good.replace("[1]", "[2]"), &one[..]),
        ("", good.to_owned(), &[0; 8][..]),
        ("header", "[]".to_owned(), &[][..]),
    ] {
        let error = layer_weights(&file(&header, data)).expect_err(&header);
        assert!(error.to_string().contains(why), "{header} is refused because of {why}: {error}");
    }
    let mut long = u64::MAX.to_le_bytes().to_vec();
    long.extend_from_slice(b"{}");
    let error = layer_weights(&long).expect_err("no header is that long").to_string();
    assert!(error.contains("8388608 are allowed"), "{error}");
}

#[test]
fn weights_of_another_network_are_refused() {
    let good = &*SAMPLE;
    let other = |model| {
        let data = glyphs(40, 1);
        let manifest = manifest(TaskKind::Classification, model, spec(1, 0.01));
        let done = trained(&manifest, &data, &data.select(&[])).expect("it trains");
        load(&done.weights, &good.config_json, &good.preprocess_json, &good.signature_json)
            .expect_err("other layers")
            .to_string()
    };
    let wider = other(mlp(5));
    assert!(wider.contains("[5, 64]") && wider.contains("[4, 64]"), "both shapes are named: {wider}");
    let deeper = Preset::Mlp { hidden: vec![4, 10], dropout: 0.0 };
    let deeper = other(ModelSpec::Preset(deeper));
    assert!(deeper.contains("has no `layers.5.bias`"), "the tensor too many is named: {deeper}");
    let shallow = other(ModelSpec::Preset(Preset::Linear));
    assert!(shallow.contains("`layers.1.weight`"), "the tensor that differs is named: {shallow}");
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let good = &*SAMPLE;
    let files = (&good.weights, &good.config_json, &good.preprocess_json, &good.signature_json);
    load(files.0, files.1, files.2, files.3).expect("the sample loads");
    for (from, to) in [
        ("\"units\": 4", "\"units\": 5"),
        ("\"inputs\": 64", "\"inputs\": 65"),
        ("\"outputs\": 10", "\"outputs\": 11"),
        ("\"flatten\"", "\"squash\""),
        ("classification", "regression"),
        ("keelmark.network/1", "keelmark.network/2"),
        ("\"units\": 4", "\"units\": 18446744073709551615"),
    ] {
        assert!(files.1.contains(from), "{from} stands in config.json");
        let error = load(files.0, &files.1.replace(from, to), files.2, files.3);
        assert!(matches!(error, Err(Error::Corrupt { .. })), "{to} in config.json must be refused");
    }
    for (from, to) in [("\"p3\"", "\"q3\""), ("\"divide\": [\n", "\"divide\": [\n 0,\n"), ("/1\"", "/9\"")] {
        assert!(files.2.contains(from), "{from} stands in preprocess.json");
        let error = load(files.0, files.1, &files.2.replace(from, to), files.3);
        assert!(matches!(error, Err(Error::Corrupt { .. })), "{to} in preprocess.json must be refused");
    }
    let fewer = files.3.replace("\"9\"\n", "\"9\", \"10\"\n");
    assert_ne!(&fewer, files.3, "the classes stand in signature.json");
    assert!(matches!(load(files.0, files.1, files.2, &fewer), Err(Error::Corrupt { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_are_refused_in_peace(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(layer_weights(&bytes).is_err(), "chance is no weights file");
    }

    #[test]
    fn any_header_is_read_in_peace(header in r#"\{("a":\{"dtype":"F(32|64)","shape":\[[0-9]{1,20}(,[0-9]{1,3})?\],"data_offsets":\[[0-9]{1,20},[0-9]{1,20}\]\},?){0,3}\}"#, data in prop::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(tensors) = layer_weights(&file(&header, &data)) {
            for (name, shape, values) in tensors {
                prop_assert_eq!(shape.iter().product::<usize>(), values.len(), "{} must be whole", name);
            }
        }
    }

    #[test]
    fn a_changed_byte_never_panics(place in any::<prop::sample::Index>(), which in 0_usize..4, byte in any::<u8>()) {
        let good = &*SAMPLE;
        let mut files = [
            good.weights.clone(),
            good.config_json.clone().into_bytes(),
            good.preprocess_json.clone().into_bytes(),
            good.signature_json.clone().into_bytes(),
        ];
        let place = place.index(files[which].len());
        files[which][place] = byte;
        if let Ok(model) = Model::load(&files[0], &files[1], &files[2], &files[3]) {
            // A changed weight is a weight; what matters is that answers stay answers or errors.
            if let Ok(answers) = model.predict_rows(&[0.0; 64]) {
                prop_assert!(answers.iter().all(|value| value.is_finite()), "an answer is a number");
            }
        }
    }
}
