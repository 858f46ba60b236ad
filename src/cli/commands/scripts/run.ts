import { runPersonal } from '../../../automation/scripts/run-personal.ts';
import { defineCommand } from '../../command.ts';
import { printableText } from '../../render/printable.ts';
import { firstWord, withHome } from '../../scripts-door.ts';

export default defineCommand({
  description:
    'Runs a script now, from where you are, and ends with its exit code: 124 when it takes longer than its header ' +
    'allows. Words behind -- go to the script. The run is recorded, the end of its output without secrets.',
  example: 'nexo scripts run morning-report -- --force',
  flags: {},
  positionals: [
    { name: 'script', description: 'its name, or the path of any file', required: true, completes: 'script' },
    { name: 'args', description: 'what the script is given', variadic: true },
  ],
  stopsItself: true,
  run: ({ words, context }) =>
    withHome(context, async ({ paths, database }) => {
      const { io, json } = context;
      const ran = await runPersonal(database, paths, {
        target: firstWord(words),
        args: words.slice(1),
        env: io.env,
        cwd: io.cwd(),
        signal: io.signal,
        stdin: 'inherit',
        // With --json, standard output carries the one document.
        output: json ? { stdout: process.stderr, stderr: process.stderr } : 'inherit',
      });
      if (!json && ran.timedOut) context.note(printableText(`${ran.entry.name}: ${ran.error}`));
      return {
        ok: ran.exitCode === 0,
        name: ran.entry.name,
        path: ran.entry.path,
        run_id: ran.runId,
        exit_code: ran.exitCode,
        signal: ran.signal,
        timed_out: ran.timedOut,
        duration_ms: ran.durationMs,
        summary: ran.summary,
        error: ran.error,
      };
    }),
  exitCode: ({ exit_code }) => exit_code,
});
