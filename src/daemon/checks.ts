import type { RunCommand } from '../automation/schedules/backends/contract.ts';
import { type Check, type CheckIssue, critical, degraded, fromIssues, healthy } from '../base/check.ts';
import { NexoError } from '../errors.ts';
import { openHomeDatabaseReadOnly } from '../home/database.ts';
import type { HomePaths } from '../home/paths.ts';
import { checkShim, writeShim } from '../home/shim.ts';
import { nexoVersion } from '../version.ts';
import { readDaemonState } from './launch.ts';

export interface DaemonCheckContext {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly program: { readonly node: string; readonly file: string };
  readonly signal: AbortSignal;
  /** How programs of the operating system are run; a test has its own. */
  readonly run?: RunCommand;
}

const daemon: Check<DaemonCheckContext> = {
  id: 'runtime.daemon',
  tier: 'runtime',
  run: async ({ paths, signal }) => {
    const state = await readDaemonState(paths, signal);
    if (!state.running) {
      const waiting = countSchedules(paths, "backend = 'builtin'");
      if (waiting === 0) return healthy('No daemon runs, and nothing waits for one.');
      return critical(
        `No daemon runs, and ${waiting} ${waiting === 1 ? 'schedule waits' : 'schedules wait'} for it.`,
        { repairPlan: ['nexo daemon start, or nexo service install to have it after every login'] },
      );
    }
    if ('problem' in state) {
      return critical(state.problem, {
        evidence: state.pid === null ? [] : [`process ${state.pid}`],
        repairPlan: ['nexo daemon logs', 'nexo daemon restart'],
        escalation: 'The daemon of Nexo holds its lock and does not answer. Find out what it waits for.',
      });
    }
    const issues: CheckIssue[] = state.parts
      .filter(({ ready }) => !ready)
      .map(({ name, detail }) => ({ subject: name, severity: 'error', message: detail ?? 'is not ready' }));
    if (state.version !== nexoVersion()) {
      const message = `is version ${state.version}, and this program is ${nexoVersion()}`;
      issues.push({ subject: 'daemon', severity: 'warn', message });
    }
    return fromIssues(issues, {
      healthy: `The daemon is ready: process ${state.pid}, ${state.parts.map(({ name }) => name).join(', ')}.`,
      repairPlan: ['nexo daemon logs', 'nexo daemon restart'],
    });
  },
};

const shim: Check<DaemonCheckContext> = {
  id: 'boot.wrapper_scripts',
  tier: 'boot',
  run: ({ paths, program }) => {
    const { path, state } = checkShim({ paths, node: program.node, program: program.file });
    if (state === 'current') return healthy(`${path} leads to this program.`);
    if (state === 'foreign') {
      return degraded(`${path} is not ours; timers and services are to find Nexo there.`, {
        repairPlan: ['Move it away, then: nexo scripts reconcile'],
      });
    }
    const users = countSchedules(paths, "backend <> 'builtin'");
    if (users === 0) return healthy('No timer needs the way into this program.');
    // One that names another Node or program still finds its way in most cases: it looks around.
    return (state === 'missing' ? critical : degraded)(
      state === 'missing'
        ? `${path} is missing, and ${users} timers call it.`
        : `${path} names another program than this.`,
      { repairPlan: ['nexo scripts reconcile writes it; so does nexo doctor --fix.'] },
    );
  },
  fix: ({ paths, program }) => {
    const options = { paths, node: program.node, program: program.file };
    const { path, state } = checkShim(options);
    // One that is not ours is not for us to replace.
    if (state === 'foreign' || state === 'current') return [];
    writeShim(options);
    return [`wrote ${path}`];
  },
};

/** Only where it is installed: nobody needs a service. */
const service: Check<DaemonCheckContext> = {
  id: 'runtime.service',
  tier: 'runtime',
  run: async (context) => {
    const { serviceOptions } = await import('./service/options.ts');
    const { readService } = await import('./service/service.ts');
    const found = await readService(await serviceOptions(context)).catch((error: unknown) => {
      if (error instanceof NexoError && error.code === 'SERVICE_REFUSED') return undefined;
      throw error;
    });
    if (found === undefined || found.owner === 'missing')
      return healthy('The daemon is not installed as a service.');
    if (found.owner !== 'ours') return healthy(`${found.path} is not of this home.`);
    if (found.state !== null && !found.state.loaded) {
      return critical('The daemon is installed as a service, and the system has not loaded it.', {
        evidence: [`${found.path}: ${found.state.detail}`],
        repairPlan: ['nexo service install loads it again.'],
      });
    }
    if (!found.current) {
      return degraded('The file of the service is not what this program would write.', {
        evidence: [found.path],
        repairPlan: ['nexo service install writes it anew.'],
      });
    }
    return healthy(`The daemon is a service of ${found.manager}.`);
  },
};

export const DAEMON_CHECKS: readonly Check<DaemonCheckContext>[] = [shim, daemon, service];

/** Registered schedules; 0 where there is no database, or one that its own check has something to say about. */
function countSchedules(paths: HomePaths, where: string): number {
  try {
    const database = openHomeDatabaseReadOnly(paths.database);
    try {
      return Number(database?.prepare(`SELECT count(*) AS n FROM schedules WHERE ${where}`).get()?.n ?? 0);
    } finally {
      database?.close();
    }
  } catch {
    return 0; // damaged or too new: the check of the database says so
  }
}
