import { NexoError } from '../../errors.ts';
import { createProject, removeProject } from '../case-project.ts';
import { parseCommand } from '../command-line.ts';
import type { ServerOptions } from '../stdio-client.ts';
import type { CallRecord, Violation } from './ledger.ts';
import { planCalls } from './operations.ts';
import { type FreshWrite, type Probe, probeServer, writeFresh } from './probe.ts';
import { createRandom } from './random.ts';
import { type FileVerdict, verifyFiles } from './verify-files.ts';
import { type Watcher, watchFiles } from './watcher.ts';
import { planDisturbances, runWriter, type WriterResult } from './writer.ts';

export interface StressOptions {
  /** Command line of the MCP server, or its words. */
  readonly server: string | readonly [string, ...string[]];
  readonly toolPrefix?: string | undefined;
  /** Clients that write at the same time, each with a server process of its own. */
  readonly writers?: number | undefined;
  /** Calls that each writer makes. */
  readonly ops?: number | undefined;
  /** Server processes that are killed in all. */
  readonly kills?: number | undefined;
  /** The same seed makes the same calls and kills; how they interleave is up to the machine. */
  readonly seed?: number | undefined;
  /** How long the writing may take, in milliseconds; then it stops where it is, and is checked. */
  readonly timeLimitMs?: number | undefined;
  readonly env: NodeJS.ProcessEnv;
  /** Folder from which the command names files. */
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (made: number, planned: number) => void;
}

export interface StressReport {
  readonly seed: number;
  readonly server: { readonly command: readonly string[]; readonly name: string; readonly version: string };
  readonly writers: number;
  readonly calls: Readonly<Record<'planned' | 'made' | CallRecord['answer'], number>>;
  readonly kills: number;
  readonly pauses: number;
  /** Files that were read while others wrote them. */
  readonly reads: number;
  readonly found: FileVerdict['found'];
  /** From each kill to the first answer of the next process. */
  readonly recovery: { readonly medianMs: number; readonly maxMs: number; readonly over2s: number };
  /** From the start of a fresh process, when all others are gone, to its first write; null when it could not write. */
  readonly freshWriteMs: number | null;
  readonly refusals: readonly { readonly message: string; readonly count: number }[];
  readonly violations: readonly Violation[];
  readonly leftovers: readonly string[];
  /** The time limit came before the last call. */
  readonly cutShort: boolean;
  /** The project's folder, kept when something was wrong. */
  readonly kept: string | null;
  readonly durationMs: number;
}

const DEFAULT_WRITERS = 8;
const DEFAULT_KILLS = 200;
const DEFAULT_TIME_LIMIT_MS = 300_000;

/** Longest that one call may take before the server counts as hung, in milliseconds. */
const CALL_TIMEOUT_MS = 20_000;

/**
 * Lets several processes write to one project while they are killed and paused at random, reads along, and compares
 * what is there at the end with what was acknowledged. Throws CONFORMANCE_SERVER_FAILED, USAGE or INTERRUPTED.
 */
export async function runStress(options: StressOptions): Promise<StressReport> {
  const startedAt = performance.now();
  const run = planRun(options);
  const root = createProject();
  let keep = false;
  try {
    const probe = await probeServer(root, run.server);
    const watcher = watchFiles(root);
    const records: CallRecord[] = [];
    let results: readonly WriterResult[];
    let fresh: FreshWrite;
    try {
      results = await write({ ...run, root, probe, records, onProgress: options.onProgress });
      if (options.signal?.aborted === true) throw new NexoError('INTERRUPTED', 'The stress run was stopped.');
      fresh = await writeFresh(root, run.server, probe);
    } finally {
      await watcher.stop();
    }
    const verdict = verifyFiles(root, fresh.record === undefined ? records : [...records, fresh.record]);
    const report = conclude({ run, probe, records, results, fresh, watcher, verdict });
    keep = report.violations.length > 0;
    return { ...report, kept: keep ? root : null, durationMs: performance.now() - startedAt };
  } finally {
    if (!keep) removeProject(root);
  }
}

interface Run {
  readonly server: ServerOptions;
  readonly writers: number;
  readonly ops: number;
  readonly kills: number;
  readonly seed: number;
  readonly signal: AbortSignal;
}

