// The types of the backend's commands and events. Names and fields are those of the Rust types, as serde writes them.

export type CommitId = string;
export type Sha256 = string;
export type RunId = string;
export type ModelName = string;
export type EnvironmentName = string;
export type SemanticVersion = string;
/** An instant in UTC, RFC 3339. */
export type Timestamp = string;
export type TaskId = string;
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Tag =
  | 'app'
  | 'repositories'
  | 'settings'
  | 'tasks'
  | 'repository'
  | 'history'
  | 'runs'
  | 'environments'
  | 'work_tree';

// Problems

export type Code =
  | 'wrong_usage'
  | 'not_a_repository'
  | 'unknown_revision'
  | 'unknown_run'
  | 'unknown_environment'
  | 'unknown_model'
  | 'unknown_metric'
  | 'unknown_sample'
  | 'no_manifest'
  | 'invalid_manifest'
  | 'invalid_data'
  | 'altered_data'
  | 'missing_data'
  | 'no_run'
  | 'invalid_model'
  | 'training_failed'
  | 'invalid_request'
  | 'destination_exists'
  | 'no_identity'
  | 'no_home'
  | 'conflict'
  | 'unreachable'
  | 'timed_out'
  | 'denied'
  | 'rejected'
  | 'blocked'
  | 'storage'
  | 'damaged'
  | 'unsupported'
  | 'worker_lost'
  | 'stopped';

export interface Location {
  file: string;
  line?: number | null;
  column?: number | null;
}

export interface Problem {
  code: Code;
  summary: string;
  detail: string;
  hint: string;
  retryable: boolean;
  location?: Location | null;
}

/** Something that could not be read, while the rest could. */
export interface Unreadable {
  what: string;
  why: string;
}

// Metrics and evaluations

export type TaskKind = 'classification' | 'regression';
export type Direction = 'higher_is_better' | 'lower_is_better';
export type Grade = 'asserted' | 'recomputed' | 'repeated' | 'reproduced';

export interface MetricInfo {
  name: string;
  label: string;
  task: TaskKind;
  direction: Direction;
  is_share: boolean;
}

export interface MetricValue {
  value: number | null;
  low: number | null;
  high: number | null;
  why?: string | null;
}

export interface Confusion {
  classes: string[];
  counts: number[][];
}

export interface ClassScores {
  class: string;
  support: number;
  precision: number;
  recall: number;
  f1: number;
  roc_auc: number | null;
}

export interface CalibrationBin {
  count: number;
  accuracy: number | null;
  confidence: number | null;
}

export interface Slice {
  column: string;
  value: string;
  examples: number;
  metrics: Record<string, MetricValue>;
}

export interface Evaluation {
  schema: string;
  task: TaskKind;
  examples: number;
  grade: Grade;
  metrics: Record<string, MetricValue>;
  classes: ClassScores[];
  slices: Slice[];
  confusion: Confusion | null;
  calibration: CalibrationBin[];
  roc_curve: [number, number][];
}

// Runs

export type JobKind = 'train' | 'evaluate' | 'command';
export type JobPhase = 'queued' | 'preparing' | 'training' | 'evaluating' | 'recording';
export type RunStatus = 'succeeded' | 'failed' | 'cancelled';
export type RunState = 'running' | RunStatus;

export interface DataPin {
  path: string;
  sha256: Sha256;
  size_bytes: number;
  versioned: boolean;
}

export interface Environment {
  device: string;
  threads: number;
  kernel_set: string;
  app_version: string;
  candle_version: string;
  platform: string;
}

export type SeriesPoint = { step: number; epoch: number; wall_millis: number } & Record<string, number | null>;

