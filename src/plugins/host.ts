import { type Clock, systemClock } from '../base/clock.ts';
import { NexoError } from '../errors.ts';
import type {
  JsonObject,
  LoadedPlugin,
  PluginConnection,
  PluginDeclaration,
  PluginHost,
  PluginLimits,
  PluginSource,
} from './contract.ts';
import { type Launched, launch, type PluginWorld } from './launch.ts';
import { loadFailed, pluginError } from './plugin-error.ts';
import type { GuardedProcess, ProcessEnd } from './process/guarded-process.ts';

export interface HostOptions {
  readonly source: PluginSource;
  readonly world: PluginWorld;
  readonly limits: PluginLimits;
  /** What is known of it already; without it the plugin gets nothing that it has to declare. */
  readonly declared?: PluginDeclaration | undefined;
  /** Told when a process turns out to have other tools than were known. */
  readonly onToolsChanged?: (loaded: LoadedPlugin) => void;
  /** Asked right before each start of a process; throws when the file may not run as it is now. */
  readonly mayStart?: () => void;
  readonly clock?: Clock;
}

/** Calls of one plugin that wait for others, at most. */
const MAX_WAITING = 64;
/** Calls at the same time. Python modules are written for one at a time. */
const MAX_AT_ONCE = { node: 16, mcp: 16, python: 1 } as const;
/** After the second crash in a row the next start waits, twice as long each time, in milliseconds. */
const BACK_OFF_MS = 1000;
const MAX_BACK_OFF_MS = 60_000;

interface Running {
  readonly process: GuardedProcess;
  readonly connection: PluginConnection;
  readonly ready: Promise<LoadedPlugin>;
  calls: number;
  /** Takes no more calls, and ends with the last one. */
  isRetired: boolean;
}

/** The one host for all kinds: a process at most, the calls that go to it, and what happens when it ends. */
export function createPluginHost(options: HostOptions): PluginHost {
  return new ProcessHost(options);
}

class ProcessHost implements PluginHost {
  readonly #options: HostOptions;
  readonly #clock: Clock;
  readonly #alive = new Set<GuardedProcess>();
  readonly #waiting: (() => void)[] = [];
  #atOnce = 0;
  #current: Promise<Running> | undefined;
  #currentRunning: Running | undefined;
  #idle: NodeJS.Timeout | undefined;
  #failures = 0;
  #notBefore = 0;
  #isRetired = false;
  #isClosed = false;

