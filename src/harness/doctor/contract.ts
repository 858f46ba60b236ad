import type { HookEventName } from '../../hooks/events.ts';
import type { HarnessName, HookPayload } from '../contract.ts';
import type { InstallPlace, Scope } from '../install/contract.ts';

/** What can be wrong with an installation. Ids are part of the interface: programs match on them. */
export type FaultId =
  | 'ledger-damaged'
  | 'config-unreadable'
  | 'entry-missing'
  | 'entry-edited'
  | 'file-missing'
  | 'file-edited'
  | 'event-unknown'
  | 'hook-untrusted'
  | 'hook-modified'
  | 'project-untrusted'
  | 'program-missing'
  | 'hooks-disabled'
  | 'server-disabled'
  | 'plugin-disabled'
  | 'gate-dead';

/** One thing that is wrong, where, and what to do about it. */
export interface HarnessFault {
  readonly id: FaultId;
  /** `error`: hooks, gate or server do not work; `warn`: they do, and something is not as it was installed. */
  readonly severity: 'warn' | 'error';
  readonly file: string;
  readonly what: string;
  /** The next thing to do, ending in a command where there is one. */
  readonly next: string;
  /** Facts behind it, one a line. */
  readonly evidence?: readonly string[];
  /** The entry that it is about: a finding about the same entry that says less is left out. */
  readonly entry?: string;
}

export interface HarnessFinding extends Omit<HarnessFault, 'entry'> {
  readonly harness: HarnessName;
  readonly scope: Scope;
}

/** Where to look, and the machine around it. */
export interface DoctorPlace extends InstallPlace {
  /** Root of the system's own folders, where administrators put policies. */
  readonly systemRoot: string;
  readonly platform: NodeJS.Platform;
}

/** One handler in a configuration that starts `nexo hook`. */
export interface InstalledHook {
  readonly file: string;
  /** The key that it stands under: an event of the harness, if it is spelt well. */
  readonly native: string;
  readonly group: number;
  readonly index: number;
  /** Program and arguments; undefined when they cannot be told apart. */
  readonly words: readonly string[] | undefined;
  /** The word after `hook`. */
  readonly event: string;
  readonly matcher: string | undefined;
  readonly handler: Readonly<Record<string, unknown>>;
  /** The whole group, as it stands in the file. */
  readonly value: unknown;
}

/** The MCP server as it stands in a configuration. */
export interface InstalledServer {
  readonly file: string;
  readonly words: readonly string[];
}

/** What the doctor has to know of one harness. Nothing here throws for what a file holds. */
export interface HarnessInspector {
  readonly title: string;
  /** Events that the harness fires; undefined where hooks are code. */
  readonly events: ReadonlySet<string> | undefined;
  /** Its events for each of ours, as they are rendered. */
  readonly nativeEvents: Readonly<Partial<Record<HookEventName, readonly string[]>>>;
  findHooks(place: DoctorPlace): readonly InstalledHook[];
  findServer(place: DoctorPlace): InstalledServer | undefined;
  /** Files that the harness drops as a whole, or does not start with. */
  findUnreadable(place: DoctorPlace): readonly HarnessFault[];
  /** Switches of the person, the project or the administrator that keep hooks or the server from running. */
  findSwitches(place: DoctorPlace): readonly HarnessFault[];
  /** What waits for the person's review. */
  findUntrusted(place: DoctorPlace, hooks: readonly InstalledHook[]): readonly HarnessFault[];
  /** A call that the agent `architect` must be refused, in the form in which the harness hands it to a hook. */
  forbiddenCall(folder: string): HookPayload;
}

/** Everything that a fault family looks at. */
export interface DoctorSubject {
  readonly harness: HarnessName;
  readonly place: DoctorPlace;
  readonly inspector: HarnessInspector;
  readonly hooks: readonly InstalledHook[];
}

/** The command that puts back what is missing. */
export function installCommand(harness: HarnessName, scope: Scope): string {
  return `nexo harness install ${harness}${scope === 'project' ? ' --scope project' : ''}`;
}
