import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { findWorkspaceTool } from '../workspace/tools.ts';
import { openWorkspace, type Workspace } from '../workspace/workspace.ts';
import { ProtocolFault } from './protocol.ts';
import { MAX_RESOURCE_BYTES } from './resource-files.ts';
import { listResources, readResource } from './resources.ts';

let root: string;
let outside: string;
let workspace: Workspace;

beforeEach(() => {
  const base = mkdtempSync(join(tmpdir(), 'resources-'));
  [root, outside] = [join(base, 'project'), join(base, 'outside')];
  for (const folder of [join(root, '.nexus', 'memory'), join(root, '.nexus', 'rules'), outside]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(join(outside, 'secret.md'), 'secret');
  workspace = openWorkspace(root);
});

const write = (path: string, content: string | Buffer) => writeFileSync(join(root, '.nexus', path), content);
const names = () => listResources(workspace, undefined).resources.map(({ uri }) => uri);

async function read(uri: string): Promise<string> {
  try {
    return (await readResource(workspace, uri)).text;
  } catch (error) {
    return error instanceof ProtocolFault ? `${error.code} ${error.data?.code ?? ''}`.trim() : String(error);
  }
}

describe('resources', () => {
  it('lists the records and the files in a fixed order', () => {
    write('memory/zebra.md', 'z');
    write('memory/ape.md', 'ape');
    write('rules/engineer.md', 'e');
    const { resources } = listResources(workspace, undefined);
    expect(resources.map(({ uri }) => uri)).toEqual([
      'nexus://plan',
      'nexus://tasks',
      'nexus://history',
      'nexus://memory/ape.md',
      'nexus://memory/zebra.md',
      'nexus://rules/engineer.md',
    ]);
    expect(resources[3]).toEqual({
      uri: 'nexus://memory/ape.md',
      name: 'memory/ape.md',
      mimeType: 'text/markdown',
      size: 3,
    });
  });

  it('gives a record in the words of its tool, also when there is none', async () => {
    expect(await read('nexus://tasks')).toBe('{"exists":false}');
    await findWorkspaceTool('task_add')?.run(workspace, { title: 't', context: 'c' });
    expect(JSON.parse(await read('nexus://tasks'))).toMatchObject({ tasks: [{ id: 1, title: 't' }] });
    expect(await read('nexus://plan')).toBe('{"active":false}');
    expect(JSON.parse(await read('nexus://history'))).toEqual({ total: 0, showing: 0, cycles: [] });
  });

  it('gives a file by a name with any characters that a name may have', async () => {
    write('memory/größe 100%.md', 'hallo');
    expect(names()).toContain('nexus://memory/gr%C3%B6%C3%9Fe%20100%25.md');
    expect(await read('nexus://memory/gr%C3%B6%C3%9Fe%20100%25.md')).toBe('hallo');
  });

  it('reaches no other file, however the name is spelled', async () => {
    write('secret.md', 'not a memory');
    for (const name of [
      '../secret.md',
      '..%2Fsecret.md',
      '%2e%2e%2fsecret.md',
      '..%5Csecret.md',
      '.',
      '..',
      '',
    ]) {
      expect([name, await read(`nexus://memory/${name}`)]).toEqual([name, '-32602']);
    }
    for (const uri of [
      'nexus://state/plan.json',
      'nexus://memory',
      'file:///etc/passwd',
      'nexus://memory/%ZZ',
      'x',
    ]) {
      expect([uri, await read(uri)]).toEqual([uri, '-32602']);
    }
    expect(await read('nexus://memory/a%00b')).toBe('-32602');
    expect(await read(`nexus://memory/${'x'.repeat(300)}`)).toBe('-32602');
  });

  it('follows no link, neither in place of a file nor of the folder', async () => {
    symlinkSync(join(outside, 'secret.md'), join(root, '.nexus', 'memory', 'link.md'));
    symlinkSync(outside, join(root, '.nexus', 'context'));
    expect(names()).toEqual(['nexus://plan', 'nexus://tasks', 'nexus://history']);
    expect(await read('nexus://memory/link.md')).toBe('-32603 PATH_NOT_A_FILE');
    expect(await read('nexus://context/secret.md')).toBe('-32603 PATH_ESCAPES');
  });

  it.skipIf(process.platform === 'win32')('does not hang on a pipe', async () => {
    execFileSync('mkfifo', [join(root, '.nexus', 'memory', 'pipe.md')]);
    expect(names()).toHaveLength(3);
    expect(await read('nexus://memory/pipe.md')).toBe('-32603 PATH_NOT_A_FILE');
  });

  it('refuses a file that is too large or no text', async () => {
    write('memory/large.md', Buffer.alloc(MAX_RESOURCE_BYTES + 1, 'x'));
    write('memory/fits.md', Buffer.alloc(MAX_RESOURCE_BYTES, 'x'));
    write('memory/binary.md', Buffer.of(0xff, 0xfe, 0));
    expect(await read('nexus://memory/large.md')).toBe('-32603 FILE_TOO_LARGE');
    expect(await read('nexus://memory/fits.md')).toHaveLength(MAX_RESOURCE_BYTES);
    expect(await read('nexus://memory/binary.md')).toBe('-32603');
  });

  it('pages a long list, and refuses a page that it did not give out', () => {
    for (let n = 0; n < 450; n += 1) write(`memory/m${String(n).padStart(3, '0')}.md`, '');
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = listResources(workspace, cursor);
      expect(page.resources.length).toBeLessThanOrEqual(200);
      seen.push(...page.resources.map(({ uri }) => uri));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(new Set(seen).size).toBe(453);
    for (const bad of ['-1', 'x', '9999', '1.5']) {
      expect(() => listResources(workspace, bad)).toThrow('Unknown cursor');
    }
  });
});