  constructor(options: HostOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get isRunning(): boolean {
    return this.#alive.size > 0;
  }

  async learn(): Promise<LoadedPlugin> {
    this.#options.mayStart?.();
    const running = await this.#start(() => {});
    try {
      return await running.ready;
    } finally {
      running.process.end('closed', 'was closed');
      await running.process.ended;
    }
  }

  async call(tool: string, input: JsonObject): Promise<unknown> {
    await this.#turn();
    try {
      return await this.#callNow(tool, input);
    } finally {
      this.#atOnce -= 1;
      this.#waiting.shift()?.();
    }
  }

  retire(): void {
    this.#isRetired = true;
    // Calls that wait for their turn still belong to it.
    const running = this.#currentRunning;
    if (running?.calls === 0) this.#letGo(running);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#idle);
    for (const process of this.#alive) process.end('closed', 'was closed');
    await Promise.all([...this.#alive].map(({ ended }) => ended));
  }

  /** Waits until there is room for one more call. */
  async #turn(): Promise<void> {
    const { source } = this.#options;
    if (this.#atOnce >= MAX_AT_ONCE[source.kind]) {
      if (this.#waiting.length >= MAX_WAITING)
        throw pluginError('PLUGIN_BUSY', source.file, `${MAX_WAITING} calls are waiting for it already`, {
          hint: 'Wait for some of them to end, then try again.',
        });
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#atOnce += 1;
  }

  async #callNow(tool: string, input: JsonObject): Promise<unknown> {
    const { source, limits, declared } = this.#options;
    const callMs = declared?.callMs ?? limits.callMs;
    const running = await this.#ensure();
    running.calls += 1;
    clearTimeout(this.#idle);
    const stop = new AbortController();
    const timer = setTimeout(() => {
      stop.abort(
        pluginError(
          'PLUGIN_TIMEOUT',
          source.file,
          `${tool} did not answer within ${callMs / 1000} s and was ended`,
          {
            hint: 'A tool that needs longer says so: timeout, in seconds, in what the plugin declares.',
          },
        ),
      );
    }, callMs);
    try {
      const value = await Promise.race([
        running.connection.call(tool, input, stop.signal),
        rejected(stop.signal),
        running.process.ended.then((end) => Promise.reject(this.#crash(tool, end))),
      ]);
      this.#failures = 0;
      return value;
    } catch (error) {
      if (stop.signal.aborted) {
        // Nobody knows what it still does; the next call gets a process of its own.
        this.#letGo(running);
        throw stop.signal.reason;
      }
      // A call that fails because its process ends is told of that end, whoever noticed first.
      if (error instanceof NexoError && error.code === 'PLUGIN_LOAD_FAILED')
        throw this.#crash(tool, await running.process.ended);
      throw error;
    } finally {
      clearTimeout(timer);
      running.calls -= 1;
      this.#afterCall(running);
    }
  }

  #crash(tool: string, { story }: ProcessEnd): NexoError {
    return pluginError('PLUGIN_CRASHED', this.#options.source.file, `in the middle of ${tool} it ${story}`, {
      hint: 'It starts anew with the next call.',
    });
  }

  #afterCall(running: Running): void {
    if (running.calls > 0) return;
    if (running.isRetired || (this.#isRetired && this.#atOnce <= 1)) {
      running.process.end('closed', 'was closed');
      return;
    }
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#letGo(running), this.#options.limits.idleMs).unref();
  }

  #letGo(running: Running): void {
    running.isRetired = true;
    if (this.#currentRunning === running) {
      this.#current = undefined;
      this.#currentRunning = undefined;
    }
    if (running.calls === 0) running.process.end('closed', 'was closed');
  }

  /** The process in use, started and loaded; its crashes count, so that one that only crashes is left alone. */
  async #ensure(): Promise<Running> {
    const { source } = this.#options;
    if (this.#isClosed) throw loadFailed(source.file, 'it has been closed', { hint: 'Call the tool again.' });
    if (this.#currentRunning?.process.isEnding === true) this.#letGo(this.#currentRunning);
    if (this.#current === undefined) {
      const waitMs = this.#notBefore - this.#clock.now();
      if (waitMs > 0) {
        throw pluginError(
          'PLUGIN_CRASHED',
          source.file,
          `it failed ${this.#failures} times in a row and is left alone for another ${Math.ceil(waitMs / 1000)} s`,
          { hint: `See what is wrong with it: nexo plugins load ${source.file}` },
        );
      }
      this.#options.mayStart?.();
      this.#current = this.#begin();
    }
    return this.#current;
  }

  async #begin(): Promise<Running> {
    try {
      const running = await this.#start((loaded) => this.#options.onToolsChanged?.(loaded));
      this.#currentRunning = running;
      const loaded = await running.ready;
      this.#options.onToolsChanged?.(loaded);
      // Whoever waited for the start counts as a call by then, and until then it is not idle.
      setImmediate(() => {
        running.calls -= 1;
        this.#afterCall(running);
      });
      void running.process.ended.then(({ why }) => {
        if (this.#currentRunning === running) {
          this.#current = undefined;
          this.#currentRunning = undefined;
        }
        if (why !== 'closed') this.#failed();
      });
      return running;
    } catch (error) {
      this.#current = undefined;
      this.#currentRunning = undefined;
      this.#failed();
      throw error;
    }
  }

  #failed(): void {
    this.#failures += 1;
    if (this.#failures < 2) return;
    const waitMs = Math.min(MAX_BACK_OFF_MS, BACK_OFF_MS * 2 ** (this.#failures - 2));
    this.#notBefore = this.#clock.now() + waitMs;
  }

  async #start(onToolsChanged: (loaded: LoadedPlugin) => void): Promise<Running> {
    const { source, world, limits, declared } = this.#options;
    const launched = await launch({
      source,
      world,
      limits,
      declared: { env: declared?.env ?? [], memoryBytes: declared?.memoryBytes },
      onToolsChanged,
    });
    const { process, connection } = launched;
    this.#alive.add(process);
    void process.ended.then(() => this.#alive.delete(process));
    return { process, connection, ready: this.#loaded(launched), calls: 1, isRetired: false };
  }

  /** Its tools, within its time. A process that does not tell them is ended. */
  async #loaded({ process, connection, loadMs }: Launched): Promise<LoadedPlugin> {
    const { file } = this.#options.source;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(loadFailed(file, `it did not load within ${loadMs / 1000} s`)), loadMs);
    });
    try {
      return await Promise.race([connection.loaded, late]);
    } catch (error) {
      process.end('protocol', 'did not load');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
