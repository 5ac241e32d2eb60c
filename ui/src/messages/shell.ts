/** What the shell says. */
export const shell = {
  skip: 'Skip to the content',
  rail: 'Main',
  views: {
    home: 'Repos',
    history: 'History',
    runs: 'Runs',
    compare: 'Compare',
    environments: 'Environments',
    audit: 'Audit',
    settings: 'Settings',
    files: 'Compare files',
    lost: 'Nothing here',
  },
} as const;
