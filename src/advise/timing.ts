/** When something shall happen, as far as the words say it. */
export type Timing =
  | { readonly kind: 'daily'; readonly at: string; readonly isGuess: boolean }
  | { readonly kind: 'weekly'; readonly at: string; readonly weekday: number; readonly isGuess: boolean }
  /** Certain days of the month or of the week: a daily schedule, and the script lets the other days pass. */
  | { readonly kind: 'gated'; readonly at: string; readonly days: string; readonly isGuess: boolean }
  | { readonly kind: 'interval'; readonly seconds: number }
  | { readonly kind: 'daemon' };

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  sec: 1,
  minute: 60,
  min: 60,
  hour: 3600,
  hr: 3600,
  day: 86_400,
  week: 604_800,
};

const NUMBER_WORDS: Readonly<Record<string, number>> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  ten: 10,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
};

/** Hour that is proposed where the words name a time of day but no clock time. */
const DAY_PARTS: readonly (readonly [RegExp, string])[] = [
  [/\bmidnight\b/, '00:00'],
  [/\bnight(ly|s)?\b|\bovernight\b/, '02:00'],
  [/\bnoon\b|\blunch/, '12:00'],
  [/\bafternoons?\b/, '15:00'],
  [/\bevenings?\b/, '18:00'],
  [/\bmornings?\b/, '08:00'],
];
const DEFAULT_TIME = '09:00';

/** Reads when something shall run out of a sentence; undefined when it says nothing about that. */
export function readTiming(need: string): Timing | undefined {
  const text = need.toLowerCase();
  return (
    readCron(text) ??
    readDaemon(text) ??
    readMonthly(text) ??
    readInterval(text) ??
    readWeekly(text) ??
    readDaily(text)
  );
}

function readDaemon(text: string): Timing | undefined {
  const always =
    /\ball the time\b|\balways[- ]on\b|\bcontinuous(ly)?\b|\bkeep\b.{0,40}\brunning\b|\bnon-?stop\b|\b24\/7\b/;
  return always.test(text) ? { kind: 'daemon' } : undefined;
}

/** `0 9 * * 1` and its kin, as far as one of our forms says the same. */
function readCron(text: string): Timing | undefined {
  const match =
    /(?<![\w*/])(\*\/\d+|\d{1,2}|\*)\s+(\*\/\d+|\d{1,2}|\*)\s+(\d{1,2}|\*)\s+\*\s+([0-7]|\*)(?![\w*/])/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, minute = '', hour = '', day = '', weekday = ''] = match;
  const every = (field: string): number | undefined =>
    field.startsWith('*/') ? Number(field.slice(2)) : undefined;
  const minutes = every(minute);
  if (minutes !== undefined && hour === '*') return { kind: 'interval', seconds: minutes * 60 };
  const hours = every(hour);
  if (hours !== undefined) return { kind: 'interval', seconds: hours * 3600 };
  if (minute === '*') return { kind: 'interval', seconds: 60 };
  if (hour === '*') return { kind: 'interval', seconds: 3600 };
  const at = clock(Number(hour), Number(minute));
  if (day !== '*') return { kind: 'gated', at, days: `day ${Number(day)} of the month`, isGuess: false };
  if (weekday === '*') return { kind: 'daily', at, isGuess: false };
  return { kind: 'weekly', at, weekday: Number(weekday) % 7, isGuess: false };
}

function readMonthly(text: string): Timing | undefined {
  const numbered =
    /\b(?:day\s+)?(\d{1,2})(?:st|nd|rd|th)?\s+(?:day\s+)?(?:of\s+)?(?:each|every|the|a)\s+month\b/.exec(text);
  const isMonthly =
    numbered !== null ||
    /\bmonthly\b|\b(each|every|once a|per) month\b|\bof the month\b|\bmonthly:\d+/.test(text);
  if (!isMonthly) return undefined;
  const day =
    numbered?.[1] ?? /\bmonthly:(\d{1,2})/.exec(text)?.[1] ?? (/\blast day\b/.test(text) ? 'last' : '1');
  return {
    kind: 'gated',
    ...timeOf(text),
    days: day === 'last' ? 'the last day of the month' : `day ${day} of the month`,
  };
}

