import { RUNTIMES, toRuntime } from '../scripts/runtime.ts';
import { type DeclarationProblem, shown } from './problem.ts';
import { readTiming, type Timing, timingLabel, timingValue } from './timing.ts';

export type { DeclarationProblem } from './problem.ts';

export const RECOVERY_POLICIES = [
  'none',
  'run_once_on_wake',
  'catchup',
  'restart',
  'restart_daemon',
] as const;
export type RecoveryPolicy = (typeof RECOVERY_POLICIES)[number];

/** What the metadata of a script says about when it runs, normalised. */
export interface Declaration {
  /** True when the metadata asks for a schedule, well or badly. */
  readonly required: boolean;
  readonly valid: boolean;
  /** Everything that is wrong, in the order in which the rules are documented. */
  readonly problems: readonly DeclarationProblem[];
  /** The first problem's message, or empty. */
  readonly error: string;
  readonly cronId: string;
  /** Null when nothing is declared or the declared time cannot be used. */
  readonly timing: Timing | null;
  readonly scheduleType: Timing['kind'] | null;
  /** `09:00`, seconds as text, `true` for a daemon, or empty. */
  readonly scheduleValue: string;
  readonly scheduleLabel: string;
  readonly recoveryPolicy: RecoveryPolicy;
  readonly runOnBoot: boolean;
  readonly runOnWake: boolean;
  readonly idempotent: boolean;
  /** Oldest missed time that is still worth running, in seconds; 0 for daemons, which miss nothing. */
  readonly maxCatchupAge: number;
}

export interface DeclarationOptions {
  /** Keys that the metadata sets twice to different values. */
  readonly conflicting?: readonly string[];
}

/** Also the longest name that fits into a unit file's name with its prefix. */
const MAX_CRON_ID = 128;
/** `nexo-daemon.service` and `com.nexo.daemon` are the daemon's own. */
const RESERVED_CRON_IDS: readonly string[] = ['daemon'];
/** Ten years, in seconds: beyond that a number is a mistake. */
const MAX_SECONDS = 315_360_000;
const HOUR = 3600;
const DAY = 24 * HOUR;

const SCHEDULE_KEYS = [
  'name',
  'runtime',
  'cron_id',
  'schedule',
  'interval_seconds',
  'schedule_required',
  'recovery_policy',
  'run_on_boot',
  'run_on_wake',
  'idempotent',
  'max_catchup_age',
];

/**
 * Reads what a script's metadata (`key=value` pairs, all text) declares about its schedule. Never throws; reports
 * every problem at once, each with a code, and a hint where somebody can be guessed to have meant something.
 */
export function readDeclaration(
  values: Readonly<Record<string, string>>,
  { conflicting = [] }: DeclarationOptions = {},
): Declaration {
  const get = (key: string): string => (Object.hasOwn(values, key) ? (values[key] ?? '').trim() : '');
  const problems: DeclarationProblem[] = [];
  const asksForTime = get('schedule') !== '' || get('interval_seconds') !== '';
  const required = isTrue(get('schedule_required')) || asksForTime;

  const policy = readPolicy(get('recovery_policy'), problems);
  const maxAge = readMaxAge(get('max_catchup_age'), problems);
  if (required) {
    checkRequiredKeys(get, problems);
    checkCronId(get('cron_id'), problems);
    for (const key of conflicting.filter((each) => SCHEDULE_KEYS.includes(each))) {
      problems.push({
        code: 'metadata.conflict',
        key,
        message: `${key} is set more than once, to different values.`,
        hint: `Keep one line with ${key}=….`,
      });
    }
  }
  const timing = required ? readTiming(get, policy === 'restart_daemon', problems) : null;
  const recoveryPolicy = policy ?? defaultPolicy(timing);
  const flags = defaultFlags(timing, recoveryPolicy);
  const flag = (key: 'run_on_boot' | 'run_on_wake' | 'idempotent'): boolean =>
    get(key) === '' ? flags[key] : isTrue(get(key));
  return {
    required,
    valid: problems.length === 0,
    problems,
    error: problems[0]?.message ?? '',
    cronId: get('cron_id') || slug(get('name')),
    timing,
    scheduleType: timing?.kind ?? null,
    scheduleValue: timing === null ? '' : timingValue(timing),
    scheduleLabel: timing === null ? '' : timingLabel(timing),
    recoveryPolicy,
    runOnBoot: flag('run_on_boot'),
    runOnWake: flag('run_on_wake'),
    idempotent: flag('idempotent'),
    // 0 counts as not given: "forever" is no window.
    maxCatchupAge: maxAge || defaultMaxAge(timing),
  };
}

/** The schedule ids that more than one of these scripts declares, regardless of case, with those who declare them. */
export function sharedCronIds(
  scripts: readonly { readonly path: string; readonly declaration: Declaration }[],
): ReadonlyMap<string, readonly string[]> {
  const byId = Map.groupBy(
    scripts.filter(({ declaration }) => declaration.required),
    ({ declaration }) => declaration.cronId.toLowerCase(),
  );
  const shared = [...byId].filter(([, sharing]) => sharing.length > 1);
  return new Map(shared.map(([id, sharing]) => [id, sharing.map(({ path }) => path)]));
}

