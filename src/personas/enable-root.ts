import fs from 'node:fs';
import { dirname } from 'node:path';

import { ensureFolder } from '../base/folder.ts';
import { createFileOnce } from './create-once.ts';
import { type ConfigPlace, loadDiscoveryConfig } from './discovery-config.ts';

/** Whether packs of one folder are found, and by whom. */
export interface RootVisibility {
  /** The settings that decide it. */
  readonly file: string;
  /** `everywhere`; `commands`: not by the daemon, which waits for the settings; `nowhere`. */
  readonly seenBy: 'everywhere' | 'commands' | 'nowhere';
  /** Whether the settings were written just now. */
  readonly written: boolean;
}

/**
 * Finds out whether the packs below `root` are found. With `write`, settings that say so are made where there are none;
 * settings that are there belong to the operator and stay as they are. Throws IO_FAILED.
 */
export function enableRoot(root: string, place: ConfigPlace, { write }: { write: boolean }): RootVisibility {
  const { file, exists, searchPaths } = loadDiscoveryConfig(place);
  const isSearched = searchPaths.some(({ path }) => path === root);
  if (exists) return { file, seenBy: isSearched ? 'everywhere' : 'nowhere', written: false };
  if (!write) return { file, seenBy: isSearched ? 'commands' : 'nowhere', written: false };
  ensureFolder(fs, dirname(file));
  const written = createFileOnce(fs, file, Buffer.from(settingsFor(root)), 0o644);
  return written ? { file, seenBy: 'everywhere', written } : enableRoot(root, place, { write: false });
}

function settingsFor(root: string): string {
  // JSON is YAML, and quotes whatever a path may hold.
  return [
    '# Where persona packs are looked for. nexo doctor personas shows what comes of it.',
    'activation: auto             # template: packs are listed, and nothing of them is applied',
    'discovery:',
    '  search_paths:              # in this order, one level deep',
    `    - ${JSON.stringify(root)}`,
    '  disabled: []               # ids that are never used',
    '  allowlist: []              # empty: all; else only these ids',
    '',
  ].join('\n');
}
