//! `env register`: what an environment desires, told to a registry of `MLflow` over its REST interface.
//!
//! Everything may be done again: what is there already is found by the digest of the release.

use keelmark_http::{Answer, Client, Login, Request};
use keelmark_promote::Standing;
use keelmark_types::{
    CommitId, Deployment, EnvironmentName, ModelName, Outcome, SemanticVersion, Stop, Timestamp,
};
use serde::Serialize;
use serde_json::{Value, json};
use ts_rs::TS;

use crate::{Code, Problem, Session};

/// An answer of the registry is never larger.
const MAX_ANSWER_BYTES: u64 = 4 << 20;
/// No served file is larger.
const MAX_FILE_BYTES: u64 = 1 << 30;
/// By this tag a release is found again.
const DIGEST_TAG: &str = "keelmark.release_digest";

/// A registration that is wanted.
#[derive(Debug, Clone)]
pub struct RegisterQuery {
    /// The environment.
    pub environment: String,
    /// The model, where there are several.
    pub model: Option<String>,
    /// The tracking server's address.
    pub tracking_uri: String,
}

/// What the registry knows now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct Registered {
    /// The model, by its name there as here.
    pub model: ModelName,
    /// The release.
    pub release: SemanticVersion,
    /// The commit it is the release of.
    pub commit: CommitId,
    /// The registry's own number for it.
    pub version: String,
    /// The alias that names it: the environment.
    pub alias: EnvironmentName,
    /// Where the registry keeps its files.
    pub source: String,
    /// Whether the registry did not have it before.
    pub created: bool,
}

/// A tracking server, with what it is asked with.
struct Registry<'a> {
    base: String,
    user: Option<(String, String)>,
    bearer: Option<String>,
    client: Client,
    stop: &'a Stop,
}

impl Session {
    /// Registers what an environment desires, with the Git commit as a tag, and points the alias of the environment's
    /// name to it.
    pub fn register(&self, query: &RegisterQuery, stop: &Stop) -> Result<Registered, Problem> {
        let registry = Registry::new(&query.tracking_uri, stop)?;
        let state = self.environment(&query.environment, query.model.as_deref())?;
        let tip = keelmark_history::deploy_tip(&self.repository)?.map(|tip| tip.commit);
        let standing = Standing::read(&self.repository, tip.as_ref(), &state.environment, &state.model)?;
        let (Some(tip), Some(deployment)) = (&tip, standing.deployment()) else {
            return Err(Problem::new(
                Code::InvalidRequest,
                format!("{} desires nothing yet", state.environment),
            )
            .detail("The registry was not asked.")
            .hint("Promote a version first."));
        };
        registry.create_model(&deployment.model)?;
        let found = registry.find(deployment)?;
        let created = found.is_none();
        let (version, source) = if let Some(known) = found {
            known
        } else {
            let mut files = Vec::new();
            let view = self.repository.version(tip)?;
            for file in &deployment.files {
                let path = format!("{}/{}", standing.folder(), file.path);
                let bytes = view.read(&path, MAX_FILE_BYTES)?.unwrap_or_default();
                if crate::digest(&bytes) != file.sha256 {
                    return Err(Problem::new(Code::Damaged, format!("{path} is not what the release names"))
                        .detail("Nothing was registered.")
                        .hint("`keelmark audit --verify` tells more."));
                }
                files.push((file.path.as_str(), bytes));
            }
            let run = registry.create_run(deployment, self.keelmark.now())?;
            for (path, bytes) in &files {
                registry.upload(&format!("{}/{path}", run.place), bytes)?;
            }
            registry.finish_run(&run, deployment, self.keelmark.now())?;
            registry.create_version(deployment, &run)?
        };
        registry.point(&deployment.model, &state.environment, &version)?;
        Ok(Registered {
            model: deployment.model.clone(),
            release: deployment.release,
            commit: deployment.version.clone(),
            version,
            alias: state.environment,
            source,
            created,
        })
    }
}

impl<'a> Registry<'a> {
    /// The server at an address, with the login that `MLflow`'s own client would use.
    fn new(address: &str, stop: &'a Stop) -> Result<Self, Problem> {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let url = Request::parse(address).map_err(|error| problem(&error))?;
        let in_url = url.password().map(|password| (url.username().to_owned(), password.to_owned()));
        let user = set("MLFLOW_TRACKING_USERNAME")
            .map(|user| (user, set("MLFLOW_TRACKING_PASSWORD").unwrap_or_default()));
        let mut base = url;
        base.set_query(None);
        base.set_fragment(None);
        Ok(Self {
            base: base.as_str().trim_end_matches('/').to_owned(),
            user: user.or(in_url),
            bearer: set("MLFLOW_TRACKING_TOKEN").map(|token| format!("Bearer {token}")),
            client: Client::default(),
            stop,
        })
    }

