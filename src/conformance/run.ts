import type { Tool } from '@modelcontextprotocol/client';

import { NexoError } from '../errors.ts';
import { checkHarnessId } from '../workspace/workspace.ts';
import { createProject, removeProject } from './case-project.ts';
import { parseCommand } from './command-line.ts';
import { type ApplyEvent, applyOwnEvent, eventCommand } from './events.ts';
import type { ConformanceCase } from './fixture.ts';
import { openInProcess } from './in-process.ts';
import { loadFixtures, ownFixtures } from './load-fixtures.ts';
import { type CaseEnvironment, type CaseResult, runCase } from './run-case.ts';
import type { OpenToolCaller } from './tool-caller.ts';

export interface RunOptions {
  /** Folder of the suite. Default: our own. */
  readonly fixtures?: string | undefined;
  /** Command line of an MCP server on stdio. Without it our own tools are called in this process. */
  readonly server?: string | undefined;
  /** Stands before the contract's tool names at the server, `nx_`. */
  readonly toolPrefix?: string | undefined;
  /** For `{HARNESS_ID}` and for events that do not name their harness. */
  readonly harnessId?: string | undefined;
  /** Command line that applies one lifecycle event. In this process our own hooks do. */
  readonly events?: string | undefined;
  /** Cases that run at the same time. */
  readonly parallel?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** Environment for the programs that are started. */
  readonly env: NodeJS.ProcessEnv;
  /** Folder from which the commands name files. */
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
  readonly onCase?: (result: CaseResult, done: number, total: number) => void;
}

export interface ConformanceReport {
  readonly fixtures: string;
  readonly implementation: Implementation;
  readonly totals: {
    readonly cases: number;
    readonly passed: number;
    readonly failed: number;
    readonly skipped: number;
  };
  readonly durationMs: number;
  readonly cases: readonly CaseResult[];
}

type Implementation =
  | { readonly kind: 'in-process' }
  | {
      readonly kind: 'stdio';
      readonly command: readonly string[];
      readonly toolPrefix: string;
      readonly name: string;
      readonly version: string;
      readonly protocolVersion: string;
    };

/** Patience with a program that is asked something, in milliseconds. */
const DEFAULT_TIMEOUT_MS = 15_000;
const DEFAULT_PARALLEL = 3;

/** Cases in a row that may get no answer before the server is given up: each may take a whole timeout. */
const MAX_DEAD_CASES = 3;

/**
 * Runs a suite and reports on every case, in the suite's order.
 * Throws CONFORMANCE_FIXTURE_INVALID, CONFORMANCE_SERVER_FAILED, USAGE, HARNESS_ID_INVALID or INTERRUPTED.
 */
export async function runConformance(options: RunOptions): Promise<ConformanceReport> {
  const startedAt = performance.now();
  const fixtures = options.fixtures ?? ownFixtures();
  const harnessId = options.harnessId === undefined ? undefined : checkHarnessId(options.harnessId);
  const cases = loadFixtures(fixtures);
  const { implementation, openCaller, applyEvent } = await openDoors(options, toolsOf(cases));
  const environment: CaseEnvironment = { openCaller, applyEvent, harnessId };
  const results = await runAll(cases, environment, options);
  const count = (status: CaseResult['status']): number =>
    results.filter((result) => result.status === status).length;
  return {
    fixtures,
    implementation,
    totals: { cases: results.length, passed: count('pass'), failed: count('fail'), skipped: count('skip') },
    durationMs: performance.now() - startedAt,
    cases: results,
  };
}

interface Doors {
  readonly implementation: Implementation;
  readonly openCaller: OpenToolCaller;
  readonly applyEvent: ApplyEvent | undefined;
}

