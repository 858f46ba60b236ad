import { availableParallelism } from 'node:os';

import { type Clock, systemClock } from '../base/clock.ts';
import { NexoError } from '../errors.ts';
import type { HomePaths } from '../home/paths.ts';
import { type PluginAnswer, toPluginAnswer } from './answer.ts';
import { type KnownPlugin, pluginState, readKnownPlugins, writeKnownPlugins } from './cache.ts';
import { checkInput, checkResult } from './check-value.ts';
import { changeChoices, type PluginChoices, readChoices } from './choices.ts';
import { DEFAULT_LIMITS, type LoadedPlugin, type PluginHost, type PluginLimits } from './contract.ts';
import { CORE_TOOL_NAMES } from './core-tools.ts';
import { digestPlugin } from './digest.ts';
import {
  currentMark,
  type Discovered,
  discoverPlugins,
  type FoundPlugin,
  type PluginFolders,
  pluginFolders,
  type SkippedFile,
} from './discover.ts';
import { createPluginHost } from './host.ts';
import { pluginError } from './plugin-error.ts';
import { keyOf, type Registered, type Registration, registerPlugins } from './register.ts';
import { findPluginFile } from './resolve-file.ts';
import { DEFAULT_POLICY, type PluginPolicy } from './settings.ts';
import { watchFolders } from './watch.ts';

export interface LibraryOptions {
  readonly paths: HomePaths;
  /** Folder of the installed package. */
  readonly code: string;
  readonly env: NodeJS.ProcessEnv;
  readonly policy?: PluginPolicy;
  readonly limits?: Partial<PluginLimits>;
  readonly clock?: Clock;
  /** A line for the person who looks after the program. */
  readonly log?: (line: string) => void;
}

/** One plugin file and what is in force of it. */
export interface PluginSlot {
  readonly found: FoundPlugin;
  /** The version that serves; undefined until one has loaded. */
  known: KnownPlugin | undefined;
  host: PluginHost | undefined;
  /** Why the file as it is now does not serve. */
  error: NexoError | undefined;
  state: 'learning' | 'ready' | 'failed' | 'removed' | 'waiting';
}

/** Plugins that are run at a time to learn their tools. */
const LEARNERS = Math.max(2, Math.min(4, availableParallelism()));

/**
 * The operator's plugins: which there are, which tools they offer, and calls of those. What is known from earlier runs
 * is taken from the state folder; only a new or changed file is run to learn its tools. Close it, or processes stay.
 */
export class PluginLibrary {
  readonly #options: LibraryOptions;
  readonly #folders: PluginFolders;
  readonly #slots = new Map<string, PluginSlot>();
  readonly #listeners = new Set<() => void>();
  readonly #learning = new Set<Promise<void>>();
  readonly #queue: (() => Promise<void>)[] = [];
  #known: Map<string, KnownPlugin>;
  #choices: PluginChoices;
  #skipped: readonly SkippedFile[] = [];
  #registration: Registration = { tools: [], rejected: new Map(), replaced: new Map() };
  #mustSave = false;
  #isClosed = false;
  #stopWatching: (() => void) | undefined;

  constructor(options: LibraryOptions) {
    this.#options = options;
    this.#folders = pluginFolders(options.paths, options.code);
    this.#known = readKnownPlugins(options.paths);
    this.#choices = readChoices(options.paths);
  }

  get folders(): PluginFolders {
    return this.#folders;
  }

