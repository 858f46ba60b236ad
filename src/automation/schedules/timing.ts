import { type DeclarationProblem, shown } from './problem.ts';

/** When something runs. Times are wall-clock times of the machine; weekday 0 is Sunday, null is every day. */
export type Timing =
  | {
      readonly kind: 'calendar';
      readonly hour: number;
      readonly minute: number;
      readonly weekday: number | null;
    }
  | { readonly kind: 'interval'; readonly seconds: number }
  | { readonly kind: 'keep_alive' };

/** Ten years, in seconds: beyond that a number is a mistake. */
const MAX_INTERVAL = 315_360_000;
const FORMS = 'schedule=HH:MM (daily), schedule=HH:MM:weekday (0 is Sunday) or interval_seconds=N';
const SECONDS_OF: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const DAY_NAMES = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The mode that the metadata chooses, and everything that is wrong with it. */
export function readTiming(
  get: (key: string) => string,
  isDaemon: boolean,
  problems: DeclarationProblem[],
): Timing | null {
  const schedule = get('schedule');
  const interval = get('interval_seconds');
  if (schedule !== '' && interval !== '') {
    problems.push({
      code: 'schedule.conflict',
      key: 'schedule',
      message: `schedule=${shown(schedule)} and interval_seconds=${shown(interval)} are both set.`,
      hint: 'Keep one of them: a time of day, or an interval.',
    });
  }
  const every = interval === '' ? null : readInterval(interval, problems);
  const at = schedule === '' ? null : readCalendar(schedule, problems);
  if (schedule !== '' || interval !== '') return interval === '' ? at : schedule === '' ? every : null;
  if (isDaemon) return { kind: 'keep_alive' };
  problems.push({
    code: 'schedule.missing',
    key: 'schedule',
    message: 'A schedule is required, but none is declared.',
    hint: `Add ${FORMS}; a daemon that is kept alive declares recovery_policy=restart_daemon instead.`,
  });
  return null;
}

/** `09:00`, `09:00:1`, seconds as text, or `true` for a daemon. */
export function timingValue(timing: Timing): string {
  if (timing.kind === 'keep_alive') return 'true';
  if (timing.kind === 'interval') return String(timing.seconds);
  return timing.weekday === null ? clockTime(timing) : `${clockTime(timing)}:${timing.weekday}`;
}

export function timingLabel(timing: Timing): string {
  if (timing.kind === 'keep_alive') return 'keep alive';
  if (timing.kind === 'interval') return `every ${timing.seconds}s`;
  return timing.weekday === null
    ? `${clockTime(timing)} daily`
    : `${clockTime(timing)} weekday=${timing.weekday}`;
}

export function isSameTiming(a: Timing, b: Timing): boolean {
  return a.kind === b.kind && timingValue(a) === timingValue(b);
}

/** `HH:MM` or `HH:MM:weekday`; problems as metadata would have them. Null when there are any. */
export function readCalendar(text: string, problems: DeclarationProblem[]): Timing | null {
  const key = 'schedule';
  const parts = text.split(':');
  if ((parts.length !== 2 && parts.length !== 3) || !parts.every((part) => /^-?[0-9]+$/.test(part))) {
    const message = `schedule=${shown(text)} is not a supported form.`;
    problems.push({ code: 'schedule.format', key, message, hint: hintFor(text) });
    return null;
  }
  const [hour = 0, minute = 0, weekday] = parts.map(Number);
  const before = problems.length;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
    problems.push({
      code: 'schedule.time_range',
      key,
      message: `schedule=${shown(text)} is no time of day.`,
      hint: 'Hours go from 00 to 23, minutes from 00 to 59; midnight is 00:00.',
    });
  }
  if (weekday !== undefined && (weekday < 0 || weekday > 6)) {
    problems.push({
      code: 'schedule.weekday_range',
      key,
      message: `schedule=${shown(text)} has no such weekday.`,
      hint:
        weekday === 7
          ? `Sunday is 0: schedule=${parts[0]}:${parts[1]}:0`
          : 'Weekdays go from 0 (Sunday) to 6 (Saturday).',
    });
  }
  return problems.length > before ? null : { kind: 'calendar', hour, minute, weekday: weekday ?? null };
}

