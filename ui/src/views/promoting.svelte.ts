export interface PromotionWanted {
  revision: string;
  run: string | null;
}

export interface RollbackWanted {
  environment: string;
  to: string | null;
}

/** Which sheet a view has open, and for what; what was asked stays while the sheet slides away. */
export function sheet<T>(initial: T) {
  let open = $state(false);
  let wanted = $state.raw(initial);
  return {
    get open() {
      return open;
    },
    get wanted() {
      return wanted;
    },
    show(next: T) {
      wanted = next;
      open = true;
    },
    close() {
      open = false;
    },
  };
}
