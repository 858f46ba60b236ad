import { indentJson, type JsonRecord, renderDocument, renderObject } from '../base/json-document.ts';
import type { LoadedFile } from './state-files.ts';
import { PLAN_FILE } from './state-kinds.ts';
import { SCHEMA_VERSION } from './state-schemas.ts';

/** Columns at which a cycle and what is in it stand in the history. */
const CYCLE_PAD = '    ';
const MEMBER_PAD = '      ';
const TASK_PAD = '        ';

export interface CycleParts {
  readonly completedAt: string;
  readonly branch: string;
  readonly plan: LoadedFile<object> | undefined;
  readonly tasks: LoadedFile<object> | undefined;
}

/**
 * A cycle for the history, made of the texts of the plan and the tasks: what other programs added to them is archived
 * as it stands. Of the plan only `schema_version` stays behind; the contract forbids it there.
 */
export function createCycleRecord({ completedAt, branch, plan, tasks }: CycleParts): JsonRecord {
  const members = new Map([
    ['schema_version', JSON.stringify(SCHEMA_VERSION)],
    ['completed_at', JSON.stringify(completedAt)],
    ['branch', JSON.stringify(branch)],
    ['plan', plan === undefined ? 'null' : planText(plan)],
    ['tasks', tasksText(tasks?.document.records ?? [])],
  ]);
  const text = renderObject(members, CYCLE_PAD);
  return { text, value: JSON.parse(text) };
}

function planText({ document }: LoadedFile<object>): string {
  const members = new Map(document.members);
  members.delete('schema_version');
  const text = renderDocument({ members, listKey: PLAN_FILE.listKey, records: document.records });
  return indentJson(text.trimEnd(), MEMBER_PAD);
}

function tasksText(records: readonly JsonRecord[]): string {
  if (records.length === 0) return '[]';
  // In tasks.json records stand at the column at which cycles do in the history.
  const texts = records.map(
    ({ text }) => `\n${TASK_PAD}${indentJson(text, TASK_PAD.slice(CYCLE_PAD.length))}`,
  );
  return `[${texts.join(',')}\n${MEMBER_PAD}]`;
}
