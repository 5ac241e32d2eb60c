//! From a manifest to the examples of its splits.

use std::collections::BTreeMap;
use std::io::Read;

use keelmark_data::{Error, LabelProfile, Loaded, Source, Splits, load, pin, profile};
use keelmark_manifest::{Lock, Manifest, parse};
use keelmark_types::{Target, TaskKind};
use proptest::prelude::*;

#[derive(Debug, Default, Clone)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    fn with(mut self, path: &str, text: impl Into<Vec<u8>>) -> Self {
        self.0.insert(path.to_owned(), text.into());
        self
    }
}

impl Source for Files {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.get(path).cloned())
    }

    fn is_versioned(&self, _path: &str) -> bool {
        true
    }
}

fn manifest(task: &str, data: &str) -> Manifest {
    let text = format!("keelmark: 1\nname: m\ntask: {task}\ndata: {data}\nmodel: {{preset: linear}}\n");
    parse("model.yaml", &text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

const USUAL: &str = "{train: {path: train.csv}, validation: {split_from: train, ratio: 0.25, seed: 1}, \
                     test: {path: test.csv, id: key}, target: y}";

fn usual() -> Files {
    let rows: Vec<String> =
        (0..40).map(|row| format!("t{row},{row},{},{}\n", row % 7, row % 4 + 8)).collect();
    let train = format!("key,a,b,y\n{}", rows.concat());
    Files::default().with("train.csv", train).with("test.csv", "y,b,a,key\n8,1,100,x\n11,2,200,y\n")
}

fn told(files: &Files, manifest: &Manifest) -> Vec<String> {
    match load(files, "", manifest, None, Splits::All) {
        Ok(_) => panic!("it must not be accepted"),
        Err(error) if error.mistakes().is_empty() => vec![error.to_string()],
        Err(error) => error.mistakes().iter().map(ToString::to_string).collect(),
    }
}

fn all(files: &Files, manifest: &Manifest) -> Loaded {
    load(files, "", manifest, None, Splits::All).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn splits_columns_and_classes_are_as_declared() {
    let loaded = all(&usual(), &manifest("classification", USUAL));
    assert_eq!((loaded.train.len(), loaded.validation.len(), loaded.test.len()), (30, 10, 2));
    assert_eq!(loaded.train.columns, ["a", "b"], "every numeric column but target and id");
    assert_eq!(loaded.test.row(0), [100.0, 1.0], "columns are found by name, not by place");
    assert_eq!(loaded.test.ids, ["x", "y"]);
    let Target::Classes { names, labels } = &loaded.test.target else { panic!("classes") };
    assert_eq!(names, &["8", "9", "10", "11"], "in the order of numbers, fixed by train");
    assert_eq!(labels, &[0, 3]);
    let in_both = loaded.train.ids.iter().filter(|id| loaded.validation.ids.contains(id)).count();
    assert_eq!(in_both, 0, "no example is in train and validation");
    assert_eq!(loaded.pins.len(), 2);
}

#[test]
fn what_is_not_asked_for_is_not_shown() {
    let (files, manifest) = (usual(), manifest("classification", USUAL));
    let whole = all(&files, &manifest);
    let training = load(&files, "", &manifest, None, Splits::Training).expect("loaded");
    assert!(training.test.is_empty(), "test stays unseen");
    assert_eq!(training.test_digest, whole.test_digest);
    assert_eq!((training.train, training.validation), (whole.train, whole.validation));
    let test = load(&files, "", &manifest, None, Splits::Test).expect("loaded");
    assert!(test.train.is_empty() && test.validation.is_empty());
    assert_eq!(test.test, whole.test);
    let broken = files.with("test.csv", "nonsense");
    assert!(load(&broken, "", &manifest, None, Splits::Training).is_ok(), "training does not even read test");
}

#[test]
fn data_that_is_not_what_is_pinned_is_refused() {
    let (files, manifest) = (usual(), manifest("classification", USUAL));
    let lock = pin(&files, "", &manifest).expect("pinned");
    assert!(load(&files, "", &manifest, Some(&lock), Splits::All).is_ok(), "what was pinned is accepted");
    let mut altered = files.clone();
    altered.0.get_mut("train.csv").expect("there").extend(b"t40,1,1,8\n");
    let error = load(&altered, "", &manifest, Some(&lock), Splits::All).expect_err("altered").to_string();
    let found = &pin(&altered, "", &manifest).expect("pinned").files["train.csv"].sha256;
    assert!(error.contains("train.csv` was altered"), "{error}");
    assert!(
        error.contains(lock.files["train.csv"].sha256.as_str()) && error.contains(found.as_str()),
        "{error}"
    );
    let error = load(&files, "", &manifest, Some(&Lock::default()), Splits::All).expect_err("not pinned");
    assert!(error.to_string().starts_with("model.lock: `train.csv` is not pinned"), "{error}");
}

#[test]
fn the_test_digest_changes_with_what_it_is_made_of() {
    let files = usual();
    let digest = |data: &str, files: &Files| all(files, &manifest("classification", data)).test_digest;
    let usually = digest(USUAL, &files);
    assert_eq!(
        usually,
        digest(&USUAL.replace("seed: 1", "seed: 2"), &files),
        "validation is taken from train"
    );
    assert_ne!(usually, digest(&USUAL.replace(", id: key", ""), &files), "another id");
    assert_ne!(
        usually,
        digest(USUAL, &files.clone().with("test.csv", "y,b,a,key\n8,1,100,x\n")),
        "other data"
    );
    let taken = "{train: {path: train.csv}, validation: {split_from: train, ratio: 0.2}, \
                 test: {split_from: train, ratio: 0.25, seed: 1}, target: y}";
    assert_ne!(digest(taken, &files), digest(&taken.replace("seed: 1", "seed: 2"), &files), "another split");
}

#[test]
fn pointers_and_missing_files_are_named() {
    let manifest = manifest("classification", USUAL);
    let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 42\n";
    assert!(
        told(&usual().with("train.csv", lfs), &manifest)[0]
            .contains("only a Git LFS pointer is (sha256:0123, 42")
    );
    let mut missing = usual();
    missing.0.remove("train.csv");
    assert_eq!(told(&missing, &manifest), ["`train.csv` is not there"]);
    let digest = "d8e8fca2dc0f896fd7cb4cb0031ba249";
    let pointer = format!("outs:\n- md5: {digest}\n  size: 3\n  path: train.csv\n");
    let dvc = missing.with("train.csv.dvc", pointer);
    assert!(told(&dvc, &manifest)[0].contains(&format!("only a DVC pointer is (md5:{digest}, 3 bytes)")));
}

#[test]
fn what_is_wrong_is_told_by_file_line_and_column() {
    let usual_manifest = manifest("classification", USUAL);
    for (train, expected) in [
        ("", "train.csv: the file is empty"),
        ("a,y\n", "train.csv: there are no rows"),
        ("a,b\n1,2\n", "train.csv:1: there is no column `y` (data.target)"),
        ("a,b,y\n1,2,8\n1,oops,9\n", "train.csv:3:3: `b` in row 2 is not a number: `oops`"),
        ("a,b,y\n1,2,8\n1,,9\n", "train.csv:3:3: `b` in row 2 is empty"),
        ("a,b,y\n1,2,8\n1,NaN,9\n", "train.csv:3:3: `b` in row 2 is not finite"),
        ("a,b,y\n1,2,8\n1,1e300,9\n", "train.csv:3:3: `b` in row 2 is too large"),
        ("a,b,y\n1,2,8\n1,2\n", "train.csv:3: row 2 has 2 cells (expected 3"),
        ("a,b,y\n1,2,8\n1,3,\n", "train.csv:3:5: `y` in row 2 is empty"),
        ("a,b,y\n1,2,8\n2,1,8\n", "train.csv: every example is of the class `8`"),
        ("c,y\nx,8\n", "train.csv: no column but target and id begins with a number"),
        (
            "a,b,y\n1,2,8\n2,1,9\n3,1,9\n4,1,8\n",
            "test.csv:3:1: `y` in row 2 is a class that train does not have: `11`",
        ),
        ("a,z,y\n1,2,8\n2,1,11\n", "test.csv:1: there is no column `z` (a feature)"),
    ] {
        let told = told(&usual().with("train.csv", train), &usual_manifest);
        assert!(told[0].starts_with(expected), "{train:?}: {told:?}");
    }
    let twice = usual().with("test.csv", "y,b,a,key\n8,1,1,x\n9,1,1,x\n");
    assert!(
        told(&twice, &usual_manifest)[0]
            .starts_with("test.csv:3:7: `key` in row 2 is the same as in line 2: `x`")
    );
}

#[test]
fn declarations_that_do_not_fit_the_data_are_told() {
    let with = |features: &str| USUAL.replace("target: y", &format!("target: y, features: {features}"));
    for (data, expected) in [
        (with("{g: {columns: \"q*\"}}"), "model.yaml: no column fits `q*` (data.features.g)"),
        (with("{g: {columns: [a, b]}, h: {columns: b}}"), "model.yaml: `b` is in two groups"),
        (
            with("{g: {columns: \"*\", shape: [1, 3]}}"),
            "model.yaml: data.features.g has 2 columns, which do not fill",
        ),
        (USUAL.replace("0.25", "0.001"), "model.yaml: data.validation with ratio 0.001 takes 0 of the 40"),
    ] {
        let told = told(&usual(), &manifest("classification", &data));
        assert!(told[0].starts_with(expected), "{data}: {told:?}");
    }
}

#[test]
fn a_test_set_may_be_taken_from_train() {
    let data = "{train: {path: train.csv}, validation: {split_from: train, ratio: 0.25}, \
                test: {split_from: train, ratio: 0.2}, target: b, features: {g: {columns: a}}}";
    let loaded = all(&usual(), &manifest("regression", data));
    assert_eq!((loaded.train.len(), loaded.validation.len(), loaded.test.len()), (24, 8, 8));
    let mut ids = [loaded.train.ids, loaded.validation.ids, loaded.test.ids].concat();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 40, "every example is in one split");
    assert!(matches!(loaded.test.target, Target::Values(_)));
}

#[test]
fn test_examples_seen_in_train_are_told() {
    let manifest = manifest("classification", USUAL);
    let train = all(&usual(), &manifest).train;
    let test = format!("y,b,a,key\n8,{},{},x\n9,5,500,z\n", train.row(0)[1], train.row(0)[0]);
    let told = all(&usual().with("test.csv", test), &manifest).warnings;
    assert!(told.iter().any(|told| told.starts_with("1 of 2 test examples")), "{told:?}");
}

#[test]
fn the_digits_sample_is_sound() {
    let asset = |name: &str| {
        let path = format!("{}/../../../assets/samples/digits/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(&path).expect("the sample is in the repository")
    };
    let mut pixels = String::new();
    flate2::read::GzDecoder::new(asset("digits.csv.gz").as_slice())
        .read_to_string(&mut pixels)
        .expect("gzip");
    let rows = String::from_utf8(asset("rows.csv")).expect("UTF-8");
    let header: Vec<String> = (0..64).map(|pixel| format!("p{pixel:02}")).collect();
    let table = |set: &str, label: usize| {
        let mut lines = vec![format!("row_id,{},label\n", header.join(","))];
        for (row, scan) in rows.lines().skip(1).zip(pixels.lines()) {
            let row: Vec<&str> = row.split(',').collect();
            let (scan, truth) = scan.rsplit_once(',').expect("the digit is last");
            assert_eq!(row[2], truth, "rows.csv names the true digit");
            if row[1] == set {
                lines.push(format!("{},{scan},{}\n", row[0], row[label]));
            }
        }
        lines.concat()
    };
    let files = Files::default()
        .with("m/data/train.csv", table("train", 3))
        .with("m/data/test.csv", table("test", 2));
    let data = "{train: {path: data/train.csv, id: row_id}, validation: {split_from: train, ratio: 0.15, seed: 1}, \
                test: {path: data/test.csv, id: row_id}, target: label, \
                features: {pixels: {columns: \"p*\", shape: [1, 8, 8]}}}";
    let manifest = manifest("classification", data);
    assert_eq!(manifest.task, TaskKind::Classification);
    let lock = pin(&files, "m", &manifest).expect("pinned");
    let loaded = load(&files, "m", &manifest, Some(&lock), Splits::All).expect("sound");
    assert_eq!((loaded.train.len(), loaded.validation.len(), loaded.test.len()), (1145, 202, 450));
    assert_eq!(loaded.test.shape, [1, 8, 8]);
    let LabelProfile::Classes(counts) = profile(&loaded.test).labels else { panic!("classes") };
    assert!(
        counts.iter().all(|(_, count)| (43..=46).contains(count)),
        "every digit in proportion: {counts:?}"
    );
    assert_eq!(loaded.warnings, Vec::<String>::new());
    let wrong = rows.lines().skip(1).filter(|row| row.split(',').nth(2) != row.split(',').nth(3)).count();
    assert_eq!(wrong, 165, "as SOURCE.md says");
}

proptest! {
    #[test]
    fn any_bytes_are_answered(train in proptest::collection::vec(any::<u8>(), 0..300)) {
        let files = usual().with("train.csv", train);
        let _either = load(&files, "", &manifest("classification", USUAL), None, Splits::All).is_ok();
    }

    #[test]
    fn any_table_is_answered(train in "(key,)?a,b,y\n([\"0-9a-z.,\r\n\t é-]|0.5|nan|inf){0,200}") {
        let files = usual().with("train.csv", train);
        let _either = load(&files, "", &manifest("classification", USUAL), None, Splits::All).is_ok();
    }
}
