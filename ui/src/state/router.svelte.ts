export type View =
  'home' | 'history' | 'runs' | 'compare' | 'environments' | 'audit' | 'settings' | 'files' | 'lost';

export interface Route {
  view: View;
  /** The repository's id; null outside of one. */
  repo: string | null;
  /** What follows the view in the path: a run, an environment. */
  rest: string[];
  query: URLSearchParams;
}

type Words = Record<string, string | null | undefined>;

const REPO_VIEWS: View[] = ['history', 'runs', 'compare', 'environments', 'audit'];

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The view a hash names. */
export function parse(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#?\/?/, '').split(/\?(.*)/s, 2);
  const query = new URLSearchParams(search);
  const [first, ...parts] = path.split('/').filter(Boolean).map(decoded);
  if (first === undefined) return { view: 'home', repo: null, rest: [], query };
  if (first === 'settings' || first === 'files') return { view: first, repo: null, rest: parts, query };
  const [repo, view = 'history', ...rest] = parts;
  const known = REPO_VIEWS.find((name) => name === view);
  if (first === 'r' && repo !== undefined && known) return { view: known, repo, rest, query };
  return { view: 'lost', repo: null, rest: [], query };
}

function withWords(path: string, words: Words): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(words)) if (value) query.set(key, value);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

let current = $state.raw<Route>(parse(globalThis.location?.hash ?? ''));

function read(): void {
  current = parse(location.hash);
}

globalThis.addEventListener?.('hashchange', read);
globalThis.addEventListener?.('popstate', read);

/** Where the window is; every view has an address that survives a reload. */
export const router = {
  get route(): Route {
    return current;
  },
  /** Goes to a path such as `/r/<repo>/history`. */
  go(path: string, options: { replace?: boolean } = {}): void {
    const hash = `#${path.replace(/^#/, '')}`;
    if (options.replace) history.replaceState(history.state, '', hash);
    else if (hash !== location.hash) history.pushState(null, '', hash);
    read();
  },
  /** Changes words of the address and leaves the view; null takes a word away. */
  setQuery(words: Words, options: { replace?: boolean } = {}): void {
    const query = new URLSearchParams(current.query);
    for (const [key, value] of Object.entries(words)) {
      if (value === null || value === undefined || value === '') query.delete(key);
      else query.set(key, value);
    }
    const text = query.toString();
    const path = location.hash.replace(/^#/, '').split('?')[0] || '/';
    this.go(text ? `${path}?${text}` : path, { replace: options.replace ?? false });
  },
  href(path: string): string {
    return `#${path.replace(/^#/, '')}`;
  },
  /** The path of a view of a repository. */
  path(repo: string, view: View, rest: string[] = [], words: Words = {}): string {
    return withWords(`/r/${[repo, view, ...rest].map(encodeURIComponent).join('/')}`, words);
  },
  back(): void {
    history.back();
  },
};
