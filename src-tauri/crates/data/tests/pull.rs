//! Bytes behind pointers, fetched from remotes of each kind into the cache.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use keelmark_data::{DataSource, DvcHere, PullError, PullOptions, Pulled, RemoteAccess, Source, Whereabouts};
use keelmark_types::{NoProgress, Outcome, Progress, Stop};
use support::{Clone, cache, put_objects, server, told};

fn fresh() -> Clone {
    Clone::at(&told().commits["fresh"])
}

fn pull_with(
    clone: &Clone,
    paths: &[&str],
    set: &BTreeMap<&str, &str>,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Outcome<Pulled>, PullError> {
    let (version, stores) = (clone.version(), clone.stores());
    let source = DataSource::of_version(&version, &stores);
    let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
    let variable = |name: &str| set.get(name).map(|value| (*value).to_owned());
    let options = PullOptions {
        paths: &paths,
        remote: None,
        access: RemoteAccess { variable: &variable, home: None },
        at: "2026-03-02T09:30:00Z".parse().expect("a time"),
    };
    source.pull(&options, progress, stop)
}

fn pull(clone: &Clone, paths: &[&str]) -> Result<Pulled, PullError> {
    match pull_with(clone, paths, &BTreeMap::new(), &NoProgress, &Stop::new())? {
        Outcome::Done(pulled) => Ok(pulled),
        Outcome::Stopped { kept } => panic!("nobody stopped it: {kept}"),
    }
}

fn url(clone: &Clone, url: &str, more: &str) {
    clone.write(".dvc/config.local", &format!("['remote \"store\"']\n    url = {url}\n{more}"));
}

/// Every file below a folder, with its text.
fn all_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(inner) = pending.pop() {
        for entry in fs::read_dir(&inner).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
                found.insert(name, fs::read(&path).expect("read"));
            }
        }
    }
    found
}

/// What DVC itself keeps of the fixture, less what no pointer of the commit names: text of a metric that Git has.
fn expected() -> BTreeMap<String, Vec<u8>> {
    let all = cache().into_iter().map(|(path, text)| (path, text.into_bytes()));
    all.filter(|(_, bytes)| bytes != b"{\"acc\": 0.5}\n").collect()
}

#[test]
fn all_that_is_tracked_comes_from_a_folder_and_the_cache_is_as_dvc_leaves_it() {
    let clone = fresh();
    let store = clone.folder.path().join("store");
    put_objects(&store, |_| true);
    url(&clone, store.to_str().expect("UTF-8"), "");
    let before = all_of(&clone.path());
    let pulled = pull(&clone, &[]).expect("fetched");
    let kept = all_of(&clone.path().join(".dvc/cache"));
    assert_eq!(kept, expected());
    assert_eq!((pulled.fetched, pulled.already_here), (kept.len() as u64, 0));
    assert_eq!(pulled.bytes, kept.values().map(|bytes| bytes.len() as u64).sum::<u64>());
    assert_eq!(pulled.remotes, [format!("remote `store` at {}", store.display())]);
    let mut after = all_of(&clone.path());
    after.retain(|path, _| !path.starts_with(".dvc/cache/"));
    assert_eq!(after, before, "nothing else was touched, Git's folder least of all");
    let object = clone.path().join(".dvc/cache").join(kept.keys().next().expect("an object"));
    assert_eq!(fs::metadata(object).expect("there").permissions().mode() & 0o222, 0, "protected as by DVC");

    let (version, stores) = (clone.version(), clone.stores());
    let source = DataSource::of_version(&version, &stores);
    for (path, text) in &told().files["fresh"] {
        assert_eq!(source.read(path).expect("read").as_deref(), Some(text.as_bytes()), "{path}");
    }
    fs::rename(&store, clone.folder.path().join("gone")).expect("moved");
    let again = pull(&clone, &[]).expect("all is here, so nobody is asked");
    assert_eq!((again.fetched, again.remotes.len()), (0, 0));
}

