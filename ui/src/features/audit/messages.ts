import { plural } from '$domain';

/** What the audit says. */
export const audit = {
  title: 'Audit',
  text: 'Every commit of keelmark/deploy, held against its own words: trailers, files, digests, evidence and tags.',
  holds: (count: number): string =>
    count === 1
      ? 'The one entry holds against its own words'
      : `All ${count} entries hold against their own words`,
  fails: (count: number, all: number): string =>
    count === 1
      ? `1 of ${plural(all, 'entry', 'entries')} does not hold`
      : `${count} of ${all} entries do not hold`,
  failsText:
    'Something is not what it says: it was changed by hand, or is damaged. Nothing is mended by itself.',
  noted: (count: number): string => `${plural(count, 'entry', 'entries')} could not be checked in full`,
  at: 'at',
  verify: 'Verify again',
  verifying: 'Verifying…',
  verified: 'Verified again.',
  export: 'Export',
  exportAll: (count: number, as: string): string => `${plural(count, 'entry', 'entries')} as ${as}`,
  saved: (path: string): string => `Saved ${path}`,

  empty: {
    title: 'Nothing was deployed yet',
    text: 'Every promotion, rollback and override will stand here, and can be verified at any time.',
  },
  filter: {
    label: 'Filter entries',
    placeholder: 'Subject, author, release, reason…',
    key: 'Filter the audit',
    environment: 'Environment',
    allEnvironments: 'All environments',
    kind: 'Kind',
    allKinds: 'All kinds',
    broken: 'Only what does not hold',
    none: { title: 'No entry fits', text: 'Take a filter away to see more.' },
    clear: 'Clear filters',
    shown: (shown: number, all: number): string =>
      shown === all ? plural(all, 'entry', 'entries') : `${shown} of ${all}`,
  },
  kinds: {
    promotion: 'Promotion',
    rollback: 'Rollback',
    by_hand: 'By hand',
    other: 'Platform',
  },
  kindsWhy: {
    promotion: 'It deploys a candidate',
    rollback: 'It goes back to what was deployed before',
    by_hand: 'It changes what is Keelmark’s without being a promotion',
    other: 'It changes what is the platform team’s; nothing of it is audited',
  },
  states: {
    ok: 'Holds',
    noted: 'Not all checked',
    broken: 'Does not hold',
    none: 'Not audited',
  },
  columns: {
    state: 'State',
    kind: 'Kind',
    subject: 'Subject',
    environment: 'Environment',
    author: 'Author',
    time: 'Time',
  },
  override: 'Override',
  said: {
    title: 'Notes',
    text: 'What people said of runs and comparisons. A note changes no result.',
    from: (remote: string): string => `from ${remote}`,
    accepted: (count: number, model: string): string =>
      `Accepted ${plural(count, 'changed prediction')} of ${model}:`,
    runs: (baseline: string, candidate: string): string => `run ${candidate} against ${baseline}`,
    examples: (count: number): string => (count === 1 ? 'The example' : `The ${count} examples`),
    unreadable: (why: string): string => `It cannot be read: ${why}`,
  },
  table: 'Audit',
  detail: {
    title: 'Entry',
    none: 'No entry is chosen.',
    problems: 'What does not hold',
    notes: 'What could not be checked here',
    claim: 'What the commit claims',
    noClaim: 'It makes no claim that could be checked.',
    reason: 'Override reason',
    commit: 'Commit',
    author: 'Author',
    time: 'Time',
    model: 'Model',
    environment: 'Environment',
    release: 'Release',
    version: 'Version',
    run: 'Run',
    digest: 'Release digest',
    previous: 'Previous release',
    first: 'none: the first',
    sequence: 'Sequence',
    verdict: 'Verdict',
    timeline: 'See it in the timeline',
  },
} as const;
