import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { findProgram } from './find-program.ts';

function place(): { first: string; second: string; path: string } {
  const root = mkdtempSync(join(tmpdir(), 'find-program-'));
  const [first, second] = [join(root, 'a'), join(root, 'b')];
  mkdirSync(first);
  mkdirSync(second);
  return { first, second, path: `.::${join(root, 'missing')}:${first}:${second}` };
}

function program(folder: string, name: string, mode = 0o755): string {
  const path = join(folder, name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, mode);
  return path;
}

describe('findProgram', () => {
  it('takes the first that can be run', () => {
    const { first, second, path } = place();
    program(first, 'tool', 0o644);
    mkdirSync(join(first, 'other'));
    const tool = program(second, 'tool');
    const other = program(second, 'other');
    expect(findProgram('tool', path)).toBe(tool);
    expect(findProgram('other', path)).toBe(other);
    program(first, 'both');
    program(second, 'both');
    expect(findProgram('both', path)).toBe(join(first, 'both'));
  });

  it('follows links, and passes over those that lead nowhere', () => {
    const { first, second, path } = place();
    symlinkSync(join(first, 'gone'), join(first, 'tool'));
    symlinkSync(program(second, 'real'), join(second, 'tool'));
    expect(findProgram('tool', path)).toBe(join(second, 'tool'));
  });

  it('finds nothing for what is no name, and without folders', () => {
    const { first, path } = place();
    program(first, 'tool');
    for (const name of ['', '../a/tool', '/bin/sh', 'a\0b', 'missing']) {
      expect(findProgram(name, path)).toBeUndefined();
    }
    expect(findProgram('tool', undefined)).toBeUndefined();
    expect(findProgram('tool', '')).toBeUndefined();
  });
});
