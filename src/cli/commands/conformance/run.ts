import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { renderJunit } from '../../../conformance/junit.ts';
import { renderReport } from '../../../conformance/report.ts';
import { runConformance } from '../../../conformance/run.ts';
import { NexoError } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';
import { text, toggle } from '../../flags.ts';
import { createProgress } from '../../render/progress.ts';

export default defineCommand({
  description:
    'Runs a suite of conformance fixtures, each case in a fresh temporary project. Without --server the tools of this ' +
    'nexo are called directly; with it any MCP server that speaks stdio is started once a case and put to the same ' +
    'cases. Cases about lifecycle events need --events then, and are skipped without it.',
  example: 'nexo conformance run',
  flags: {
    fixtures: text('folder with tools/, scenarios/ and lifecycle/; our own suite unless said', {
      placeholder: 'dir',
      completes: 'folder',
    }),
    server: text('command that starts the MCP server, such as "node server.js"', { placeholder: 'command' }),
    toolPrefix: text('what stands before the tool names at the server, such as nx_', {
      placeholder: 'prefix',
    }),
    harnessId: text('harness id for events that do not name one', { placeholder: 'id' }),
    events: text('command that gets one event as JSON on standard input, such as "nexo conformance event"', {
      placeholder: 'command',
    }),
    junit: text('write the result there as JUnit XML too', { placeholder: 'file', completes: 'file' }),
    strict: toggle('a skipped case fails the run'),
  },
  stopsItself: true,
  run: async ({ flags, context: { io } }) => {
    const { strict, junit, fixtures, ...options } = flags;
    const progress = createProgress(io.stderr);
    try {
      const report = await runConformance({
        ...options,
        ...(fixtures === undefined ? {} : { fixtures: resolve(io.cwd(), fixtures) }),
        env: io.env,
        cwd: io.cwd(),
        signal: io.signal,
        onCase: (_result, done, total) => progress.show(`${done} of ${total} cases`),
      });
      if (junit !== undefined) writeReport(resolve(io.cwd(), junit), renderJunit(report));
      return { strict, ...report };
    } finally {
      progress.clear();
    }
  },
  failed: ({ strict, totals }) => totals.failed > 0 || (strict && totals.skipped > 0),
  render: (report, view) => renderReport(report, view),
});

function writeReport(path: string, content: string): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    throw new NexoError(
      'IO_FAILED',
      `The JUnit file could not be written: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: 'Name a file in a folder that exists with --junit.',
        data: { path },
        cause: error,
      },
    );
  }
}