#[test]
fn a_file_a_folder_and_a_part_of_a_folder_come_alone() {
    let clone = fresh();
    put_objects(&clone.folder.path().join("store"), |_| true);
    url(&clone, "../../store", "");
    let here = |path: &str| {
        let (version, stores) = (clone.version(), clone.stores());
        match DataSource::of_version(&version, &stores).whereabouts(path).expect("asked") {
            Whereabouts::Dvc { here, .. } => here,
            other => panic!("{path} is {other:?}"),
        }
    };
    assert_eq!(pull(&clone, &["data/images/sub"]).expect("fetched").fetched, 2, "the list, and a file of it");
    assert_eq!(here("data/images"), DvcHere::Partly { missing: 1, files: 2 });
    pull(&clone, &["data/images/one.txt", "old.csv"]).expect("fetched");
    assert_eq!((here("data/images"), here("old.csv")), (DvcHere::Cached, DvcHere::Cached));
    assert_eq!(here("data/raw.csv"), DvcHere::Missing);
    pull(&clone, &["data"]).expect("fetched");
    assert_eq!(here("data/raw.csv"), DvcHere::Cached, "it lies below");
    let told = pull(&clone, &["nothing.csv"]).expect_err("nobody tracks it").to_string();
    assert_eq!(told, "`nothing.csv` is not there");
}

#[test]
fn a_web_server_is_asked_with_the_password_and_never_told_of_it() {
    let clone = fresh();
    let store = clone.folder.path().join("store");
    put_objects(&store, |path| !path.starts_with("34/"));
    // printf ada:s3cret | base64
    let files = server::serve(store, Some("Authorization: Basic YWRhOnMzY3JldA=="));
    let more = "    auth = basic\n    user = ada\n    password = s3cret\n";
    url(&clone, &files.address, "");
    let told = pull(&clone, &["data/raw.csv"]).expect_err("it demands a password");
    assert!(matches!(told, PullError::Denied { .. }), "{told:?}");
    url(&clone, &files.address.replace("://", "://ada:s3cret@"), more);
    let told = pull(&clone, &[]).expect_err("one is missing");
    let PullError::NotThere { missing, .. } = &told else { panic!("{told}") };
    assert_eq!(missing, &["old.csv (md5 344fd2323dd33d5c058b7cf27de029e8)"]);
    assert!(!format!("{told} {told:?}").contains("s3cret"), "{told:?}");
    let kept = all_of(&clone.path().join(".dvc/cache"));
    assert_eq!(kept.len(), expected().len() - 1, "the others came all the same");
    let asked = files.asked.lock().expect("nobody panicked").clone();
    assert!(asked.iter().any(|line| line.starts_with("GET /files/md5/9d/532335b1b08c56dcf371400edc4134 ")));
}

#[test]
fn a_store_that_speaks_s3_is_asked_with_a_signature() {
    let clone = fresh();
    put_objects(&clone.folder.path().join("s3/models/team"), |_| true);
    let files = server::serve(clone.folder.path().join("s3"), None);
    url(&clone, "s3://models/team", &format!("    endpointurl = {}\n", files.address));
    let told = pull(&clone, &[]).expect_err("no keys");
    assert!(matches!(told, PullError::Denied { .. }) && told.to_string().contains("no keys"), "{told}");
    let set = BTreeMap::from([
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ]);
    let pulled = pull_with(&clone, &[], &set, &NoProgress, &Stop::new()).expect("fetched");
    assert!(matches!(pulled, Outcome::Done(_)));
    assert_eq!(all_of(&clone.path().join(".dvc/cache")), expected());
    let asked = files.asked.lock().expect("nobody panicked").clone();
    let line = asked.iter().find(|line| line.contains("/9d/532335b1b08c56dcf371400edc4134")).expect("asked");
    let day = "/models/team/files/md5/9d/532335b1b08c56dcf371400edc4134?X-Amz-Algorithm=AWS4-HMAC-SHA256&\
               X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260302%2Fus-east-1%2Fs3%2Faws4_request";
    assert!(line.starts_with(&format!("GET {day}")), "{line}");
}

#[test]
fn wrong_bytes_are_thrown_away() {
    let clone = fresh();
    let store = clone.folder.path().join("store");
    put_objects(&store, |_| true);
    url(&clone, "../../store", "");
    let object = store.join("files/md5/9d/532335b1b08c56dcf371400edc4134");
    for (bytes, why) in [
        ("x,y\n1,8\n2,9\n3,8\n4,9\n5,8\n6,8\n", "md5 "),
        ("x,y\n1,8\n2,9\n3,8\n4,9\n5,8\n6,9\n7,7\n", "more than 28 bytes"),
        ("", "md5 d41d8cd98f00b204e9800998ecf8427e"),
    ] {
        fs::remove_file(&object).expect("there");
        fs::write(&object, bytes).expect("written");
        let told = pull(&clone, &["data/raw.csv"]).expect_err("it is another");
        assert!(matches!(told, PullError::Mismatch { .. }) && told.to_string().contains(why), "{told}");
        assert_eq!(all_of(&clone.path().join(".dvc/cache")), BTreeMap::new(), "nothing is left");
    }
    let list = store.join("files/md5/1d/7c61e193a422a32c749e9b3a2fa871.dir");
    fs::remove_file(&list).expect("there");
    fs::write(&list, "[]").expect("written");
    let told = pull(&clone, &["data/images"]).expect_err("the list is another");
    assert!(matches!(told, PullError::Mismatch { .. }), "{told}");
}

