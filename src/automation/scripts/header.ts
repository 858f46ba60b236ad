import { NexoError } from '../../errors.ts';
import { type Declaration, readDeclaration } from '../schedules/declaration.ts';

/** When a new script is to run, as a person says it. */
export interface WantedSchedule {
  /** `HH:MM` or `HH:MM:weekday`. */
  readonly schedule?: string;
  readonly intervalSeconds?: number;
  /** Kept running. */
  readonly daemon?: boolean;
  /** Day of the month; the script runs daily and goes on only then. */
  readonly monthlyDay?: number;
}

export interface HeaderInput {
  readonly name: string;
  readonly description: string;
  readonly runtime: string;
  readonly cronId: string;
  readonly wanted: WantedSchedule;
}

/** Time of a monthly job that names none. */
const MONTHLY_TIME = '09:00';
/** Longest description, in characters. */
const MAX_DESCRIPTION = 300;

/** Throws USAGE when the wishes do not go together. */
export function assertOneSchedule({ schedule, intervalSeconds, daemon, monthlyDay }: WantedSchedule): void {
  const modes = [
    ...(schedule === undefined ? [] : ['--schedule']),
    ...(intervalSeconds === undefined ? [] : ['--interval']),
    ...(daemon === true ? ['--daemon'] : []),
  ];
  const others = monthlyDay === undefined ? modes : modes.filter((mode) => mode !== '--schedule');
  if (others.length > 1 || (monthlyDay !== undefined && others.length > 0)) {
    const named = monthlyDay === undefined ? others : ['--monthly', ...others];
    throw new NexoError('USAGE', `${named.join(' and ')} do not go together.`, {
      hint: 'A script runs at a time of day, at an interval, or all the time.',
    });
  }
  if (monthlyDay === undefined) return;
  if (monthlyDay < 1 || monthlyDay > 31)
    throw new NexoError('USAGE', `--monthly takes a day from 1 to 31, not ${monthlyDay}.`);
  if (schedule !== undefined && schedule.split(':').length > 2)
    throw new NexoError('USAGE', `--monthly goes with a time of day, not with "${schedule}".`, {
      hint: 'For example --monthly 1 --schedule 09:00',
    });
}

/** The pairs of a header, in the order in which they are written. */
export function headerPairs({ name, description, runtime, cronId, wanted }: HeaderInput): [string, string][] {
  const schedule = wanted.schedule ?? (wanted.monthlyDay === undefined ? undefined : MONTHLY_TIME);
  const timing: [string, string][] =
    schedule !== undefined
      ? [['schedule', schedule]]
      : wanted.intervalSeconds !== undefined
        ? [['interval_seconds', String(wanted.intervalSeconds)]]
        : wanted.daemon === true
          ? [['recovery_policy', 'restart_daemon']]
          : [];
  return [
    ['name', name],
    ['description', description],
    ['runtime', runtime],
    ...(timing.length === 0
      ? []
      : ([['cron_id', cronId], ['schedule_required', 'true'], ...timing] as [string, string][])),
  ];
}

/** What the pairs declare. Throws USAGE with every problem when that cannot be scheduled. */
export function assertDeclares(pairs: readonly (readonly [string, string])[]): Declaration {
  const declaration = readDeclaration(Object.fromEntries(pairs));
  if (declaration.valid) return declaration;
  const messages = declaration.problems.map(({ message }) => message).join(' ');
  const hints = declaration.problems.flatMap(({ hint }) => (hint === undefined ? [] : [hint]));
  throw new NexoError('USAGE', messages, hints.length === 0 ? {} : { hint: hints.join(' ') });
}

/** A description as it can stand in a comment of any of the languages. */
export function oneLine(text: string): string {
  const line = text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
    // Ends PHP in the middle of a comment.
    .replaceAll('?>', '? >')
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > MAX_DESCRIPTION ? `${line.slice(0, MAX_DESCRIPTION - 1)}…` : line;
}
