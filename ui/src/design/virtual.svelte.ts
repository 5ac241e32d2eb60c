import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type Range,
} from '@tanstack/virtual-core';
import { untrack } from 'svelte';
import { evened, slotted, type Slotted } from './slots';

/** Rows rendered above and below what is seen. */
const OVERSCAN = 8;

interface Wanted {
  count: number;
  viewport: HTMLElement | null;
  /** Of a row, in pixels. */
  height: number;
  /** A row that is always rendered: the one that has the focus. */
  keep: number;
}

export interface VirtualRows {
  readonly items: Slotted[];
  /** Height of all rows together. */
  readonly total: number;
  /** Scrolls a row into sight, below the header. */
  reveal(index: number): void;
}

/** Which rows are to be rendered: @tanstack/virtual-core behind runes. Call while a component is made. */
export function virtualRows(wanted: () => Wanted): VirtualRows {
  let items = $state.raw<Slotted[]>([]);
  let total = $state(0);

  function options() {
    const { count, viewport, height, keep } = wanted();
    return {
      count,
      getScrollElement: () => viewport,
      estimateSize: () => height,
      overscan: OVERSCAN,
      scrollPaddingStart: height,
      initialRect: { width: 0, height: 600 },
      rangeExtractor: (range: Range) => {
        const shown = Math.ceil((viewport?.clientHeight ?? 0) / height) + 1;
        const { startIndex, endIndex } = range;
        const { first, last } = evened(
          { first: Math.max(0, startIndex - OVERSCAN), last: Math.min(count - 1, endIndex + OVERSCAN) },
          count,
          shown + 2 * OVERSCAN,
        );
        const seen = Array.from({ length: last - first + 1 }, (_, place) => first + place);
        if (keep < 0 || keep >= count || seen.includes(keep)) return seen;
        return [...seen, keep].sort((one, other) => one - other);
      },
      observeElementRect,
      observeElementOffset,
      scrollToFn: elementScroll,
      onChange: () => take(),
    };
  }

  const virtualizer = new Virtualizer<HTMLElement, HTMLElement>(untrack(options));

  function take(): void {
    items = slotted(items, virtualizer.getVirtualItems());
    total = virtualizer.getTotalSize();
  }

  $effect.pre(() => {
    const next = options();
    untrack(() => {
      const before = virtualizer.options.estimateSize(0);
      virtualizer.setOptions(next);
      if (before !== next.estimateSize()) virtualizer.measure();
      take();
    });
  });

  // Of its own, so that the observers stay while other wishes change.
  const viewport = $derived(wanted().viewport);

  $effect(() => {
    if (!viewport) return;
    return untrack(() => {
      virtualizer.setOptions(options());
      const stop = virtualizer._didMount();
      virtualizer._willUpdate();
      return stop;
    });
  });

  return {
    get items() {
      return items;
    },
    get total() {
      return total;
    },
    reveal(index) {
      virtualizer.scrollToIndex(index, { align: 'auto' });
      take();
    },
  };
}
