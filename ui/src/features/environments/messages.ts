import { plural } from '$domain';

/** What the environments say. */
export const environments = {
  title: 'Environments',
  text: 'What each environment is to serve, and what it serves.',
  fetch: 'Fetch',
  fetching: 'Fetching…',
  problems: 'Not everything could be read',

  pending: {
    text: 'Deployments wait here: the remote does not have them yet.',
    share: 'Share now',
    sharing: 'Sharing…',
    stopped: 'Sharing was stopped. The deployments still wait here.',
  },

  card: {
    desired: 'Desired',
    running: 'Running',
    unknown: 'Unknown: no agent has reported',
    nothing: 'Nothing yet: nothing was promoted here',
    since: 'since',
    by: (name: string): string => `by ${name}`,
    byHand: 'Changed by hand since: no promotion made it so.',
    run: 'Run',
    rules: 'Rules',
    override: 'Promoted with an override',
    timeline: (count: number): string =>
      count === 0 ? 'Timeline' : `Timeline, ${plural(count, 'entry', 'entries')}`,
    open: (environment: string): string => `Timeline of ${environment}`,
    rollback: 'Roll back…',
    rollbackLabel: (environment: string): string => `Roll back ${environment}…`,
    rollbackTo: (release: string): string => `To ${release}`,
    noRollback: 'There is nothing else to go back to',
    compare: 'Compare with…',
    unreadable: {
      summary: 'What it desires cannot be read.',
      hint: 'Audit names the commit that did it; a rollback writes a sound one over it.',
    },
  },

  rules: {
    free: 'Any version that passes its gates may be promoted here.',
    after: (name: string): string => `Only what ${name} desires may follow.`,
    auto: 'A candidate that is ready is promoted without being asked for.',
    signature: 'A promotion must be signed.',
    second_approval: 'A promotion needs a second approval.',
    undeclared: 'The default branch does not declare it: nothing can be promoted here.',
  },

  compare: {
    environment: (name: string, release: string): string => `${name} (${release})`,
    before: (release: string): string => `what it desired before (${release})`,
    newest: (branch: string): string => `the newest version on ${branch}`,
    same: 'The same version and run',
    none: 'There is nothing to compare with',
  },

  empty: {
    title: 'No environment is declared',
    text: 'Name them in the model.yaml on the default branch. Then a version can be promoted to them.',
    snippet: 'environments:\n  staging: {}\n  production: {after: staging}\n',
    copy: 'lines for model.yaml',
    file: 'model.yaml',
  },

  page: {
    all: 'Environments',
    unknown: {
      title: (name: string): string => `No environment ${name}`,
      text: 'Neither the default branch nor the deploy branch knows it.',
    },
    timeline: 'Timeline',
    hand: 'Commits by hand',
    handHint: 'Commits of keelmark/deploy that are no promotion, of all environments',
    none: {
      title: 'Nothing was promoted here yet',
      text: 'Promote a version from History or Compare, and every step stands here.',
    },
    columns: {
      what: 'What',
      release: 'Release',
      version: 'Version',
      when: 'When',
      who: 'By',
      verdict: 'Verdict',
      lasted: 'Desired for',
    },
    kinds: { promotion: 'Promotion', rollback: 'Rollback', by_hand: 'By hand' },
    verdicts: {
      PASSED: { word: 'Passed', why: 'Every gate passed against a baseline' },
      WARNED: {
        word: 'Warned',
        why: 'Let through by an override, or there was no baseline to judge against',
      },
    } as Record<string, { word: string; why: string }>,
    overridden: 'Override',
    overriddenWhy: 'Blocked by its gates, and promoted for a reason that was given',
    audit: 'See it in Audit',
    justNow: 'Since just now',
    soFar: (time: string): string => `${time} so far`,
    desired: 'Desired now',
    notPromotion: 'It changes the deploy branch without being a promotion.',
    detail: {
      title: 'Entry',
      none: 'No entry is chosen.',
      subject: 'Subject',
      release: 'Release',
      version: 'Version',
      run: 'Run',
      commit: 'Deployment commit',
      when: 'When',
      who: 'By',
      sequence: 'Sequence',
      verdict: 'Verdict',
      reason: 'Override',
      lasted: 'Desired for',
      digest: 'Release digest',
      previous: 'Before it',
      problem: 'What is wrong',
    },
    compareDesired: 'Compare with desired',
    compareRunning: 'Compare with running',
    rollback: (release: string): string => `Roll back to ${release}…`,
    isDesired: 'It is what is desired now',
    keys: { group: 'Timeline', compare: 'Compare with what is desired', rollback: 'Roll back to this entry' },
  },
} as const;