async function openDoors(options: RunOptions, usedTools: ReadonlySet<string>): Promise<Doors> {
  const { env, cwd, timeoutMs = DEFAULT_TIMEOUT_MS, toolPrefix = '' } = options;
  const applyEvent =
    options.events === undefined
      ? undefined
      : eventCommand({
          argv: parseCommand(options.events, '--events', cwd),
          env,
          timeoutMs,
          signal: options.signal,
        });
  if (options.server === undefined) {
    return {
      implementation: { kind: 'in-process' },
      openCaller: openInProcess,
      applyEvent: applyEvent ?? applyOwnEvent,
    };
  }
  const argv = parseCommand(options.server, '--server', cwd);
  const server = { argv, env, toolPrefix, timeoutMs, signal: options.signal };
  const { connectServer } = await import('./stdio-client.ts');
  // One connection before the first case: a server that does not start, or has none of the tools, fails once.
  const root = createProject();
  try {
    const probe = await connectServer({ root }, server);
    try {
      const tools = new Map((await probe.listTools()).map((tool) => [tool.name, tool] as const));
      assertPrefixFits(tools, toolPrefix, usedTools);
      const { name, version } = probe.server;
      const { protocolVersion } = probe;
      return {
        implementation: { kind: 'stdio', command: argv, toolPrefix, name, version, protocolVersion },
        openCaller: (project) => connectServer(project, server, tools),
        applyEvent,
      };
    } finally {
      await probe.close();
    }
  } finally {
    removeProject(root);
  }
}

function toolsOf(cases: readonly ConformanceCase[]): ReadonlySet<string> {
  const operations = cases.flatMap(({ steps }) => steps.map(({ operation }) => operation));
  return new Set(operations.flatMap((operation) => (operation.kind === 'tool' ? [operation.tool] : [])));
}

/** With the wrong prefix every case would fail alike; the names that are there say which is the right one. */
function assertPrefixFits(tools: ReadonlyMap<string, Tool>, prefix: string, used: ReadonlySet<string>): void {
  if (used.size === 0 || [...used].some((name) => tools.has(`${prefix}${name}`))) return;
  const names = [...tools.keys()];
  const right = names.flatMap((name) =>
    [...used].filter((tool) => name.endsWith(tool)).map((tool) => name.slice(0, -tool.length)),
  )[0];
  throw new NexoError(
    'CONFORMANCE_SERVER_FAILED',
    `The server has none of the suite's tools under the prefix "${prefix}". It has ${names.length === 0 ? 'none at all' : names.slice(0, 12).join(', ')}.`,
    {
      hint: right === undefined ? 'Check --server and --tool-prefix.' : `Try --tool-prefix ${right}`,
      data: { tools: names },
    },
  );
}

/** Works through the cases with a few at a time. */
async function runAll(
  cases: readonly ConformanceCase[],
  environment: CaseEnvironment,
  { parallel = DEFAULT_PARALLEL, signal, onCase }: RunOptions,
): Promise<CaseResult[]> {
  const results = new Map<number, CaseResult>();
  const waiting = cases.entries();
  let deadInARow = 0;
  const work = async (): Promise<void> => {
    for (const [index, conformanceCase] of waiting) {
      if (signal?.aborted === true) throw new NexoError('INTERRUPTED', 'Stopped before all cases had run');
      const result = await runCase(conformanceCase, environment);
      results.set(index, result);
      onCase?.(result, results.size, cases.length);
      if (result.status !== 'skip') deadInARow = result.serverFailure === undefined ? 0 : deadInARow + 1;
      if (deadInARow >= MAX_DEAD_CASES) {
        throw new NexoError(
          'CONFORMANCE_SERVER_FAILED',
          `The server gave no answer in ${deadInARow} cases in a row. ${result.serverFailure}`,
          {
            hint: 'Run one of these cases by hand against the server.',
            data: { lastCase: result.id, done: results.size },
          },
        );
      }
    }
  };
  const workers = Array.from({ length: Math.max(1, Math.min(parallel, cases.length)) }, work);
  const settled = await Promise.allSettled(workers);
  const failed = settled.find((worker) => worker.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return cases.flatMap((_, index) => results.get(index) ?? []);
}
