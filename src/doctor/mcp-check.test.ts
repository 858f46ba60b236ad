import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { doctorWorld, runCheck } from '../../test/support/run-check.ts';
import { newFolder } from '../../test/support/state-project.ts';
import { MCP_CHECKS } from './mcp-check.ts';

/** What the check says when this is the program. */
async function look(source: string) {
  const folder = newFolder('mcp-check-');
  const file = join(folder, 'program.mjs');
  writeFileSync(file, source);
  const world = doctorWorld(join(folder, '.nexo'), folder);
  return runCheck(MCP_CHECKS, 'runtime.mcp', { ...world, program: { node: process.execPath, file } });
}

it('is critical for a server that ends, with its last words', async () => {
  const found = await look(`console.error('cannot find module x'); process.exit(3);`);
  expect(found).toMatchObject({
    status: 'critical',
    evidence: ['it ended with 3', 'cannot find module x'],
    repair_plan: [expect.stringContaining('nexo mcp --root')],
  });
});

it.each(['hello', '', '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"no"}}'])(
  'is critical for a server that answers %j',
  async (answer) => {
    expect(await look(`console.log(${JSON.stringify(answer)})`)).toMatchObject({ status: 'critical' });
  },
);

it('is healthy for one that says who it is, and needs no project to be healthy', async () => {
  const answer = JSON.stringify({ result: { serverInfo: { name: 'nexo', version: '9' } } });
  expect(await look(`console.log(${JSON.stringify(answer)})`)).toMatchObject({
    status: 'healthy',
    summary: 'The MCP server answers: nexo 9.',
  });
  const world = doctorWorld(newFolder('mcp-check-'));
  expect(await runCheck(MCP_CHECKS, 'runtime.mcp', world)).toMatchObject({ status: 'healthy' });
});
