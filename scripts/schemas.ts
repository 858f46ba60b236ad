/** Writes the published JSON Schemas of the state files from the schemas in the source. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { stateJsonSchemas } from '../src/workspace/json-schemas.ts';

const folder = join(import.meta.dirname, '..', 'assets', 'schemas');
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(stateJsonSchemas())) {
  writeFileSync(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`);
}
