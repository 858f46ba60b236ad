import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { pluginHostContract } from '../../test/contract/plugin-host.ts';
import { temporaryHomePaths } from '../../test/support/home.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'test', 'fixtures', 'plugins');

pluginHostContract({ kind: 'node', file: 'contract.mjs', path: join(fixtures, 'contract.mjs') });
pluginHostContract({ kind: 'python', file: 'contract.py', path: join(fixtures, 'contract.py') });

const file = 'contract.plugin.json';
const path = join(temporaryHomePaths().home, file);
writeFileSync(
  path,
  JSON.stringify({
    command: process.execPath,
    args: [join(fixtures, 'contract-server.mjs')],
    prefix: 'nexo_t_',
    env: ['NEXO_CONTRACT_TOKEN'],
  }),
);
pluginHostContract({ kind: 'mcp', file, path });