/** A positive whole number of seconds. Null when it is not. */
export function readInterval(text: string, problems: DeclarationProblem[]): Timing | null {
  const key = 'interval_seconds';
  if (!/^-?[0-9]+$/.test(text)) {
    const unit = /^([0-9]{1,6})\s*([smhdw])/i.exec(text);
    const seconds = unit && Number(unit[1]) * (SECONDS_OF[unit[2]?.toLowerCase() ?? ''] ?? 0);
    problems.push({
      code: 'interval.not_integer',
      key,
      message: `interval_seconds=${shown(text)} is not a whole number of seconds.`,
      hint: seconds
        ? `Write it in seconds: interval_seconds=${seconds}`
        : 'Whole seconds without a unit, for example interval_seconds=300 for five minutes.',
    });
    return null;
  }
  const seconds = Number(text);
  if (seconds <= 0 || seconds > MAX_INTERVAL) {
    problems.push({
      code: seconds <= 0 ? 'interval.not_positive' : 'interval.too_large',
      key,
      message: `interval_seconds=${shown(text)} is ${seconds <= 0 ? 'not positive' : 'more than ten years'}.`,
      hint: 'For example interval_seconds=300 for five minutes.',
    });
    return null;
  }
  return { kind: 'interval', seconds };
}

/** What somebody who wrote this most likely wanted. */
function hintFor(text: string): string {
  const lower = text.toLowerCase().trim();
  if (/^(?:monthly|month)\b|^@monthly$|^@yearly$|^@annually$/.test(lower)) {
    return (
      'There is no monthly form: run daily (schedule=09:00) and let the script leave early on other days; ' +
      'nexo scripts create NAME --monthly makes one that does.'
    );
  }
  const every = /^(?:every\s*)?([0-9]{1,6})\s*([smhdw])[a-z]*$/.exec(lower);
  if (every) {
    const seconds = Number(every[1]) * (SECONDS_OF[every[2] ?? ''] ?? 0);
    return `An interval has its own key: interval_seconds=${seconds}`;
  }
  if (/^@(?:hourly|reboot|daily|midnight|weekly)$/.test(lower)) {
    return {
      '@hourly': 'Write interval_seconds=3600',
      '@reboot': 'Keep a daily or interval schedule and add run_on_boot=true',
      '@daily': 'Write schedule=00:00',
      '@midnight': 'Write schedule=00:00',
      '@weekly': 'Write schedule=00:00:0',
    }[lower] as string;
  }
  if (lower.split(/\s+/).length >= 5) return `Cron expressions are not supported. Use ${FORMS}.`;
  const named =
    /^([0-9]{1,2}):([0-9]{1,2})[\s:]+(?:weekday=)?(sun|mon|tue|wed|thu|fri|sat|[0-6])[a-z]*$/.exec(lower);
  const reversed =
    /^(?:weekday=)?(sun|mon|tue|wed|thu|fri|sat|[0-6])[a-z]*[\s:@]+([0-9]{1,2}):([0-9]{1,2})$/.exec(lower);
  if (named) return `Write schedule=${named[1]}:${named[2]}:${weekdayOf(named[3])}`;
  if (reversed) return `Write schedule=${reversed[2]}:${reversed[3]}:${weekdayOf(reversed[1])}`;
  const twelve = /^([0-9]{1,2})(?::([0-9]{2}))?\s*(am|pm)$/.exec(lower);
  if (twelve) {
    const hour = (Number(twelve[1]) % 12) + (twelve[3] === 'pm' ? 12 : 0);
    return `Write schedule=${String(hour).padStart(2, '0')}:${twelve[2] ?? '00'}`;
  }
  if (/^daily\b/.test(lower)) return 'A time of day is daily by itself: schedule=09:00';
  if (/^weekly\b/.test(lower)) return 'Name the weekday after the time: schedule=09:00:1 is Monday.';
  return `Use ${FORMS}.`;
}

function weekdayOf(text: string | undefined): number {
  const index = DAY_NAMES.indexOf(text ?? '');
  return index === -1 ? Number(text) : index;
}

function clockTime({ hour, minute }: { readonly hour: number; readonly minute: number }): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}
