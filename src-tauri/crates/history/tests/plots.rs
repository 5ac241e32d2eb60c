//! Curves and images of a version: as DVC, `DVCLive` and `TensorBoard` wrote them.

mod support;

use std::fs;

use keelmark_history::{PlotCurve, Plots, plots};
use support::World;
use support::others::{answer, fixture, unbundled};

fn read(world: &World) -> Plots {
    let repository = world.repository();
    let head = repository.head().expect("read").expect("a commit");
    plots(&repository.version(&head).expect("there"), "")
}

fn curve<'a>(plots: &'a Plots, name: &str) -> &'a PlotCurve {
    plots.curves.get(name).unwrap_or_else(|| panic!("{name} in {:?}", plots.curves.keys()))
}

#[test]
fn plots_of_dvc_are_their_columns() {
    let (_folder, repository) = unbundled("dvc.bundle");
    let head = repository.resolve("main").expect("there");
    let found = plots(&repository.version(&head).expect("there"), "");
    let loss = curve(&found, "loss");
    assert_eq!((loss.file.as_str(), loss.x.as_deref()), ("plots/loss.csv", Some("step")));
    assert_eq!(loss.points[..2], [(0.0, Some(1.0)), (1.0, Some(0.5))]);
    assert_eq!(curve(&found, "acc").points[0], (0.0, Some(0.1)), "the second column of the plot called Both");
    assert_eq!(found.curves.len(), 2, "each column once, however many plots show it");
}

#[test]
fn what_dvclive_writes_needs_no_pipeline() {
    let world = World::new();
    world.write("dvclive/plots/metrics/train/loss.tsv", "step\tloss\n0\t1.5\n1\tnan\n2\t0.5\n");
    world.write("dvclive/plots/metrics/eval/loss.tsv", "step\ttimestamp\tloss\n0\t17\t2.5\n");
    world.write("dvclive/plots/metrics/broken.tsv", "step\tloss\n0\n");
    world.write("dvclive/plots/images/confusion.png", "no image, but one by its name");
    world.write("dvclive/plots/images/notes.txt", "text");
    world.commit("Train");
    let found = read(&world);
    assert_eq!(found.curves.keys().collect::<Vec<_>>(), ["eval/loss", "train/loss"]);
    assert_eq!(curve(&found, "train/loss").points, [(0.0, Some(1.5)), (1.0, None), (2.0, Some(0.5))]);
    assert_eq!(curve(&found, "eval/loss").points, [(0.0, Some(2.5))], "the last column");
    let images: Vec<&str> = found.images.iter().map(|image| image.path.as_str()).collect();
    assert_eq!(images, ["dvclive/plots/images/confusion.png"]);
    assert_eq!(found.problems.len(), 1, "{:?}", found.problems);
    assert!(found.problems[0].what.starts_with("dvclive/plots/metrics/broken.tsv"));
    assert!(found.problems[0].why.starts_with("line 2"), "{:?}", found.problems);
}

#[test]
fn names_that_two_files_have_say_their_file() {
    let world = World::new();
    world.write("a.csv", "loss\n1\n2\n");
    world.write("b.json", r#"[{"loss": 3}]"#);
    world.write(
        "dvc.yaml",
        "plots:\n  - a.csv\n  - b.json: {y: loss}\n  - c.csv\n  - d: {y: {a.csv: none}}\n",
    );
    world.commit("Plot");
    let found = read(&world);
    assert_eq!(found.curves.keys().collect::<Vec<_>>(), ["a.csv:loss", "b.json:loss"]);
    assert_eq!(curve(&found, "a.csv:loss").points, [(0.0, Some(1.0)), (1.0, Some(2.0))], "x is the row");
    assert_eq!(found.problems.len(), 1, "no column `none`: {:?}", found.problems);
}

#[test]
fn event_files_give_the_curves_that_tensorboard_shows() {
    let said = answer("tensorboard/answers.json");
    for run in ["both", "restarted", "restarted-inside", "x"] {
        let world = World::new();
        for entry in fs::read_dir(fixture("tensorboard").join(run)).expect("a folder") {
            let entry = entry.expect("an entry");
            let to = world.path().join("runs").join(run);
            fs::create_dir_all(&to).expect("made");
            fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
        }
        world.commit("Log");
        let found = read(&world);
        let theirs = said[run]["scalars"].as_object().expect("curves");
        assert_eq!(found.curves.len(), theirs.len(), "{run}");
        for (tag, points) in theirs {
            let ours = &curve(&found, tag).points;
            let points = points.as_array().expect("points");
            assert_eq!(ours.len(), points.len(), "{run}: {tag}");
            for ((step, value), theirs) in ours.iter().zip(points) {
                assert_eq!(Some(*step), theirs[0].as_f64(), "{run}: {tag}");
                // What is not finite is a text there, and missing here.
                assert_eq!(*value, theirs[2].as_f64(), "{run}: {tag}");
            }
        }
    }
}
