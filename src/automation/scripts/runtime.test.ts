import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { commandFor, detectRuntime, shebangProgram } from './runtime.ts';

const detect = (path: string, firstLine = '', declared?: string): string =>
  detectRuntime({ declared, firstLine, path });

describe('detectRuntime', () => {
  it('believes the header, then the #! line, then the extension', () => {
    expect(detect('x.py', '#!/bin/bash', 'php')).toBe('php');
    expect(detect('x.py', '#!/bin/bash', 'ruby')).toBe('shell');
    expect(detect('x.py', '#!/usr/bin/env ruby')).toBe('python');
    expect(detect('x', 'print()')).toBe('unknown');
  });

  it.each([
    ['.py', 'python'],
    ['.sh', 'shell'],
    ['.js', 'node'],
    ['.mjs', 'node'],
    ['.cjs', 'node'],
    ['.ts', 'node'],
    ['.MTS', 'node'],
    ['.php', 'php'],
    ['.csv', 'unknown'],
    ['.md', 'unknown'],
  ])('knows %s as %s', (extension, runtime) => expect(detect(`x${extension}`)).toBe(runtime));

  it.each([
    ['#!/usr/bin/env python3', 'python'],
    ['#!/usr/bin/python3.11 -u', 'python'],
    ['#!/bin/sh', 'shell'],
    ['#!/usr/bin/env -S bash -e', 'shell'],
    ['#! /bin/zsh', 'shell'],
    ['#!/usr/bin/env FOO=1 node', 'node'],
    ['#!/usr/bin/php8.2', 'php'],
    ['#!/usr/bin/perl', 'unknown'],
    ['#!', 'unknown'],
    ['#!/home/me/bash-tools/run', 'unknown'],
  ])('reads %j as %s', (line, runtime) => expect(detect('x', line)).toBe(runtime));

  it.each(['python3', 'PY', 'bash', 'nodejs', 'typescript', 'JavaScript'])('takes runtime=%s', (word) => {
    expect(detect('x', '', word)).not.toBe('unknown');
  });

  it('reads no runtime out of a name every object has', () => {
    expect(detect('x', '', 'constructor')).toBe('unknown');
  });
});

describe('commandFor', () => {
  const place = { searchPath: process.env.PATH, node: '/opt/node', nodeVersion: '24.1.0' };
  const script = (
    path: string,
    runtime: 'python' | 'shell' | 'node' | 'php' | 'unknown',
    firstLine = '',
  ) => ({
    path,
    runtime,
    firstLine,
  });

  it('finds interpreters by their absolute path, also without PATH', () => {
    for (const searchPath of [process.env.PATH, '']) {
      expect(commandFor(script('/x.py', 'python'), { ...place, searchPath })).toEqual({
        file: expect.stringMatching(/^\/.*\/python3?$/),
        args: ['/x.py'],
      });
      expect(commandFor(script('/x.sh', 'shell'), { ...place, searchPath })?.file).toMatch(/^\/.*\/bash$/);
    }
  });

  it('runs zsh with zsh', () => {
    const folder = mkdtempSync(join(tmpdir(), 'runtime-'));
    const zsh = join(folder, 'zsh');
    writeFileSync(zsh, '');
    chmodSync(zsh, 0o755);
    const command = commandFor(script('/x', 'shell', '#!/bin/zsh'), { ...place, searchPath: folder });
    expect(command?.file).toBe(zsh);
  });

  it('runs node scripts with the Node that runs us, and strips types where Node has to be told', () => {
    const flags = (path: string, nodeVersion: string) =>
      commandFor(script(path, 'node'), { ...place, nodeVersion })?.args;
    expect(flags('/x.js', '24.1.0')?.at(-1)).toBe('/x.js');
    expect(flags('/x.ts', '24.1.0')).not.toContain('--experimental-strip-types');
    expect(flags('/x.ts', '22.13.0')).toContain('--experimental-strip-types');
    expect(flags('/x.ts', '22.18.0')).not.toContain('--experimental-strip-types');
  });

  it('runs a file of an unknown kind as itself when it may be run', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'runtime-')), 'x');
    writeFileSync(path, '');
    expect(commandFor(script(path, 'unknown'), place)).toBeUndefined();
    chmodSync(path, 0o755);
    expect(commandFor(script(path, 'unknown'), place)).toEqual({ file: path, args: [] });
  });

  it('says nothing where the interpreter is missing', () => {
    const usual = ['/opt/homebrew/bin', '/usr/local/bin', '/usr/bin', '/bin'];
    if (usual.some((folder) => commandFor(script('/x', 'php'), { ...place, searchPath: folder }))) return;
    expect(commandFor(script('/x.php', 'php'), { ...place, searchPath: '' })).toBeUndefined();
  });

  it('reads the program out of a #! line', () => {
    expect(shebangProgram('\ufeff#!/usr/bin/env -S node --x')).toBe('node');
    expect(shebangProgram('import x')).toBeUndefined();
  });
});