function planRun(options: StressOptions): Run {
  const { writers = DEFAULT_WRITERS, kills = DEFAULT_KILLS, env, toolPrefix = '', signal } = options;
  const ops = options.ops ?? Math.max(50, 2 * Math.ceil(kills / Math.max(writers, 1)));
  if (writers < 1 || ops < 1)
    throw new NexoError('USAGE', 'At least one writer has to make at least one call.');
  if (kills > writers * ops) {
    throw new NexoError('USAGE', `${kills} kills do not fit into ${writers} × ${ops} calls.`, {
      hint: 'Use more --ops, or fewer --kills.',
    });
  }
  const limit = AbortSignal.timeout(options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS);
  return {
    server: {
      argv:
        typeof options.server === 'string'
          ? parseCommand(options.server, '--server', options.cwd)
          : options.server,
      env,
      toolPrefix,
      timeoutMs: CALL_TIMEOUT_MS,
      signal,
    },
    writers,
    ops,
    kills,
    seed: options.seed ?? Math.floor(Math.random() * 2 ** 31),
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
  };
}

interface Writing extends Run {
  readonly root: string;
  readonly probe: Probe;
  readonly records: CallRecord[];
  readonly onProgress: StressOptions['onProgress'];
}

function write({ root, probe, records, onProgress, ...run }: Writing): Promise<WriterResult[]> {
  const { server, writers, ops, kills, seed, signal } = run;
  const writing = Array.from({ length: writers }, (_, writer) => {
    const random = createRandom(seed, writer);
    const ownKills = Math.floor(kills / writers) + (writer < kills % writers ? 1 : 0);
    return runWriter({
      root,
      server,
      tools: probe.tools,
      calls: planCalls(random, {
        count: ops,
        name: `${seed}.${writer}`,
        tools: probe.tools,
        toolPrefix: server.toolPrefix,
      }),
      disturbances: planDisturbances(random, { calls: ops, kills: ownKills }),
      signal,
      onCall: (record) => {
        records.push(record);
        onProgress?.(records.length, writers * ops);
      },
    });
  });
  return Promise.all(writing);
}

interface Outcome {
  readonly run: Run;
  readonly probe: Probe;
  readonly records: readonly CallRecord[];
  readonly results: readonly WriterResult[];
  readonly fresh: FreshWrite;
  readonly watcher: Watcher;
  readonly verdict: FileVerdict;
}

function conclude({
  run,
  probe,
  records,
  results,
  fresh,
  watcher,
  verdict,
}: Outcome): Omit<StressReport, 'kept' | 'durationMs'> {
  const count = (answer: CallRecord['answer']): number =>
    records.filter((record) => record.answer === answer).length;
  const recoveries = results.flatMap(({ recoveriesMs }) => recoveriesMs).sort((a, b) => a - b);
  const planned = run.writers * run.ops;
  return {
    seed: run.seed,
    server: { command: run.server.argv, name: probe.name, version: probe.version },
    writers: run.writers,
    calls: {
      planned,
      made: records.length,
      acknowledged: count('acknowledged'),
      refused: count('refused'),
      unknown: count('unknown'),
    },
    kills: results.reduce((sum, { kills }) => sum + kills, 0),
    pauses: results.reduce((sum, { pauses }) => sum + pauses, 0),
    reads: watcher.reads,
    found: verdict.found,
    recovery: {
      medianMs: recoveries[Math.floor(recoveries.length / 2)] ?? 0,
      maxMs: recoveries.at(-1) ?? 0,
      over2s: recoveries.filter((time) => time > 2000).length,
    },
    freshWriteMs: fresh.elapsedMs ?? null,
    refusals: countRefusals(records),
    violations: [
      ...results.flatMap(({ violations }) => violations),
      ...watcher.violations,
      ...fresh.violations,
      ...verdict.violations,
    ],
    leftovers: verdict.leftovers,
    cutShort: records.length < planned,
  };
}

/** Refusals by text, the most frequent first; numbers in them do not count as a difference. */
function countRefusals(records: readonly CallRecord[]): StressReport['refusals'] {
  const messages = records
    .filter(({ answer }) => answer === 'refused')
    .map(({ value }) => String(value).replace(/\d+/g, 'N').slice(0, 200));
  return [...Map.groupBy(messages, (message) => message)]
    .map(([message, { length }]) => ({ message, count: length }))
    .sort((a, b) => b.count - a.count)
    .slice(0, 8);
}