  get slots(): readonly PluginSlot[] {
    return [...this.#slots.values()];
  }

  get skipped(): readonly SkippedFile[] {
    return this.#skipped;
  }

  get registration(): Registration {
    return this.#registration;
  }

  /** Looks at the folders again. What is new or changed is run in the background; `settled` waits for that. */
  refresh(): void {
    if (this.#isClosed) return;
    this.#choices = readChoices(this.#options.paths);
    const discovered = discoverPlugins(this.#folders);
    this.#skipped = discovered.skipped;
    this.#forgetMissing(discovered);
    for (const found of discovered.found) this.#follow(found);
    this.#register();
  }

  /** Waits until every plugin is known or has failed, or for so many milliseconds. */
  async settled(patienceMs = Number.POSITIVE_INFINITY): Promise<void> {
    const all = (async () => {
      while (this.#learning.size > 0) await Promise.allSettled(this.#learning);
    })();
    if (patienceMs === Number.POSITIVE_INFINITY) return all;
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    });
    await Promise.race([all, enough]);
    clearTimeout(timer);
  }

  /** Told whenever the tools on offer are others. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  tools(): readonly Registered[] {
    return this.#registration.tools;
  }

  /**
   * Calls one tool and answers with what it answered. Throws TOOL_UNKNOWN, TOOL_INPUT_INVALID, PLUGIN_RESULT_INVALID,
   * and what `PluginHost.call` throws.
   */
  async call(name: string, input: unknown): Promise<PluginAnswer> {
    const registered = this.#registration.tools.find(({ tool }) => tool.name === name);
    const slot = registered && this.#slots.get(keyOf(registered));
    if (registered === undefined || slot?.known === undefined)
      throw new NexoError('TOOL_UNKNOWN', `No plugin has a tool ${name}.`, {
        hint: 'nexo plugins list shows them.',
      });
    const { tool, file } = registered;
    const checked = checkInput(file, tool, input);
    slot.host ??= this.#hostFor(slot.found, slot.known);
    const answer = toPluginAnswer(await slot.host.call(name, checked));
    if (!answer.isRefusal) checkResult(file, tool, answer.value);
    return answer;
  }

  /** Runs a plugin anew, whatever is known of it, and takes it back into use. Throws PLUGIN_NOT_FOUND and its fault. */
  async load(name: string): Promise<PluginSlot> {
    const found = findPluginFile(discoverPlugins(this.#folders), name);
    await changeChoices(this.#options.paths, (choices) => ({
      ...choices,
      removed: choices.removed.filter((file) => file !== found.file),
    }));
    this.#choices = readChoices(this.#options.paths);
    const slot = this.#slotFor(found);
    this.#learn(slot);
    await this.settled();
    const rejection = this.#registration.rejected.get(keyOf(found));
    if (slot.error !== undefined) throw slot.error;
    if (rejection !== undefined)
      throw pluginError('PLUGIN_NAME_TAKEN', found.file, rejection, {
        hint: 'nexo plugins list shows all names.',
      });
    return slot;
  }

  /** Runs a plugin once to see whether it loads, and changes nothing. Throws PLUGIN_NOT_FOUND and its fault. */
  async attempt(name: string): Promise<LoadedPlugin> {
    return this.#hostFor(findPluginFile(discoverPlugins(this.#folders), name), undefined).learn();
  }

  /** Takes a plugin out of use until it is loaded again; its file stays. Answers with its tools; none for none. */
  async remove(name: string): Promise<readonly string[]> {
    const discovered = discoverPlugins(this.#folders);
    const found = [...discovered.found].find((each) => matches(each.file, name));
    if (found === undefined || found.origin === 'core') return [];
    this.refresh();
    await this.settled();
    const tools = this.#registration.tools
      .filter(({ file }) => file === found.file)
      .map(({ tool }) => tool.name);
    await changeChoices(this.#options.paths, (choices) => ({
      ...choices,
      removed: [...new Set([...choices.removed, found.file])].sort(),
    }));
    this.refresh();
    return tools;
  }

  /** Agrees to the content that the file has now. Throws PLUGIN_NOT_FOUND. */
  async approve(name: string): Promise<{ readonly file: string; readonly digest: string }> {
    const found = findPluginFile(discoverPlugins(this.#folders), name);
    const { digest } = digestPlugin(found);
    await changeChoices(this.#options.paths, (choices) => ({
      ...choices,
      approved: { ...choices.approved, [found.file]: digest },
    }));
    this.refresh();
    return { file: found.file, digest };
  }

  /** From now on follows what is saved, until it is closed. */
  watch(): void {
    this.#stopWatching ??= watchFolders([this.#folders.personal, pluginState(this.#options.paths)], () =>
      this.refresh(),
    );
  }

