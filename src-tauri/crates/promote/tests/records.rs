//! deployment.yaml, digests, release numbers and reasons.

mod support;

use std::collections::BTreeMap;

use keelmark_git::Tag;
use keelmark_promote::{
    clean_reason, next_count, next_release, read_deployment, recomputed_digest, release_digest, sha256,
    write_deployment,
};
use keelmark_types::{
    CommitId, DEPLOYMENT_SCHEMA, Decision, DeployedFile, DeployedRun, Deployment, GateOutcome, GateState,
    Override, RunId,
};
use proptest::prelude::*;
use support::{at, environment, model, release};

fn commit(digit: char) -> CommitId {
    CommitId::new(digit.to_string().repeat(40)).expect("an id")
}

fn deployment() -> Deployment {
    let files = vec![DeployedFile { path: "model/a.bin".into(), sha256: sha256(b"a"), size_bytes: 1 }];
    Deployment {
        schema: DEPLOYMENT_SCHEMA.into(),
        model: model(),
        environment: environment("staging"),
        version: commit('1'),
        run: DeployedRun { id: RunId::from_parts(at(0).at, [7; 10]), commit: commit('2') },
        release: release("v1.0.0"),
        release_digest: release_digest(&model(), &commit('1'), &commit('2'), None, &files),
        test_digest: None,
        metrics: BTreeMap::from([("accuracy".to_owned(), 0.97)]),
        gates: Vec::new(),
        decision: Decision::Ready,
        overridden: None,
        files,
    }
}

#[test]
fn the_release_digest_is_of_the_documented_text() {
    let text = format!(
        "keelmark.release/1\nmodel digits\nversion {}\nrun {}\ntest -\nfile {} 1 model/a.bin\n",
        commit('1'),
        commit('2'),
        sha256(b"a")
    );
    assert_eq!(deployment().release_digest, sha256(text.as_bytes()));
    assert_eq!(
        sha256(b"abc").as_str(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "FIPS 180-2"
    );
}

#[test]
fn everything_promoted_changes_the_release_digest() {
    let sound = deployment();
    let differs = |change: &dyn Fn(&mut Deployment)| {
        let mut other = sound.clone();
        change(&mut other);
        recomputed_digest(&other) != sound.release_digest
    };
    assert!(
        !differs(&|_| ()) && !differs(&|d| d.environment = environment("production")),
        "one release anywhere"
    );
    assert!(differs(&|d| d.version = commit('3')) && differs(&|d| d.run.commit = commit('3')));
    assert!(differs(&|d| d.test_digest = Some(sha256(b"t"))) && differs(&|d| d.files[0].path.push('x')));
    assert!(differs(&|d| d.files[0].size_bytes = 2) && differs(&|d| d.files[0].sha256 = sha256(b"b")));
}

#[test]
fn texts_any_yaml_reader_could_take_for_something_else_are_quoted() {
    let yaml = write_deployment(&deployment());
    assert!(yaml.contains(&format!("version: \"{}\"\n", commit('1'))), "digits are a text: {yaml}");
    assert!(
        yaml.contains("release: v1.0.0\n")
            && yaml.contains("gates: []\n")
            && yaml.contains("override: null\n"),
        "{yaml}"
    );
    assert!(yaml.contains("files:\n- path: model/a.bin\n  sha256: \""), "{yaml}");
}

#[test]
fn other_files_are_refused_with_a_reason() {
    for (bytes, word) in [
        (b"schema: keelmark.deployment/2\n".as_slice(), "keelmark.deployment/2"),
        (b"\xff", "UTF-8"),
        (b"schema: keelmark.deployment/1\nschema: x\n", "schema"),
        (b"- a\n", ""),
        (b"", ""),
    ] {
        let why = read_deployment(bytes).expect_err("no deployment");
        assert!(why.contains(word), "{why}");
    }
}

#[test]
fn release_numbers_and_counts_follow_the_tags() {
    let tag =
        |name: &str, digit: char| Tag { name: name.to_owned(), commit: commit(digit), annotation: None };
    let next = |tags: &[Tag], digit: char| match next_release(tags, &model(), &commit(digit)) {
        Ok(release) => release.to_string(),
        Err(error) => error.to_string(),
    };
    assert_eq!(next(&[], '1'), "v1.0.0");
    let mut tags = vec![tag("digits@v1.9.2", '1'), tag("digits@v1.10.0", '2'), tag("letters@v7.0.0", '3')];
    assert_eq!(next(&tags, '2'), "v1.10.0", "the version has one already");
    assert_eq!(next(&tags, '3'), "v1.11.0", "numbers, not texts, and only of this model");
    tags.push(tag("digits@v1.11.0", '4'));
    tags.push(tag("digits@v1.11.0!", '4'));
    assert_eq!(next(&tags, '5'), "v1.12.0", "a release that was taken back is not given again");
    let refused = next(&tags, '4');
    assert!(refused.contains("it was v1.11.0, which was taken back"), "{refused}");
    tags.push(tag("digits@v2.0.0", '1'));
    let refused = next(&tags, '1');
    assert!(refused.contains("two releases, v1.9.2 and v2.0.0"), "GTO refuses that too: {refused}");
    assert_eq!(next(&[tag("digits@v1.0", '1'), tag("digits-eu@v3.0.0", '1'), tag("x", '1')], '1'), "v1.0.0");

    let count =
        |names: &[&str]| next_count(&names.iter().map(|name| tag(name, '1')).collect::<Vec<_>>(), &model());
    assert_eq!(count(&[]), 1);
    assert_eq!(
        count(&["digits#staging#1", "digits#production#12", "digits#staging!#3", "letters#staging#99"]),
        13
    );
    assert_eq!(
        count(&["digits#staging", "digits#staging#x", "digits@v1.0.0", "digits-2#a#7"]),
        1,
        "only counted ones"
    );
}

#[test]
fn a_reason_is_one_visible_line() {
    assert_eq!(clean_reason(" a\n\nb\tc\u{0}\u{1b}[31m\u{202e}d "), Some("a b c[31md".to_owned()));
    assert_eq!(clean_reason("\u{200b}\n \u{feff}"), None);
    assert_eq!(clean_reason(&"é".repeat(900)).map(|reason| reason.chars().count()), Some(500));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_deployment_reads_back(
        text in any::<String>(), other in "[a-z0-9:#\\-\\[\\]{}!&*?|>'\"%@`, \n.~]{0,24}",
        number in any::<f64>().prop_filter("finite", |number| number.is_finite()), value in -1e3..1e3_f64,
        needed in any::<bool>(),
    ) {
        let mut sound = deployment();
        sound.metrics.insert(other.clone(), value);
        sound.gates.push(GateOutcome {
            name: text.clone(), state: GateState::Inconclusive, value: Some(number), threshold: None, why: other.clone(),
        });
        sound.overridden = Some(Override { reason: text, needed });
        sound.files.push(DeployedFile { path: other, sha256: sha256(b""), size_bytes: u64::MAX });
        let yaml = write_deployment(&sound);
        let read = read_deployment(yaml.as_bytes());
        prop_assert_eq!(read.as_ref(), Ok(&sound), "{}", yaml);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read_deployment(&bytes).is_err(), "nothing that short is a deployment");
    }
}
