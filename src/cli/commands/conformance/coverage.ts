import { resolve } from 'node:path';

import { checkCoverage } from '../../../conformance/coverage.ts';
import { renderCoverage } from '../../../conformance/report.ts';
import { defineCommand } from '../../command.ts';
import { text } from '../../flags.ts';

export default defineCommand({
  description:
    'Checks a suite without running it: every leaf of every state schema is covered by a case, every parameter of a ' +
    'call is asserted or named in uncovered_params, and every case says what it covers.',
  example: 'nexo conformance coverage',
  flags: {
    fixtures: text('folder with tools/, scenarios/ and lifecycle/; our own suite unless said', {
      placeholder: 'dir',
      completes: 'folder',
    }),
    schemas: text('folder with *.schema.json files; our own state schemas unless said', {
      placeholder: 'dir',
      completes: 'folder',
    }),
  },
  run: async ({ flags: { fixtures, schemas }, context: { io } }) =>
    checkCoverage({
      fixtures: fixtures === undefined ? undefined : resolve(io.cwd(), fixtures),
      schemas: schemas === undefined ? undefined : resolve(io.cwd(), schemas),
    }),
  failed: ({ complete }) => !complete,
  render: (report, view) => renderCoverage(report, view),
});
