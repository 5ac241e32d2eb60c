import type { Direction, MetricInfo } from '$generated/bindings';

export { visible } from '$design/visible';

/** One locale for all numbers: files and colleagues read the same. */
const LOCALE = 'en';
const MISSING = '–';
const MINUS = '−';

const formats = new Map<string, Intl.NumberFormat>();

function format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let made = formats.get(key);
  if (!made) {
    made = new Intl.NumberFormat(LOCALE, options);
    formats.set(key, made);
  }
  return made;
}

type Maybe<T> = T | null | undefined;
const isNumber = (value: Maybe<number>): value is number =>
  typeof value === 'number' && Number.isFinite(value);
const typographic = (text: string): string => text.replace('-', MINUS);

/** How one metric's numbers are written. Without a catalogue entry: a plain number. */
export type MetricLike = Pick<MetricInfo, 'is_share'> | null | undefined;

/** A number with as many digits as tell something. */
export function number(value: Maybe<number>, digits = 4): string {
  if (!isNumber(value)) return MISSING;
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) {
    return typographic(value.toExponential(Math.max(0, digits - 2)).replace('e+', 'e'));
  }
  return typographic(
    format({ maximumSignificantDigits: Math.max(digits, Math.floor(Math.log10(size || 1)) + 1) }).format(
      value,
    ),
  );
}

/** A whole number: `1,797`. */
export function count(value: Maybe<number>): string {
  return isNumber(value) ? typographic(format({ maximumFractionDigits: 0 }).format(value)) : MISSING;
}

/** `1 run`, `12 runs`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** A share in [0, 1] in per cent: `95.3 %`. */
export function percent(share: Maybe<number>, digits = 1): string {
  if (!isNumber(share)) return MISSING;
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${typographic(format(options).format(share * 100))} %`;
}

/** A metric's value: per cent for shares, else four digits. */
export function metricValue(value: Maybe<number>, metric: MetricLike): string {
  if (!isNumber(value)) return MISSING;
  return metric?.is_share ? percent(value) : typographic(fixed(value));
}

function fixed(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 4;
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(2).replace('e+', 'e');
  return format({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** A change with its sign: `+2.7 pts` for shares, `−0.0312` else. */
export function metricChange(change: Maybe<number>, metric: MetricLike): string {
  if (!isNumber(change)) return MISSING;
  const size = Math.abs(change);
  const text = metric?.is_share
    ? format({ minimumFractionDigits: 1, maximumFractionDigits: size < 0.001 && size > 0 ? 2 : 1 }).format(
        size * 100,
      )
    : fixed(size);
  const zero = !/[1-9]/.test(text);
  const sign = zero ? '±' : change > 0 ? '+' : MINUS;
  return metric?.is_share ? `${sign}${text} pts` : `${sign}${text}`;
}

/** The two ends of an interval: `94.1…96.2 %`. */
export function interval(low: Maybe<number>, high: Maybe<number>, metric: MetricLike): string {
  if (!isNumber(low) || !isNumber(high)) return MISSING;
  const one = metricValue(low, metric);
  return `${metric?.is_share ? one.replace(' %', '') : one}…${metricValue(high, metric)}`;
}

/** The two ends of a change's interval: `+1.1…+4.3 pts`. */
export function changeInterval(low: Maybe<number>, high: Maybe<number>, metric: MetricLike): string {
  if (!isNumber(low) || !isNumber(high)) return MISSING;
  const one = metricChange(low, metric);
  return `${metric?.is_share ? one.replace(' pts', '') : one}…${metricChange(high, metric)}`;
}

/** A probability of no difference: `p < 0.001`, `p = 0.023`. */
export function probability(p: Maybe<number>): string {
  if (!isNumber(p)) return MISSING;
  return p < 0.001
    ? 'p < 0.001'
    : `p = ${format({ minimumFractionDigits: 3, maximumFractionDigits: 3 }).format(p)}`;
}

/** A size: `1.4 MiB`. */
export function bytes(value: Maybe<number>): string {
  if (!isNumber(value)) return MISSING;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = Math.abs(value);
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${value < 0 ? MINUS : ''}${format({ maximumFractionDigits: digits }).format(size)} ${units[unit] ?? ''}`;
}

/** How long: `840 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(millis: Maybe<number>): string {
  if (!isNumber(millis)) return MISSING;
  if (millis < 1_000) return `${Math.round(millis)} ms`;
  if (millis < 60_000) return `${format({ maximumFractionDigits: 1 }).format(millis / 1_000)} s`;
  const seconds = Math.round(millis / 1_000);
  if (seconds < 3_600) return pair(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 48 * 60) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function pair(first: number, one: string, second: number, other: string): string {
  return second === 0 ? `${first} ${one}` : `${first} ${one} ${second} ${other}`;
}

const relative = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'auto', style: 'short' });

/** How long ago: `3 min. ago`, `yesterday`, `2 mo. ago`. */
export function age(time: Maybe<string>, now: number = Date.now()): string {
  const at = time ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(at)) return MISSING;
  const seconds = (at - now) / 1_000;
  const size = Math.abs(seconds);
  if (size < 45) return 'just now';
  const steps: [number, number, Intl.RelativeTimeFormatUnit][] = [
    [3_600, 60, 'minute'],
    [86_400, 3_600, 'hour'],
    [86_400 * 14, 86_400, 'day'],
    [86_400 * 60, 86_400 * 7, 'week'],
    [86_400 * 365, 86_400 * 30.44, 'month'],
    [Infinity, 86_400 * 365.25, 'year'],
  ];
  for (const [below, unit, name] of steps) {
    if (size < below) return relative.format(Math.round(seconds / unit), name);
  }
  return MISSING;
}

const dates = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' });
const days = new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' });

/** Day and time here: `Mar 2, 2026, 9:30 AM`. */
export function dateTime(time: Maybe<string>): string {
  const at = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? MISSING : dates.format(at);
}

export function date(time: Maybe<string>): string {
  const at = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? MISSING : days.format(at);
}

/** The first digits of a commit or digest. */
export function sha(id: Maybe<string>, digits = 8): string {
  return id ? id.slice(0, digits) : MISSING;
}

/** A run's id for people: its end, which is what differs between runs of one day. */
export function runId(id: Maybe<string>): string {
  return id ? `…${id.slice(-8)}` : MISSING;
}

/** Positive where the change is good; null where nobody says which way is. */
export function improvement(change: number, direction: Maybe<Direction>): number | null {
  if (!direction) return null;
  return direction === 'higher_is_better' ? change : -change;
}

/** A metric's name for people; the name itself where the catalogue lacks it. */
export function metricLabel(name: string, catalogue: MetricInfo[] | undefined): string {
  return catalogue?.find((metric) => metric.name === name)?.label ?? name;
}

/** A metric's entry in the catalogue. */
export function metricInfo(name: string, catalogue: MetricInfo[] | undefined): MetricInfo | undefined {
  return catalogue?.find((metric) => metric.name === name);
}
