//! The command line's words.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

/// GitOps for machine-learning models: train, compare and promote versions of a model, with Git as the only truth.
#[derive(Debug, Parser)]
#[command(
    name = "keelmark",
    version,
    propagate_version = true,
    max_term_width = 110,
    subcommand_required = true
)]
#[command(
    after_help = "Examples:\n  keelmark init demo --sample digits\n  keelmark -C demo history --metrics accuracy\n  \
    keelmark -C demo compare HEAD~1 HEAD\n  keelmark -C demo promote HEAD --to staging\n\n\
    Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 bad input, 4 conflict, 5 not reachable, 6 denied, \
    7 storage, 130 stopped."
)]
pub struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Common {
    /// The repository [default: the one around the current folder].
    #[arg(long, short = 'C', global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub repo: Option<PathBuf>,
    /// The model, where the repository has several.
    #[arg(long, global = true, value_name = "NAME")]
    pub model: Option<String>,
    /// Print exactly one JSON document on standard output.
    #[arg(long, global = true)]
    pub json: bool,
    /// Print one JSON line an event, where the command streams.
    #[arg(long, global = true, conflicts_with = "json")]
    pub json_lines: bool,
    /// Print only the answer, no progress and no remarks.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Print without colours.
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a sample model repository with real history and train a run of every version.
    #[command(after_help = "Example:\n  keelmark init demo --sample digits")]
    Init(InitArguments),
    /// Clone a model repository with its runs.
    #[command(after_help = "Example:\n  keelmark clone https://git.example.org/team/digits.git")]
    Clone(CloneArguments),
    /// Check the manifests of the work tree, or of a version.
    #[command(after_help = "Example:\n  keelmark check\n  keelmark check HEAD~3 --json")]
    Check(CheckArguments),
    /// Show versions with their metrics, newest first.
    #[command(after_help = "Example:\n  keelmark history --metrics accuracy,log_loss --limit 20")]
    History(HistoryArguments),
    /// Train a version, then evaluate it once on its test set.
    #[command(after_help = "Example:\n  keelmark train HEAD --seed 3\n  keelmark train --set train.epochs=5")]
    Train(TrainArguments),
    /// Evaluate a recorded model, one made elsewhere, or predictions any framework made.
    #[command(
        after_help = "Example:\n  keelmark evaluate HEAD\n  keelmark evaluate --predictions answers.csv --artifact churn.onnx"
    )]
    Evaluate(EvaluateArguments),
    /// List, show, stop and resume runs.
    #[command(after_help = "Example:\n  keelmark runs\n  keelmark runs show 01J9Z --json")]
    Runs(RunsArguments),
    /// Draw metrics across versions, or training curves, as SVG or PNG.
    #[command(after_help = "Example:\n  keelmark chart accuracy --by commit -o accuracy.svg\n  \
        keelmark chart train/loss validation/loss --by epoch --smooth 0.6 -o loss.png")]
    Chart(ChartArguments),
    /// Measure a prediction file: every metric with its interval. Needs no repository.
    #[command(after_help = "Example:\n  keelmark metrics predictions.csv --json")]
    Metrics(MetricsArguments),
    /// Show how two versions, runs, environments, tags or prediction files differ.
    #[command(
        after_help = "Example:\n  keelmark compare production HEAD --html report.html\n  keelmark compare a.csv b.csv"
    )]
    Compare(CompareArguments),
    /// Judge a version by its gates.
    #[command(after_help = "Example:\n  keelmark gates HEAD --against production")]
    Gates(GatesArguments),
    /// Promote a version to an environment by a deployment commit.
    #[command(after_help = "Example:\n  keelmark promote HEAD --to staging --dry-run\n  \
        keelmark promote HEAD --to production --override 'ECE is judged offline'")]
    Promote(PromoteArguments),
    /// Give an environment back what it desired before.
    #[command(
        after_help = "Example:\n  keelmark rollback production\n  keelmark rollback production --to v1.2.0"
    )]
    Rollback(RollbackArguments),
    /// Show what environments desire and run.
    #[command(after_help = "Example:\n  keelmark env\n  keelmark env show production --json")]
    Env(EnvArguments),
    /// List every promotion, rollback and override, and check them.
    #[command(after_help = "Example:\n  keelmark audit --verify")]
    Audit(AuditArguments),
    /// Pin data files in model.lock, check them, and fetch what DVC's pointers stand for.
    #[command(
        after_help = "Example:\n  keelmark data add data/train.csv\n  keelmark data status\n  keelmark data pull data/raw.csv"
    )]
    Data(DataArguments),
    /// Send runs and promotions to the remote.
    #[command(after_help = "Example:\n  keelmark share")]
    Share(RemoteArguments),
    /// Bring versions, runs and promotions from the remote.
    #[command(after_help = "Example:\n  keelmark fetch")]
    Fetch(RemoteArguments),
    /// Rebuild or verify the index over Git's records.
    #[command(after_help = "Example:\n  keelmark index rebuild\n  keelmark index verify --json")]
    Index(IndexArguments),
    /// Print the JSON Schema of model.yaml, for editors.
    #[command(after_help = "Example:\n  keelmark schema > model.schema.json")]
    Schema,
    /// Print a completion script for a shell.
    #[command(after_help = "Example:\n  keelmark completions bash > /etc/bash_completion.d/keelmark")]
    Completions(CompletionsArguments),
    /// One job for an executor.
    #[command(hide = true)]
    Worker(WorkerArguments),
}

