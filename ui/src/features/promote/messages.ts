import { plural } from '$domain';

/** What promoting and rolling back say. */
export const promote = {
  title: (model: string | null): string => (model ? `Promote ${model}` : 'Promote'),
  titleBack: (environment: string): string => `Roll back ${environment}`,
  close: 'Close',
  candidate: 'Candidate',
  run: 'Run',
  asking: 'Working out the deployment commit…',
  askingRemote: 'Asking the remote where it stands…',
  notRemote: 'Do not ask it',
  nothingYet: 'Nothing is written until you say so.',

  where: 'Where to',
  whereNone: {
    title: 'No environment is declared',
    text: 'Name them in the model.yaml of the default branch, then promote.',
  },
  desiresNothing: 'Desires nothing yet',
  desires: (release: string): string => `Desires ${release}`,
  desiresThis: 'Desires this already',
  follows: (after: string): string => `After ${after}`,
  waits: (after: string): string => `${after} does not desire this yet`,

  verdict: { ready: 'READY', blocked: 'BLOCKED', unchanged: 'NOTHING TO DO', override: 'OVERRIDE' },
  first: 'A first deployment: there is nothing to judge against, and the commit says so.',
  overridden: 'Blocked by its gates, promoted for the reason you gave. The commit carries both.',

  gates: {
    title: 'Gates',
    titleThen: 'Gates when it was promoted',
    passed: (passed: number, all: number): string => `${passed} of ${all} passed`,
    none: 'No gate is declared.',
    state: 'State',
    name: 'Gate',
    value: 'Value',
    threshold: 'Threshold',
  },
  obstacles: {
    title: 'In the way',
    text: 'No override lifts these.',
  },
  notes: 'Good to know',

  override: {
    label: 'Reason for the override',
    hint: 'It stands in the deployment commit for good, with your name. Say what is known and who agreed.',
    short: (missing: number): string => `${plural(missing, 'more character')} at least.`,
    counted: (length: number, most: number): string => `${length} of ${most}`,
    least: 10,
    most: 500,
    waiting: 'Writing the reason into the commit…',
  },

  release: {
    title: 'Release',
    previous: 'Before',
    none: 'nothing: a first deployment',
    now: 'Then',
    version: 'Version',
    tags: 'Tags',
    notNamed: 'Named once it may be promoted',
  },

  commit: {
    title: 'Deployment commit',
    note: 'to the byte, as it will be committed',
    message: 'Message',
    trailers: 'Trailers',
    id: 'Commit',
    on: 'On',
    first: 'nothing: the first commit of keelmark/deploy',
    at: 'Dated',
    who: 'By',
    signed: 'Signature',
    unsigned: 'None: it is not signed',
    blocked: 'A blocked promotion has no commit to show.',
  },

  diff: {
    title: 'Changes',
    summary: (files: number, added: number, removed: number): string =>
      `${plural(files, 'file')}, ${plural(added, 'line')} added, ${removed} removed`,
    openAll: 'Open all',
    closeAll: 'Close all',
    copy: 'Copy patch',
    copied: 'Copied',
    states: { added: 'New', removed: 'Removed', renamed: 'Renamed', copied: 'Copied', changed: 'Changed' },
    binary: 'Binary: its bytes are not shown.',
    empty: 'No line changes.',
    from: (path: string): string => `was ${path}`,
    more: (lines: number): string => `Show ${plural(lines, 'more line')}`,
    cut: (letters: string): string => `… ${letters} more characters`,
    added: 'added',
    removed: 'removed',
    table: (path: string): string => `Changes of ${path}`,
    before: 'Line before',
    after: 'Line after',
    sign: 'Change',
    text: 'Text',
    differs: 'Not as shown before',
  },

  evidence: {
    title: 'Evidence',
    note: (count: number): string => plural(count, 'file'),
    none: 'None.',
    kinds: {
      'comparison.html': 'The comparison, to read',
      'comparison.json': 'The comparison, for programs',
      'gates.json': 'What each gate said',
      'statement.json': 'In-toto statement: what was made from what',
      'bom.json': 'Bill of materials',
      'model-card.md': 'Model card',
    } as Record<string, string>,
  },

  next: {
    title: 'What happens next',
    serve: 'An agent or cluster that follows keelmark/deploy will serve it; none has reported yet.',
    undo: 'It can be undone by a rollback, which is a new commit.',
    push: (remote: string): string => `Push to ${remote}`,
    pushHint: 'Off: it is committed here and waits until you share it.',
    noRemote: 'This repository has no remote named origin: the commit stays here.',
  },

  identity: {
    title: 'Who commits?',
    text: 'Git knows no name and address for you in this repository. They stand in every deployment commit.',
    name: 'Name',
    email: 'E-mail address',
    save: 'Use these',
    nameProblem: 'A name is needed.',
    emailProblem: 'An address like ada@example.org is needed.',
  },

  moved: {
    title: 'Look again: it is no longer what was shown',
    nothing: 'Nothing was written.',
    text: 'What would be committed now differs in this:',
    what: 'What',
    same: 'It reads the same as before; only the commit is a new one.',
    loading: 'Working out what would be committed now…',
    look: 'Look again',
    before: 'Shown before',
    now: 'Now',
    none: 'not there',
  },

  keepHere: 'Commit here, do not push',

  unchanged: {
    promote: (environment: string, release: string): string => `${environment} desires ${release} already.`,
    text: 'There is nothing to commit.',
  },

  act: {
    promote: (environment: string): string => `Promote to ${environment}`,
    override: 'Promote with override',
    overrideMore: 'Promote with override…',
    rollback: (environment: string, release: string | null): string =>
      release ? `Roll back ${environment} to ${release}` : `Roll back ${environment}`,
  },

  done: {
    promoted: (model: string, release: string, environment: string): string =>
      `${model} ${release} promoted to ${environment}`,
    rolledBack: (model: string, release: string, environment: string): string =>
      `${environment} desires ${model} ${release} again`,
    undo: 'Undo',
    undoing: 'Undoing…',
    environments: 'Environments',
    pushed: 'Pushed.',
    local: 'Committed here.',
    pending: 'Not pushed yet: it waits here.',
    share: 'Share now',
    shared: 'Shared with the remote',
    undone: (environment: string, release: string): string =>
      `Undone: ${environment} desires ${release} again`,
  },
  movedOn: {
    code: 'conflict',
    summary: 'It cannot be undone from here any more.',
    detail: 'The deployment branch moved on since. Nothing was written.',
    hint: 'Open Environments and roll back there, after a look.',
    retryable: false,
  },

  rollback: {
    from: 'Desired now',
    to: 'Desired again',
    nothing: 'nothing that can be read',
    why: 'A rollback restores the very folder that was deployed, in a new commit. What stands beside it stays.',
  },
} as const;
