import * as z from 'zod';

import { listAllSchedules } from '../../automation/schedules/audit.ts';
import { scheduleStatus } from '../../automation/schedules/history.ts';
import { addSchedule, removeSchedule, unscheduleScript } from '../../automation/schedules/manage.ts';
import { reconcile } from '../../automation/schedules/reconcile.ts';
import { resolvePersonal } from '../../automation/scripts/resolve-script.ts';
import type { ServerTool } from '../server-tool.ts';
import { defineHomeTool } from './define-home-tool.ts';
import { withSchedules } from './with-schedules.ts';

const id = z.string().min(1).max(128);
const ok = z.boolean();
const loose = z.array(z.looseObject({}));

const add = defineHomeTool({
  name: 'nexo_schedule_add',
  title: 'Add a schedule',
  description:
    'One-off: runs a personal script by itself from now on, with exactly one of schedule (HH:MM or HH:MM:weekday, ' +
    '0 = Sunday), interval_seconds, keep_alive. None: what the script declares. Lasting schedules belong into its header.',
  hints: 'add',
  input: z.strictObject({
    cron_id: id.optional(),
    script: z.string().min(1).max(300),
    schedule: z.string().max(60).optional(),
    interval_seconds: z.int().min(0).optional(),
    description: z.string().max(500).optional(),
    keep_alive: z.boolean().optional(),
  }),
  output: {
    ok,
    cron_id: z.string(),
    schedule_label: z.string(),
    backend: z.string(),
    next_run_at: z.string().nullable(),
  },
  run: (world, input) =>
    withSchedules(world, {}, async (options) => {
      const seconds = input.interval_seconds;
      const added = await addSchedule(options, {
        script: input.script,
        cronId: input.cron_id,
        schedule: input.schedule === '' ? undefined : input.schedule,
        intervalSeconds: seconds === undefined || seconds === 0 ? undefined : String(seconds),
        keepAlive: input.keep_alive,
        description: input.description,
      });
      return {
        ok: true,
        cron_id: added.cronId,
        schedule_label: added.label,
        backend: added.backend,
        next_run_at: added.nextDueAt === null ? null : new Date(added.nextDueAt).toISOString(),
      };
    }),
});

const list = defineHomeTool({
  name: 'nexo_schedule_list',
  title: 'List schedules',
  description: 'Every schedule: script, label, back end, next and last run, state, health, problems.',
  hints: 'read',
  input: z.strictObject({}),
  output: { schedules: loose },
  run: async (world) => ({ schedules: await withSchedules(world, { readOnly: true }, listAllSchedules) }),
});

const scripts = defineHomeTool({
  name: 'nexo_personal_script_schedules',
  title: 'Schedules of personal scripts',
  description: 'The same as nexo_schedule_list.',
  hints: 'read',
  input: z.strictObject({}),
  output: { schedules: loose },
  run: async (world) => ({ schedules: await withSchedules(world, { readOnly: true }, listAllSchedules) }),
});

const remove = defineHomeTool({
  name: 'nexo_schedule_remove',
  title: 'Remove a schedule',
  description: 'Takes one schedule away by its id; a declared one stays away until nexo_schedule_add.',
  hints: 'replace',
  input: z.strictObject({ cron_id: id }),
  output: { ok, script: z.string(), removed_schedules: loose, held: z.boolean() },
  run: (world, { cron_id }) => withSchedules(world, {}, (options) => removeSchedule(options, cron_id)),
});

const unschedule = defineHomeTool({
  name: 'nexo_personal_script_unschedule',
  title: 'Unschedule a script',
  description: 'Takes all schedules of a personal script away; its header stays as it is.',
  hints: 'replace',
  input: z.strictObject({ name: z.string().min(1).max(200) }),
  output: { ok, script: z.string(), removed_schedules: loose, held: z.boolean() },
  run: (world, { name }) =>
    withSchedules(world, {}, (options) =>
      unscheduleScript(options, resolvePersonal(options.home, name).entry),
    ),
});

const status = defineHomeTool({
  name: 'nexo_schedule_status',
  title: 'How scheduled runs went',
  description: 'The scheduled runs of the last hours (default 24), summed up; with cron_id each of its runs.',
  hints: 'read',
  input: z.strictObject({ hours: z.int().min(1).max(8784).optional(), cron_id: id.optional() }),
  output: { hours: z.number(), schedules: loose, runs: loose },
  run: (world, { hours = 24, cron_id }) =>
    withSchedules(world, { readOnly: true }, async ({ database, clock }) =>
      scheduleStatus(database, { hours, cronId: cron_id, now: clock.now() }),
    ),
});

const reconcileAll = defineHomeTool({
  name: 'nexo_personal_scripts_reconcile',
  title: 'Reconcile schedules',
  description:
    'Brings the installed schedules in line with what the scripts declare; dry_run only says what it would do.',
  hints: 'replace',
  input: z.strictObject({ dry_run: z.boolean().optional() }),
  output: {
    ok,
    dry_run: z.boolean(),
    backend: z.string(),
    drift: z.boolean(),
    ensure_schedules: z.looseObject({}),
    orphans: loose,
  },
  run: (world, { dry_run = false }) => withSchedules(world, { readOnly: dry_run }, reconcile),
});

const ensure = defineHomeTool({
  name: 'nexo_personal_scripts_ensure_schedules',
  title: 'Ensure schedules',
  description: 'As nexo_personal_scripts_reconcile, with the report about schedules alone.',
  hints: 'replace',
  input: z.strictObject({ dry_run: z.boolean().optional() }),
  output: {
    ok,
    dry_run: z.boolean(),
    created: loose,
    repaired: loose,
    already_present: loose,
    skipped: loose,
    invalid: loose,
  },
  run: async (world, { dry_run = false }) =>
    (await withSchedules(world, { readOnly: dry_run }, reconcile)).ensure_schedules,
});

/** Schedules of personal scripts, for agents. */
export const SCHEDULE_TOOLS: readonly ServerTool[] = [
  add,
  list,
  remove,
  status,
  scripts,
  reconcileAll,
  ensure,
  unschedule,
];
