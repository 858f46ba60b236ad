import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { WakeEvents } from '../base/wake-watch.ts';
import type { Settings } from '../home/config.ts';
import type { HomePaths } from '../home/paths.ts';
import type { PartStatus } from './status.ts';

/** What a part of the daemon is given. */
export interface PartContext {
  readonly paths: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly database: DatabaseSync;
  readonly clock: Clock;
  readonly wakeEvents: WakeEvents;
  /** Each line names the part. */
  readonly log: Log;
  /** How to start the program that this is: node and the file. */
  readonly program: { readonly node: string; readonly file: string };
  /** As they are now; they change with a reload. */
  settings(): Settings;
}

/**
 * What a part tells about itself, for `nexo daemon status`: what it is doing in one line, what comes next (soonest
 * first), what runs now, and numbers for `/metrics`, named without the product's prefix.
 */
export type PartReport = Partial<Pick<PartStatus, 'detail' | 'next' | 'running' | 'metrics'>>;

/** A part that has been started. */
export interface RunningPart {
  /** Resolves once it does its work; rejects when it cannot. */
  readonly ready: Promise<void>;
  /** Settles when it ends by itself, which is a fault: the host starts it again. */
  readonly ended?: Promise<void>;
  /**
   * Takes nothing new, lets what runs finish for at most `graceMs`, ends the rest and resolves when nothing of it is
   * left. Called once.
   */
  stop(graceMs: number): Promise<void>;
  /** May be called at any time. */
  report?(): PartReport;
  /** The settings have changed, or somebody asked for a fresh look. Throws when it keeps what it had. */
  reload?(): Promise<void>;
}

/** One job of the daemon: the scheduler, the plugin host, the run queue. Parts know nothing of each other. */
export interface DaemonPart {
  readonly name: string;
  start(context: PartContext): Promise<RunningPart>;
}