/// `init`
#[derive(Debug, Args)]
pub struct InitArguments {
    /// Where to make it.
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub dir: PathBuf,
    /// Which sample: digits.
    #[arg(long, value_name = "NAME")]
    pub sample: String,
}

/// `clone`
#[derive(Debug, Args)]
pub struct CloneArguments {
    /// Where from: a path, file://, http(s):// or ssh.
    pub url: String,
    /// Where to [default: the URL's last part].
    #[arg(value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
    /// Only the newest N commits of each branch.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub depth: Option<u32>,
}

/// `check`
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// The version [default: the work tree].
    pub rev: Option<String>,
}

/// `history`
#[derive(Debug, Args)]
pub struct HistoryArguments {
    /// The newest version shown.
    #[arg(default_value = "HEAD")]
    pub rev: String,
    /// Which metrics, in order [default: all there are].
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub metrics: Vec<String>,
    /// Parameters too, as files and other tools have them: these, in order, or all there are.
    #[arg(long, value_delimiter = ',', value_name = "A,B", num_args = 0..=1)]
    pub params: Option<Vec<String>>,
    /// How many versions at most.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Only versions that changed this path.
    #[arg(long, value_name = "P")]
    pub path: Option<String>,
}

/// `train`
#[derive(Debug, Args)]
pub struct TrainArguments {
    /// The version [default: HEAD, with uncommitted changes where there are any].
    pub rev: Option<String>,
    /// The seed of all randomness [default: the manifest's].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Train K times, with seeds counting up.
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub seeds: u32,
    /// Override a key of the manifest, e.g. train.epochs=5.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Threads the kernels may use [default: by the size of the work].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// The device.
    #[arg(long, default_value = "cpu")]
    pub device: String,
    /// Do not wait: the job goes on by itself.
    #[arg(long)]
    pub detach: bool,
}

/// `evaluate`
#[derive(Debug, Args)]
pub struct EvaluateArguments {
    /// The version.
    #[arg(default_value = "HEAD")]
    pub rev: String,
    /// Which of its runs [default: its headline run].
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// A data file of the version instead of its test set.
    #[arg(long, value_name = "PATH", conflicts_with = "predictions")]
    pub data: Option<String>,
    /// Predictions any framework made on the test set.
    #[arg(long, value_name = "FILE.csv", value_hint = ValueHint::FilePath)]
    pub predictions: Option<PathBuf>,
    /// What made those predictions.
    #[arg(long, value_name = "PATH", requires = "predictions", value_hint = ValueHint::FilePath)]
    pub artifact: Option<PathBuf>,
}

/// `runs`
#[derive(Debug, Args)]
pub struct RunsArguments {
    /// What to do with them [default: list].
    #[command(subcommand)]
    pub action: Option<RunsAction>,
}

/// `runs …`
#[derive(Debug, Subcommand)]
pub enum RunsAction {
    /// List runs, newest first.
    List,
    /// Show a run.
    Show(RunArguments),
    /// Print a run's log.
    Log(RunArguments),
    /// Stop a running job after its step, or at once.
    Stop {
        /// The run: its id or the beginning of it.
        run: String,
        /// Do not wait for the step; nothing since the last checkpoint is kept.
        #[arg(long)]
        now: bool,
    },
    /// Go on from a stopped run's checkpoint.
    Resume(RunArguments),
}

/// A run's name.
#[derive(Debug, Args)]
pub struct RunArguments {
    /// The run: its id or the beginning of it.
    pub run: String,
}

/// The horizontal axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// A point a version.
    Commit,
    /// Optimiser steps.
    Step,
    /// Epochs.
    Epoch,
    /// Time since training began.
    Time,
}

/// Which axis is logarithmic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogAxis {
    /// The horizontal one.
    X,
    /// The vertical one.
    Y,
}

/// `chart`
#[derive(Debug, Args)]
pub struct ChartArguments {
    /// Metrics to draw, e.g. accuracy or train/loss.
    #[arg(required = true, value_name = "METRIC")]
    pub metrics: Vec<String>,
    /// Runs whose curves are drawn [default: the headline run of HEAD].
    #[arg(long, value_delimiter = ',', value_name = "R,…")]
    pub runs: Vec<String>,
    /// The horizontal axis [default: commit, or step where runs are named or the metric is a curve].
    #[arg(long)]
    pub by: Option<By>,
    /// Smoothing in [0, 1): the weight of what came before.
    #[arg(long, value_name = "W", default_value_t = 0.0)]
    pub smooth: f64,
    /// Draw this axis logarithmically.
    #[arg(long, value_name = "AXIS")]
    pub log: Vec<LogAxis>,
    /// The file; its ending says the format: svg or png.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: PathBuf,
}

