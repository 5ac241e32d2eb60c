/** A path whose digests are cut to what tells them apart. */
export function shortened(path: string): string {
  return path.replace(/(^|\/)([0-9a-f]{12})[0-9a-f]{28,}(?=\/|$)/g, '$1$2…');
}
