//! What a window asks of the backend and is told by it, without a window.

use std::path::Path;

use keelmark_journeys::{TabularSample, TestRepo, TestWorld, Window};
use serde_json::{Value, json};

use crate::{json as cli, two_versions};

fn window(world: &TestWorld) -> Window {
    Window::open(world, Path::new(env!("CARGO_BIN_EXE_keelmark-loopback")))
}

fn promotion(repo: &str, revision: &str, to: &str, expected: &Value) -> Value {
    json!({
        "repo": repo, "model": null, "revision": revision, "run": null, "to": to,
        "override_reason": null, "push": true, "expected": expected,
    })
}

fn shown(preview: &Value) -> Value {
    json!({ "commit": preview["commit"], "at": preview["at"] })
}

fn training(repo: &str, overrides: &Value) -> Value {
    json!({
        "repo": repo, "model": null, "revision": "HEAD", "seed": null, "seeds": 1,
        "overrides": overrides, "threads": null,
    })
}

#[test]
fn what_was_shown_is_what_is_promoted_and_rolled_back() {
    let world = TestWorld::new();
    let (work, first, second) = two_versions(&world, "work");
    let window = window(&world);
    let repo = window.repo(work.path());

    let preview = window.call("preview_promotion", &promotion(&repo, &first, "staging", &Value::Null));
    assert_eq!(preview["dry_run"], true, "{preview:#}");
    assert!(cli(&work, &["env", "show", "staging"])["desired"].is_null(), "a preview writes nothing");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let promoted = window.call("promote", &promotion(&repo, &first, "staging", &shown(&preview)));
    assert_eq!(promoted["commit"], preview["commit"], "the commit shown is the commit made, a second later");
    assert_eq!(promoted["diff"], preview["diff"]);
    let head = work.git(&["rev-parse", "keelmark/deploy"]);
    assert_eq!(promoted["commit"], head.trim(), "and it is the tip of the branch");

    let next = window.call("preview_promotion", &promotion(&repo, &second, "staging", &Value::Null));
    window.call("promote", &promotion(&repo, &second, "staging", &shown(&next)));
    let rollback = |expected: Value| json!({"repo": repo, "model": null, "environment": "staging", "to": null, "push": true, "expected": expected});
    let back = window.call("preview_rollback", &rollback(Value::Null));
    let done = window.call("rollback", &rollback(shown(&back)));
    assert_eq!(done["commit"], back["commit"]);
    assert_eq!(done["version"], first.as_str(), "the first version is desired again");
}

#[test]
fn a_branch_that_moved_since_the_preview_is_a_conflict_and_nothing_is_written() {
    let world = TestWorld::new();
    let (work, first, second) = two_versions(&world, "work");
    let window = window(&world);
    let repo = window.repo(work.path());
    let preview = window.call("preview_promotion", &promotion(&repo, &second, "staging", &Value::Null));
    cli(&work, &["promote", &first, "--to", "staging"]);
    let tip = work.git(&["rev-parse", "keelmark/deploy"]);

    let problem = window.refused("promote", &promotion(&repo, &second, "staging", &shown(&preview)));
    assert_eq!(problem["code"], "conflict", "{problem:#}");
    assert_eq!(work.git(&["rev-parse", "keelmark/deploy"]), tip, "nothing was written over it");
    let nothing = window.refused("promote", &promotion(&repo, &second, "staging", &Value::Null));
    assert_eq!(nothing["code"], "wrong_usage", "nobody promotes what was never shown: {nothing:#}");

    let again = window.call("preview_promotion", &promotion(&repo, &second, "staging", &Value::Null));
    assert_eq!(again["parent"], tip.trim(), "a new look stands on the new tip");
    window.call("promote", &promotion(&repo, &second, "staging", &shown(&again)));
}