export interface RunRecord {
  schema: string;
  run: RunId;
  model: ModelName;
  folder: string;
  version: CommitId;
  dirty: boolean;
  job: JobKind;
  status: RunStatus;
  cause: string | null;
  started_at: Timestamp;
  finished_at: Timestamp;
  duration_millis: number;
  seed: number;
  overrides: Record<string, string>;
  config_sha256: Sha256 | null;
  data: DataPin[];
  test_digest: Sha256 | null;
  examples: Record<string, number>;
  environment: Environment;
  model_sha256: Sha256 | null;
  model_size_bytes: number | null;
  parameters: number | null;
  metrics: Record<string, MetricValue>;
  validation: Record<string, number | null>;
  best_epoch: number | null;
  predictions_sha256: Sha256 | null;
  private: CommitId | null;
  evaluated: RunId | null;
  resumed_from: RunId | null;
}

export interface RunSummary {
  run: RunId;
  model: string;
  version: CommitId;
  job: JobKind;
  status: RunState;
  phase?: JobPhase | null;
  cause?: string | null;
  dirty: boolean;
  seed: number | null;
  started_at: Timestamp;
  duration_millis: number | null;
  metrics: Record<string, MetricValue>;
  remote: string | null;
  resumable: boolean;
}

export type RunDetail = RunRecord & {
  commit: CommitId;
  evaluation: Evaluation | null;
  log: SeriesPoint[];
};

export interface RunPlan {
  epochs: number;
  steps: number;
  examples: Record<string, number>;
  parameters: number;
}

export interface Eta {
  low_millis: number;
  high_millis: number;
}

export interface LiveRun {
  repo: string;
  run: RunId;
  number: number;
  state: RunState;
  phase: JobPhase | null;
  plan: RunPlan | null;
  points: SeriesPoint[];
  log: string[];
  stopping: boolean;
  started_at: Timestamp;
  elapsed_millis: number;
  steps_per_second: number | null;
  eta: Eta | null;
  cause: string | null;
}

export interface LiveSamples {
  repo: string;
  run: RunId;
  from: number;
  number: number;
  phase: JobPhase | null;
  plan: RunPlan | null;
  points: SeriesPoint[];
  log: string[];
  elapsed_millis: number;
  steps_per_second: number | null;
  eta: Eta | null;
  stopping: boolean;
  ended: RunState | null;
}

export interface TrainingSetting {
  key: string;
  value: string;
  kind: 'integer' | 'number' | 'boolean' | 'text';
}

export interface TrainingForm {
  model: string;
  version: CommitId;
  dirty: boolean;
  subject: string;
  seed: number;
  settings: TrainingSetting[];
  metrics: string[];
}

export interface StartedRuns {
  runs: RunId[];
}

// History

export type MetricSource = 'run' | 'file';

export interface HistoryMetric {
  value: number | null;
  low: number | null;
  high: number | null;
  run: RunId | null;
  source: MetricSource;
  comparable: boolean | null;
  test_digest?: Sha256 | null;
  seeds?: number | null;
  spread?: number | null;
  why?: string | null;
}

export interface HistoryCommit {
  commit: CommitId;
  parents: CommitId[];
  subject: string;
  author: string;
  time: Timestamp;
  tags: string[];
  environments: EnvironmentName[];
  metrics: Record<string, HistoryMetric>;
}

export interface History {
  model: ModelName | null;
  commits: HistoryCommit[];
  problems: Unreadable[];
}

// Comparisons

export type Verdict = 'better' | 'worse' | 'no_clear_change' | 'not_comparable';
export type FlipKind = 'broken' | 'fixed' | 'changed';
export type ChangeKind = 'added' | 'removed' | 'changed';
export type LayerChangeKind = 'same' | 'changed' | 'reshaped' | 'added' | 'removed';
export type GateState = 'passed' | 'failed' | 'inconclusive';
export type Decision = 'ready' | 'blocked';

export interface SideName {
  label: string;
  version: CommitId | null;
  run: RunId | null;
  test_digest: Sha256 | null;
}

export interface Pairing {
  a: number;
  b: number;
  paired: number;
  only_a: number;
  only_b: number;
}

