import { Writable } from 'node:stream';

import { readScriptFile } from '../automation/scripts/discover.ts';
import { checkScript } from '../automation/scripts/doctor/check-script.ts';
import type { DoctorItem, ScriptReport } from '../automation/scripts/doctor/item.ts';
import { secretsIn } from '../automation/scripts/environment.ts';
import { runScript } from '../automation/scripts/run-script.ts';
import { OutputTail } from '../base/output-tail.ts';
import { createRedactor } from '../base/redact.ts';
import { type Approval, judgeApproval } from './approval.ts';
import type { SkillMode } from './definition.ts';
import type { SkillLibrary } from './library.ts';
import type { KnownSkill } from './match.ts';
import { type BuiltIns, renderArgv, resolveParams } from './parameters.ts';
import { approve, recordUse } from './store.ts';
import type { Judged } from './trust.ts';

/** Longest time that a skill's program runs, in milliseconds. */
const TIMEOUT_MS = 300_000;
/** What is kept of each output, in bytes. */
const OUTPUT_BYTES = 64 * 1024;
const SUMMARY_STEPS = 6;
const SUMMARY_GOTCHAS = 4;
const SUMMARY_CHARACTERS = 800;

export interface ApplyOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly mode?: SkillMode | 'auto';
  readonly dryRun?: boolean;
  /** What it is applied to; skills that work in several contexts earn trust. */
  readonly context?: string;
  readonly sessionId?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly signal?: AbortSignal;
  /** Asks the operator for an approval that is missing; without it the answer is no. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

/** What applying came to, with the names that programs read. */
export interface ApplyReport {
  readonly ok: boolean;
  readonly skill_id: string;
  readonly skill_name: string;
  readonly requested_mode: SkillMode | 'auto';
  readonly resolved_mode: SkillMode;
  readonly approval_state: {
    readonly state: Approval['kind'];
    readonly reason: string;
    readonly approval_required: boolean;
    readonly approved_at: string;
    readonly execution_level: string;
  };
  readonly guide_summary?: string;
  /** The whole guide, where the mode has one. */
  readonly guide?: string;
  /** What the doctor of scripts says of the program. */
  readonly script_doctor?: Pick<ScriptReport, 'status' | 'items'>;
  readonly resolved_params?: Readonly<Record<string, unknown>>;
  readonly script_command?: readonly string[];
  readonly param_errors?: readonly string[];
  readonly dry_run?: true;
  readonly execution_result?: {
    readonly returncode: number;
    readonly stdout: string;
    readonly stderr: string;
    readonly command: readonly string[];
    readonly timed_out: boolean;
    readonly duration_ms: number;
  };
  readonly usage_recorded?: {
    readonly success: boolean;
    readonly trust_score: number;
    readonly level: string;
    readonly promotion: string;
  };
  readonly error?: string;
}

/**
 * Applies a skill: shows its guide, runs its program, or both. What a program prints and how it ends are in the answer,
 * never thrown. A program in which the doctor of scripts finds a fault does not run. A dry run does everything but run
 * the program, and changes nothing. Throws SKILL_UNKNOWN.
 */
export async function applySkill(
  library: SkillLibrary,
  id: string,
  options: ApplyOptions,
): Promise<ApplyReport> {
  const known = library.getToRun(id);
  const { skill, stored } = known;
  const requested = options.mode ?? 'auto';
  const mode = requested === 'auto' ? skill.mode : requested;
  const approval = judgeApproval(known);
  const base: ApplyReport = {
    ok: true,
    skill_id: skill.id,
    skill_name: skill.name,
    requested_mode: requested,
    resolved_mode: mode,
    approval_state: {
      state: approval.kind,
      reason: 'reason' in approval ? approval.reason : '',
      approval_required: approval.kind === 'needed',
      approved_at: stored.approvedAt,
      execution_level: skill.executionLevel,
    },
    ...(mode === 'execute' ? {} : { guide_summary: summaryOf(known), guide: skill.content }),
    ...(options.dryRun === true ? { dry_run: true } : {}),
  };
  return mode === 'guide' ? base : execute(library, known, base, options);
}