/// Raises a stop once so many files are done.
struct StopsAt(u64, Stop);

impl Progress for StopsAt {
    fn update(&self, step: &str, done: u64, _total: Option<u64>, _unit: &str) {
        if step == "data" && done >= self.0 {
            self.1.raise();
        }
    }
}

#[test]
fn a_stop_keeps_what_came_and_the_next_call_goes_on() {
    let clone = fresh();
    put_objects(&clone.folder.path().join("store"), |_| true);
    url(&clone, "../../store", "");
    let stop = Stop::new();
    let watching = StopsAt(3, stop.clone());
    let outcome = pull_with(&clone, &[], &BTreeMap::new(), &watching, &stop).expect("an outcome");
    let Outcome::Stopped { kept } = outcome else { panic!("it was stopped") };
    let so_far = all_of(&clone.path().join(".dvc/cache"));
    assert!(
        kept.starts_with(&format!("{} objects", so_far.len())) && so_far.len() >= 3,
        "{kept}: {so_far:?}"
    );
    let pulled = pull(&clone, &[]).expect("fetched");
    assert_eq!(pulled.fetched as usize, expected().len() - so_far.len(), "only the rest");
    assert_eq!(all_of(&clone.path().join(".dvc/cache")), expected());
}

#[test]
fn remotes_that_cannot_be_asked_are_told_apart() {
    let clone = fresh();
    for (config, expected) in [
        ("[core]\n    remote = none\n", "there is no remote to ask: `none` is not set up"),
        (
            "['remote \"store\"']\n    url = gs://bucket/x\n",
            "remote `store` at gs://bucket/x is not supported: gs",
        ),
        (
            "['remote \"store\"']\n    url = https://host/x\n    auth = digest\n",
            "is not supported: `auth = digest`",
        ),
        ("['remote \"store\"']\n    url = ../../nowhere\n", "could not be reached"),
        ("['remote \"store\"']\n    url = s3://\n", "names no bucket"),
        ("['remote \"store\"']\n    url = ../../store\n    version_aware = true\n", "not by their digests"),
    ] {
        clone.write(".dvc/config.local", config);
        let told = pull(&clone, &["data/raw.csv"]).expect_err("it cannot be asked").to_string();
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn nothing_is_written_through_a_link_or_into_gits_folder() {
    let told_of = |clone: &Clone| {
        put_objects(&clone.folder.path().join("store"), |_| true);
        let before = all_of(&clone.path().join(".git"));
        let told = pull(clone, &[]).expect_err("refused").to_string();
        assert_eq!(all_of(&clone.path().join(".git")), before);
        told
    };
    let clone = fresh();
    url(&clone, "../../store", "[cache]\n    dir = ../.git/objects\n");
    assert!(told_of(&clone).contains("it is in Git's folder"));

    let clone = fresh();
    url(&clone, "../../store", "");
    symlink("../.git", clone.path().join(".dvc/cache")).expect("linked");
    assert!(told_of(&clone).contains("it is a link or a file"));

    let clone = fresh();
    url(&clone, "../../store", "");
    fs::create_dir_all(clone.path().join(".dvc/cache/files")).expect("made");
    symlink("../../../src", clone.path().join(".dvc/cache/files/md5")).expect("linked");
    let told = told_of(&clone);
    assert!(told.contains("`files/md5/"), "nor deeper within: {told}");
    assert_eq!(all_of(&clone.path().join("src")).len(), 3);

    let clone = fresh();
    let aside = clone.folder.path().join("aside");
    symlink(clone.path().join(".git"), &aside).expect("linked");
    url(&clone, "../../store", &format!("[cache]\n    dir = {}\n", aside.display()));
    assert!(told_of(&clone).contains("it is in Git's folder"));
}
