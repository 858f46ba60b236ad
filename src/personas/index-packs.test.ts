import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { agentYaml, markInstalled, writePack } from '../../test/support/persona-pack.ts';
import { packIndexFile, packIndexKey, readPackIndex } from '../home/pack-index.ts';
import { resolveHomePaths } from '../home/paths.ts';
import { type IndexPlace, indexPacks } from './index-packs.ts';

/** Later than anything that a test has just written. */
const later = { now: () => Date.now() + 60_000 };

let place: IndexPlace;
let root: string;
let pack: string;
beforeEach(() => {
  const home = mkdtempSync(join(tmpdir(), 'pack-index-'));
  const env = { NEXO_HOME: home };
  place = { paths: resolveHomePaths(env, '/nowhere'), env, userHome: '/nowhere', nexoVersion: '0.1.0' };
  root = place.paths.personas;
  pack = markInstalled(writePack({ root }));
  mkdirSync(join(root, 'empty'));
  symlinkSync('empty', join(root, 'linked'));
});

const indexed = () => readPackIndex(place.paths, packIndexKey(place.paths, '/nowhere', '0.1.0'));

describe('the index of packs', () => {
  it('says what a look at the packs says, for as long as nothing changes', () => {
    expect(indexed()).toBeUndefined();
    const index = indexPacks(place, later);
    expect(index).toEqual({
      inUse: ['cody'],
      gates: [
        {
          agents: [
            {
              id: 'cody',
              capabilities: [
                'no_task_create',
                'no_task_close',
                'no_subagent_spawn',
                'no_file_edit',
                'no_shell_exec',
              ],
            },
          ],
        },
      ],
    });
    expect(indexed()).toEqual(index);
    expect(indexed()).toEqual(index);
  });

  const inPack = (name: string) => join(pack, name);
  const changes: Record<string, () => void> = {
    'a file with other bytes, of the same length and with its old time': () => {
      const file = inPack('README.md');
      const { atime, mtime, size } = statSync(file);
      writeFileSync(file, '#'.repeat(size));
      utimesSync(file, atime, mtime);
    },
    'a file in the place of another': () => {
      const { atime, mtime } = statSync(inPack('README.md'));
      writeFileSync(join(root, '.new'), readFileSync(inPack('README.md')));
      utimesSync(join(root, '.new'), atime, mtime);
      renameSync(join(root, '.new'), inPack('README.md'));
    },
    'a new file deep in a pack': () => writeFileSync(inPack('data/workspace/cody/notes/x'), ''),
    'a file that is gone': () => unlinkSync(inPack('README.md')),
    'other permissions of the pack': () => chmodSync(pack, 0o777),
    'another pack': () => writePack({ root, id: 'eve' }),
    'a folder that becomes a pack': () => writeFileSync(join(root, 'empty', 'persona.toml'), ''),
    'a link that leads elsewhere': () => {
      unlinkSync(join(root, 'linked'));
      symlinkSync('cody-0.1.0', join(root, 'linked'));
    },
    'settings where there were none': () => {
      mkdirSync(join(place.paths.config, 'personas'), { recursive: true });
      writeFileSync(join(place.paths.config, 'personas', 'discovery.yaml'), 'activation: template\n');
    },
    'an agent of the operator': () => {
      mkdirSync(join(place.paths.config, 'agents.d'), { recursive: true });
      writeFileSync(join(place.paths.config, 'agents.d', 'mine.yaml'), agentYaml('cody'));
    },
    'a pack that is removed': () => rmSync(pack, { recursive: true }),
    'a damaged index': () => writeFileSync(packIndexFile(place.paths), '{"key":'),
    'an index of another shape': () => writeFileSync(packIndexFile(place.paths), '[]'),
  };
  it.each(Object.keys(changes))('counts no more after %s, and is made anew', (name) => {
    indexPacks(place, later);
    expect(indexed()).toBeDefined();
    changes[name]?.();
    expect(indexed()).toBeUndefined();
    const fresh = indexPacks(place, later);
    expect(indexed()).toEqual(fresh);
  });

  it('is not of another version or another home', () => {
    indexPacks(place, later);
    const { paths } = place;
    for (const key of [
      packIndexKey(paths, '/nowhere', '0.2.0'),
      packIndexKey(paths, '/elsewhere', '0.1.0'),
      packIndexKey({ ...paths, config: '/elsewhere' }, '/nowhere', '0.1.0'),
    ])
      expect(readPackIndex(paths, key)).toBeUndefined();
  });

  it('is not kept when something was changed just before: a second change could look the same', () => {
    const { ctimeMs } = statSync(root);
    indexPacks(place, { now: () => ctimeMs + 10 });
    expect(existsSync(packIndexFile(place.paths))).toBe(false);
  });

  it('names the agents of a pack that was changed after it was verified as those that nobody can hold', () => {
    writeFileSync(join(pack, 'agents.d', 'cody.yaml'), agentYaml('cody', '      Do what you like.\n'));
    const { inUse, gates } = indexPacks(place, later);
    expect(inUse).toEqual([]);
    expect(gates).toEqual([
      {
        agents: [],
        distrusted: { ids: ['cody'], reason: expect.stringContaining('agents.d/cody.yaml is changed') },
      },
    ]);
    expect(indexed()).toEqual({ inUse, gates });
  });
});
