//! Data behind DVC's and Git LFS's pointers, found on this machine by its digest.

mod support;

use std::fs;

use keelmark_data::{DataSource, DvcHere, Error, Source, Splits, Whereabouts, load, pin};
use keelmark_manifest::{Manifest, parse};
use proptest::prelude::*;
use support::{Clone, told};

fn fresh() -> Clone {
    Clone::at(&told().commits["fresh"])
}

fn manifest(train: &str) -> Manifest {
    let text = format!(
        "keelmark: 1\nname: m\ntask: classification\ndata: {{train: {{path: {train}}}, \
         test: {{split_from: train, ratio: 0.34, seed: 1}}, \
         validation: {{split_from: train, ratio: 0.25, seed: 1}}, target: y}}\nmodel: {{preset: linear}}\n"
    );
    parse("model.yaml", &text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn text(source: &DataSource<'_>, path: &str) -> String {
    String::from_utf8(source.read(path).expect("read").expect("it is there")).expect("UTF-8")
}

fn error(source: &DataSource<'_>, path: &str) -> String {
    source.read(path).expect_err("it must not be given").to_string()
}

#[test]
fn what_dvc_tracks_is_read_from_its_cache() {
    let clone = fresh();
    clone.put_cache(|_| true);
    let (version, stores) = (clone.version(), clone.stores());
    let source = DataSource::of_version(&version, &stores);
    let told = told();
    for (path, expected) in &told.files["fresh"] {
        assert_eq!(&text(&source, path), expected, "{path}");
        assert!(source.is_versioned(path));
        let Whereabouts::Dvc { here, said_to_be, .. } = source.whereabouts(path).expect("asked") else {
            panic!("{path} is in DVC")
        };
        assert_eq!((here, said_to_be), (DvcHere::Cached, Vec::new()), "{path}");
    }
    assert!(
        told.files["fresh"].len() > 10,
        "pointers, stages, folders, another folder's pipeline, the older kind"
    );
    assert_eq!(text(&source, "src/a.txt"), "a\n", "a blob");
    assert_eq!(source.whereabouts("src/a.txt").expect("asked"), Whereabouts::Git);
    for none in ["none.csv", "data/images/none.txt", "data/raw.csv/inner", "data/images", "parts/deep"] {
        assert_eq!(source.read(none).expect("asked"), None, "{none}");
    }
    let Whereabouts::Dvc { said_in, md5, size_bytes, .. } = source.whereabouts("data/images").expect("asked")
    else {
        panic!("a folder in DVC")
    };
    assert_eq!((said_in.as_str(), size_bytes), ("data/images.dvc", Some(4)));
    assert_eq!(md5.as_deref(), Some("1d7c61e193a422a32c749e9b3a2fa871.dir"));
}

#[test]
fn data_behind_a_pointer_is_loaded_and_pinned_as_a_blob_is() {
    let clone = fresh();
    clone.put_cache(|_| true);
    let (version, stores) = (clone.version(), clone.stores());
    let source = DataSource::of_version(&version, &stores);
    let manifest = manifest("data/raw.csv");
    let lock = pin(&source, "", &manifest).expect("pinned");
    let loaded = load(&source, "", &manifest, Some(&lock), Splits::All).expect("loaded");
    assert!(
        loaded.pins[0].versioned && loaded.train.len() + loaded.validation.len() + loaded.test.len() == 6
    );

    let blob = fresh();
    blob.remove("data/raw.csv.dvc");
    blob.write("data/.gitignore", "");
    blob.write("data/raw.csv", &told().files["fresh"]["data/raw.csv"]);
    let commit = blob.commit();
    let (version, stores) = (blob.repository().version(&commit).expect("a version"), blob.stores());
    let source = DataSource::of_version(&version, &stores);
    let same = load(&source, "", &manifest, Some(&lock), Splits::All).expect("loaded");
    assert_eq!((same.train, same.test, same.pins), (loaded.train, loaded.test, loaded.pins));
    assert_eq!(same.test_digest, loaded.test_digest, "comparable");
}

#[test]
fn what_is_missing_is_said_to_be_in_the_remote() {
    let clone = fresh();
    let (version, stores) = (clone.version(), clone.stores());
    let source = DataSource::of_version(&version, &stores);
    let told = error(&source, "data/raw.csv");
    assert!(told.contains("only a DVC pointer is (md5:"), "{told}");
    assert!(told.ends_with("they are said to be in remote `store` at ../../../store"), "{told}");
    let Whereabouts::Dvc { here, said_to_be, .. } = source.whereabouts("data/images/one.txt").expect("asked")
    else {
        panic!("in DVC")
    };
    assert_eq!((here, said_to_be.len()), (DvcHere::Missing, 1));
}

#[test]
fn a_copy_in_the_work_tree_counts_where_its_digest_is_right() {
    let clone = fresh();
    for (path, text) in &told().files["fresh"] {
        clone.write(path, text);
    }
    let (version, stores) = (clone.version(), clone.stores());
    let source = DataSource::of_version(&version, &stores);
    for path in ["data/raw.csv", "data/images/sub/two.txt", "old.csv", "sub/inner/score.txt"] {
        assert_eq!(text(&source, path), told().files["fresh"][path], "{path}");
    }
    let Whereabouts::Dvc { here, .. } = source.whereabouts("parts").expect("asked") else { panic!("in DVC") };
    assert_eq!(here, DvcHere::WorkTree);
    // The older kind reads text with LF for CRLF: either is right.
    clone.write("old.csv", &told().files["fresh"]["old.csv"].replace("\r\n", "\n"));
    assert_eq!(text(&source, "old.csv"), "x,y\n1,2\n");
    clone.write("data/raw.csv", "x,y\n");
    assert!(error(&source, "data/raw.csv").contains("only a DVC pointer is"));

    let repository = clone.repository();
    let work = DataSource::of_work_tree(&repository, &stores).expect("asked").expect("a work tree");
    assert_eq!(text(&work, "data/raw.csv"), "x,y\n", "the work tree gives what stands in it");
    assert!(!work.is_versioned("data/raw.csv") && work.is_versioned("old.csv"));
    clone.write("loose.csv", "x\n");
    assert_eq!(work.whereabouts("loose.csv").expect("asked"), Whereabouts::Unversioned);
    assert_eq!(work.whereabouts("none.csv").expect("asked"), Whereabouts::Missing);
    assert_eq!(work.whereabouts("src").expect("asked"), Whereabouts::Git);
}

#[test]
fn a_cache_that_lies_is_told() {
    let clone = fresh();
    clone.put_cache(|_| true);
    let (version, stores) = (clone.version(), clone.stores());
    let source = DataSource::of_version(&version, &stores);
    let Whereabouts::Dvc { md5: Some(md5), .. } = source.whereabouts("data/raw.csv").expect("asked") else {
        panic!("in DVC")
    };
    let object = format!(".dvc/cache/files/md5/{}/{}", &md5[..2], &md5[2..]);
    clone.remove(&object);
    clone.write(&object, "x,y\n1,666\n");
    let told = error(&source, "data/raw.csv");
    assert!(told.contains("of DVC's cache is damaged: its bytes have md5"), "{told}");
}

#[test]
fn the_cache_may_be_elsewhere() {
    let clone = fresh();
    support::put_objects(&clone.folder.path().join("shared"), |_| true);
    clone.write(".dvc/config.local", "[cache]\n    dir = ../../shared\n");
    let (version, stores) = (clone.version(), clone.stores());
    assert!(text(&DataSource::of_version(&version, &stores), "data/raw.csv").starts_with("x,y\n"));

    let clone = fresh();
    let shared = clone.folder.path().join("shared");
    support::put_objects(&shared, |_| true);
    let own = format!("[cache]\ndir = {}\n", shared.display());
    let stores = keelmark_data::Stores::of(&clone.repository(), Some(&own)).expect("stores");
    let version = clone.version();
    assert!(text(&DataSource::of_version(&version, &stores), "data/raw.csv").starts_with("x,y\n"));
}

#[test]
fn git_lfs_objects_are_read_from_their_stores() {
    let clone = fresh();
    let oid = "7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c"; // printf "new\n" | sha256sum
    clone
        .write("big.csv", &format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 4\n"));
    let commit = clone.commit();
    let (version, stores) = (clone.repository().version(&commit).expect("a version"), clone.stores());
    let source = DataSource::of_version(&version, &stores);
    let is_here = |expected: bool| {
        let found = source.whereabouts("big.csv").expect("asked");
        assert!(matches!(&found, Whereabouts::Lfs { is_here, .. } if *is_here == expected), "{found:?}");
    };
    is_here(false);
    let told = load(&source, "", &manifest("big.csv"), None, Splits::All).expect_err("only a pointer");
    assert!(matches!(told, Error::Elsewhere { .. }), "{told}");
    let object = format!(".git/lfs/objects/{}/{}/{oid}", &oid[..2], &oid[2..4]);
    clone.write(&object, "a,b\n");
    is_here(true);
    assert!(error(&source, "big.csv").contains("is damaged"), "a wrong digest is not believed");
    clone.write(&object, "new\n");
    assert_eq!(text(&source, "big.csv"), "new\n");
}

#[test]
fn hostile_pointers_are_told_with_file_and_line() {
    let digest = "d8e8fca2dc0f896fd7cb4cb0031ba249";
    for (file, bytes, expected) in [
        (
            "x.csv.dvc",
            format!("outs:\n- md5: {digest}\n  path: ../../x.csv\n"),
            "x.csv.dvc:3: `../../x.csv` leads out",
        ),
        (
            "x.csv.dvc",
            format!("outs:\n- md5: {digest}\n  path: /etc/passwd\n"),
            "x.csv.dvc:3: `/etc/passwd` leads out",
        ),
        (
            "x.csv.dvc",
            "outs:\n- md5: ../../../../etc/passwd\n  path: x.csv\n".to_owned(),
            "x.csv.dvc:2: `../../../../etc/passwd`",
        ),
        ("x.csv.dvc", "outs:\n- md5: [\n".to_owned(), "x.csv.dvc:2: "),
        (
            "x.csv.dvc",
            format!("wdir: ../..\nouts:\n- md5: {digest}\n  path: x.csv\n"),
            "x.csv.dvc: `../..` leads out",
        ),
        ("x.csv.dvc", format!("outs:\n- md5: {digest}\n  size: -1\n  path: x.csv\n"), "x.csv.dvc:3: "),
        (
            "deep/dvc.lock",
            format!(
                "schema: '2.0'\nstages:\n  a:\n    outs:\n    - path: ../../x.csv\n      md5: {digest}\n"
            ),
            "deep/dvc.lock:5: `../../x.csv` leads out",
        ),
    ] {
        let clone = fresh();
        clone.put_cache(|_| true);
        clone.write(file, &bytes);
        let commit = clone.commit();
        let (version, stores) = (clone.repository().version(&commit).expect("a version"), clone.stores());
        let source = DataSource::of_version(&version, &stores);
        let told = error(&source, "x.csv");
        assert!(told.starts_with(expected), "{told}");
        assert!(
            text(&source, "data/raw.csv").starts_with("x,y\n"),
            "one that is wrong does not hide the others"
        );
        assert_eq!(source.problems().expect("asked").len(), 1);
    }
}

#[test]
fn a_list_that_leads_out_of_its_folder_is_told() {
    let clone = fresh();
    let list = format!("[{{\"md5\": \"{}\", \"relpath\": \"../../secret\"}}]", "0".repeat(32));
    // md5sum of that list.
    let digest = "3e2a4bd91bfcf29e71830b3b6933b370";
    clone.write("d.dvc", &format!("outs:\n- md5: {digest}.dir\n  path: d\n  hash: md5\n"));
    clone.write(&format!(".dvc/cache/files/md5/{}/{}.dir", &digest[..2], &digest[2..]), &list);
    let commit = clone.commit();
    let (version, stores) = (clone.repository().version(&commit).expect("a version"), clone.stores());
    let told = error(&DataSource::of_version(&version, &stores), "d/x");
    assert!(told.starts_with("d.dvc:1: the list names `../../secret`, which leads out"), "{told}");
}

#[test]
fn links_out_of_the_repository_are_not_followed() {
    let clone = fresh();
    let outside = clone.folder.path().join("outside");
    support::put_objects(&outside, |_| true);
    fs::create_dir_all(clone.path().join(".dvc")).expect("made");
    std::os::unix::fs::symlink(&outside, clone.path().join(".dvc/cache")).expect("linked");
    let (version, stores) = (clone.version(), clone.stores());
    let told = error(&DataSource::of_version(&version, &stores), "data/raw.csv");
    assert!(told.contains("`.dvc/cache` is not supported") && told.contains("cache.dir"), "{told}");

    let clone = fresh();
    let secret = clone.folder.path().join("secret.csv");
    fs::write(&secret, told_text("data/raw.csv")).expect("written");
    std::os::unix::fs::symlink(&secret, clone.path().join("data/raw.csv")).expect("linked");
    let (version, stores) = (clone.version(), clone.stores());
    let told = error(&DataSource::of_version(&version, &stores), "data/raw.csv");
    assert!(told.contains("only a DVC pointer is"), "{told}");
}

fn told_text(path: &str) -> String {
    told().files["fresh"][path].clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_pointer_is_answered(bytes in "(outs:\n- (md5|path|size): )?[\\PC\n]{0,60}") {
        let clone = fresh();
        clone.write("x.csv.dvc", &bytes);
        let commit = clone.commit();
        let (version, stores) = (clone.repository().version(&commit).expect("a version"), clone.stores());
        let source = DataSource::of_version(&version, &stores);
        let _either = source.read("x.csv").is_ok();
        prop_assert!(source.read("src/a.txt").expect("read").is_some());
    }
}
