import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { CallRecord } from '../../src/conformance/stress/ledger.ts';

export type Operation =
  | { readonly kind: 'tool'; readonly name: string; readonly params: Readonly<Record<string, unknown>> }
  | { readonly kind: 'spawn' | 'complete'; readonly agent: string }
  | { readonly kind: 'memory'; readonly path: string; readonly agent: string };

export interface Program {
  readonly root: string;
  readonly operations: readonly Operation[];
}

export interface OperationResult {
  readonly operation: Operation;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly answer: 'acknowledged' | 'refused';
  readonly value: unknown;
}

export interface WorkspaceProcesses {
  /** Gives every process its program at the same moment; resolves when all are done. */
  run(programs: readonly Program[]): Promise<OperationResult[][]>;
  close(): Promise<void>;
}

const SCRIPT = fileURLToPath(new URL('./workspace-process.ts', import.meta.url));
const TYPESCRIPT = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];

/** Starts processes that each run programs on a workspace; resolves when all are ready. */
export async function startProcesses(count: number): Promise<WorkspaceProcesses> {
  const processes = Array.from({ length: count }, () => {
    const child = spawn(process.execPath, [...TYPESCRIPT, SCRIPT], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const next = async (): Promise<unknown> => {
      const { value, done } = await lines.next();
      if (done === true)
        throw new Error(`a workspace process ended with ${child.exitCode ?? child.signalCode}`);
      return JSON.parse(value);
    };
    return { child, next, ended };
  });
  await Promise.all(processes.map(({ next }) => next()));
  return {
    run: async (programs) => {
      for (const [index, program] of programs.entries()) {
        processes[index]?.child.stdin.write(`${JSON.stringify(program)}\n`);
      }
      // The script answers every program with its list of results.
      return Promise.all(
        programs.map(async (_, index) => (await processes[index]?.next()) as OperationResult[]),
      );
    },
    close: async () => {
      for (const { child } of processes) child.stdin.end();
      await Promise.all(processes.map(({ ended }) => ended));
    },
  };
}

export function tool(name: string, params: Readonly<Record<string, unknown>> = {}): Operation {
  return { kind: 'tool', name, params };
}

/** The tool calls of a run, as the model of a stress run takes them. */
export function toRecords(results: readonly OperationResult[]): CallRecord[] {
  return results.flatMap(({ operation, ...rest }) =>
    operation.kind === 'tool' ? [{ ...rest, tool: operation.name, params: operation.params }] : [],
  );
}
