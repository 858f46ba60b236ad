import type { RunCommand } from '../../automation/schedules/backends/contract.ts';
import { NexoError } from '../../errors.ts';

/** Runs one command of a service manager, as in `systemctl --user enable …`. Throws SERVICE_FAILED with its words. */
export async function runManager(run: RunCommand, words: readonly string[], hint: string): Promise<void> {
  const [file = '', ...args] = words;
  const { code, stderr, stdout } = await run(file, args);
  if (code === 0) return;
  const said = (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? '';
  throw new NexoError('SERVICE_FAILED', `${words.join(' ')} ended with ${code}${said && `: ${said}`}`, {
    hint,
  });
}
