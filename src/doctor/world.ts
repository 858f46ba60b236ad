import { systemClock } from '../base/clock.ts';
import { daemonLives } from '../daemon/info.ts';
import { daemonPaths } from '../daemon/paths.ts';
import { tellScheduler } from '../daemon/reload.ts';
import { resolveHomePaths } from '../home/paths.ts';
import type { DoctorContext } from './context.ts';

export interface DoctorWorld {
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly projectRoot: string | undefined;
  readonly script?: string | undefined;
  /** The file that Node runs as this program. */
  readonly program: string;
}

/** The context of the checks for this process; every door of the doctor makes it here. */
export function createDoctorContext(world: DoctorWorld): Omit<DoctorContext, 'signal'> {
  const { env, userHome, projectRoot, script, program } = world;
  const paths = resolveHomePaths(env, userHome);
  return {
    paths,
    env,
    userHome,
    clock: systemClock,
    projectRoot,
    script,
    nodeVersion: process.versions.node,
    program: { node: process.execPath, file: program },
    daemonLives: () => daemonLives(daemonPaths(paths)),
    tellScheduler: () => tellScheduler(paths),
  };
}
