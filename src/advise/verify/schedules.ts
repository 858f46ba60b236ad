import { listAllSchedules, type ScheduleRow } from '../../automation/schedules/audit.ts';
import { withSchedules } from '../../automation/schedules/open.ts';
import { type ReconcileReport, reconcile } from '../../automation/schedules/reconcile.ts';
import { resolveScript } from '../../automation/scripts/resolve-script.ts';
import { NexoError } from '../../errors.ts';
import { attempt, no, type Verdict, type Verifier, type VerifyWorld, verdict, yes } from './verdict.ts';

export interface SchedulePicture {
  readonly plan: ReconcileReport;
  readonly rows: readonly ScheduleRow[];
}

/** What is installed and what a reconcile would change; nothing is written. */
export function lookAtSchedules(world: VerifyWorld): Promise<SchedulePicture> {
  return withSchedules(world, { readOnly: true }, async (options) => ({
    plan: await reconcile(options),
    rows: await listAllSchedules(options),
  }));
}

export function withoutDrift({ plan }: SchedulePicture): Verdict {
  const { created, repaired, invalid } = plan.ensure_schedules;
  const parts = [
    ...created.map(({ name }) => `${name} is not installed yet`),
    ...repaired.map(({ name, reason }) => `${name}: ${reason}`),
    ...invalid.map(({ name }) => `${name} declares a schedule that is not valid`),
  ];
  return verdict(
    !plan.drift && plan.ok,
    parts.slice(0, 3).join('; ') || 'nexo scripts reconcile --dry-run says why',
  );
}

export function withoutOrphans({ plan, rows }: SchedulePicture): Verdict {
  const drifted = rows.filter(({ health }) => health === 'drifted').map(({ cron_id: id }) => id);
  const orphans = plan.orphans.filter(({ managed }) => managed).map(({ cron_id: id }) => id);
  const wrong = [...orphans.map((id) => `${id} is an orphan`), ...drifted.map((id) => `${id} has drifted`)];
  return verdict(wrong.length === 0 && !plan.drift, wrong.slice(0, 3).join('; ') || 'there is drift');
}

/** `name` is the id of a schedule, or the script that declares it. */
export const verifySchedule: Verifier = async (world, name) => {
  const declared = await attempt(() => {
    const { declaration } = resolveScript(world.home, name).entry;
    return declaration.required ? yes(declaration.scheduleLabel) : no('the script declares no schedule');
  });
  let picture: SchedulePicture;
  try {
    picture = await lookAtSchedules(world);
  } catch (error) {
    if (!(error instanceof NexoError)) throw error;
    return [declared, no(error.message), no(error.message), no(error.message)];
  }
  const row = picture.rows.find((each) => each.cron_id === name || each.script_name === name);
  const own = row?.script_name ?? undefined;
  const declaredBy =
    !declared.passed && own !== undefined && own !== name
      ? await attempt(() =>
          verdict(resolveScript(world.home, own).entry.declaration.required, `${own} does not declare it`),
        )
      : declared;
  return [
    declaredBy,
    withoutDrift(picture),
    verdict(row !== undefined, 'it is not among them; nexo scripts reconcile installs what is declared'),
    withoutOrphans(picture),
  ];
};