export interface MetricChange {
  name: string;
  class?: string | null;
  direction: Direction | null;
  a: number | null;
  b: number | null;
  change: number | null;
  low: number | null;
  high: number | null;
  verdict: Verdict;
  p: number | null;
  p_holm: number | null;
  why?: string | null;
}

export interface McNemar {
  both_right: number;
  a_only: number;
  b_only: number;
  both_wrong: number;
  p_exact: number;
  p_midp: number;
  chi2: number | null;
  p_chi2: number | null;
  chi2_cc: number | null;
  p_chi2_cc: number | null;
}

export interface DeLong {
  auc_a: number;
  auc_b: number;
  difference: number;
  standard_error: number;
  z: number | null;
  p: number | null;
}

export interface PairedT {
  t: number | null;
  df: number;
  p: number | null;
}

export interface Wilcoxon {
  w: number;
  p: number | null;
}

export interface Bootstrap {
  replicates: number;
  seed: number;
  confidence: number;
}

export interface Tests {
  mcnemar: McNemar | null;
  delong: DeLong | null;
  paired_t: PairedT | null;
  wilcoxon: Wilcoxon | null;
  bootstrap: Bootstrap | null;
}

export interface Flip {
  id: string;
  kind: FlipKind;
  truth: string;
  a: string;
  b: string;
  confidence_a: number;
  confidence_b: number;
}

export interface Flips {
  fixed: number;
  broken: number;
  changed: number;
  total: number;
  examples: Flip[];
}

export interface ConfusionChange {
  classes: string[];
  a: number[][];
  b: number[][];
  change: number[][];
}

export interface SliceChange {
  column: string;
  value: string;
  examples: number;
  metric: string;
  a: number | null;
  b: number | null;
  change: number | null;
  low: number | null;
  high: number | null;
  verdict: Verdict;
  why?: string | null;
}

export interface Curve {
  metric: string;
  steps: number[];
  a: (number | null)[];
  b: (number | null)[];
}

export interface DataChange {
  path: string;
  kind: ChangeKind;
  a: Sha256 | null;
  b: Sha256 | null;
  size_bytes_a: number | null;
  size_bytes_b: number | null;
}

export interface DataDiff {
  same: number;
  changes: DataChange[];
}

export interface ConfigChange {
  path: string;
  kind: ChangeKind;
  a: Json | null;
  b: Json | null;
}

export interface ConfigDiff {
  same: number;
  changes: ConfigChange[];
}

export interface CodeChange {
  path: string;
  kind: ChangeKind;
  a: string | null;
  b: string | null;
}

export interface CodeDiff {
  same: number;
  changes: CodeChange[];
}

export interface LayerChange {
  name: string;
  kind: LayerChangeKind;
  shape_a: number[] | null;
  shape_b: number[] | null;
  norm_a: number | null;
  norm_b: number | null;
  relative_change: number | null;
}

export interface WeightsDiff {
  identical: boolean;
  layers: LayerChange[];
}

export interface Amount {
  a: number | null;
  b: number | null;
  change: number | null;
}

export interface Cost {
  parameters: Amount;
  size_bytes: Amount;
  duration_millis: Amount;
  training_millis: Amount;
}

export interface Comparison {
  schema: string;
  a: SideName;
  b: SideName;
  verdict: Verdict;
  comparable: boolean;
  why: string;
  headline: string | null;
  task: TaskKind;
  examples: Pairing;
  metrics: MetricChange[];
  classes: MetricChange[];
  flips: Flips;
  confusion: ConfusionChange | null;
  slices: SliceChange[];
  curves: Curve[];
  data: DataDiff | null;
  config: ConfigDiff | null;
  code: CodeDiff | null;
  weights: WeightsDiff | null;
  cost: Cost;
  tests: Tests;
}

export interface GateOutcome {
  name: string;
  state: GateState;
  value: number | null;
  threshold: number | null;
  why: string;
}

