//! The same training gives the same bytes, again and at any number of threads.

use crate::support::{cnn, glyphs, manifest, mlp, spec, trained};
use keelmark_types::TaskKind;
use sha2::{Digest as _, Sha256};

fn digest() -> [u8; 32] {
    let (data, validation) = (glyphs(256, 1), glyphs(64, 2));
    let mut hash = Sha256::new();
    // Wide enough that the matrix kernels share the work out.
    for (model, batch_size) in [(mlp(512), 128), (cnn(), 64)] {
        let mut train_spec = spec(2, 0.003);
        train_spec.batch_size = batch_size;
        let done = trained(&manifest(TaskKind::Classification, model, train_spec), &data, &validation);
        let done = done.expect("it trains");
        hash.update(&done.weights);
        hash.update(done.config_json);
        hash.update(done.preprocess_json);
        hash.update(done.signature_json);
    }
    hash.finalize().into()
}

/// The child of the test below, which gives it a number of threads: says its digest.
#[test]
fn child() {
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        return;
    }
    println!("digest={:?} threads={}", digest(), keelmark_compute::environment().threads);
}

#[test]
fn threads_change_no_byte() {
    let here = digest();
    for threads in ["1", "2", "3"] {
        let output = std::process::Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "determinism::child", "--nocapture"])
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .expect("the child runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(&format!("threads={threads}")), "the child has {threads} threads: {text}");
        assert!(text.contains(&format!("digest={here:?}")), "{threads} threads give other bytes: {text}");
    }
}
