import type { HomePaths } from '../../home/paths.ts';

/** What looking at artifacts needs of the world. */
export interface VerifyWorld {
  readonly home: HomePaths;
  readonly env: NodeJS.ProcessEnv;
  readonly userHome: string;
  readonly cwd: string;
  /** Folder of the installed package. */
  readonly code: string;
}

/** How one line of a checklist was met. */
export interface Verdict {
  readonly passed: boolean;
  /** What was seen, when that says more than the line itself. */
  readonly detail: string;
}

/** One check for each line of the checklist of its kind, in its order. */
export type Verifier = (world: VerifyWorld, name: string) => Promise<readonly Verdict[]>;

export const yes = (detail = ''): Verdict => ({ passed: true, detail });
export const no = (detail: string): Verdict => ({ passed: false, detail });

export function verdict(passed: boolean, whenNot: string, whenSo = ''): Verdict {
  return passed ? yes(whenSo) : no(whenNot);
}

/** A check that throws has not been met, and says why. */
export async function attempt(check: () => Promise<Verdict> | Verdict): Promise<Verdict> {
  try {
    return await check();
  } catch (error) {
    return no(error instanceof Error ? error.message : String(error));
  }
}