export interface SideInfo {
  word: string;
  version: CommitId | null;
  run: RunId | null;
  subject: string | null;
  author: string | null;
  time: Timestamp | null;
  seed: number | null;
  environments: EnvironmentName[];
  grade: Grade | null;
  looks: number | null;
}

export type Compared = Comparison & {
  gates: GateOutcome[];
  decision: Decision | null;
  a_info: SideInfo;
  b_info: SideInfo;
};

export interface TextDiff {
  path: string;
  a: string | null;
  b: string | null;
  binary: boolean;
  truncated: boolean;
}

export interface ClassProbability {
  class: string;
  probability: number;
}

export interface ExampleDetail {
  id: string;
  shape: number[];
  values: (number | null)[] | null;
  columns: string[];
  truth: string | null;
  a: ClassProbability[];
  b: ClassProbability[];
  why: string | null;
}

export interface ExportedFile {
  name: string;
  mime: string;
  base64: string;
}

// Charts

export type ChartBy = 'commit' | 'step' | 'epoch' | 'time' | 'wall_time';
export type ScaleKind = 'linear' | 'log' | 'time' | 'band';

export interface ChartRequest {
  metrics: string[];
  runs: string[];
  by: ChartBy | null;
  smooth: number;
  log_x: boolean;
  log_y: boolean;
  x_range: [number, number] | null;
  y_range: [number, number] | null;
  width: number | null;
  height: number | null;
  model: string | null;
  revision: string | null;
  /** Names for the runs; may be empty. */
  labels: string[];
}

export interface PlotRect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface SidecarSeries {
  id: string;
  label: string;
  colorIndex: number;
  x: number[];
  y: (number | null)[];
  lo: (number | null)[];
  hi: (number | null)[];
  pointsTotal: number;
  pointsDrawn: number;
  missing: number;
}

export interface Sidecar {
  plotRect: PlotRect;
  xDomain: [number, number];
  yDomain: [number, number];
  xScale: ScaleKind;
  yScale: ScaleKind;
  xLabels?: string[];
  yLabels?: string[];
  series: SidecarSeries[];
}

export interface Table {
  header: string[];
  rows: string[][];
}

export interface UnavailableAxis {
  by: ChartBy;
  why: string;
}

export interface ChartAnswer {
  svg: string;
  sidecar: Sidecar;
  table: Table;
  description: string;
  unavailable: UnavailableAxis[];
}

// Gates, promotion, environments

export interface Override {
  reason: string;
  needed: boolean;
}

export interface DeployedFile {
  path: string;
  sha256: Sha256;
  size_bytes: number;
}

export interface DeployedRun {
  id: RunId;
  commit: CommitId;
}

export interface Deployment {
  schema: string;
  model: ModelName;
  environment: EnvironmentName;
  version: CommitId;
  run: DeployedRun;
  release: SemanticVersion;
  release_digest: Sha256;
  test_digest: Sha256 | null;
  metrics: Record<string, number>;
  gates: GateOutcome[];
  decision: Decision;
  override: Override | null;
  files: DeployedFile[];
}

export type Requirement = 'signature' | 'second_approval';
export type SyncStatus = 'Synced' | 'OutOfSync' | 'Unknown';
export type HealthStatus = 'Healthy' | 'Progressing' | 'Suspended' | 'Degraded' | 'Missing' | 'Unknown';

export interface GatesAnswer {
  gates: GateOutcome[];
  decision: Decision;
  why: string;
  obstacles: string[];
  first_deployment: boolean;
  notes: string[];
}

export interface PromotionAnswer {
  decision: Decision;
  why: string;
  commit: CommitId | null;
  parent: CommitId | null;
  at: Timestamp;
  environment: EnvironmentName;
  version: CommitId | null;
  release: SemanticVersion | null;
  tags: string[];
  pushed: boolean;
  push_note: string | null;
  unchanged: boolean;
  dry_run: boolean;
  gates: GateOutcome[];
  obstacles: string[];
  notes: string[];
  message: string;
  diff: string;
  evidence: string[];
  overridable: boolean;
}

