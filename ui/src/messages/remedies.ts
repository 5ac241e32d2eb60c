/** What to do about a problem, in words of the window: the backend's hint speaks of the command line. */
export const remedies = {
  open_repository: {
    hint: 'Choose a folder that is in a Git repository, clone one, or start with the sample.',
    label: 'Go to Repos',
  },
  show_history: { hint: 'History lists the versions there are.', label: 'Show the history' },
  show_runs: { hint: 'Runs lists them, and what became of each.', label: 'Show the runs' },
  show_environments: {
    hint: 'Look at what is deployed now, then try again.',
    label: 'Show the environments',
  },
  train: { hint: 'Train this version, then do the same again.', label: 'Train…' },
  evaluate: { hint: 'Evaluate this version, then do the same again.', label: 'Evaluate…' },
  rebuild_index: {
    hint: 'Rebuild the index in Settings: it is made anew from Git.',
    label: 'Go to Settings',
  },
  mend_manifest: { hint: 'Correct model.yaml, then try again.', label: null },
  restore_data: {
    hint: 'Restore the file, or commit a model.lock that pins what is there now.',
    label: null,
  },
  name_folder: { hint: 'Name the folder to clone into.', label: null },
};
