import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';

import { unscheduleScript } from '../../automation/schedules/manage.ts';
import { createScript } from '../../automation/scripts/create-script.ts';
import { countClasses, discoverScripts } from '../../automation/scripts/discover.ts';
import { type ListedScript, listScripts, showEntry } from '../../automation/scripts/overview.ts';
import { syncScripts } from '../../automation/scripts/registry.ts';
import { removeScript } from '../../automation/scripts/remove-script.ts';
import { LANGUAGES } from '../../automation/scripts/templates.ts';
import { openHomeDatabase } from '../../home/database.ts';
import type { HomePaths } from '../../home/paths.ts';
import type { ServerTool, ToolWorld } from '../server-tool.ts';
import { defineHomeTool } from './define-home-tool.ts';
import { withSchedules } from './with-schedules.ts';

const name = z.string().min(1).max(200);
const ok = z.boolean();
const counts = z.record(z.string(), z.number());
const DEFAULT_LIMIT = 100;

/** Opens the database of the operator's folder for as long as `use` takes. */
async function withHome<T>(
  { home }: Pick<ToolWorld, 'home'>,
  use: (database: DatabaseSync, paths: HomePaths) => T | Promise<T>,
): Promise<T> {
  const database = await openHomeDatabase(home);
  try {
    return await use(database, home);
  } finally {
    database.close();
  }
}

const sync = defineHomeTool({
  name: 'nexo_personal_scripts_sync',
  title: 'Sync personal scripts',
  description: 'Brings the index of personal scripts in line with their folder.',
  hints: 'replace',
  input: z.strictObject({}),
  output: { ok, scripts_upserted: z.number(), scripts_pruned: z.number(), registered_scripts: z.number() },
  run: (world) => withHome(world, (database, paths) => syncScripts(database, discoverScripts(paths), paths)),
});

const classify = defineHomeTool({
  name: 'nexo_personal_scripts_classify',
  title: 'Classify script files',
  description: 'What each file in the scripts folders is taken for, and why.',
  hints: 'read',
  input: z.strictObject({}),
  output: { scripts_dir: z.string(), entries: z.array(z.looseObject({})), summary: counts },
  run: async ({ home }) => {
    const { scriptsDir, entries } = discoverScripts(home);
    return { scripts_dir: scriptsDir, entries: entries.map(showEntry), summary: countClasses(entries) };
  },
});

const list = defineHomeTool({
  name: 'nexo_personal_scripts_list',
  title: 'List personal scripts',
  description: 'The operator’s own scripts with runtime, schedules and last run.',
  hints: 'read',
  input: z.strictObject({
    include_schedules: z.boolean().optional(),
    limit: z.int().min(1).max(1000).optional(),
    filter_runtime: z.string().max(40).optional(),
    filter_origin: z.string().max(40).optional(),
    filter_source: z.string().max(40).optional(),
    summary: z.boolean().optional().describe('names and last runs alone'),
  }),
  output: { scripts: z.array(z.looseObject({ name: z.string() })), total: z.number() },
  run: (world, input) =>
    withHome(world, (database, paths) => {
      const fits = (wanted: string | undefined, value: string | null): boolean =>
        wanted === undefined || wanted === '' || wanted === value;
      const found = listScripts(database, paths).filter(
        (script) =>
          fits(input.filter_runtime, script.runtime) &&
          fits(input.filter_origin, script.origin) &&
          fits(input.filter_source, script.source),
      );
      const shown = found.slice(0, input.limit ?? DEFAULT_LIMIT);
      return {
        scripts: input.summary === true ? shown.map(shortened) : shown.map((each) => chosen(each, input)),
        total: found.length,
      };
    }),
});

function chosen(
  script: ListedScript,
  { include_schedules = true }: { include_schedules?: boolean | undefined },
): object {
  if (include_schedules) return script;
  const { schedules, declared_schedule, ...rest } = script;
  return rest;
}

function shortened({ name, runtime, enabled, last_run_at, last_exit_code }: ListedScript): object {
  return { name, runtime, enabled, last_run_at, last_exit_code };
}

const create = defineHomeTool({
  name: 'nexo_personal_script_create',
  title: 'Create a personal script',
  description:
    'Writes a new script from its template; schedule (HH:MM or HH:MM:weekday) or interval_seconds make it run by ' +
    'itself after nexo_personal_scripts_reconcile.',
  hints: 'add',
  input: z.strictObject({
    name,
    description: z.string().max(500).optional(),
    runtime: z.enum(LANGUAGES).optional(),
    schedule: z.string().max(40).optional(),
    interval_seconds: z.int().min(0).optional(),
  }),
  output: { ok, name: z.string(), path: z.string(), runtime: z.string(), cron_id: z.string().nullable() },
  run: (world, input) =>
    withHome(world, (database, paths) => {
      return createScript(database, paths, {
        name: input.name,
        language: input.runtime ?? 'python',
        createdBy: 'mcp',
        ...(input.description !== undefined && { description: input.description }),
        wanted: {
          ...(input.schedule !== undefined && input.schedule !== '' && { schedule: input.schedule }),
          // Models fill in 0 for a number that they do not need.
          ...(input.interval_seconds !== undefined &&
            input.interval_seconds > 0 && { intervalSeconds: input.interval_seconds }),
        },
      });
    }),
});

const remove = defineHomeTool({
  name: 'nexo_personal_script_remove',
  title: 'Remove a personal script',
  description:
    'Takes a script out of use, its schedules first. The file goes to the trash, or stays with keep_file; the answer ' +
    'says how it comes back.',
  hints: 'change',
  input: z.strictObject({ name, keep_file: z.boolean().optional() }),
  output: {
    ok,
    script: z.string(),
    path: z.string(),
    keep_file: z.boolean(),
    trash: z.looseObject({ restore: z.string() }).nullable(),
  },
  run: (world, input) =>
    withSchedules(world, {}, (options) =>
      removeScript(options.database, options.home, {
        name: input.name,
        file: input.keep_file === true ? 'keep' : 'trash',
        unschedule: async (entry) =>
          (await unscheduleScript(options, entry, { holds: false })).removed_schedules,
      }),
    ),
});

/** The operator's scripts. */
export const SCRIPT_TOOLS: readonly ServerTool[] = [list, create, classify, sync, remove];
