import { createContext, Script } from 'node:vm';

/** Work that came to no end in its time. */
export class OverBudget extends Error {
  override name = 'OverBudget';
}

const TIMED_OUT = 'ERR_SCRIPT_EXECUTION_TIMEOUT';
const script = new Script('work()');

/**
 * Does synchronous work that is stopped when it takes too long. For what strangers' text decides about, such as the
 * patterns in a JSON Schema: a bad one would hold up the whole server. Throws OverBudget.
 */
export function withinBudget<T>(timeoutMs: number, work: () => T): T {
  try {
    // What runs is ours alone; the context is there for its clock.
    return script.runInContext(createContext({ work }), { timeout: timeoutMs }) as T;
  } catch (error) {
    // The error is of the other context, whose `Error` is not ours.
    if (typeof error === 'object' && error !== null && Reflect.get(error, 'code') === TIMED_OUT)
      throw new OverBudget(`It takes longer than ${timeoutMs} ms.`, { cause: error });
    throw error;
  }
}