/** What a preview showed: the write is refused where it would write something else. */
export interface Expected {
  commit: CommitId | null;
  at: Timestamp;
}

export interface Desired {
  deployment: Deployment;
  release_tree: string;
  commit: CommitId | null;
  sequence: number | null;
  author: string | null;
  time: Timestamp | null;
}

export type DeploymentAction = 'promote' | 'rollback';

export interface Promoted {
  environment: EnvironmentName;
  model: ModelName;
  action: DeploymentAction;
  sequence: number;
  version: CommitId;
  run: RunId;
  release: SemanticVersion;
}

export interface DeploymentEntry {
  commit: CommitId;
  author: string;
  email: string;
  time: Timestamp;
  subject: string;
  promoted: Promoted | null;
  problem: string | null;
}

export interface EnvironmentState {
  environment: EnvironmentName;
  model: ModelName;
  declared: boolean;
  auto_promote: boolean;
  after: EnvironmentName | null;
  requires: Requirement[];
  desired: Desired | null;
  running: CommitId | null;
  sync: SyncStatus;
  health: HealthStatus;
  problem: string | null;
  history: DeploymentEntry[];
}

export interface Environments {
  environments: EnvironmentState[];
  deploy_tip: CommitId | null;
  other: DeploymentEntry[];
  problems: Unreadable[];
  pending: number;
}

// Audit

export type AuditKind = 'promotion' | 'rollback' | 'by_hand' | 'other';
export type CommitVerdict = 'PASSED' | 'WARNED';

export interface Claim {
  model: ModelName;
  version: CommitId;
  release: SemanticVersion;
  run: RunId;
  release_digest: Sha256;
  previous: Sha256 | null;
  environment: EnvironmentName;
  sequence: number;
  verdict: CommitVerdict;
  override_reason: string | null;
}

export interface AuditEntry {
  commit: CommitId;
  subject: string;
  author: string;
  email: string;
  time: Timestamp;
  kind: AuditKind;
  claim: Claim | null;
  ok: boolean;
  problems: string[];
  notes: string[];
}

export interface Audit {
  tip: CommitId | null;
  tampered: boolean;
  entries: AuditEntry[];
}

// Data

export type DataState = 'pinned' | 'altered' | 'not_pinned' | 'missing';

export interface DataFile {
  path: string;
  state: DataState;
  pinned_sha256: Sha256 | null;
  sha256: Sha256 | null;
  size_bytes: number | null;
  versioned: boolean;
}

export interface DataFiles {
  files: DataFile[];
}

export interface Rebuilt {
  runs: number;
  deployments: number;
  same_answers: boolean;
  before: string;
  after: string;
}

// The app and its repositories

export type Platform = 'linux' | 'macos' | 'windows';
export type Theme = 'system' | 'light' | 'dark' | 'contrast';
export type Density = 'comfortable' | 'compact';

export interface AppPaths {
  config: string;
  cache: string;
  state: string;
  clones: string;
}

export interface Identity {
  name: string;
  email: string;
}

export interface SampleInfo {
  name: string;
  summary: string;
}

export interface AppInfo {
  version: string;
  platform: Platform;
  worker: string | null;
  paths: AppPaths;
  identity: Identity | null;
  settings_problem: Problem | null;
  threads: number;
  samples: SampleInfo[];
}

export interface Settings {
  theme: Theme;
  density: Density;
  clone_folder: string | null;
  threads: number | null;
  jobs_at_once: number;
  notifications: boolean;
  reduce_motion: boolean;
}

export type RepositoryState = 'ready' | 'missing' | 'not_a_repository';

export interface RepositoryCard {
  repo: string;
  name: string;
  path: string;
  state: RepositoryState;
  opened_at: Timestamp;
  models: string[];
}

