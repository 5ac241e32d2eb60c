//! Files that are gone, cut, scribbled on or of another format.

mod support;

use std::fs;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use keelmark_index::{Error, Index, IndexedRun, Opened, RunFilter};
use support::{open, run};

type Spoil = fn(&Path);

fn filled(path: &Path) -> String {
    let index = open(path);
    let runs: Vec<IndexedRun> = (0..60).map(|number| run(number, number % 5, 0.9)).collect();
    index.put_runs(&runs).expect("kept");
    index.dump().expect("answers")
}

#[test]
fn it_is_there_the_next_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("deep/er/index.sqlite");
    let (index, opened) = Index::open(&path).expect("opens");
    assert_eq!(opened, Opened::Created);
    drop(index);
    let before = filled(&path);
    let (index, opened) = Index::open(&path).expect("opens");
    assert_eq!((opened, index.dump().expect("answers")), (Opened::Existing, before));
    assert_eq!(index.integrity_check().expect("answers"), Vec::<String>::new());
}

#[test]
fn unusable_files_are_replaced_and_filled_again() {
    let spoil: [(&str, Spoil); 6] = [
        ("truncated", |path| {
            let length = fs::metadata(path).expect("there").len();
            fs::File::options()
                .write(true)
                .open(path)
                .expect("opens")
                .set_len(length / 2 - 100)
                .expect("cut");
        }),
        ("emptied", |path| fs::write(path, b"").expect("written")),
        ("text", |path| fs::write(path, b"not a database, just text\n".repeat(900)).expect("written")),
        ("zeros in the middle", |path| scribble(path, 0.5, &[0; 9000])),
        ("noise at the start", |path| scribble(path, 0.0, &[0xa5; 40])),
        ("noise in the middle", |path| scribble(path, 0.4, &[0xa5; 9000])),
    ];
    for (name, damage) in spoil {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("index.sqlite");
        let before = filled(&path);
        damage(&path);
        let (index, opened) = Index::open(&path).expect("opens");
        assert!(matches!(opened, Opened::Rebuilt { .. }), "{name}: {opened:?}");
        assert_eq!(index.known_refs().expect("answers").len(), 0, "{name}: starts empty");
        drop(index);
        assert_eq!(filled(&path), before, "{name}: the same answers");
    }
}

#[test]
fn a_deleted_file_leaves_no_ghost_in_the_log_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index.sqlite");
    let held = open(&path);
    held.put_runs(&[run(1, 1, 0.9)]).expect("kept");
    fs::remove_file(&path).expect("deleted while in use");
    let (index, opened) = Index::open(&path).expect("opens");
    assert_eq!(opened, Opened::Created);
    assert_eq!(index.runs(&RunFilter::default()).expect("answers"), []);
    index.put_runs(&[run(2, 1, 0.8)]).expect("kept");
    drop(held);
    assert_eq!(
        open(&path).runs(&RunFilter::default()).expect("answers").len(),
        1,
        "the old one's end harms nobody"
    );
}

#[test]
fn another_format_is_replaced() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index.sqlite");
    filled(&path);
    // `user_version` is the big-endian number at byte 60 of the file.
    scribble_at(&path, 60, &999_u32.to_be_bytes());
    let (_, opened) = Index::open(&path).expect("opens");
    let Opened::Rebuilt { why } = opened else { panic!("kept a foreign format: {opened:?}") };
    assert!(why.contains("format 999"), "{why}");
}

#[test]
fn a_changed_letter_inside_a_record_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index.sqlite");
    let before = filled(&path);
    let bytes = fs::read(&path).expect("read");
    let needle = b"\"duration_millis\":1500";
    // Every copy: pages that were split leave old ones behind.
    let copies: Vec<usize> =
        (0..bytes.len() - needle.len()).filter(|&at| bytes[at..].starts_with(needle)).collect();
    assert!(copies.len() >= 60, "records stand in the clear");
    for at in copies {
        scribble_at(&path, at as u64, b"\"duration_millis\":2500");
    }
    let index = open(&path);
    let answer = index.runs(&RunFilter::default());
    assert!(
        matches!(answer, Err(Error::Corrupt { .. })),
        "SQLite does not see it, the checksum does: {answer:?}"
    );
    index.start_over().expect("starts over");
    assert_eq!(index.runs(&RunFilter::default()).expect("answers"), []);
    drop(index);
    assert_eq!(filled(&path), before);
}

#[test]
fn starting_over_keeps_what_another_has_already_rebuilt() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("index.sqlite");
    let (slow, quick) = (open(&path), open(&path));
    quick.start_over().expect("starts over");
    quick.put_runs(&[run(1, 1, 0.9)]).expect("kept");
    slow.start_over().expect("finds the new file");
    assert_eq!(slow.runs(&RunFilter::default()).expect("answers").len(), 1, "one rebuild is enough");
}

#[test]
fn where_nothing_can_be_written_it_lives_in_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let in_the_way = folder.path().join("cache");
    fs::write(&in_the_way, b"a file where the folder should be").expect("written");
    let (index, opened) = Index::open(&in_the_way.join("index.sqlite")).expect("opens all the same");
    assert!(matches!(opened, Opened::InMemory { .. }), "{opened:?}");
    index.put_runs(&[run(1, 1, 0.9)]).expect("kept");
    assert_eq!(index.runs(&RunFilter::default()).expect("answers").len(), 1, "browsing works");
}

fn scribble(path: &Path, share: f64, bytes: &[u8]) {
    let length = fs::metadata(path).expect("there").len();
    assert!(length > 40_000, "large enough that the middle is neither end: {length}");
    scribble_at(path, (length as f64 * share) as u64, bytes);
}

fn scribble_at(path: &Path, at: u64, bytes: &[u8]) {
    let mut file = fs::File::options().write(true).open(path).expect("opens");
    file.seek(SeekFrom::Start(at)).expect("seeks");
    file.write_all(bytes).expect("scribbles");
}
