import type {
  EnvironmentState,
  HistoryCommit,
  OtherRuns,
  RepositoryInfo,
  RunSummary,
  SideInfo,
  StageState,
  Comparison,
} from '$generated/bindings';
import type { Option } from '$design';
import { age, runId, sha, visible } from '$domain/format';
import { messages } from './messages';

/** What there is to choose from; what is not known yet is missing. */
export interface Known {
  info?: RepositoryInfo | undefined;
  environments?: EnvironmentState[] | undefined;
  commits?: HistoryCommit[] | undefined;
  runs?: RunSummary[] | undefined;
  others?: OtherRuns | undefined;
  stages?: StageState[] | undefined;
}

const { kinds } = messages;
/** More of a kind in one list helps nobody: any other word may be typed. */
const MOST = 60;

const joined = (...parts: (string | null | undefined | false)[]): string => parts.filter(Boolean).join(' · ');

/** Everything a side may be, each word once: environments, branches, tags, versions, runs. */
export function sideOptions(known: Known, now: number): Option[] {
  const { info, environments = [], commits = [], runs = [] } = known;
  const ran = versionsThatRan(known);
  const options: Option[] = environments.map(({ environment, desired }) => ({
    value: environment,
    label: visible(environment),
    hint: desired
      ? joined(kinds.environment, desired.deployment.release, sha(desired.deployment.version))
      : joined(kinds.environment, kinds.nothingThere),
    disabled: !desired,
  }));
  const taken = new Set(options.map((option) => option.value));
  for (const branch of info?.branches ?? []) {
    options.push({
      value: taken.has(branch) ? `heads/${branch}` : branch,
      label: visible(branch),
      hint: joined(kinds.branch, branch === info?.branch && kinds.checkedOut),
    });
  }
  for (const tag of (info?.tags ?? []).slice(0, MOST)) {
    options.push({ value: taken.has(tag) ? `tags/${tag}` : tag, label: visible(tag), hint: kinds.tag });
  }
  for (const commit of commits.slice(0, MOST)) {
    options.push({
      value: commit.commit,
      label: `${sha(commit.commit)} ${visible(commit.subject)}`,
      hint: joined(
        kinds.version,
        visible(commit.author),
        age(commit.time, now),
        ran && !ran.has(commit.commit) && kinds.notRun,
      ),
    });
  }
  for (const run of runs.filter((one) => one.status === 'succeeded').slice(0, MOST)) {
    options.push({
      value: run.run,
      label: `${kinds.run} ${runId(run.run)}`,
      hint: joined(
        sha(run.version),
        run.seed !== null && messages.card.seed(run.seed),
        age(run.started_at, now),
        run.dirty && messages.card.dirty.toLowerCase(),
      ),
    });
  }
  for (const { artifact, stage, desired } of known.stages ?? []) {
    if (desired) {
      const label = `${artifact}#${stage}`;
      options.push({
        value: label,
        label: visible(label),
        hint: joined(kinds.stage, desired.version, sha(desired.commit)),
      });
    }
  }
  for (const run of (known.others?.foreign_runs ?? []).filter(measured).slice(0, MOST)) {
    options.push({
      value: run.id,
      label: visible(run.name ?? run.id.slice(0, 8)),
      hint: joined(
        kinds.mlflow,
        run.orphan === null ? sha(run.commit) : kinds.orphan,
        run.started !== null && age(run.started, now),
      ),
    });
  }
  for (const experiment of (known.others?.experiments ?? []).slice(0, MOST)) {
    options.push({
      value: experiment.reference,
      label: visible(experiment.name),
      hint: joined(kinds.experiment, sha(experiment.commit), age(experiment.time, now)),
    });
  }
  const seen = new Set<string>();
  return options.filter(({ value }) => !seen.has(value) && seen.add(value));
}

const measured = ({ metrics }: { metrics: object }): boolean => Object.keys(metrics).length > 0;

/** Versions with a run that stands for them, or with numbers that other tools recorded; null while nobody knows. */
function versionsThatRan({ runs, commits = [] }: Known): Set<string> | null {
  if (!runs) return null;
  const standing = runs.filter((run) => run.status === 'succeeded' && !run.dirty);
  // A number of a run says that there was one, not that it is clean.
  const written = ({ metrics }: HistoryCommit): boolean =>
    Object.values(metrics).some((metric) => metric && metric.source !== 'run');
  const recorded = commits.filter(written).map(({ commit }) => commit);
  return new Set([...standing.map((run) => run.version), ...recorded]);
}

/** The version a word means, where what is known tells. */
export function versionOf(
  word: string,
  { info, environments = [], commits = [], runs = [] }: Known,
): string | null {
  const environment = environments.find((one) => one.environment === word);
  if (environment) return environment.desired?.deployment.version ?? null;
  const run = runs.find((one) => one.run === word);
  if (run) return run.version;
  if (info && (word === info.branch || word === `heads/${info.branch ?? ''}` || word === 'HEAD'))
    return info.head;
  const tagged = commits.find((commit) => commit.tags.includes(word.replace(/^tags\//, '')));
  if (tagged) return tagged.commit;
  if (!/^[0-9a-f]{7,40}$/.test(word)) return null;
  return (
    commits.find((commit) => commit.commit.startsWith(word))?.commit ?? (word.length === 40 ? word : null)
  );
}

/** What is compared where nobody chose: what is deployed last against the newest version that has a run. */
export function usualSides(known: Known): { a: string; b: string } | null {
  const { info, environments = [], commits = [] } = known;
  const ran = versionsThatRan(known);
  if (!ran || !known.commits || !known.environments) return null;
  const tried = commits.filter((commit) => ran.has(commit.commit));
  const newest = tried[0];
  if (!newest) return null;
  const b =
    info?.branch && info.head === newest.commit && !isEnvironment(info.branch, known)
      ? info.branch
      : newest.commit;
  const deployed = [...environments]
    .reverse()
    .find(({ desired }) => desired && desired.deployment.version !== newest.commit);
  const a = deployed?.environment ?? tried[1]?.commit;
  return a ? { a, b } : null;
}

const isEnvironment = (word: string, { environments = [] }: Known): boolean =>
  environments.some((one) => one.environment === word);

/** Words whose version has no run, as far as is known; both where nothing tells which. */
export function withoutRun(words: readonly string[], known: Known): string[] {
  const ran = versionsThatRan(known);
  if (!ran) return [];
  const untried = words.filter((word) => {
    const version = versionOf(word, known);
    return version !== null && !ran.has(version);
  });
  const unknown = words.filter((word) => versionOf(word, known) === null);
  return untried.length > 0 ? untried : unknown;
}

/** A side as the comparison itself names it: all there is to say of a prediction file. */
export function infoOf(side: Comparison['a'], examples: number): SideInfo {
  return {
    word: side.label,
    version: side.version,
    run: side.run,
    foreign_run: null,
    subject: null,
    author: null,
    time: null,
    seed: null,
    environments: [],
    grade: 'recomputed',
    examples,
    looks: null,
    dirty: false,
  };
}

/** The last part of a path: what people call a file. */
export const fileName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
