/** Where the cursor is in charts that belong together: a place along x, and the chart whose cursor it is. */
export interface Hover {
  x: number;
  owner: object;
}

class Group {
  hover = $state.raw<Hover | null>(null);
}

const groups = new Map<string, Group>();

/** The cursor that all charts of a key share; without a key a chart has its own. */
export function cursorOf(key: string | undefined): Group {
  if (key === undefined) return new Group();
  let group = groups.get(key);
  if (!group) {
    group = new Group();
    groups.set(key, group);
  }
  return group;
}

export type Cursor = Group;
