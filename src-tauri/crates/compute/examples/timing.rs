//! How long the two trainings of the design take: `cargo run --release -p keelmark-compute --example timing`.

use std::time::Instant;

#[path = "../tests/suite/support.rs"]
#[expect(dead_code, reason = "shared with the tests")]
mod support;

use keelmark_types::TaskKind;
use support::{accuracy, cnn, glyphs, manifest, mlp, spec, trained};

#[expect(clippy::print_stdout, reason = "a program that prints timings")]
fn main() {
    let (data, validation) = (glyphs(1_257, 1), glyphs(270, 2));
    for (name, model) in [("mlp", mlp(64)), ("cnn", cnn())] {
        let manifest = manifest(TaskKind::Classification, model, spec(20, 0.001));
        for _ in 0..3 {
            let begun = Instant::now();
            let done = trained(&manifest, &data, &validation).expect("it trains");
            let millis = begun.elapsed().as_millis();
            let model = keelmark_compute::Model::of(&done).expect("loads");
            println!("{name}: {millis} ms, {:.3} right", accuracy(&model, &validation));
        }
    }
}
