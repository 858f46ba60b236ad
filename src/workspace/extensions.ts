import * as z from 'zod';

import { readRegularFile, removeFileDurable, writeFileDurable } from '../base/durable-file.ts';
import { ensureFolder } from '../base/folder.ts';
import { decodeUtf8, JsonFault, parseJson } from '../base/json-document.ts';
import type { HeldLock } from '../base/lock.ts';
import { NexoError } from '../errors.ts';
import { changeWorkspace } from './change.ts';
import { type ExtensionBase, extensionPath, presentExtensions } from './extension-files.ts';
import { loadForChange } from './state-files.ts';
import { PLAN_FILE, TASKS_FILE } from './state-kinds.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

const JoinedRecords = z.record(z.string().regex(/^\d+$/), z.record(z.string(), z.unknown()));

/** What a harness adds to the plan; issues are joined by id. */
export const PlanExtensionSchema = z.looseObject({
  extends: z.enum(['plan.schema.json', 'conformance/state-schemas/plan.schema.json']),
  extension_for_plan_id: z.number(),
  issue_extensions: JoinedRecords,
});

/** What a harness adds to the tasks, joined by task id. */
export const TasksExtensionSchema = z.looseObject({
  extends: z.enum(['tasks.schema.json', 'conformance/state-schemas/tasks.schema.json']),
  task_extensions: JoinedRecords,
});

const SCHEMAS = { plan: PlanExtensionSchema, tasks: TasksExtensionSchema } as const;

/** Keys that belong to the common records and may not be declared again beside them. */
const COMMON_KEYS = [
  'id',
  'title',
  'status',
  'decision',
  'created_at',
  'deps',
  'owner',
  'context',
  'topic',
  'goal',
];

/**
 * Writes this harness's extension of the plan or the tasks, replacing an earlier one. It is refused (INPUT_INVALID)
 * when there is nothing to extend, when it is for another plan, or when it declares common fields again.
 */
export async function writeExtension(
  workspace: Workspace,
  base: ExtensionBase,
  extension: unknown,
): Promise<void> {
  const parsed = SCHEMAS[base].safeParse(extension);
  const fault = parsed.success ? redeclaredKey(parsed.data) : z.prettifyError(parsed.error);
  if (!parsed.success || fault !== undefined) {
    throw new NexoError('INPUT_INVALID', `The ${base} extension cannot be written: ${fault}.`, {
      hint: `Give it the shape of docs/state-files.md; it may only add to ${base}.json.`,
    });
  }
  await changeWorkspace(workspace, (lock) => {
    if (!belongs(workspace, base, parsed.data)) {
      throw new NexoError('INPUT_INVALID', `There is no ${base}.json that this extension belongs to.`, {
        hint: 'Write it after the plan or the tasks, with the id of the active plan.',
      });
    }
    ensureFolder(workspace.fs, workspacePaths.harness(workspace.root, workspace.harnessId));
    const text = `${JSON.stringify(parsed.data, null, 2)}\n`;
    const beforeRename = (): void => lock.assertHeld();
    writeFileDurable(workspace.fs, extensionPath(workspace, base), text, { beforeRename });
  });
}

/** This harness's extension, or undefined when there is none or it cannot be read. */
export function readExtension(
  workspace: Workspace,
  base: ExtensionBase,
): Record<string, unknown> | undefined {
  try {
    const bytes = readRegularFile(workspace.fs, extensionPath(workspace, base))?.bytes;
    return bytes && SCHEMAS[base].parse(parseJson(decodeUtf8(bytes)));
  } catch (error) {
    // Absence means no extra data; a file that cannot be read gives none either.
    if (error instanceof NexoError || error instanceof JsonFault || error instanceof z.ZodError)
      return undefined;
    throw error;
  }
}

/**
 * Ends the extensions of this harness whose plan or tasks are gone: they live and die with the file they extend.
 * Other harnesses' namespaces are theirs. Never throws a NexoError: the common file is already archived.
 */
export async function settleExtensions(workspace: Workspace): Promise<void> {
  try {
    const present = presentExtensions(workspace);
    if (present.length === 0) return;
    await changeWorkspace(workspace, (lock) => {
      for (const base of present) removeOrphan(workspace, lock, base);
    });
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
  }
}

function removeOrphan(workspace: Workspace, lock: HeldLock, base: ExtensionBase): void {
  const extension = readExtension(workspace, base);
  if (extension !== undefined && belongs(workspace, base, extension)) return;
  const file = base === 'plan' ? PLAN_FILE : TASKS_FILE;
  // One that cannot be read stays as long as the file it extends: somebody may want to mend it.
  if (extension === undefined && loadForChange(workspace, file) !== undefined) return;
  lock.assertHeld();
  removeFileDurable(workspace.fs, extensionPath(workspace, base));
}

function belongs(workspace: Workspace, base: ExtensionBase, extension: Record<string, unknown>): boolean {
  if (base === 'tasks') return loadForChange(workspace, TASKS_FILE) !== undefined;
  const plan = loadForChange(workspace, PLAN_FILE);
  return plan !== undefined && plan.root.id === extension.extension_for_plan_id;
}

function redeclaredKey(extension: Record<string, unknown>): string | undefined {
  const records = Object.values((extension.issue_extensions ?? extension.task_extensions ?? {}) as object);
  for (const record of records) {
    const key = COMMON_KEYS.find((common) => Object.hasOwn(record as object, common));
    if (key !== undefined) return `"${key}" belongs to the common file`;
  }
  return undefined;
}