/// The kind of task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Task {
    /// Classes.
    Classification,
    /// Numbers.
    Regression,
}

/// `metrics`
#[derive(Debug, Args)]
pub struct MetricsArguments {
    /// The prediction file: `y_true` and p0…pK, or `y_true` and `y_pred`; weight where there is one.
    #[arg(value_name = "FILE.csv", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The task [default: by the columns].
    #[arg(long)]
    pub task: Option<Task>,
}

/// `compare`
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// The baseline.
    pub a: String,
    /// The candidate.
    pub b: String,
    /// Also write a report that stands alone.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub html: Option<PathBuf>,
}

/// `gates`
#[derive(Debug, Args)]
pub struct GatesArguments {
    /// The candidate.
    #[arg(default_value = "HEAD")]
    pub rev: String,
    /// The baseline [default: what the first environment desires].
    #[arg(long, value_name = "REV")]
    pub against: Option<String>,
}

/// `promote`
#[derive(Debug, Args)]
pub struct PromoteArguments {
    /// The version, run or tag.
    pub rev: String,
    /// The environment.
    #[arg(long, value_name = "ENV")]
    pub to: String,
    /// Which run [default: the version's headline run].
    #[arg(long, value_name = "RUN")]
    pub run: Option<String>,
    /// Show the commit and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Promote although a gate blocks, for this reason.
    #[arg(long = "override", value_name = "REASON")]
    pub override_reason: Option<String>,
    /// Keep the commit here; `share` sends it later.
    #[arg(long)]
    pub no_push: bool,
}

/// `rollback`
#[derive(Debug, Args)]
pub struct RollbackArguments {
    /// The environment.
    pub environment: String,
    /// A release, version or deployment commit [default: what was desired before].
    #[arg(long, value_name = "REV")]
    pub to: Option<String>,
    /// Show the commit and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Keep the commit here; `share` sends it later.
    #[arg(long)]
    pub no_push: bool,
}

/// `env`
#[derive(Debug, Args)]
pub struct EnvArguments {
    /// What to show [default: list].
    #[command(subcommand)]
    pub action: Option<EnvAction>,
}

/// `env …`
#[derive(Debug, Subcommand)]
pub enum EnvAction {
    /// List environments.
    List,
    /// Show one with its history.
    Show {
        /// The environment.
        environment: String,
    },
    /// Tell a model registry what an environment desires: files, a version with its commit, an alias.
    Register {
        /// The environment, which becomes the alias.
        environment: String,
        /// A tracking server of `MLflow`; user, password and token are taken from its variables.
        #[arg(long, value_name = "URL", env = "MLFLOW_TRACKING_URI", value_hint = ValueHint::Url)]
        mlflow: String,
    },
}

/// `audit`
#[derive(Debug, Args)]
pub struct AuditArguments {
    /// Check every digest and all evidence again.
    #[arg(long)]
    pub verify: bool,
    /// Write the audit to a file as JSON.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub export: Option<PathBuf>,
}

/// `data`
#[derive(Debug, Args)]
pub struct DataArguments {
    /// What to do.
    #[command(subcommand)]
    pub action: DataAction,
}

/// `data …`
#[derive(Debug, Subcommand)]
pub enum DataAction {
    /// Pin a data file's digest and size in model.lock.
    Add {
        /// The file.
        #[arg(value_hint = ValueHint::FilePath)]
        path: PathBuf,
    },
    /// Show each data file (pinned, altered, missing, unversioned), each stage of DVC (fresh, stale) and what is here of
    /// what it tracks.
    Status,
    /// Fetch what DVC's pointers stand for from its remotes into its cache; the work tree is not touched.
    Pull {
        /// Files and folders [default: all that is tracked].
        #[arg(value_hint = ValueHint::AnyPath)]
        paths: Vec<PathBuf>,
        /// The remote [default: DVC's].
        #[arg(long, value_name = "NAME")]
        remote: Option<String>,
        /// The version whose pointers are followed [default: the work tree's].
        #[arg(long, value_name = "REV")]
        rev: Option<String>,
    },
}

/// `share`, `fetch`
#[derive(Debug, Args)]
pub struct RemoteArguments {
    /// The remote.
    #[arg(default_value = "origin")]
    pub remote: String,
}

/// `index`
#[derive(Debug, Args)]
pub struct IndexArguments {
    /// What to do.
    #[command(subcommand)]
    pub action: IndexAction,
}

/// `index …`
#[derive(Debug, Subcommand)]
pub enum IndexAction {
    /// Throw the index away and build it from Git.
    Rebuild,
    /// Build a second one and compare every answer.
    Verify,
}

/// `completions`
#[derive(Debug, Args)]
pub struct CompletionsArguments {
    /// The shell.
    pub shell: clap_complete::Shell,
}

/// `worker`
#[derive(Debug, Args)]
pub struct WorkerArguments {
    /// The job's folder.
    #[arg(long)]
    pub job: PathBuf,
}