    fn create_model(&self, model: &ModelName) -> Result<(), Problem> {
        let answer = self.post("registered-models/create", &json!({ "name": model }))?;
        // That somebody made it before is as good.
        if answer.is_success() || error_code(&answer) == "RESOURCE_ALREADY_EXISTS" {
            return Ok(());
        }
        Err(refusal(&answer))
    }

    /// The version that this release was registered as, with its place.
    fn find(&self, deployment: &Deployment) -> Result<Option<(String, String)>, Problem> {
        let Deployment { model, release_digest, .. } = deployment;
        let mut url =
            Request::parse(&self.address("mlflow/model-versions/search")).map_err(|error| problem(&error))?;
        // Neither a model's name nor a digest has a quote in it.
        let filter = format!("name='{model}' and tags.`{DIGEST_TAG}`='{release_digest}'");
        url.query_pairs_mut().append_pair("filter", &filter).append_pair("max_results", "1");
        let body = self.sent(Request::get(url))?;
        let found = body.get("model_versions").and_then(|versions| versions.get(0));
        found.map(version_of).transpose()
    }

    /// A run that stands for the release: the registry takes files of a run alone.
    fn create_run(&self, deployment: &Deployment, at: Timestamp) -> Result<Run, Problem> {
        let name = deployment.model.as_str();
        let mut url = Request::parse(&self.address("mlflow/experiments/get-by-name"))
            .map_err(|error| problem(&error))?;
        url.query_pairs_mut().append_pair("experiment_name", name);
        let answer = self.answered(Request::get(url))?;
        let experiment = if answer.is_success() {
            text_at(&read(&answer)?, "/experiment/experiment_id")?
        } else if error_code(&answer) == "RESOURCE_DOES_NOT_EXIST" {
            text_at(&self.posted("experiments/create", &json!({ "name": name }))?, "/experiment_id")?
        } else {
            return Err(refusal(&answer));
        };
        let body = json!({
            "experiment_id": experiment,
            "run_name": format!("{name} {}", deployment.release),
            "start_time": at.as_millisecond(),
            "tags": tags(deployment),
        });
        let made = self.posted("runs/create", &body)?;
        let uri = text_at(&made, "/run/info/artifact_uri")?;
        let place =
            uri.strip_prefix("mlflow-artifacts:").map(|place| place.trim_start_matches('/').to_owned());
        let Some(place) = place.filter(|_| !uri.contains("://")) else {
            return Err(Problem::new(Code::Unsupported, "The tracking server does not take files itself")
                .detail(format!(
                    "It names {} for them. Nothing was registered.",
                    uri.split("://").next().unwrap_or_default()
                ))
                .hint("Start it with --artifacts-destination, and in an experiment made since."));
        };
        Ok(Run { id: text_at(&made, "/run/info/run_id")?, source: format!("{uri}/model"), place })
    }

    /// Metrics of the release, and the run's end.
    fn finish_run(&self, run: &Run, deployment: &Deployment, at: Timestamp) -> Result<(), Problem> {
        let at = at.as_millisecond();
        let metric =
            |(key, value): (&String, &f64)| json!({ "key": key, "value": value, "timestamp": at, "step": 0 });
        let metrics: Vec<Value> = deployment.metrics.iter().map(metric).collect();
        self.posted("runs/log-batch", &json!({ "run_id": run.id, "metrics": metrics }))?;
        let end = json!({ "run_id": run.id, "status": "FINISHED", "end_time": at });
        self.posted("runs/update", &end).map(drop)
    }

    fn upload(&self, path: &str, bytes: &[u8]) -> Result<(), Problem> {
        let url = Request::parse(&self.address(&format!("mlflow-artifacts/artifacts/{path}")))
            .map_err(|error| problem(&error))?;
        let request = Request::put(url, bytes).header("Content-Type", "application/octet-stream");
        self.sent(request).map(drop)
    }

    fn create_version(&self, deployment: &Deployment, run: &Run) -> Result<(String, String), Problem> {
        let body = json!({
            "name": deployment.model,
            "source": run.source,
            "run_id": run.id,
            "description": format!("{} {}", deployment.model, deployment.release),
            "tags": tags(deployment),
        });
        let made = self.posted("model-versions/create", &body)?;
        version_of(made.get("model_version").unwrap_or(&Value::Null))
    }

