/** Writes assets/manifest.json from the folders of the catalog. Refuses while the catalog has errors of its own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { loadCatalog } from '../src/catalog/load.ts';
import { createManifest, manifestPath, renderManifest } from '../src/catalog/manifest.ts';
import { nexoVersion } from '../src/version.ts';

const assets = join(import.meta.dirname, '..', 'assets');
const catalog = loadCatalog([{ kind: 'built-in', name: 'built-in', folder: assets }]);
const errors = catalog.findings.filter(({ level }) => level === 'error');
for (const { file, line, message, fix } of errors) console.error(`${file}:${line}: ${message}\n  ${fix}`);
const manifest = errors.length === 0 ? createManifest(catalog, nexoVersion()) : undefined;
if (manifest === undefined) process.exitCode = 1;
else writeFileSync(manifestPath(assets), renderManifest(manifest));