#[test]
fn a_training_is_followed_live_stopped_and_gone_on_with() {
    let world = TestWorld::new();
    let work = TabularSample::default().repo(&world, "work");
    let window = window(&world);
    let repo = window.repo(work.path());
    let heard = window.listen();
    let long = json!({ "train.epochs": "60000" });
    let started = window.call("start_training", &training(&repo, &long));
    let run = started["runs"][0].as_str().expect("a run").to_owned();

    let samples = heard.wait_for("points of the run", |event| {
        event["samples"]["run"] == run.as_str()
            && event["samples"]["points"].as_array().is_some_and(|points| !points.is_empty())
    });
    assert_eq!(samples["samples"]["repo"], repo.as_str());
    let live = window.call("live_run", &json!({ "repo": repo, "run": run }));
    assert_eq!(live["state"], "running", "{live:#}");
    assert_eq!(live["plan"]["epochs"], 60_000);
    let chart = window.call(
        "chart",
        &json!({"repo": repo, "query": {
            "metrics": ["train/loss"], "runs": [run], "labels": [], "by": "epoch", "smooth": 0.5, "log_x": false,
            "log_y": false, "x_range": null, "y_range": null, "width": 600, "height": 300, "model": null,
            "revision": null
        }}),
    );
    assert!(chart["svg"].as_str().is_some_and(|svg| svg.starts_with("<svg")), "a run that goes on is drawn");

    window.call("stop_run", &json!({ "repo": repo, "run": run, "now": false }));
    let end = heard.wait_for("the end", |event| event["samples"]["ended"].is_string());
    assert_eq!(end["samples"]["ended"], "cancelled", "{end:#}");
    heard.wait_for_fresh(&repo, "runs");
    let runs = window.call("runs", &json!({ "repo": repo, "model": null }));
    assert_eq!((&runs[0]["status"], &runs[0]["resumable"]), (&json!("cancelled"), &json!(true)), "{runs:#}");

    let resumed = window.call("resume_run", &json!({ "repo": repo, "run": run }));
    let second = resumed["runs"][0].as_str().expect("a run").to_owned();
    window.call("stop_run", &json!({ "repo": repo, "run": second, "now": true }));
    heard.wait_for("the end of the second", |event| {
        event["samples"]["run"] == second.as_str() && event["samples"]["ended"].is_string()
    });
    let killed = window.call("live_run", &json!({ "repo": repo, "run": second }));
    assert!(killed["cause"].is_string(), "a run that was killed says so: {killed:#}");
}

#[test]
fn a_job_of_another_face_is_seen_and_its_run_arrives_by_itself() {
    let world = TestWorld::new();
    let work = TabularSample::default().repo(&world, "work");
    let window = window(&world);
    let repo = window.repo(work.path());
    let history = |window: &Window| {
        window.call(
            "history",
            &json!({"repo": repo, "model": null, "revision": null, "limit": null, "path": null}),
        )
    };
    assert_eq!(history(&window)["commits"][0]["metrics"], json!({}), "nothing was measured yet");
    let heard = window.listen();
    cli(&work, &["train"]);
    heard.wait_for_fresh(&repo, "history");
    window.until("the metrics are there", || {
        history(&window)["commits"][0]["metrics"]["accuracy"]["value"].as_f64()
    });
    work.write("notes.txt", "more\n");
    work.commit("Add notes");
    heard.wait_for_fresh(&repo, "history");
    window.until("the commit is there", || {
        (history(&window)["commits"][0]["subject"] == "Add notes").then_some(())
    });
}

#[test]
fn a_sample_is_made_and_its_comparison_says_who_stands_where() {
    let world = TestWorld::new();
    let window = window(&world);
    let app = window.call("app", &json!({}));
    assert_eq!(app["samples"][0]["name"], "digits", "{app:#}");
    assert_eq!(app["identity"]["name"], "Ada Lovelace", "{app:#}");
    let folder = world.path().join("digits");
    let made = window.task("start_sample", &json!({ "name": "digits", "into": folder }));
    let repo = made["repo"].as_str().expect("an id");
    assert_eq!(window.call("repositories", &json!({}))[0]["repo"], repo);

    let args = json!({ "repo": repo, "a": "HEAD~1", "b": "HEAD", "model": null });
    let compared = window.call("compare", &args);
    assert_eq!(compared["a_info"]["word"], "HEAD~1");
    assert_eq!(compared["b_info"]["looks"], 12, "every version looked at the same test set: {compared:#}");
    let flip = &compared["flips"]["examples"][0];
    let example = window.call(
        "example",
        &json!({
            "repo": repo, "a_run": compared["a"]["run"], "b_run": compared["b"]["run"], "id": flip["id"]
        }),
    );
    assert_eq!(example["shape"], json!([1, 8, 8]), "the picture itself");
    assert_eq!(example["values"].as_array().map(Vec::len), Some(64));
    assert_eq!((&example["a"][0]["class"], &example["b"][0]["class"]), (&flip["a"], &flip["b"]));
    let form = window.call("training_form", &json!({ "repo": repo, "model": null, "revision": "HEAD" }));
    assert!(form["settings"].as_array().is_some_and(|settings| !settings.is_empty()), "{form:#}");
    let path = compared["code"]["changes"][0]["path"].clone();
    let (a, b) = (&compared["a"]["version"], &compared["b"]["version"]);
    let diff = window.call("text_diff", &json!({ "repo": repo, "a": a, "b": b, "path": path }));
    assert_ne!(diff["a"], diff["b"], "a changed file differs");
}

