/** A commit and those it follows from. */
export interface Ancestry {
  commit: string;
  parents: string[];
}

/** One row of the graph. Lanes are counted from the left. */
export interface LaneRow {
  /** Where the commit stands. */
  lane: number;
  /** Lanes that pass by; only those below the limit are named. */
  through: number[];
  /** Lanes from above that end in the commit: those of its children. */
  into: number[];
  /** Lanes that it leaves by, to its parents; one may lead into a line that passes by. */
  out: number[];
  /** Lines at or beyond the limit beside this row. */
  more: number;
  /** It has parents that are not in the list. */
  cut: boolean;
}

/**
 * The lanes of a history, children before their parents. A line keeps its lane from a commit to its first parent; the
 * lanes of other parents begin at the merge. What ends frees its lane for the next to begin, the leftmost first.
 */
export function lanesOf(commits: Ancestry[], limit: number): LaneRow[] {
  const known = new Set(commits.map(({ commit }) => commit));
  const lanes = new Lanes(limit);

  return commits.map(({ commit, parents }) => {
    const all = [...new Set(parents)];
    const [first, ...others] = all.filter((parent) => known.has(parent));
    const into = lanes.endingIn(commit);
    const through = lanes.taken().filter((lane) => !into.includes(lane));
    const before = lanes.beyond;

    const [own, ...merged] = into;
    for (const lane of merged) lanes.end(lane);
    const lane = own ?? lanes.begin(commit);
    if (own === undefined) lanes.endingIn(commit);
    const out: number[] = [];
    if (first === undefined) lanes.end(lane);
    else {
      lanes.lead(lane, first);
      out.push(lane);
    }
    for (const parent of others) out.push(lanes.leadingTo(parent) ?? lanes.begin(parent));

    const more = Math.max(before, lanes.beyond, lane >= limit ? 1 : 0);
    return {
      lane,
      through,
      into,
      out,
      more,
      cut: 1 + others.length < all.length || (first === undefined && all.length > 0),
    };
  });
}

/** Which lane leads to which commit. */
class Lanes {
  /** Taken lanes at or beyond the limit. */
  beyond = 0;
  #taken: boolean[] = [];
  /** Rightmost first, so that the leftmost is at hand. */
  #free: number[] = [];
  #waiting = new Map<string, number[]>();

  constructor(readonly limit: number) {}

  /** Lanes below the limit that are taken. */
  taken(): number[] {
    const lanes: number[] = [];
    for (let lane = 0; lane < Math.min(this.limit, this.#taken.length); lane += 1) {
      if (this.#taken[lane]) lanes.push(lane);
    }
    return lanes;
  }

  /** The lanes that lead to a commit, from the left; they lead nowhere afterwards. */
  endingIn(commit: string): number[] {
    const lanes = this.#waiting.get(commit) ?? [];
    this.#waiting.delete(commit);
    return lanes.sort((one, other) => one - other);
  }

  /** A lane that already leads to a commit. */
  leadingTo(commit: string): number | undefined {
    return this.#waiting.get(commit)?.[0];
  }

  lead(lane: number, commit: string): void {
    const others = this.#waiting.get(commit);
    if (others) others.push(lane);
    else this.#waiting.set(commit, [lane]);
  }

  begin(commit: string): number {
    const lane = this.#free.pop() ?? this.#taken.length;
    this.#taken[lane] = true;
    if (lane >= this.limit) this.beyond += 1;
    this.lead(lane, commit);
    return lane;
  }

  end(lane: number): void {
    this.#taken[lane] = false;
    if (lane >= this.limit) this.beyond -= 1;
    let at = this.#free.length;
    while (at > 0 && (this.#free[at - 1] ?? 0) < lane) at -= 1;
    this.#free.splice(at, 0, lane);
  }
}

/** How many lanes a list of rows needs, at most `limit`. */
export function widest(rows: LaneRow[], limit: number): number {
  let lanes = 1;
  for (const { lane, through, into, out } of rows) {
    for (const one of [lane, ...through, ...into, ...out]) lanes = Math.max(lanes, one + 1);
    if (lanes >= limit) return limit;
  }
  return lanes;
}