export type FoundKind = 'model' | 'metrics' | 'dvc' | 'predictions' | 'onnx' | 'safetensors' | 'mlflow';

export interface Found {
  kind: FoundKind;
  count: number;
}

export interface FolderFound {
  path: string;
  repository: boolean;
  models: string[];
  found: Found[];
  sentence: string;
  problem: Problem | null;
}

export interface ModelPlace {
  name: string | null;
  folder: string;
  problem: Problem | null;
}

export interface RemoteInfo {
  name: string;
  url: string;
}

export interface RepositoryInfo {
  repo: string;
  name: string;
  path: string;
  branch: string | null;
  head: CommitId | null;
  default_branch: string | null;
  branches: string[];
  tags: string[];
  models: ModelPlace[];
  remotes: RemoteInfo[];
  identity: Identity | null;
  bare: boolean;
  changed_files: number;
  remarks: string[];
}

export interface CheckedModel {
  name: string | null;
  folder: string;
}

export interface Checked {
  models: CheckedModel[];
  problems: Problem[];
}

export interface MovedRef {
  name: string;
  from: string | null;
  to: string;
}

export interface Moved {
  remote: string;
  runs: number;
  refs: MovedRef[];
}

export type TaskWork = 'clone' | 'sample' | 'fetch' | 'share';
export type TaskState = 'running' | 'done' | 'stopped' | 'failed';

export interface TaskSnapshot {
  task: TaskId;
  kind: TaskWork;
  title: string;
  repo: string | null;
  state: TaskState;
  step: string;
  done: number;
  total: number | null;
  unit: string;
  kept: string | null;
  answer: unknown;
  problem: Problem | null;
  started_at: Timestamp;
  number: number;
}

export interface OpenTarget {
  folder: string | null;
  url: string | null;
  files: string[];
}

export type DeskEvent =
  | { event: 'fresh'; repo: string | null; tags: Tag[] }
  | { event: 'task'; task: TaskSnapshot }
  | { event: 'samples'; samples: LiveSamples }
  | { event: 'open'; target: OpenTarget };

// Commands

type Nothing = Record<string, never>;

interface PromotionRequest {
  repo: string;
  model: string | null;
  revision: string;
  run: string | null;
  to: string;
  override_reason: string | null;
  push: boolean;
}

interface RollbackRequest {
  repo: string;
  model: string | null;
  environment: string;
  to: string | null;
  push: boolean;
}