/** The problem of a script whose `cron_id` others declare too. */
export function sharedCronIdProblem(cronId: string, others: readonly string[]): DeclarationProblem {
  return {
    code: 'cron_id.duplicate',
    key: 'cron_id',
    message: `cron_id=${cronId} is also declared by ${others.join(', ')}.`,
    hint: 'Give each scheduled script an id of its own; none of them is installed until then.',
  };
}

/** What a `cron_id` may look like, as a problem or nothing. Also for ids that are given without a script. */
export function cronIdProblem(cronId: string): DeclarationProblem | undefined {
  const problem = (message: string, hint: string): DeclarationProblem => ({
    code: 'cron_id.invalid',
    key: 'cron_id',
    message,
    hint,
  });
  if (!/^[a-z0-9][a-z0-9-]*$/.test(cronId) || cronId.length > MAX_CRON_ID) {
    return problem(
      `cron_id=${shown(cronId)} is not an id: small letters, digits and -, at most ${MAX_CRON_ID}.`,
      `For example cron_id=${slug(cronId).slice(0, MAX_CRON_ID) || 'morning-report'}`,
    );
  }
  if (RESERVED_CRON_IDS.includes(cronId))
    return problem(`cron_id=${cronId} is taken by Nexo itself.`, `For example cron_id=my-${cronId}`);
  return undefined;
}

function readPolicy(text: string, problems: DeclarationProblem[]): RecoveryPolicy | undefined {
  if (text === '') return undefined;
  const policy = RECOVERY_POLICIES.find((each) => each === text.toLowerCase());
  if (policy === undefined) {
    problems.push({
      code: 'recovery_policy.invalid',
      key: 'recovery_policy',
      message: `recovery_policy=${shown(text)} is not known.`,
      hint: `One of: ${RECOVERY_POLICIES.join(', ')}.`,
    });
  }
  return policy;
}

function readMaxAge(text: string, problems: DeclarationProblem[]): number | undefined {
  if (text === '') return undefined;
  const key = 'max_catchup_age';
  const hint = 'Whole seconds, for example max_catchup_age=172800 for two days.';
  if (!/^-?[0-9]+$/.test(text)) {
    const message = `max_catchup_age=${shown(text)} is not a whole number of seconds.`;
    problems.push({ code: 'max_catchup_age.not_integer', key, message, hint });
    return undefined;
  }
  const seconds = Number(text);
  if (seconds < 0) {
    const message = `max_catchup_age=${shown(text)} is negative.`;
    problems.push({ code: 'max_catchup_age.negative', key, message, hint });
    return undefined;
  }
  if (seconds > MAX_SECONDS) {
    const message = `max_catchup_age=${shown(text)} is more than ten years.`;
    problems.push({ code: 'max_catchup_age.too_large', key, message, hint });
    return undefined;
  }
  return seconds;
}

function checkRequiredKeys(get: (key: string) => string, problems: DeclarationProblem[]): void {
  const missing = [
    ...['name', 'runtime', 'cron_id'].filter((key) => get(key) === ''),
    ...(isTrue(get('schedule_required')) ? [] : ['schedule_required=true']),
  ];
  if (get('runtime') !== '' && toRuntime(get('runtime')) === undefined) {
    problems.push({
      code: 'runtime.invalid',
      key: 'runtime',
      message: `runtime=${shown(get('runtime'))} cannot be scheduled.`,
      hint: `One of: ${RUNTIMES.join(', ')}.`,
    });
  }
  if (missing.length > 0) {
    problems.push({
      code: 'scheduled.missing_keys',
      key: (missing[0] ?? '').split('=')[0] ?? '',
      message: `A scheduled script must declare ${missing.join(', ')}.`,
      hint: `Add ${missing.map((key) => (key.includes('=') ? key : `${key}=…`)).join(', ')} to its first 25 lines.`,
    });
  }
}

function checkCronId(cronId: string, problems: DeclarationProblem[]): void {
  const problem = cronId === '' ? undefined : cronIdProblem(cronId);
  if (problem !== undefined) problems.push(problem);
}

function defaultPolicy(timing: Timing | null): RecoveryPolicy {
  if (timing === null) return 'none';
  return { calendar: 'catchup', interval: 'run_once_on_wake', keep_alive: 'restart_daemon' }[
    timing.kind
  ] as RecoveryPolicy;
}

function defaultFlags(timing: Timing | null, policy: RecoveryPolicy) {
  if (timing?.kind === 'keep_alive') return { run_on_boot: true, run_on_wake: false, idempotent: true };
  return {
    run_on_boot: timing?.kind === 'calendar' && policy === 'restart_daemon',
    run_on_wake: policy === 'catchup' || policy === 'run_once_on_wake',
    idempotent: policy !== 'none',
  };
}

function defaultMaxAge(timing: Timing | null): number {
  if (timing === null || timing.kind === 'keep_alive') return 0;
  if (timing.kind === 'interval') return Math.max(4 * timing.seconds, timing.seconds + 900);
  return timing.weekday === null ? 48 * HOUR : 14 * DAY;
}

/** What counts as true in metadata; everything else is false. */
function isTrue(text: string): boolean {
  return /^(?:1|true|yes|on)$/i.test(text);
}

function slug(name: string): string {
  const kept = name
    .toLowerCase()
    .replace(/[\s_]/g, '-')
    .replace(/[^a-z0-9-]/g, '');
  return kept.replace(/^-+|-+$/g, '');
}
