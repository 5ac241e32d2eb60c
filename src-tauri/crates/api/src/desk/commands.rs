//! Every command there is, declared once: its name, what it is told, what it answers, and which tags the answer
//! depends on. Hosts dispatch through this list and the window's bindings are generated from it.

use keelmark_git::Identity;
use keelmark_history::HistoryQuery;
use keelmark_types::{METRICS, MetricInfo};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::args::{
    AcceptFlipsArgs, ChartArgs, CheckArgs, CloneArgs, CompareArgs, CompareFilesArgs, ExampleArgs,
    ExportChartArgs, FolderArgs, GatesArgs, HistoryArgs, IdentityArgs, ImageArgs, ModelArgs, NoArgs,
    PinDataArgs, PromotionArgs, RemoteArgs, RepoArgs, RollbackArgs, RunArgs, SampleArgs, SaveSettingsArgs,
    Shown, StartEvaluationArgs, StartTrainingArgs, StopRunArgs, TaskArgs, TextDiffArgs, TrainingFormArgs,
};
use super::asking::{ComparedSides, ExampleDetail, TextDiff};
use super::tasks::{TaskKind, TaskSnapshot};
use super::{
    AppInfo, ChartAnswer, Desk, ExportedFile, FolderFound, LiveRun, RepositoryCard, RepositoryInfo, Settings,
    StartedRuns, Tag, TrainingForm,
};
use crate::bindings::Types;
use crate::{
    AcceptQuery, AcceptedFlips, Audit, Checked, CloneQuery, Code, Comparison, DataFile, DataFiles,
    Environments, ForeignRun, GatesAnswer, History, OtherRuns, Problem, PromoteQuery, PromotionAnswer,
    Rebuilt, RollbackQuery, RunDetail, RunSummary, ShownImage,
};

/// A command, for the bindings.
pub(crate) struct Declared {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) tags: &'static [Tag],
    pub(crate) args: fn(&mut Types) -> String,
    pub(crate) answer: fn(&mut Types) -> String,
}

