import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { NexoError } from '../errors.ts';
import { OWN_HARNESS_ID } from '../workspace/workspace.ts';
import { checkAssertions } from './assertion.ts';
import { applyPreconditions, createProject, harnessOf, removeProject } from './case-project.ts';
import type { ApplyEvent } from './events.ts';
import type { CaseStep, ConformanceCase, Expectation, FixtureGroup, Operation } from './fixture.ts';
import { resolveStatePath } from './state-path.ts';
import {
  type CaseProject,
  failedOutcome,
  type OpenToolCaller,
  type ToolCaller,
  type ToolOutcome,
} from './tool-caller.ts';
import { findInvalidFiles, takeSnapshot } from './written-state.ts';

/** One demand that was not met. */
export interface CaseFailure {
  /** Number of the scenario's step, from 1. */
  readonly step?: number;
  /** What was looked at: `return $.task.id`, `.nexus/state/plan.json $.id`. */
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

export interface CaseResult {
  readonly id: string;
  readonly description: string;
  readonly group: FixtureGroup;
  readonly file: string;
  readonly status: 'pass' | 'fail' | 'skip';
  readonly failures: readonly CaseFailure[];
  readonly skipReason?: string;
  readonly durationMs: number;
  /** The server gave no answer at all: it ended, hung or wrote garbage. */
  readonly serverFailure?: string;
}

export interface CaseEnvironment {
  readonly openCaller: OpenToolCaller;
  /** Undefined when nothing can make the implementation's hooks see an event. */
  readonly applyEvent: ApplyEvent | undefined;
  readonly harnessId: string | undefined;
}

/** Runs one case in a fresh project folder, which is removed afterwards. */
export async function runCase(
  conformanceCase: ConformanceCase,
  environment: CaseEnvironment,
): Promise<CaseResult> {
  const { id, description, group, file, steps } = conformanceCase;
  const base = { id, description, group, file };
  const { applyEvent } = environment;
  if (applyEvent === undefined && steps.some(({ operation }) => operation.kind === 'event')) {
    const skipReason = 'needs lifecycle events: --events "nexo conformance event" applies them';
    return { ...base, status: 'skip', failures: [], skipReason, durationMs: 0 };
  }
  const startedAt = performance.now();
  const root = createProject();
  try {
    const outcome = await runSteps(conformanceCase, root, environment);
    const status = outcome.failures.length === 0 ? 'pass' : 'fail';
    return { ...base, status, ...outcome, durationMs: performance.now() - startedAt };
  } finally {
    removeProject(root);
  }
}

interface StepsOutcome {
  readonly failures: readonly CaseFailure[];
  readonly serverFailure?: string;
}

async function runSteps(
  conformanceCase: ConformanceCase,
  root: string,
  environment: CaseEnvironment,
): Promise<StepsOutcome> {
  const harnessId = harnessOf(conformanceCase, environment.harnessId) ?? OWN_HARNESS_ID;
  const project: CaseProject = { root, harnessId };
  applyPreconditions(root, conformanceCase.preconditions, harnessId);
  const before = takeSnapshot(root);
  const failures: CaseFailure[] = [];
  let caller: ToolCaller | undefined;
  let serverFailure: string | undefined;
  try {
    for (const [index, step] of conformanceCase.steps.entries()) {
      if (step.operation.kind === 'tool') caller ??= await environment.openCaller(project);
      const outcome = await operate(step.operation, { caller, project, applyEvent: environment.applyEvent });
      const found = evaluate(step, outcome, project);
      failures.push(
        ...found.map((failure) => (conformanceCase.isSingle ? failure : { step: index + 1, ...failure })),
      );
    }
  } catch (error) {
    const isServerFailure = error instanceof NexoError && error.code === 'CONFORMANCE_SERVER_FAILED';
    if (isServerFailure) serverFailure = error.message;
    const got = isServerFailure
      ? error.message
      : `a crash: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    failures.push({ what: 'the implementation', expected: 'an answer', got });
  } finally {
    await caller?.close();
  }
  for (const { path, reason } of findInvalidFiles(before, takeSnapshot(root))) {
    failures.push({
      what: path,
      expected: 'a file that its schema accepts',
      got: `wrote an invalid file: ${reason}`,
    });
  }
  return { failures, ...(serverFailure === undefined ? {} : { serverFailure }) };
}

interface Doors {
  readonly caller: ToolCaller | undefined;
  readonly project: CaseProject;
  readonly applyEvent: ApplyEvent | undefined;
}

async function operate(operation: Operation, { caller, project, applyEvent }: Doors): Promise<ToolOutcome> {
  if (operation.kind === 'tool') {
    if (caller === undefined) throw new Error('a tool is called before its caller is open');
    return caller.call(operation.tool, operation.params);
  }
  if (applyEvent === undefined) throw new Error('an event in a case that should have been skipped');
  const { type, params } = operation;
  const named = params.harness_id;
  const harness_id = typeof named === 'string' ? named : project.harnessId;
  const refusal = await applyEvent({ type, params: { ...params }, harness_id, root: project.root });
  return refusal === undefined ? { failed: false, value: null } : failedOutcome(refusal);
}

function evaluate(
  { operation, expectations }: CaseStep,
  outcome: ToolOutcome,
  project: CaseProject,
): CaseFailure[] {
  const failures: CaseFailure[] = [];
  const name = operation.kind === 'tool' ? operation.tool : operation.type;
  if (outcome.defect !== undefined) {
    failures.push({ what: name, ...outcome.defect });
  }
  // A failure that nothing asks for is one, also where the demands on files happen to hold.
  if (outcome.failed && !expectations.some(asksForFailure)) {
    failures.push({ what: name, expected: 'success', got: `the error ${JSON.stringify(outcome.message)}` });
  }
  const stepHarness = operation.kind === 'event' ? operation.params.harness_id : undefined;
  const harnessId = typeof stepHarness === 'string' ? stepHarness : project.harnessId;
  for (const expectation of expectations) {
    failures.push(...checkError(name, expectation, outcome));
    for (const { path, expected, got } of checkAssertions(outcome.value, expectation.returns)) {
      failures.push({ what: `return ${path}`, expected, got });
    }
    for (const file of expectation.files)
      failures.push(...checkFile(file, { root: project.root, harnessId }));
  }
  return failures;
}

function asksForFailure({ error, errorContains, returns }: Expectation): boolean {
  return (
    error === true ||
    errorContains !== undefined ||
    returns.some(({ path }) => path.text.startsWith('$.error'))
  );
}

function checkError(
  name: string,
  { error, errorContains }: Expectation,
  outcome: ToolOutcome,
): CaseFailure[] {
  const wanted = errorContains === undefined ? 'an error' : `an error with ${JSON.stringify(errorContains)}`;
  if (error === true || errorContains !== undefined) {
    if (!outcome.failed) return [{ what: name, expected: wanted, got: 'success' }];
    if (errorContains !== undefined && !(outcome.message ?? '').includes(errorContains)) {
      return [{ what: name, expected: wanted, got: `the error ${JSON.stringify(outcome.message)}` }];
    }
  }
  return [];
}

function checkFile({ path, expected }: Expectation['files'][number], project: CaseProject): CaseFailure[] {
  const what = resolveStatePath(path, project.harnessId);
  const target = join(project.root, what);
  const exists = existsSync(target);
  if (expected.kind === 'absent') return exists ? [{ what, expected: 'no such file', got: 'a file' }] : [];
  if (!exists) return [{ what, expected: 'a file', got: 'no such file' }];
  if (expected.kind === 'present') return [];
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(target, 'utf8'));
  } catch (error) {
    return [{ what, expected: 'JSON', got: error instanceof Error ? error.message : String(error) }];
  }
  return checkAssertions(content, expected.assertions).map((mismatch) => ({
    what: `${what} ${mismatch.path}`,
    expected: mismatch.expected,
    got: mismatch.got,
  }));
}
