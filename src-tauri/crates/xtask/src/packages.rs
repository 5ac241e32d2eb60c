//! What the system must have, and its installation where it is missing.

use std::process::Command;

use anyhow::{Result, bail};

use crate::shell::{is_installed, show_and_run, works};

/// How to tell that a need is met.
enum Probe {
    Program(&'static str),
    Library(&'static str),
    Folder(&'static str),
}

/// Something the system must have.
struct Need {
    probe: Probe,
    /// The Debian package that brings it.
    package: &'static str,
    why: &'static str,
}

const fn need(probe: Probe, package: &'static str, why: &'static str) -> Need {
    Need { probe, package, why }
}

/// To build and to run on a terminal.
const TERMINAL: [Need; 4] = [
    need(Probe::Program("cc"), "build-essential", "Rust links with it, and SQLite is compiled with it"),
    need(Probe::Program("pkg-config"), "pkg-config", "it finds libcurl"),
    need(Probe::Library("libcurl"), "libcurl4-openssl-dev", "Git over HTTP goes through it"),
    need(Probe::Program("git"), "git", "pushes go through it"),
];

/// To build and to open the window, beside [`TERMINAL`].
const WINDOW: [Need; 4] = [
    need(Probe::Library("webkit2gtk-4.1"), "libwebkit2gtk-4.1-dev", "the window shows its pages with it"),
    need(Probe::Library("dbus-1"), "libdbus-1-dev", "the window asks the system for its colours over it"),
    need(Probe::Program("node"), "nodejs", "the interface is built with it"),
    need(Probe::Program("npm"), "npm", "it brings what the interface is built from"),
];

/// To test, beside [`WINDOW`].
const TEST: [Need; 8] = [
    need(Probe::Program("lighttpd"), "lighttpd", "journeys talk to a real Git server over HTTP"),
    need(
        Probe::Program("strace"),
        "strace",
        "tests see which files a program opens and when it makes them durable",
    ),
    need(Probe::Program("chromium"), "chromium", "browser tests walk through the interface in it"),
    need(Probe::Program("WebKitWebDriver"), "webkit2gtk-driver", "window tests drive the window with it"),
    need(Probe::Program("Xvfb"), "xvfb", "window tests need no screen with it"),
    need(Probe::Program("dbus-run-session"), "dbus-daemon", "window tests have a message bus of their own"),
    need(
        Probe::Folder("/usr/share/fonts/truetype/dejavu"),
        "fonts-dejavu-core",
        "pages show signs with it that the interface's own fonts lack",
    ),
    need(Probe::Program("gnome-keyring-daemon"), "gnome-keyring", "window tests have a keyring of their own"),
];

/// Installs what the command line needs.
pub fn for_terminal(install: bool) -> Result<()> {
    provide(TERMINAL.iter().collect(), install)
}

/// Installs what the window needs as well.
pub fn for_window(install: bool) -> Result<()> {
    provide(TERMINAL.iter().chain(&WINDOW).collect(), install)
}

/// Installs what the tests need as well.
pub fn for_testing(install: bool) -> Result<()> {
    provide(TERMINAL.iter().chain(&WINDOW).chain(&TEST).collect(), install)
}

fn provide(needs: Vec<&Need>, install: bool) -> Result<()> {
    let missing: Vec<_> = needs.into_iter().filter(|need| !is_met(&need.probe)).collect();
    if missing.is_empty() {
        println!("Everything needed from the system is there.");
        return Ok(());
    }
    println!("Missing on this system:");
    for need in &missing {
        println!("  {:<22} {}", need.package, need.why);
    }
    if !install {
        println!("Installing nothing, as asked; what follows may fail for it.");
        return Ok(());
    }
    if !is_installed("apt-get") {
        bail!("please install the above with your package manager (the names are Debian's), then try again");
    }
    let packages: Vec<_> = missing.iter().map(|need| need.package).collect();
    println!("Installing them with apt-get.");
    show_and_run(&mut apt(&["update", "--quiet"])?)?;
    show_and_run(apt(&["install", "--quiet", "--yes", "--no-install-recommends"])?.args(packages))
}

fn is_met(probe: &Probe) -> bool {
    match probe {
        Probe::Program(name) => is_installed(name),
        Probe::Library(name) => {
            let mut command = Command::new("pkg-config");
            command.args(["--exists", name]);
            works(command)
        }
        Probe::Folder(path) => std::path::Path::new(path).is_dir(),
    }
}

fn apt(args: &[&str]) -> Result<Command> {
    let mut me = Command::new("id");
    let is_root = me.arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let mut command = Command::new(if is_root { "env" } else { "sudo" });
    if !is_root {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "true"]);
        if !works(sudo) {
            bail!(
                "installing needs root, or sudo without a password; install them yourself, or pass --no-install"
            );
        }
        command.args(["-n", "env"]);
    }
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]).args(args);
    Ok(command)
}
