import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { resolveHomePaths } from '../home/paths.ts';
import { loadDiscoveryConfig } from './discovery-config.ts';
import { enableRoot } from './enable-root.ts';

function home() {
  const userHome = mkdtempSync(join(tmpdir(), 'nexo-enable-'));
  const paths = resolveHomePaths({ NEXO_HOME: join(userHome, '.nexo') }, userHome);
  return { paths, env: {}, userHome };
}

describe('whether the packs of a folder are found', () => {
  it('says that the daemon waits for settings, and makes them when asked', () => {
    const place = home();
    const root = place.paths.personas;
    const told = enableRoot(root, place, { write: false });
    expect(told).toMatchObject({ seenBy: 'commands', written: false });
    expect(existsSync(told.file)).toBe(false);
    expect(enableRoot(root, place, { write: true })).toMatchObject({ seenBy: 'everywhere', written: true });
    const daemon = loadDiscoveryConfig({ ...place, whenUnconfigured: 'nothing' });
    expect(daemon).toMatchObject({ exists: true, diagnostics: [], searchPaths: [{ path: root }] });
  });

  it('writes down a folder whatever its name holds', () => {
    const place = home();
    const root = join(place.userHome, `a: "b" # 'c'`);
    enableRoot(root, place, { write: true });
    expect(loadDiscoveryConfig(place).searchPaths).toEqual([{ path: root, from: 'config' }]);
  });

  it('leaves settings that are there alone, and says when they do not look there', () => {
    const place = home();
    const { file } = enableRoot('/x', place, { write: false });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'discovery: { search_paths: [/packs] }\n');
    expect(enableRoot('/other', place, { write: true })).toEqual({ file, seenBy: 'nowhere', written: false });
    expect(enableRoot('/packs', place, { write: true })).toMatchObject({ seenBy: 'everywhere' });
    expect(readFileSync(file, 'utf8')).toBe('discovery: { search_paths: [/packs] }\n');
  });
});