macro_rules! commands {
    ($( #[doc = $doc:literal] $name:ident($args:ty) -> $answer:ty, $tags:expr, $act:expr; )*) => {
        /// Every command.
        pub(crate) fn declared() -> Vec<Declared> {
            vec![$( Declared {
                name: stringify!($name),
                doc: $doc,
                tags: &$tags,
                args: |types| types.add::<$args>(),
                answer: |types| types.add::<$answer>(),
            } ),*]
        }

        /// Does what a command says.
        pub(crate) fn dispatch(desk: &Desk, name: &str, args: Value) -> Result<Value, Problem> {
            match name {
                $( stringify!($name) => {
                    let act: fn(&Desk, $args) -> Result<$answer, Problem> = $act;
                    answered(act(desk, told(name, args)?)?)
                } )*
                other => Err(Problem::new(Code::WrongUsage, format!("There is no command `{other}`"))
                    .detail("Nothing was done.")),
            }
        }
    };
}

fn told<A: DeserializeOwned>(name: &str, args: Value) -> Result<A, Problem> {
    serde_json::from_value(args).map_err(|error| {
        Problem::new(Code::WrongUsage, format!("`{name}` was not told what it needs: {error}"))
            .detail("Nothing was done.")
    })
}

fn answered(answer: impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(answer)
        .map_err(|error| Problem::new(Code::Damaged, format!("The answer cannot be passed on: {error}")))
}

use Tag::{App, Environments as Envs, History as Versions, Repositories, Repository, Runs, Tasks, WorkTree};

commands! {
    /// The app: version, paths, identity, samples.
    app(NoArgs) -> AppInfo, [App], |desk, _| Ok(desk.app());
    /// What the user chose.
    settings(NoArgs) -> Settings, [Tag::Settings], |desk, _| Ok(desk.settings());
    /// Keeps what the user chose.
    save_settings(SaveSettingsArgs) -> Settings, [], |desk, args| desk.save_settings(args.settings);
    /// Every remembered repository, the last opened first.
    repositories(NoArgs) -> Vec<RepositoryCard>, [Repositories], |desk, _| Ok(desk.repositories());
    /// What is in a folder; nothing is opened or written.
    look_at_folder(FolderArgs) -> FolderFound, [], |_, args| Ok(FolderFound::at(&args.path));
    /// Opens the repository at or around a folder and remembers it.
    open_folder(FolderArgs) -> RepositoryInfo, [], |desk, args| desk.open_folder(&args.path);
    /// Takes a repository off the list; its files stay.
    forget_repository(RepoArgs) -> (), [], |desk, args| desk.forget_repository(&args.repo);
    /// A repository: branches, tags, models, remotes.
    repository(RepoArgs) -> RepositoryInfo, [Repository, WorkTree], |desk, args| desk.opened(&args.repo)?.info();
    /// Says who commits of a repository are made by.
    set_identity(IdentityArgs) -> (), [], |desk, args| {
        desk.set_identity(&args.repo, Identity { name: args.name, email: args.email }).map(drop)
    };
    /// Begins a clone; the task answers with the repository.
    start_clone(CloneArgs) -> String, [], start_clone;
    /// Begins to make a sample; the task answers with the repository.
    start_sample(SampleArgs) -> String, [], start_sample;
    /// Begins to bring news from a remote; the task answers with what moved.
    start_fetch(RemoteArgs) -> String, [], start_fetch;
    /// Begins to send runs and promotions to a remote; the task answers with what moved.
    start_share(RemoteArgs) -> String, [], start_share;
    /// Every task as it stands.
    tasks(NoArgs) -> Vec<TaskSnapshot>, [Tasks], |desk, _| Ok(desk.tasks());
    /// Asks a task to stop.
    stop_task(TaskArgs) -> (), [], |desk, args| desk.stop_task(&args.task);
    /// Forgets an ended task.
    dismiss_task(TaskArgs) -> (), [], |desk, args| desk.dismiss_task(&args.task);
    /// Checks the manifests of the work tree or of a version.
    check(CheckArgs) -> Checked, [Repository, WorkTree], |desk, args| {
        desk.opened(&args.repo)?.session()?.check(args.revision.as_deref())
    };
    /// Versions with their metrics, newest first.
    history(HistoryArgs) -> History, [Versions], |desk, args| {
        desk.opened(&args.repo)?.session()?.history(&HistoryQuery {
            revision: args.revision,
            model: crate::history::parse_model(args.model.as_deref())?,
            metrics: Vec::new(),
            limit: args.limit,
            path: args.path,
            params: args.params,
        })
    };
    /// The catalogue of metrics.
    metrics(NoArgs) -> Vec<MetricInfo>, [], |_, _| Ok(METRICS.to_vec());
    /// A chart of versions or runs.
    chart(ChartArgs) -> ChartAnswer, [Versions, Runs], |desk, args| desk.chart(args);
    /// A chart as a file.
    export_chart(ExportChartArgs) -> ExportedFile, [], |desk, args| desk.export_chart(args);
    /// Every run and running job, newest first.
    runs(ModelArgs) -> Vec<RunSummary>, [Runs], |desk, args| {
        desk.opened(&args.repo)?.session()?.runs(args.model.as_deref())
    };
    /// Runs and experiments that other tools recorded, newest first.
    other_runs(ModelArgs) -> OtherRuns, [Runs, Versions], |desk, args| {
        desk.opened(&args.repo)?.session()?.other_runs(args.model.as_deref())
    };
    /// All of a run that another tool recorded.
    other_run(RunArgs) -> ForeignRun, [Runs, Versions], |desk, args| {
        desk.opened(&args.repo)?.session()?.other_run(&args.run)
    };
    /// All of a run.
    run(RunArgs) -> RunDetail, [Runs], |desk, args| desk.opened(&args.repo)?.session()?.run(&args.run);
    /// What a run said.
    run_log(RunArgs) -> String, [Runs], |desk, args| desk.opened(&args.repo)?.session()?.run_log(&args.run);
    /// A run as it stands, followed while it goes on.
    live_run(RunArgs) -> LiveRun, [], |desk, args| desk.live_run(&args.repo, &args.run);
    /// What a training of a version would be.
    training_form(TrainingFormArgs) -> TrainingForm, [Repository, WorkTree], |desk, args| desk.training_form(&args);
    /// Starts a training, or several that differ in their seed.
    start_training(StartTrainingArgs) -> StartedRuns, [], |desk, args| desk.start_training(args);
    /// Goes on from a stopped run.
    resume_run(RunArgs) -> StartedRuns, [], |desk, args| desk.resume_run(&args.repo, &args.run);
    /// Evaluates a recorded model again.
    start_evaluation(StartEvaluationArgs) -> StartedRuns, [], |desk, args| desk.start_evaluation(args);
    /// Stops a run after its step, or at once.
    stop_run(StopRunArgs) -> (), [], |desk, args| desk.stop_run(&args);
    /// How two candidates differ, and what the gates say.
    compare(CompareArgs) -> ComparedSides, [Versions, Runs, Envs], |desk, args| {
        desk.opened(&args.repo)?.session()?.compare_sides(&args.a, &args.b, args.model.as_deref())
    };
    /// How two prediction files differ.
    compare_files(CompareFilesArgs) -> Comparison, [], |_, args| crate::compare_files(&args.a, &args.b);
    /// A file in two versions.
    text_diff(TextDiffArgs) -> TextDiff, [], |desk, args| {
        desk.opened(&args.repo)?.session()?.text_diff(&args.a, &args.b, &args.path)
    };
    /// An image of a version.
    image(ImageArgs) -> ShownImage, [], |desk, args| {
        desk.opened(&args.repo)?.session()?.image(&args.version, &args.path)
    };
    /// An example with what two runs answered.
    example(ExampleArgs) -> ExampleDetail, [], |desk, args| {
        desk.opened(&args.repo)?.session()?.example(args.a_run.as_deref(), args.b_run.as_deref(), &args.id)
    };
    /// Records that changed predictions are acceptable, and why.
    accept_flips(AcceptFlipsArgs) -> AcceptedFlips, [], |desk, args| accept_flips(desk, args);
    /// A comparison as a page that stands alone.
    report(CompareArgs) -> ExportedFile, [], |desk, args| desk.report(&args);
    /// What the gates say of a candidate.
    gates(GatesArgs) -> GatesAnswer, [Versions, Runs, Envs], |desk, args| {
        desk.opened(&args.repo)?.session()?.gates(&args.revision, args.against.as_deref(), args.model.as_deref())
    };
    /// What a promotion would be, to the byte; nothing is written.
    preview_promotion(PromotionArgs) -> PromotionAnswer, [Versions, Runs, Envs], |desk, args| promote(desk, args, true);
    /// Promotes what was shown; a conflict where it is no longer what would be committed.
    promote(PromotionArgs) -> PromotionAnswer, [], |desk, args| promote(desk, args, false);
    /// What a rollback would be, to the byte; nothing is written.
    preview_rollback(RollbackArgs) -> PromotionAnswer, [Versions, Runs, Envs], |desk, args| roll_back(desk, args, true);
    /// Rolls back to what was shown; a conflict where it is no longer what would be committed.
    rollback(RollbackArgs) -> PromotionAnswer, [], |desk, args| roll_back(desk, args, false);
    /// Every environment, with what it desires and its timeline.
    environments(ModelArgs) -> Environments, [Envs, Repository], |desk, args| {
        desk.opened(&args.repo)?.session()?.environments(args.model.as_deref())
    };
    /// Every promotion, rollback and override, held against its own words.
    audit(RepoArgs) -> Audit, [Envs], |desk, args| desk.opened(&args.repo)?.session()?.audit();
    /// How each data file stands.
    data_status(RepoArgs) -> DataFiles, [WorkTree], |desk, args| desk.opened(&args.repo)?.session()?.data_status();
    /// Pins a data file's digest.
    pin_data(PinDataArgs) -> DataFile, [], |desk, args| {
        let opened = desk.opened(&args.repo)?;
        let session = opened.session()?;
        session.data_add(&session.path().join(&args.path))
    };
    /// Throws the index away and builds it from Git.
    rebuild_index(RepoArgs) -> Rebuilt, [], |desk, args| {
        desk.opened(&args.repo)?.session()?.rebuild_index(&keelmark_types::NoProgress, &keelmark_types::Stop::new())
    };
}

fn start_clone(desk: &Desk, args: CloneArgs) -> Result<String, Problem> {
    let url = args.url.trim().to_owned();
    let into = match args.into {
        Some(into) => into,
        None => desk.clone_folder().join(crate::cloning::folder_of(&url)?),
    };
    let title = format!("Cloning {}", into.file_name().unwrap_or_default().to_string_lossy());
    let query = CloneQuery { url, into: Some(into), depth: args.depth };
    desk.start_task(
        TaskKind::Clone,
        title,
        None,
        Box::new(move |desk, progress, stop| {
            if let Some(parent) = query.into.as_deref().and_then(std::path::Path::parent) {
                std::fs::create_dir_all(parent)
                    .map_err(|error| crate::failures::file_problem(parent, &error))?;
            }
            let cloned = desk.keelmark().clone_repository(&query, progress, stop)?;
            answered(desk.open_folder(&cloned.path)?)
        }),
    )
}

fn start_sample(desk: &Desk, args: SampleArgs) -> Result<String, Problem> {
    let title = format!("Making the sample {}", args.name);
    let into = match args.into {
        Some(into) => into,
        None => free_folder(&desk.clone_folder(), &args.name),
    };
    desk.start_task(
        TaskKind::Sample,
        title,
        None,
        Box::new(move |desk, progress, stop| {
            std::fs::create_dir_all(&into).map_err(|error| crate::failures::file_problem(&into, &error))?;
            match desk.keelmark().init_sample(&into, &args.name, progress, stop) {
                Ok(_) => answered(desk.open_folder(&into)?),
                Err(problem) => {
                    // An empty folder is of no use to anybody; what a stopped sample has is whole and can be looked at.
                    if std::fs::remove_dir(&into).is_err() && desk.open_folder(&into).is_ok() {
                        let detail = format!("{} It is at {}.", problem.detail, into.display());
                        return Err(problem.detail(detail));
                    }
                    Err(problem)
                }
            }
        }),
    )
}

/// The name itself, or with the first number that is free.
fn free_folder(among: &std::path::Path, name: &str) -> std::path::PathBuf {
    let plain = among.join(name);
    let mut number = 2;
    let mut folder = plain;
    while folder.exists() {
        folder = among.join(format!("{name}-{number}"));
        number += 1;
    }
    folder
}

fn start_fetch(desk: &Desk, args: RemoteArgs) -> Result<String, Problem> {
    let remote = args.remote.unwrap_or_else(|| "origin".to_owned());
    let opened = desk.opened(&args.repo)?;
    desk.start_task(
        TaskKind::Fetch,
        format!("Fetching from {remote}"),
        Some(args.repo),
        Box::new(move |desk, progress, stop| {
            let moved = opened.session()?.fetch(&remote, progress, stop)?;
            desk.moved(&opened.repo, &[Repository, Versions, Runs, Envs]);
            answered(moved)
        }),
    )
}

fn start_share(desk: &Desk, args: RemoteArgs) -> Result<String, Problem> {
    let remote = args.remote.unwrap_or_else(|| "origin".to_owned());
    let opened = desk.opened(&args.repo)?;
    desk.start_task(
        TaskKind::Share,
        format!("Sharing with {remote}"),
        Some(args.repo),
        Box::new(move |desk, _progress, stop| {
            let moved = opened.session()?.share(&remote, stop)?;
            desk.moved(&opened.repo, &[Envs]);
            answered(moved)
        }),
    )
}

fn accept_flips(desk: &Desk, args: AcceptFlipsArgs) -> Result<AcceptedFlips, Problem> {
    let AcceptFlipsArgs { repo, baseline, candidate, examples, reason } = args;
    let query = AcceptQuery { baseline, candidate, examples, reason };
    let accepted = desk.opened(&repo)?.session()?.accept_flips(&query)?;
    desk.moved(&repo, &[Envs]);
    Ok(accepted)
}

fn promote(desk: &Desk, args: PromotionArgs, dry_run: bool) -> Result<PromotionAnswer, Problem> {
    let opened = desk.opened(&args.repo)?;
    let answer = opened.session()?.promote(
        &PromoteQuery {
            revision: args.revision,
            run: args.run,
            to: args.to,
            model: args.model,
            dry_run,
            override_reason: args.override_reason,
            push: args.push,
            shown: agreed(args.expected, dry_run)?,
        },
        &keelmark_types::Stop::new(),
    )?;
    if !dry_run {
        desk.moved(&args.repo, &[Envs, Versions, Repository]);
    }
    Ok(answer)
}

fn roll_back(desk: &Desk, args: RollbackArgs, dry_run: bool) -> Result<PromotionAnswer, Problem> {
    let opened = desk.opened(&args.repo)?;
    let answer = opened.session()?.rollback(
        &RollbackQuery {
            environment: args.environment,
            to: args.to,
            model: args.model,
            dry_run,
            push: args.push,
            shown: agreed(args.expected, dry_run)?,
        },
        &keelmark_types::Stop::new(),
    )?;
    if !dry_run {
        desk.moved(&args.repo, &[Envs, Versions, Repository]);
    }
    Ok(answer)
}

/// A window publishes only what it has shown.
fn agreed(shown: Option<Shown>, dry_run: bool) -> Result<Option<crate::ShownCommit>, Problem> {
    match shown {
        Some(shown) => Ok(Some(crate::ShownCommit { commit: shown.commit, at: shown.at })),
        None if dry_run => Ok(None),
        None => Err(Problem::new(Code::WrongUsage, "Nothing was shown yet that could be agreed to")
            .detail("Nothing was written.")
            .hint("Look at the preview first.")),
    }
}
