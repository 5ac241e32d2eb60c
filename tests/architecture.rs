//! The layout holds: who sees whom, who owns which heavy library, what a source file may contain. Each rule is a
//! pure function from what is there to a list of complaints, and is seen to complain here.

#[path = "architecture/crates.rs"]
mod crates;
#[path = "architecture/sources.rs"]
mod sources;
#[path = "architecture/workspace.rs"]
mod workspace;

use workspace::{Member, Source, Workspace};

#[track_caller]
fn assert_none(complaints: &[String], rule: &str) {
    assert!(complaints.is_empty(), "{rule}:\n  {}", complaints.join("\n  "));
}

#[test]
fn crates_see_only_what_the_table_lists() {
    assert_none(&crates::sees_too_much(&Workspace::read().members), "arrows go only down the table");
}

#[test]
fn heavy_libraries_have_one_owner() {
    assert_none(
        &crates::not_the_owner(&Workspace::read().members),
        "each heavy library has its single owner",
    );
}

#[test]
fn crates_say_their_sentence() {
    assert_none(&crates::without_sentence(&Workspace::read().members), "every crate is one sentence");
}

#[test]
fn the_top_level_holds_only_the_commissioned_names() {
    assert_none(&sources::strangers_at_the_top(&Workspace::read().paths), "nothing else at the top");
}

#[test]
fn files_stay_readable_in_one_sitting() {
    assert_none(&sources::too_long(&Workspace::read().sources), "split by concept before 600 lines");
}

#[test]
fn no_test_is_switched_off() {
    assert_none(&sources::ignored_tests(&Workspace::read().sources), "a test runs or is removed");
}

#[test]
fn colours_come_from_the_tokens() {
    assert_none(
        &sources::raw_colours(&Workspace::read().sources),
        "colours stand in assets/tokens.json alone",
    );
}

#[test]
fn nothing_speaks_of_one_machine() {
    let complaints = sources::machine_paths(&Workspace::read().sources);
    assert_none(&complaints, "paths of one machine mean nothing on another");
}

mod each_rule_is_seen_to_complain {
    use super::*;

    fn member(name: &str, dependencies: &[&str]) -> Member {
        let dependencies = dependencies.iter().map(|&name| name.to_owned()).collect();
        Member { name: name.to_owned(), description: "One sentence of its own.".to_owned(), dependencies }
    }

    fn source(path: &str, text: &str) -> Source {
        Source { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn on_arrows() {
        let good = [member("keelmark-data", &["keelmark-types", "keelmark-git", "serde"])];
        assert_none(&crates::sees_too_much(&good), "data may see git");
        let bad = [
            member("keelmark-git", &["keelmark-index"]),
            member("keelmark-types", &["keelmark-types", "keelmark-api"]),
            member("keelmark-compare", &["keelmark-git"]),
            member("keelmark", &["keelmark-git"]),
            member("keelmark-extra", &[]),
        ];
        let complaints = crates::sees_too_much(&bad);
        assert_eq!(
            complaints.len(),
            6,
            "layer 2 beside, down to up, pure, past the api, unknown: {complaints:#?}"
        );
    }

    #[test]
    fn on_owners() {
        let good =
            [member("keelmark-git", &["gix", "keyring"]), member("keelmark-charts", &["plotters-backend"])];
        assert_none(&crates::not_the_owner(&good), "owners may use what they own");
        let bad = [
            member("keelmark-runs", &["gix", "gix-hash"]),
            member("keelmark-api", &["candle-core"]),
            member("keelmark-history", &["sqlx"]),
            member("keelmark-compare", &["plotters"]),
            member("keelmark", &["keyring-core"]),
            member("keelmark-charts", &["tauri"]),
        ];
        let complaints = crates::not_the_owner(&bad);
        assert_eq!(complaints.len(), 7, "each use by another is told: {complaints:#?}");
    }

    #[test]
    fn on_sentences() {
        let say = |text: &str| Member { description: text.to_owned(), ..member("keelmark-x", &[]) };
        assert_none(&crates::without_sentence(&[say("Draws charts.")]), "a sentence");
        for bad in ["", "Charts", "Draws charts. And also reads them."] {
            assert_eq!(crates::without_sentence(&[say(bad)]).len(), 1, "{bad:?} is not one sentence");
        }
    }

    #[test]
    fn on_the_top_level() {
        let paths = |all: &[&str]| all.iter().map(|&path| path.to_owned()).collect::<Vec<_>>();
        let good =
            paths(&["Cargo.toml", "src-tauri/tauri.conf.json", ".ci/run", "icons/keelmark.svg", "README.md"]);
        assert_none(&sources::strangers_at_the_top(&good), "these are commissioned");
        let bad = paths(&["scripts/a.sh", "scripts/b.sh", "notes.txt"]);
        assert_eq!(sources::strangers_at_the_top(&bad).len(), 2, "a folder and a file, each told once");
    }

    #[test]
    fn on_length() {
        let lines = |count: usize| [source("a.rs", &"x\n".repeat(count))];
        assert_none(&sources::too_long(&lines(600)), "600 is the last length allowed");
        assert_eq!(sources::too_long(&lines(601)).len(), 1, "601 is too long");
        assert_none(&sources::too_long(&[source("a.css", &"x\n".repeat(700))]), "the rule is for Rust");
    }

    #[test]
    fn on_ignored_tests() {
        for attribute in ["ignore", "ignore = \"slow\"", "cfg_attr(unix, ignore)"] {
            let file = [source("a.rs", &format!("#[test]\n#[{attribute}]\nfn a() {{}}\n"))];
            assert_eq!(sources::ignored_tests(&file).len(), 1, "{attribute} switches a test off");
        }
        assert_none(
            &sources::ignored_tests(&[source("a.rs", "// .gitignore\n")]),
            "a word is not an attribute",
        );
    }

    #[test]
    fn on_colours() {
        let hash = '#';
        for bad in
            ["let c = \"@005daf\";", "fill: @fff;", "stroke='@0A5CAD80'", "RGBColor(0, 93, 175)", "&BLACK"]
        {
            let file = [source("src-tauri/crates/charts/src/line.rs", &bad.replace('@', "#"))];
            assert_eq!(sources::raw_colours(&file).len(), 1, "{bad} is a raw colour");
        }
        let good = format!(
            "let anchor = \"digits{hash}production{hash}5\"; r{hash}\"add\"{hash} let BLACKLIST = 0;"
        );
        assert_none(&sources::raw_colours(&[source("a.rs", &good)]), "not every number sign is a colour");
        let good =
            format!("// {hash}005daf\nRGBColor(red, 0, 0)\n#[cfg(test)]\nmod tests {{\n\"{hash}005daf\"\n}}");
        assert_none(
            &sources::raw_colours(&[source("a.rs", &good)]),
            "comments, variables and tests are free",
        );
        let tokens = source("assets/tokens.json", &format!("\"{hash}005daf\""));
        assert_none(&sources::raw_colours(&[tokens]), "tokens are where colours stand");
    }

    #[test]
    fn on_machine_paths() {
        for bad in ["home/ada/model", "root/.cargo", "Users/ada", "tmp/x", "work/main", "workspace/a"] {
            let file = [source("a.rs", &format!("let path = \"/{bad}\";"))];
            assert_eq!(sources::machine_paths(&file).len(), 1, "/{bad} is a path of one machine");
        }
        let good = "https://example.org/work/a src/tmp/b refs/heads/home/c ~/work/d";
        assert_none(&sources::machine_paths(&[source("a.rs", good)]), "the middle of a path says nothing");
    }
}
