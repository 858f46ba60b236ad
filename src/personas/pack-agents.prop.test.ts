import { mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { resolveAgentPath } from './pack-agents.ts';

const part = fc.constantFrom('..', '.', 'data', 'workspace', 'cody', 'agents.d', '', 'a b', 'config');
const written = fc.oneof(
  fc.array(part, { maxLength: 7 }).map((parts) => parts.join('/')),
  fc.string({ maxLength: 20 }),
  fc.constantFrom('/etc', '~', '~/x', 'C:\\x', '\\\\server\\share', '..\\..\\etc', '/'),
);

describe('a folder that an agent of a pack names', () => {
  const config = join(mkdtempSync(join(tmpdir(), 'agent-paths-')), 'config');

  it('never leads out of the configuration', () => {
    fc.assert(
      fc.property(written, (path) => {
        const resolved = resolveAgentPath(path, { configDir: config });
        if (resolved !== undefined) expect(`${resolved}${sep}`.startsWith(`${config}${sep}`)).toBe(true);
      }),
    );
  });

  it.each([
    ['../data/workspace/cody', 'data/workspace/cody'],
    ['../skills', 'skills'],
    ['./data/workspace/x', 'data/workspace/x'],
    ['data/workspace/x', 'data/workspace/x'],
    ['agents.d/../skills', 'skills'],
    ['../../etc', undefined],
    ['/etc', undefined],
    ['~/x', undefined],
    ['a/../../..', undefined],
    ['..\\x', undefined],
  ])('%s is %s', (path, expected) => {
    expect(resolveAgentPath(path, { configDir: config })).toBe(
      expected === undefined ? undefined : join(config, expected),
    );
  });

  it('does not lead out through a link either', () => {
    mkdirSync(config, { recursive: true });
    symlinkSync(tmpdir(), join(config, 'out'));
    expect(resolveAgentPath('out/x', { configDir: config })).toBeUndefined();
  });

  it('may lie in the data folder instead', () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'data-'));
    const inside = join('..', '..', '..', dataDir.slice(tmpdir().length + 1), 'cody');
    expect(resolveAgentPath(inside, { configDir: config, dataDir })).toBe(join(dataDir, 'cody'));
    expect(resolveAgentPath(inside, { configDir: config })).toBeUndefined();
  });
});
