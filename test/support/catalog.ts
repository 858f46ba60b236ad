import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import type { CatalogLayer, Layers } from '../../src/catalog/layers.ts';

const shipped = join(import.meta.dirname, '..', '..', 'assets');

/** A copy of the shipped catalog that a test may change, and empty folders for the later layers. */
export interface ScratchCatalog {
  readonly assets: string;
  readonly layers: Layers;
  /** Absolute path below one of the layers. */
  path(layer: Exclude<CatalogLayer['kind'], 'persona'>, file: string): string;
  read(layer: Exclude<CatalogLayer['kind'], 'persona'>, file: string): string;
  write(layer: Exclude<CatalogLayer['kind'], 'persona'>, file: string, text: string): string;
  /** Replaces text in a file of the built-in layer; throws when it is not there. */
  edit(file: string, from: string | RegExp, to: string): string;
  remove(layer: Exclude<CatalogLayer['kind'], 'persona'>, file: string): void;
}

export function scratchCatalog(): ScratchCatalog {
  const base = mkdtempSync(join(tmpdir(), 'catalog-'));
  const folders = {
    'built-in': join(base, 'assets'),
    personal: join(base, 'home', 'personal', 'catalog'),
    project: join(base, 'project', '.nexus', 'catalog'),
  };
  for (const name of ['agents', 'skills', 'vocabulary', 'manifest.json']) {
    cpSync(join(shipped, name), join(folders['built-in'], name), { recursive: true });
  }
  const path: ScratchCatalog['path'] = (layer, file) => join(folders[layer], file);
  const write: ScratchCatalog['write'] = (layer, file, text) => {
    mkdirSync(dirname(path(layer, file)), { recursive: true });
    writeFileSync(path(layer, file), text);
    return path(layer, file);
  };
  return {
    assets: folders['built-in'],
    layers: [
      { kind: 'built-in', name: 'built-in', folder: folders['built-in'] },
      { kind: 'personal', name: 'personal', folder: folders.personal },
      { kind: 'project', name: 'project', folder: folders.project },
    ],
    path,
    read: (layer, file) => readFileSync(path(layer, file), 'utf8'),
    write,
    edit: (file, from, to) => {
      const before = readFileSync(path('built-in', file), 'utf8');
      const after = before.replace(from, to);
      if (after === before) throw new Error(`${file} does not hold ${String(from)}`);
      return write('built-in', file, after);
    },
    remove: (layer, file) => rmSync(path(layer, file), { recursive: true }),
  };
}

/** A metadata file of an agent that passes every gate. */
export function agentMeta(id: string, fields: Readonly<Record<string, string>> = {}): string {
  const all = {
    id,
    name: 'Critic',
    description: 'Reads what others have made and says what is missing.',
    category: 'check',
    capabilities: '[no_file_edit]',
    resume_tier: 'ephemeral',
    model_tier: 'standard',
    ...fields,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

/** A metadata file of a skill that passes every gate. */
export function skillMeta(id: string, fields: Readonly<Record<string, string>> = {}): string {
  const all = {
    id,
    name: 'Deploy',
    description: 'Bring a version to production.',
    manual_only: 'true',
    ...fields,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}
