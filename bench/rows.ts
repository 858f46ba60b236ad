import { HOOK_ROWS } from './hook-rows.ts';

/**
 * The rows of the table and what each is held to (the ratios are between two medians of one run, so they hold on a
 * fast and on a slow machine). Only the table's data: how a row is measured is in `subjects/`.
 */
export type Unit = 'ms' | 'MiB' | 'tokens' | 'count';

export type Budget =
  /** Nexo's figure divided by the other's. */
  | { readonly kind: 'ratio'; readonly atMost: number; readonly aim?: number }
  /** Nexo's figure itself; `worst` looks at the highest value instead of the median. */
  | { readonly kind: 'value'; readonly atMost: number; readonly worst?: boolean };

export interface Row {
  readonly what: string;
  readonly unit: Unit;
  /** Whom the ratio compares with. Default: the reference. */
  readonly against?: 'reference' | 'floor';
  /** A row without a budget is there to be read with its neighbours. */
  readonly budget?: Budget;
}

const ratio = (atMost: number, aim?: number): Budget =>
  aim === undefined ? { kind: 'ratio', atMost } : { kind: 'ratio', atMost, aim };
const none: Budget = { kind: 'value', atMost: 0 };

export const ROWS = {
  version: { what: 'nexo --version (floor: node -e 0)', unit: 'ms', against: 'floor', budget: ratio(1.5) },
  ...HOOK_ROWS,
  runOverhead: {
    what: 'nexo run, added to its backend (floor: the backend alone)',
    unit: 'ms',
    against: 'floor',
    budget: { kind: 'value', atMost: 60 },
  },
  skillMatch: { what: 'a skill among 5,000', unit: 'ms', budget: { kind: 'value', atMost: 20 } },
  skillMatchLater: { what: 'a skill among 5,000, asked once a minute', unit: 'ms' },
  pluginsStart: {
    what: '200 plugins of 5 tools: to find and offer (floor: reading their files)',
    unit: 'ms',
    against: 'floor',
    budget: ratio(2),
  },
  initialize: { what: 'MCP: spawn to initialize answered', unit: 'ms', budget: ratio(0.4, 0.25) },
  memory: { what: 'MCP: idle memory (RSS)', unit: 'MiB', budget: ratio(0.9) },
  memoryPss: { what: 'MCP: idle memory (PSS)', unit: 'MiB' },
  memoryLoaded: { what: 'MCP: memory after 10,000 tasks and cycles (RSS)', unit: 'MiB' },
  tokens: { what: 'tools/list, characters / 4', unit: 'tokens', budget: { kind: 'value', atMost: 2_500 } },
  read: { what: 'plan_status, 3 issues', unit: 'ms', budget: ratio(0.15) },
  readRooted: { what: 'plan_status, root in the environment', unit: 'ms' },
  add10: { what: 'task_add, 10 tasks there', unit: 'ms', budget: ratio(1) },
  add10Rooted: { what: 'task_add, 10 tasks, root in the environment', unit: 'ms' },
  add1000: { what: 'task_add, 1,000 tasks there', unit: 'ms' },
  add10000: { what: 'task_add, 10,000 tasks there', unit: 'ms', budget: ratio(0.5) },
  add10000Changed: { what: 'task_add, 10,000 tasks another process just wrote', unit: 'ms' },
  list10000: { what: 'task_list, 10,000 tasks', unit: 'ms', budget: ratio(0.6) },
  search: { what: 'history_search, 10,000 cycles', unit: 'ms', budget: ratio(0.05) },
  searchFirst: { what: 'history_search, first call of a new server', unit: 'ms' },
  cycle: { what: 'plan_start + task_add + task_close, 10,000 cycles', unit: 'ms', budget: ratio(0.15) },
  writersLost: { what: '8 × 50 task_add: lost', unit: 'count', budget: none },
  writersRefused: { what: '8 × 50 task_add: refused', unit: 'count', budget: none },
  writersDuplicate: { what: '8 × 50 task_add: ids given twice', unit: 'count', budget: none },
  writersTime: { what: '8 × 50 task_add: all answered', unit: 'ms' },
  racedLost: { what: '8 × 50 with task_close racing: lost or doubled', unit: 'count', budget: none },
  racedRefused: { what: '8 × 50 with task_close racing: refused', unit: 'count', budget: none },
  racedDuplicate: { what: '8 × 50 with task_close racing: ids given twice', unit: 'count', budget: none },
  racedTime: { what: '8 × 50 with task_close racing: all answered', unit: 'ms' },
  crashWait: {
    what: 'kill -9 of a writer: next write (worst)',
    unit: 'ms',
    budget: { kind: 'value', atMost: 2_000, worst: true },
  },
  crashLost: { what: 'kill -9 of a writer: acknowledged, then lost', unit: 'count', budget: none },
  damage: { what: 'damaged file, then a write: files lost', unit: 'count', budget: none },
  packInstall: {
    what: 'a pack of 50 MB installed (floor: curl, sha256sum, tar xzf)',
    unit: 'ms',
    against: 'floor',
    budget: ratio(1.2),
  },
} as const satisfies Record<string, Row>;

export type RowId = keyof typeof ROWS;