async function execute(
  library: SkillLibrary,
  known: KnownSkill,
  base: ApplyReport,
  options: ApplyOptions,
): Promise<ApplyReport> {
  const { skill, stored } = known;
  if (stored.filePath === '') return { ...base, ok: false, error: `${skill.id} has no program to run.` };
  const doctor = examine(stored.filePath, library, options.env);
  const examined: ApplyReport = { ...base, script_doctor: doctor };
  if (doctor.status === 'fail') {
    const faults = doctor.items.filter(({ level }) => level === 'fail').map(({ msg }) => msg);
    return {
      ...examined,
      ok: false,
      error: `Its program has faults, so that it does not run: ${faults.join('; ')}.`,
    };
  }
  const resolved = resolveParams(skill.paramsSchema, options.params ?? {});
  if (!resolved.ok) {
    return {
      ...examined,
      ok: false,
      param_errors: resolved.errors,
      error: `Its parameters do not fit: ${resolved.errors.join(' ')}`,
    };
  }
  const builtIns: BuiltIns = { file_path: stored.filePath, skill_id: skill.id, skill_name: skill.name };
  const command = renderArgv(skill.argv, resolved.params, builtIns);
  const planned: ApplyReport = { ...examined, resolved_params: resolved.params, script_command: command };
  if (command[0] !== stored.filePath) {
    return {
      ...planned,
      ok: false,
      error: 'Its command does not begin with {{file_path}}; only its own program runs.',
    };
  }
  const approval = judgeApproval(known);
  if (approval.kind === 'never')
    return { ...planned, ok: false, error: `${skill.id} does not run: ${approval.reason}.` };
  if (options.dryRun === true) return planned;
  if (approval.kind === 'needed' && !(await mayRun(library, known, approval.reason, options))) {
    return {
      ...planned,
      ok: false,
      error: `${skill.id} waits for your approval: ${approval.reason}. Read it, then: nexo skills approve ${skill.id}`,
    };
  }
  return run(library, known, planned, command, options);
}

/** What is fine is not told: an answer goes to a model, which pays for each word. */
function examine(
  path: string,
  { paths }: SkillLibrary,
  env: NodeJS.ProcessEnv,
): { readonly status: ScriptReport['status']; readonly items: readonly DoctorItem[] } {
  const { status, items } = checkScript(readScriptFile(path, paths), {
    paths,
    entries: [],
    searchPath: env.PATH,
  });
  return { status, items: items.filter(({ level }) => level !== 'pass') };
}

async function mayRun(
  library: SkillLibrary,
  { skill, stored }: KnownSkill,
  reason: string,
  { confirm }: ApplyOptions,
): Promise<boolean> {
  const question = `${skill.id} wants to run ${stored.filePath} (${reason}). Approve it as it is now?`;
  if (confirm === undefined || !(await confirm(question))) return false;
  const { executionLevel: level } = skill;
  approve(library.database, { id: skill.id, level, by: 'operator', digest: stored.digest }, library.clock);
  return true;
}

async function run(
  library: SkillLibrary,
  known: KnownSkill,
  planned: ApplyReport,
  command: readonly string[],
  options: ApplyOptions,
): Promise<ApplyReport> {
  const { skill, stored } = known;
  const stdout = new OutputTail(OUTPUT_BYTES);
  const stderr = new OutputTail(OUTPUT_BYTES);
  const result = await runScript({
    entry: readScriptFile(stored.filePath, library.paths),
    args: command.slice(1),
    env: { ...options.env, NEXO_SKILL_ID: skill.id, NEXO_SKILL_NAME: skill.name },
    paths: library.paths,
    timeoutMs: TIMEOUT_MS,
    cwd: options.cwd,
    output: { stdout: into(stdout), stderr: into(stderr) },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const redact = createRedactor(secretsIn(options.env));
  const success = result.exitCode === 0;
  const errors = redact(stderr.text());
  const judged = recordUse(
    library.database,
    skill,
    {
      success,
      context: options.context ?? skill.name,
      notes: errors === '' ? redact(stdout.text()) : errors,
      ...(options.sessionId === undefined ? {} : { sessionId: options.sessionId }),
    },
    library.clock,
  );
  library.refresh();
  return {
    ...planned,
    ok: success,
    execution_result: {
      returncode: result.exitCode,
      stdout: redact(stdout.text()),
      stderr: errors,
      command,
      timed_out: result.timedOut,
      duration_ms: result.durationMs,
    },
    ...(judged === undefined ? {} : { usage_recorded: toUsage(judged, success) }),
    ...(success
      ? {}
      : { error: result.failure?.message ?? `Its program ended with exit code ${result.exitCode}.` }),
  };
}

function toUsage(
  { trustScore, level, promotion }: Judged,
  success: boolean,
): NonNullable<ApplyReport['usage_recorded']> {
  return { success, trust_score: trustScore, level, promotion };
}

function into(tail: OutputTail): Writable {
  return new Writable({
    write: (chunk: Buffer | string, _encoding, done) => {
      tail.add(Buffer.from(chunk));
      done();
    },
  });
}

/** The guide in short: what it is, its first steps, and what to look out for. */
function summaryOf({ skill }: KnownSkill): string {
  const { id, name, description, steps, gotchas, content } = skill;
  const way =
    steps.length > 0
      ? steps.slice(0, SUMMARY_STEPS).map((step, index) => `${index + 1}. ${step}`)
      : [content.slice(0, SUMMARY_CHARACTERS)];
  const warnings = gotchas.slice(0, SUMMARY_GOTCHAS).map((gotcha) => `Careful: ${gotcha}`);
  return [`${id} ${name}`, description, ...way, ...warnings].filter((line) => line !== '').join('\n');
}