  /** Ends every process. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopWatching?.();
    this.#queue.length = 0;
    await Promise.all([...this.#slots.values()].map(({ host }) => host?.close()));
    await this.settled();
  }

  #forgetMissing({ found }: Discovered): void {
    const there = new Set(found.map(keyOf));
    for (const [key, slot] of this.#slots) {
      if (there.has(key)) continue;
      slot.host?.retire();
      this.#slots.delete(key);
      this.#mustSave = this.#known.delete(slot.found.path) || this.#mustSave;
    }
  }

  #slotFor(found: FoundPlugin): PluginSlot {
    const key = keyOf(found);
    const before = this.#slots.get(key);
    const slot: PluginSlot = {
      found,
      known: before?.known,
      host: before?.host,
      error: before?.error,
      state: before?.state ?? 'learning',
    };
    this.#slots.set(key, slot);
    return slot;
  }

  /** Brings one slot in line with its file: from what is known where that holds, else by running it. */
  #follow(found: FoundPlugin): void {
    const key = keyOf(found);
    const before = this.#slots.get(key);
    if (this.#choices.removed.includes(found.file) && found.origin === 'personal') {
      const slot = this.#slotFor(found);
      slot.host?.retire();
      Object.assign(slot, { host: undefined, known: undefined, error: undefined, state: 'removed' });
      return;
    }
    const isSame = before !== undefined && before.found.mark === found.mark && partsHold(before.known);
    if (isSame && (before.state === 'ready' || before.state === 'failed' || before.state === 'learning'))
      return;
    const slot = this.#slotFor(found);
    const known = this.#known.get(found.path);
    if (
      known !== undefined &&
      known.mark === found.mark &&
      partsHold(known) &&
      this.#isApproved(found, known.digest)
    ) {
      this.#serve(slot, known);
      return;
    }
    const content = digestPlugin(found);
    if (!this.#isApproved(found, content.digest)) {
      slot.state = 'waiting';
      return;
    }
    if (known?.digest === content.digest) {
      // Touched, copied back, checked out again: the same text has the same tools.
      const renewed = { ...known, mark: found.mark, parts: content.parts };
      this.#known.set(found.path, renewed);
      this.#mustSave = true;
      this.#serve(slot, renewed);
      return;
    }
    this.#learn(slot);
  }

  /** What was approved is one content; whatever else lies there at the moment of a start does not run. */
  #assertApproved(found: FoundPlugin): void {
    const { approval } = this.#options.policy ?? DEFAULT_POLICY;
    if (approval === 'auto' || found.origin === 'core') return;
    this.#choices = readChoices(this.#options.paths);
    if (this.#isApproved(found, digestPlugin(found).digest)) return;
    throw pluginError('PLUGIN_NOT_APPROVED', found.file, 'its content has not been approved', {
      hint: `Read it, then: nexo plugins approve ${found.file}`,
    });
  }

  #isApproved({ file, origin }: FoundPlugin, digest: string): boolean {
    const { approval } = this.#options.policy ?? DEFAULT_POLICY;
    return approval === 'auto' || origin === 'core' || this.#choices.approved[file] === digest;
  }

  #serve(slot: PluginSlot, known: KnownPlugin): void {
    if (slot.known?.digest !== known.digest) {
      slot.host?.retire();
      slot.host = undefined;
    }
    slot.known = known;
    slot.error = undefined;
    slot.state = 'ready';
  }

  /** Runs the plugin when it is its turn. Until that has worked, the version before goes on serving. */
  #learn(slot: PluginSlot): void {
    slot.state = 'learning';
    const job = async (): Promise<void> => {
      const { found } = slot;
      const isCurrent = (): boolean => this.#slots.get(keyOf(found)) === slot && !this.#isClosed;
      if (!isCurrent()) return;
      const content = digestPlugin(found);
      try {
        const loaded = await this.#hostFor(found, undefined).learn();
        if (!isCurrent()) return;
        const now = (this.#options.clock ?? systemClock).now();
        const known: KnownPlugin = { path: found.path, mark: found.mark, ...content, loaded, loadedAt: now };
        slot.host?.retire();
        slot.host = undefined;
        this.#serve(slot, known);
        this.#known.set(found.path, known);
        this.#mustSave = true;
        this.#options.log?.(`plugin ${found.file}: loaded, ${loaded.tools.length} tools`);
      } catch (error) {
        if (!(error instanceof NexoError)) throw error;
        if (!isCurrent()) return;
        slot.error = error;
        slot.state = error.code === 'PLUGIN_NOT_APPROVED' ? 'waiting' : 'failed';
        this.#options.log?.(error.message);
      }
      this.#register();
    };
    this.#queue.push(job);
    if (this.#learning.size < LEARNERS) this.#work();
  }

  #work(): void {
    const working = (async () => {
      for (let job = this.#queue.shift(); job !== undefined; job = this.#queue.shift()) await job();
    })().finally(() => this.#learning.delete(working));
    this.#learning.add(working);
  }

  #hostFor(found: FoundPlugin, known: KnownPlugin | undefined): PluginHost {
    const { env, paths, limits, clock } = this.#options;
    return createPluginHost({
      source: found,
      world: { env, home: paths.home },
      limits: { ...DEFAULT_LIMITS, ...(this.#options.policy ?? DEFAULT_POLICY).limits, ...limits },
      declared: known?.loaded.declared,
      mayStart: () => this.#assertApproved(found),
      ...(clock !== undefined && { clock }),
      onToolsChanged: (loaded) => {
        const slot = this.#slots.get(keyOf(found));
        if (known === undefined || slot?.known?.digest !== known.digest) return;
        if (JSON.stringify(slot.known.loaded.tools) === JSON.stringify(loaded.tools)) return;
        slot.known = { ...slot.known, loaded };
        this.#known.set(found.path, slot.known);
        this.#mustSave = true;
        this.#register();
      },
    });
  }

  /** Works out anew what is offered, writes down what was learnt, and tells whoever wants to know. */
  #register(): void {
    const before = this.#registration.tools;
    const candidates = [...this.#slots]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, { found, known }]) =>
        known === undefined ? [] : [{ file: found.file, origin: found.origin, loaded: known.loaded }],
      );
    const { prefixes } = this.#options.policy ?? DEFAULT_POLICY;
    this.#registration = registerPlugins(candidates, { reserved: CORE_TOOL_NAMES, prefixes });
    if (this.#mustSave) {
      this.#mustSave = false;
      try {
        writeKnownPlugins(this.#options.paths, this.#known.values());
      } catch (error) {
        if (!(error instanceof NexoError)) throw error;
        // The next start runs them once more.
        this.#options.log?.(error.message);
      }
    }
    if (isSameOffer(before, this.#registration.tools)) return;
    for (const listener of this.#listeners) listener();
  }
}

/** Most tools are the very same objects as before; only the others are looked into. */
function isSameOffer(before: readonly Registered[], after: readonly Registered[]): boolean {
  return (
    before.length === after.length &&
    before.every(({ tool, file, origin }, at) => {
      const other = after[at];
      if (other === undefined || other.file !== file || other.origin !== origin) return false;
      return other.tool === tool || JSON.stringify(other.tool) === JSON.stringify(tool);
    })
  );
}

function partsHold(known: KnownPlugin | undefined): boolean {
  if (known === undefined) return true;
  for (const path in known.parts) if (currentMark(path) !== known.parts[path]) return false;
  return true;
}

function matches(file: string, name: string): boolean {
  return file === name || file.startsWith(`${name}.`);
}
