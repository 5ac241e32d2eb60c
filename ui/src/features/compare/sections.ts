import type { Comparison } from '$generated/bindings';
import type { TabItem } from '$design';
import { messages } from './messages';

export type Section =
  | 'overview'
  | 'metrics'
  | 'curves'
  | 'images'
  | 'flips'
  | 'slices'
  | 'data'
  | 'config'
  | 'code'
  | 'model'
  | 'cost';

const words = messages.sections;
const OF_FILES: Section[] = ['overview', 'metrics', 'flips', 'slices'];

/** The tabs of a comparison, with how much there is to see behind each. */
export function sections(comparison: Comparison & { images?: unknown[] }, ofFiles: boolean): TabItem[] {
  const worse = (rows: { verdict: string }[]): number => rows.filter((row) => row.verdict === 'worse').length;
  const [worseMetrics, worseSlices] = [worse(comparison.metrics), worse(comparison.slices)];
  const layers = comparison.weights?.layers.filter((layer) => layer.kind !== 'same').length;
  const all: TabItem[] = [
    { id: 'overview', label: words.overview },
    {
      id: 'metrics',
      label: words.metrics,
      ...(worseMetrics > 0 ? { count: worseMetrics, alert: words.worseMetrics(worseMetrics) } : {}),
    },
    { id: 'curves', label: words.curves },
    ...(comparison.images?.length
      ? [{ id: 'images', label: words.images, count: comparison.images.length }]
      : []),
    { id: 'flips', label: words.flips, count: comparison.flips.total },
    {
      id: 'slices',
      label: words.slices,
      ...(worseSlices > 0 ? { count: worseSlices, alert: words.worseSlices(worseSlices) } : {}),
    },
    { id: 'data', label: words.data, count: some(comparison.data?.changes.length) },
    {
      id: 'config',
      label: !ofFiles && comparison.a.run === null && comparison.b.run === null ? words.params : words.config,
      count: some(comparison.config?.changes.length),
    },
    { id: 'code', label: words.code, count: some(comparison.code?.changes.length) },
    { id: 'model', label: words.model, count: some(layers) },
    { id: 'cost', label: words.cost },
  ];
  // Where other tools recorded both sides, sections that only runs of ours fill are left out.
  const recorded = !ofFiles && comparison.a.run === null && comparison.b.run === null;
  const there: Partial<Record<Section, boolean>> = {
    flips: comparison.examples.paired > 0,
    slices: comparison.slices.length > 0,
    data: comparison.data !== null,
    model: comparison.weights !== null,
    cost: false,
  };
  return all
    .filter(({ id }) => !ofFiles || OF_FILES.includes(id as Section))
    .filter(({ id }) => !recorded || (there[id as Section] ?? true))
    .filter(({ id }) => id !== 'flips' || comparison.task === 'classification');
}

const some = (many: number | undefined): number | null => (many ? many : null);

/** The section an address names; the overview where it names none there is. */
export function sectionOf(word: string | null, tabs: readonly TabItem[]): Section {
  return (tabs.find((tab) => tab.id === word)?.id ?? 'overview') as Section;
}
