import { dirname } from 'node:path';

import { diagnoseScripts } from '../../automation/scripts/doctor/diagnose.ts';
import { resolveScript } from '../../automation/scripts/resolve-script.ts';
import { lookAtSchedules, withoutDrift, withoutOrphans } from './schedules.ts';
import { type Verifier, verdict } from './verdict.ts';

/** What a template says until somebody says more. */
const UNSAID = 'What it does, in one line';

export const verifyScript: Verifier = async (world, name) => {
  const { home, env, cwd } = world;
  const { entry } = resolveScript(home, name);
  const [report] = diagnoseScripts(home, { target: entry.name, cwd, searchPath: env.PATH });
  const failed = report?.items.filter(({ level }) => level === 'fail') ?? [];
  const { declaration } = entry;
  const picture = await lookAtSchedules(world);
  const row = picture.rows.find(({ script_path: path }) => path === entry.path);
  const header = declaration.problems.map(String);
  return [
    verdict(
      entry.classification === 'personal' && dirname(entry.path).startsWith(home.scripts),
      `it is at ${entry.path}: ${entry.reason}`,
    ),
    verdict(
      header.length === 0 && ![UNSAID, ''].includes(entry.description.trim()),
      header[0] ?? 'its header does not say what it does: # nexo: description=…',
    ),
    verdict(
      failed.length === 0,
      failed
        .map(({ msg }) => msg)
        .slice(0, 3)
        .join('; '),
    ),
    withoutDrift(picture),
    declaration.required
      ? verdict(
          row !== undefined,
          'its schedule is not installed; run nexo scripts reconcile',
          row?.schedule_label,
        )
      : verdict(true, '', 'it declares none'),
    withoutOrphans(picture),
  ];
};
