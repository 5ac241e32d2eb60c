import type {
  Decision,
  GateState,
  Grade,
  HealthStatus,
  JobKind,
  JobPhase,
  RunState,
  StageBadge,
  SyncStatus,
  Verdict,
} from '$generated/bindings';
import { visible } from './format';

export const VERDICTS: Record<Verdict, string> = {
  better: 'Better',
  worse: 'Worse',
  no_clear_change: 'No clear change',
  not_comparable: 'Not comparable',
};

export const DECISIONS: Record<Decision, string> = { ready: 'Ready', blocked: 'Blocked' };

export const GATES: Record<GateState, string> = {
  passed: 'Passed',
  failed: 'Failed',
  inconclusive: 'Inconclusive',
};

export const RUN_STATES: Record<RunState, string> = {
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export const PHASES: Record<JobPhase, string> = {
  queued: 'Queued',
  preparing: 'Preparing',
  training: 'Training',
  evaluating: 'Evaluating',
  recording: 'Recording',
};

export const JOBS: Record<JobKind, string> = { train: 'Train', evaluate: 'Evaluate', command: 'Command' };

/** A stage of GTO's in words: whose it is is always said. */
export function stageWords({
  artifact,
  stage,
  version,
}: Pick<StageBadge, 'artifact' | 'stage' | 'version'>): string {
  const what = version === null ? artifact : `${artifact} ${version}`;
  return `${visible(what)} is in stage ${visible(stage)}, as tags of GTO say`;
}

export const GRADES: Record<Grade, { word: string; why: string }> = {
  asserted: { word: 'Asserted', why: 'Somebody wrote it down' },
  recomputed: { word: 'Recomputed', why: 'Computed here from predictions made elsewhere' },
  repeated: { word: 'Repeated', why: 'Inference was run here' },
  reproduced: { word: 'Reproduced', why: 'Training was run again here' },
};

export const SYNC: Record<SyncStatus, { word: string; why: string }> = {
  Synced: { word: 'Synced', why: 'What is served is what the branch declares' },
  OutOfSync: { word: 'Out of sync', why: 'What is served is not, or not yet, what the branch declares' },
  Unknown: { word: 'Sync unknown', why: 'No agent has reported' },
};

export const HEALTH: Record<HealthStatus, { word: string; why: string }> = {
  Healthy: { word: 'Healthy', why: 'It answers as it should' },
  Progressing: { word: 'Progressing', why: 'A change is under way' },
  Suspended: { word: 'Suspended', why: 'Stopped on purpose' },
  Degraded: { word: 'Degraded', why: 'It cannot do what the branch declares' },
  Missing: { word: 'Missing', why: 'Nothing is there' },
  Unknown: { word: 'Health unknown', why: 'No agent has reported' },
};
