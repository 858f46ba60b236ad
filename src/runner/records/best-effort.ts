import type { SpentToday } from '../limits.ts';
import type { RunWorld } from '../request.ts';
import { RunRecords } from './run-records.ts';

/**
 * The records of runs, for a run: it goes on when they cannot be used, and says so once. Opened at the first use,
 * together with the database's code.
 */
export class BestEffortRecords {
  readonly #world: Pick<RunWorld, 'paths' | 'clock'>;
  readonly #onFault: (line: string) => void;
  #records: RunRecords | undefined;
  #isBroken = false;

  constructor(world: Pick<RunWorld, 'paths' | 'clock'>, onFault: (line: string) => void) {
    this.#world = world;
    this.#onFault = onFault;
  }

  /** Undefined when the records cannot be used. */
  async use<T>(action: (records: RunRecords) => T): Promise<T | undefined> {
    if (this.#isBroken) return undefined;
    try {
      this.#records ??= await openRunRecords(this.#world);
      return action(this.#records);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** As `use`, where there is no time to wait: only once they are open. */
  tryNow<T>(action: (records: RunRecords) => T): T | undefined {
    if (this.#records === undefined || this.#isBroken) return undefined;
    try {
      return action(this.#records);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  isCancelRequested(id: string): boolean {
    return this.tryNow((records) => records.isCancelRequested(id)) ?? false;
  }

  spentToday(caller: string, exceptId: string): SpentToday | undefined {
    return this.tryNow((records) => records.spentToday(caller, exceptId));
  }

  close(): void {
    try {
      this.#records?.close();
    } catch {
      // It was only read and written in whole transactions.
    }
  }

  #fail(error: unknown): void {
    this.#isBroken = true;
    this.#onFault(`The run is not recorded: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Opens the records; the caller closes them. Throws what `openHomeDatabase` throws. */
export async function openRunRecords({
  paths,
  clock,
}: Pick<RunWorld, 'paths' | 'clock'>): Promise<RunRecords> {
  const { openHomeDatabase } = await import('../../home/database.ts');
  return new RunRecords(await openHomeDatabase(paths, { clock }), clock);
}