#[test]
fn settings_are_kept_and_a_broken_file_of_them_is_kept_too() {
    let world = TestWorld::new();
    let file = world.keelmark_home().join("config/config.toml");
    {
        let window = window(&world);
        let mut settings = window.call("settings", &json!({}));
        settings["theme"] = json!("dark");
        settings["threads"] = json!(2);
        window.call("save_settings", &json!({ "settings": settings }));
        settings["threads"] = json!(0);
        window.refused("save_settings", &json!({ "settings": settings }));
    }
    {
        let window = window(&world);
        let settings = window.call("settings", &json!({}));
        assert_eq!((&settings["theme"], &settings["threads"]), (&json!("dark"), &json!(2)), "{settings:#}");
    }
    std::fs::write(&file, "theme = \"dark\"\nthreads = {\n").expect("written");
    let window = window(&world);
    let app = window.call("app", &json!({}));
    assert_eq!(app["settings_problem"]["location"]["line"], 2, "{app:#}");
    let settings = window.call("settings", &json!({}));
    assert_eq!(settings["theme"], "system", "defaults hold");
    window.call("save_settings", &json!({ "settings": settings }));
    let beside = file.with_file_name("config.toml.unreadable");
    assert!(beside.exists(), "what could not be read is kept beside");
}

#[test]
fn a_repository_that_is_gone_says_so_and_can_be_forgotten() {
    let world = TestWorld::new();
    let work = TabularSample::default().repo(&world, "work");
    let window = window(&world);
    let repo = window.repo(work.path());
    let elsewhere = world.path().join("elsewhere");
    std::fs::rename(work.path(), &elsewhere).expect("moved");
    let problem = window.refused("repository", &json!({ "repo": repo }));
    assert_eq!(problem["code"], "not_a_repository", "{problem:#}");
    assert_eq!(window.call("repositories", &json!({}))[0]["state"], "missing");
    let found = window.call("look_at_folder", &json!({ "path": elsewhere }));
    assert_eq!(found["sentence"], "Found: 1 model. Nothing will be written.", "{found:#}");
    window.call("forget_repository", &json!({ "repo": repo }));
    assert_eq!(window.call("repositories", &json!({})), json!([]));
    std::fs::rename(&elsewhere, work.path()).expect("moved back");
    assert_eq!(window.repo(work.path()), repo, "the same place has the same id");
}

#[test]
fn a_clone_shows_its_progress_and_can_be_stopped_or_fail() {
    let world = TestWorld::new();
    let (work, ..) = two_versions(&world, "work");
    let bare = world.path().join("remote.git");
    work.git(&["clone", "--quiet", "--mirror", ".", &bare.display().to_string()]);
    let window = window(&world);
    let url = format!("file://{}", bare.display());
    let info = window.task("start_clone", &json!({ "url": url, "into": null, "depth": null }));
    assert_eq!(info["name"], "remote", "{info:#}");
    assert_eq!(info["models"][0]["name"], "clouds");

    let task =
        window.call("start_clone", &json!({ "url": format!("{url}-none"), "into": null, "depth": null }));
    let ended = window.until("it fails", || {
        let tasks = window.call("tasks", &json!({}));
        tasks.as_array()?.iter().find(|found| found["task"] == task && found["state"] == "failed").cloned()
    });
    assert!(ended["problem"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{ended:#}");
    window.call("dismiss_task", &json!({ "task": task }));
}

#[test]
fn who_commits_can_be_said_in_the_window() {
    let world = TestWorld::new();
    let work: TestRepo<'_> = TabularSample::default().repo(&world, "work");
    let window = window(&world);
    let repo = window.repo(work.path());
    let args = json!({ "repo": repo, "name": "Grace Hopper", "email": "grace@example.org" });
    window.call("set_identity", &args);
    let info = window.call("repository", &json!({ "repo": repo }));
    assert_eq!(info["identity"]["name"], "Grace Hopper");
    assert_eq!(work.git(&["config", "--local", "user.email"]).trim(), "grace@example.org");
    let hostile = json!({ "repo": repo, "name": "a\n[core]\n\thooksPath=x", "email": "x" });
    window.refused("set_identity", &hostile);
}
