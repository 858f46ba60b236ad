import type { RunCommand } from '../automation/schedules/backends/contract.ts';
import type { Clock } from '../base/clock.ts';
import type { HomePaths } from '../home/paths.ts';

/** What the checks of all domains need of the world. */
export interface DoctorContext {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly clock: Clock;
  /** Ends what a check waits for; each check gets its own, with a time limit. */
  readonly signal: AbortSignal;
  /** The project whose workspace is looked at; undefined where there is none. */
  readonly projectRoot: string | undefined;
  /** Only this script, by name; undefined for all. */
  readonly script: string | undefined;
  readonly nodeVersion: string;
  /** Whether the daemon of this home lives. */
  daemonLives(): boolean;
  /** Has the daemon, where one runs, look at the schedules now. */
  tellScheduler(): Promise<void>;
  /** How programs of the operating system are run; a test has its own. */
  readonly run?: RunCommand;
  /** How to start the program that this is: node and the file. */
  readonly program: { readonly node: string; readonly file: string };
}