function readInterval(text: string): Timing | undefined {
  if (/\bhourly\b|\b(every|each|once an) hour\b/.test(text)) return { kind: 'interval', seconds: 3600 };
  if (/\b(every|each) half[- ]hour\b/.test(text)) return { kind: 'interval', seconds: 1800 };
  if (/\b(every|each) (minute|min)\b/.test(text)) return { kind: 'interval', seconds: 60 };
  const match =
    /\bevery\s+(other|\d+|[a-z]+)\s*(second|sec|minute|min|hour|hr|day|week)s?\b/.exec(text) ??
    /\b(?:interval\s+of\s+)?(\d+)\s*(d|h|m|s)\b(?=\s*(?:interval|$))/.exec(text);
  if (match === null) return undefined;
  const [, count = '', unit = ''] = match;
  const number = count === 'other' ? 2 : (NUMBER_WORDS[count] ?? Number(count));
  const seconds = UNIT_SECONDS[unit] ?? { d: 86_400, h: 3600, m: 60, s: 1 }[unit];
  if (!Number.isSafeInteger(number) || number < 1 || seconds === undefined) return undefined;
  return { kind: 'interval', seconds: number * seconds };
}

function readWeekly(text: string): Timing | undefined {
  if (/\b(every |each |on )?(week ?days?|working days?|business days?|workdays?)\b/.test(text)) {
    return { kind: 'gated', ...timeOf(text), days: 'Monday to Friday' };
  }
  if (/\bweekends?\b/.test(text)) return { kind: 'gated', ...timeOf(text), days: 'Saturday and Sunday' };
  const named = WEEKDAYS.flatMap((day, weekday) =>
    new RegExp(
      `\\b(every|each|on|weekly on|next)\\s+${day}s?\\b|\\b${day}s\\b|\\b${day} (mornings?|evenings?|nights?|afternoons?)\\b`,
    ).test(text)
      ? [weekday]
      : [],
  );
  const [only, ...more] = named;
  if (only === undefined) {
    return /\bweekly\b|\b(every|each|once a) week\b/.test(text)
      ? { kind: 'weekly', ...timeOf(text), weekday: 1, isGuess: true }
      : undefined;
  }
  if (more.length === 0) return { kind: 'weekly', ...timeOf(text), weekday: only };
  const days = named.map((weekday) => capitalised(WEEKDAYS[weekday] ?? '')).join(', ');
  return { kind: 'gated', ...timeOf(text), days };
}

function readDaily(text: string): Timing | undefined {
  const isDaily =
    /\b(daily|nightly)\b|\b(every|each|per|once a) (single )?(day|morning|evening|night|afternoon)\b|\b(in the|every) mornings?\b/.test(
      text,
    );
  const at = readClock(text);
  if (!isDaily && at === undefined) return undefined;
  return { kind: 'daily', ...timeOf(text) };
}

function timeOf(text: string): { readonly at: string; readonly isGuess: boolean } {
  const at = readClock(text);
  if (at !== undefined) return { at, isGuess: false };
  const part = DAY_PARTS.find(([pattern]) => pattern.test(text));
  return { at: part?.[1] ?? DEFAULT_TIME, isGuess: true };
}

/** `at 8`, `8am`, `8:30 pm`, `08:00`, `20h`: a clock time in a sentence. */
function readClock(text: string): string | undefined {
  const match =
    /\b(\d{1,2}):(\d{2})\s*(am|pm)?\b/.exec(text) ??
    /\b(\d{1,2})()\s*(am|pm|a\.m\.|p\.m\.)(?![a-z])/.exec(text) ??
    /\b(?:at|by|around)\s+(\d{1,2})()()\b(?!\s*(?:%|times|seconds|minutes|hours|days|items))/.exec(text);
  if (match === null) return undefined;
  const [, hourText = '', minuteText = '', half = ''] = match;
  let hour = Number(hourText);
  const minute = Number(minuteText);
  if (half.startsWith('p') && hour < 12) hour += 12;
  if (half.startsWith('a') && hour === 12) hour = 0;
  // "at 8 in the evening" is not eight in the morning.
  const isLate = /\b(evenings?|tonight|afternoons?|pm)\b/.test(text);
  if (half === '' && minuteText === '' && isLate && hour < 12) hour += 12;
  return hour > 23 || minute > 59 ? undefined : clock(hour, minute);
}

function clock(hour: number, minute: number): string {
  return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
