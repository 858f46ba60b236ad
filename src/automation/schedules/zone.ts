import { readlinkSync } from 'node:fs';

/** The rules of one time zone: how far its clocks are from UTC at any moment. */
export interface Zone {
  readonly id: string;
  /** Local time minus UTC, in milliseconds. */
  offsetAt(epochMs: number): number;
  /** The first change of the offset in (from, to], or undefined. */
  nextChange(from: number, to: number): number | undefined;
}

const DAY_MS = 86_400_000;
/** Shorter than any time between two changes of a zone that has ever been in force for a season. */
const PROBE_MS = 2 * DAY_MS;

const zones = new Map<string, Zone>();

/**
 * The zone with this IANA name, from the data of this Node. Throws RangeError for a name that it does not know.
 * Asking for an offset costs a search in the changes of a year, which are looked up once.
 */
export function zoneOf(id: string): Zone {
  const known = zones.get(id);
  if (known !== undefined) return known;
  const zone = createZone(id);
  zones.set(id, zone);
  return zone;
}

/**
 * The name of the zone that the machine is in now. Node keeps the one it was started with, so a daemon that outlives
 * a journey has to look at the system's own setting each time.
 */
export function systemZoneId(
  env: NodeJS.ProcessEnv = process.env,
  localtime: () => string = () => readlinkSync('/etc/localtime'),
): string {
  const named = (env.TZ ?? '').replace(/^:/, '');
  if (isZone(named)) return named;
  // An explicit TZ in another form (`EST5EDT,M3…`) is one that only the C library reads; Node has its own reading.
  if (named !== '') return fallback();
  try {
    const [, id = ''] = localtime().split('/zoneinfo/');
    const plain = id.replace(/^(?:posix|right)\//, '');
    if (isZone(plain)) return plain;
  } catch {
    // No such link: a container without zone data, or another system.
  }
  return fallback();
}

function fallback(): string {
  const id = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return isZone(id) ? id : 'UTC';
}

function isZone(id: string): boolean {
  if (id === '') return false;
  try {
    zoneOf(id);
    return true;
  } catch {
    return false;
  }
}

interface Span {
  /** From here on the offset holds. */
  readonly from: number;
  readonly offset: number;
}

function createZone(id: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: id,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  /** UTC year → its spans; the first one reaches back beyond the year's begin. */
  const years = new Map<number, readonly Span[]>();

  function ask(epochMs: number): number {
    const second = Math.floor(epochMs / 1000) * 1000;
    const numbers = format.format(second).match(/\d+/g)?.map(Number) ?? [];
    const [month = 1, day = 1, year = 1970, hour = 0, minute = 0, seconds = 0] = numbers;
    return Date.UTC(year, month - 1, day, hour, minute, seconds) - second;
  }

  function spansOf(year: number): readonly Span[] {
    const cached = years.get(year);
    if (cached !== undefined) return cached;
    const begin = Date.UTC(year, 0, 1);
    const end = Date.UTC(year + 1, 0, 1);
    const spans: Span[] = [{ from: begin, offset: ask(begin) }];
    for (let at = begin; at < end; at += PROBE_MS) {
      const to = Math.min(at + PROBE_MS, end - 1000);
      const before = spans.at(-1)?.offset ?? 0;
      const after = ask(to);
      if (after !== before) spans.push({ from: changeBetween(at, to, before), offset: after });
    }
    years.set(year, spans);
    return spans;
  }

  /** The first whole second in (low, high] at which the offset is no longer `before`. */
  function changeBetween(low: number, high: number, before: number): number {
    let [from, to] = [low, high];
    while (to - from > 1000) {
      const middle = from + Math.floor((to - from) / 2000) * 1000;
      if (ask(middle) === before) from = middle;
      else to = middle;
    }
    return to;
  }

  const zone: Zone = {
    id,
    offsetAt(epochMs) {
      const spans = spansOf(new Date(epochMs).getUTCFullYear());
      let offset = spans[0]?.offset ?? 0;
      for (const span of spans) if (span.from <= epochMs) offset = span.offset;
      return offset;
    },
    nextChange(from, to) {
      const last = new Date(to).getUTCFullYear();
      for (let year = new Date(from).getUTCFullYear(); year <= last; year += 1) {
        // The first span of a year is a change only when the old year ended differently.
        const spans = spansOf(year);
        for (const [index, span] of spans.entries()) {
          if (span.from <= from || span.from > to) continue;
          if (index > 0 || zone.offsetAt(span.from - 1) !== span.offset) return span.from;
        }
      }
      return undefined;
    },
  };
  return zone;
}
