/** The folder a clone of this address is called, as the backend names it; empty where the address names none. */
export function folderOf(url: string): string {
  const last =
    url
      .trim()
      .replace(/\/+$/, '')
      .split(/[/:\\]/)
      .at(-1) ?? '';
  const name = last.endsWith('.git') ? last.slice(0, -4) : last;
  return name === '.' || name === '..' ? '' : name;
}

/** A folder's entry, with the separator the folder itself is written with. */
export function joined(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return folder.endsWith(separator) ? `${folder}${name}` : `${folder}${separator}${name}`;
}

export type Dropped = { folder: string } | { url: string } | null;

/** What a dropped or pasted text names: a folder of this machine, an address, or neither. */
export function droppedText(text: string): Dropped {
  const line = text
    .split(/\r?\n/)
    .map((part) => part.trim())
    .find((part) => part !== '' && !part.startsWith('#'));
  if (line === undefined) return null;
  if (/^file:\/\//i.test(line)) {
    try {
      const path = decodeURIComponent(new URL(line).pathname);
      return { folder: /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path };
    } catch {
      return null;
    }
  }
  if (/^(https?|ssh|git):\/\/\S+$/i.test(line) || /^[\w.-]+@[\w.-]+:\S+$/.test(line)) return { url: line };
  if (/^(\/|~\/|[A-Za-z]:[\\/])/.test(line)) return { folder: line };
  return null;
}