    fn point(&self, model: &ModelName, alias: &EnvironmentName, version: &str) -> Result<(), Problem> {
        let body = json!({ "name": model, "alias": alias, "version": version });
        self.posted("registered-models/alias", &body).map(drop)
    }

    fn address(&self, path: &str) -> String {
        format!("{}/api/2.0/{path}", self.base)
    }

    fn post(&self, path: &str, body: &Value) -> Result<Answer, Problem> {
        let url =
            Request::parse(&self.address(&format!("mlflow/{path}"))).map_err(|error| problem(&error))?;
        let body = body.to_string();
        self.answered(Request::post(url, body.as_bytes()).header("Content-Type", "application/json"))
    }

    /// Posts; anything but a success is a problem.
    fn posted(&self, path: &str, body: &Value) -> Result<Value, Problem> {
        let answer = self.post(path, body)?;
        if answer.is_success() { read(&answer) } else { Err(refusal(&answer)) }
    }

    /// Asks; anything but a success is a problem.
    fn sent(&self, request: Request<'_>) -> Result<Value, Problem> {
        let answer = self.answered(request)?;
        if answer.is_success() { read(&answer) } else { Err(refusal(&answer)) }
    }

    fn answered<'r>(&'r self, mut request: Request<'r>) -> Result<Answer, Problem> {
        match (&self.user, &self.bearer) {
            (Some((user, password)), _) => request = request.login(Some(Login { user, password })),
            (None, Some(bearer)) => request = request.header("Authorization", bearer),
            (None, None) => {}
        }
        match self.client.ask(&request, MAX_ANSWER_BYTES, self.stop).map_err(|error| problem(&error))? {
            Outcome::Done(answer) => Ok(answer),
            Outcome::Stopped { .. } => Err(Problem::new(Code::Stopped, "Registering was stopped")
                .detail("What the registry has taken is kept there; the same command goes on from there.")),
        }
    }
}

/// A run of the tracking server.
struct Run {
    id: String,
    /// Where its model's files are, as the registry calls it.
    source: String,
    /// The same place as files are sent to it.
    place: String,
}

fn tags(deployment: &Deployment) -> Value {
    let tag = |key: &str, value: String| json!({ "key": key, "value": value });
    json!([
        tag("mlflow.source.git.commit", deployment.version.to_string()),
        tag("keelmark.release", deployment.release.to_string()),
        tag(DIGEST_TAG, deployment.release_digest.to_string()),
        tag("keelmark.run", deployment.run.id.to_string()),
    ])
}

fn text_at(value: &Value, pointer: &str) -> Result<String, Problem> {
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned).ok_or_else(unreadable)
}

fn version_of(found: &Value) -> Result<(String, String), Problem> {
    let text = |key: &str| found.get(key).and_then(Value::as_str).map(str::to_owned);
    text("version").zip(text("source")).ok_or_else(unreadable)
}

fn read(answer: &Answer) -> Result<Value, Problem> {
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(&answer.body).map_err(|_| unreadable())
}

fn unreadable() -> Problem {
    Problem::new(Code::Unsupported, "The server does not answer as a registry of MLflow does")
        .detail("Nothing here was changed.")
        .hint("See whether the address is that of a tracking server.")
}

fn error_code(answer: &Answer) -> String {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    body.get("error_code").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn refusal(answer: &Answer) -> Problem {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let message = body.get("message").and_then(Value::as_str).unwrap_or_default();
    let message: String = message.chars().take(300).collect();
    let code = match answer.status {
        401 | 403 => Code::Denied,
        404 if !message.is_empty() => Code::InvalidRequest,
        400 => Code::InvalidRequest,
        404 => return unreadable(),
        _ => Code::Unreachable,
    };
    Problem::new(code, format!("The registry refused with status {}", answer.status))
        .detail(if message.is_empty() { "It gave no reason.".to_owned() } else { message })
        .hint("Nothing here was changed; the same command goes on from there.")
}

fn problem(error: &keelmark_http::Error) -> Problem {
    let code = match error {
        keelmark_http::Error::TimedOut { .. } => Code::TimedOut,
        keelmark_http::Error::Invalid { .. } => Code::InvalidRequest,
        _ => Code::Unreachable,
    };
    Problem::new(code, crate::failures::sentence(&error.to_string()))
        .detail("The promotion stands; nothing here was changed.")
        .hint("Try again when the registry can be reached.")
}