export interface CommandMap {
  app: { args: Nothing; answer: AppInfo };
  settings: { args: Nothing; answer: Settings };
  save_settings: { args: { settings: Settings }; answer: Settings };
  repositories: { args: Nothing; answer: RepositoryCard[] };
  look_at_folder: { args: { path: string }; answer: FolderFound };
  open_folder: { args: { path: string }; answer: RepositoryInfo };
  forget_repository: { args: { repo: string }; answer: null };
  repository: { args: { repo: string }; answer: RepositoryInfo };
  set_identity: { args: { repo: string; name: string; email: string }; answer: Identity };
  start_clone: { args: { url: string; into: string | null; depth: number | null }; answer: TaskId };
  start_sample: { args: { name: string; into: string | null }; answer: TaskId };
  start_fetch: { args: { repo: string; remote: string | null }; answer: TaskId };
  start_share: { args: { repo: string; remote: string | null }; answer: TaskId };
  tasks: { args: Nothing; answer: TaskSnapshot[] };
  stop_task: { args: { task: TaskId }; answer: null };
  dismiss_task: { args: { task: TaskId }; answer: null };
  check: { args: { repo: string; revision: string | null }; answer: Checked };
  history: {
    args: {
      repo: string;
      model: string | null;
      revision: string | null;
      limit: number | null;
      path: string | null;
    };
    answer: History;
  };
  metrics: { args: Nothing; answer: MetricInfo[] };
  chart: { args: { repo: string; query: ChartRequest }; answer: ChartAnswer };
  export_chart: {
    args: { repo: string; query: ChartRequest; format: 'svg' | 'png' | 'csv'; theme: 'light' | 'dark' };
    answer: ExportedFile;
  };
  runs: { args: { repo: string; model: string | null }; answer: RunSummary[] };
  run: { args: { repo: string; run: RunId }; answer: RunDetail };
  run_log: { args: { repo: string; run: RunId }; answer: { text: string } };
  live_run: { args: { repo: string; run: RunId }; answer: LiveRun };
  training_form: { args: { repo: string; model: string | null; revision: string | null }; answer: TrainingForm };
  start_training: {
    args: {
      repo: string;
      model: string | null;
      revision: string | null;
      seed: number | null;
      seeds: number;
      overrides: Record<string, string>;
      threads: number | null;
    };
    answer: StartedRuns;
  };
  resume_run: { args: { repo: string; run: RunId }; answer: StartedRuns };
  start_evaluation: {
    args: { repo: string; revision: string; run: RunId | null; model: string | null };
    answer: StartedRuns;
  };
  stop_run: { args: { repo: string; run: RunId; now: boolean }; answer: null };
  compare: { args: { repo: string; a: string; b: string; model: string | null }; answer: Compared };
  compare_files: { args: { a: string; b: string }; answer: Comparison };
  text_diff: { args: { repo: string; a: CommitId; b: CommitId; path: string }; answer: TextDiff };
  example: {
    args: { repo: string; a_run: RunId | null; b_run: RunId | null; id: string };
    answer: ExampleDetail;
  };
  report: { args: { repo: string; a: string; b: string; model: string | null }; answer: ExportedFile };
  gates: {
    args: { repo: string; revision: string; against: string | null; model: string | null };
    answer: GatesAnswer;
  };
  preview_promotion: { args: PromotionRequest; answer: PromotionAnswer };
  promote: { args: PromotionRequest & { expected: Expected }; answer: PromotionAnswer };
  preview_rollback: { args: RollbackRequest; answer: PromotionAnswer };
  rollback: { args: RollbackRequest & { expected: Expected }; answer: PromotionAnswer };
  environments: { args: { repo: string; model: string | null }; answer: Environments };
  audit: { args: { repo: string; verify: boolean }; answer: Audit };
  data_status: { args: { repo: string }; answer: DataFiles };
  pin_data: { args: { repo: string; path: string }; answer: DataFile };
  rebuild_index: { args: { repo: string }; answer: Rebuilt };
}

/** What each read depends on: an event with one of these tags makes its cached answer stale. Writes have none. */
export const COMMAND_TAGS: Record<keyof CommandMap, Tag[]> = {
  app: ['app'],
  settings: ['settings'],
  save_settings: [],
  repositories: ['repositories'],
  look_at_folder: [],
  open_folder: [],
  forget_repository: [],
  repository: ['repository', 'work_tree'],
  set_identity: [],
  start_clone: [],
  start_sample: [],
  start_fetch: [],
  start_share: [],
  tasks: ['tasks'],
  stop_task: [],
  dismiss_task: [],
  check: ['repository', 'work_tree'],
  history: ['history', 'runs', 'environments'],
  metrics: [],
  chart: ['history', 'runs'],
  export_chart: [],
  runs: ['runs'],
  run: ['runs'],
  run_log: ['runs'],
  live_run: ['runs'],
  training_form: ['repository', 'work_tree'],
  start_training: [],
  resume_run: [],
  start_evaluation: [],
  stop_run: [],
  compare: ['history', 'runs', 'environments'],
  compare_files: [],
  text_diff: [],
  example: ['runs'],
  report: [],
  gates: ['history', 'runs', 'environments'],
  preview_promotion: ['history', 'runs', 'environments'],
  promote: [],
  preview_rollback: ['environments'],
  rollback: [],
  environments: ['environments'],
  audit: ['environments'],
  data_status: ['work_tree'],
  pin_data: [],
  rebuild_index: [],
};
