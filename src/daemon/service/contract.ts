import type { HomePaths } from '../../home/paths.ts';

/** Everything that the service's file is made of. The same plan makes the same file, byte for byte. */
export interface ServicePlan {
  readonly paths: HomePaths;
  readonly userHome: string;
  /** The stable shim, which finds Node and the program again. */
  readonly shim: string;
  /** `PATH` as the daemon and its runs see it. */
  readonly searchPath: string;
  /** How long the daemon may take to stop, in seconds. */
  readonly stopSeconds: number;
}

export interface ServiceFile {
  readonly path: string;
  readonly content: string;
}

export interface ServiceState {
  /** The system knows it and starts it with the session. */
  readonly loaded: boolean;
  readonly pid: number | null;
  /** What the system says, in a few words. */
  readonly detail: string;
}

export type Ownership = 'missing' | 'ours' | 'other-home' | 'foreign';

/**
 * One manager of services. `file`, `owner` and `state` change nothing. `load` and `unload` speak to the system, and
 * throw SERVICE_FAILED with its words when it refuses.
 */
export interface ServiceManager {
  readonly name: 'systemd' | 'launchd';
  file(plan: ServicePlan): ServiceFile;
  readonly path: string;
  /** Whose file stands there; `text` is undefined when there is none. */
  owner(text: string | undefined, home: string): Ownership;
  /** The `PATH` in a file of ours: that of the shell in which it was installed, and no other. */
  searchPathIn(text: string): string | undefined;
  /** What `load` and `unload` would call, for a person to read. */
  readonly commands: { readonly load: readonly string[]; readonly unload: readonly string[] };
  load(): Promise<void>;
  unload(): Promise<void>;
  state(): Promise<ServiceState>;
}
