import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { findWorkspaceTool } from '../workspace/tools.ts';
import { openWorkspace } from '../workspace/workspace.ts';
import { type ResourceChange, ResourceWatch } from './watch.ts';

let root: string;
let watch: ResourceWatch;
let changes: ResourceChange[];
let onChange: (() => void) | undefined;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'watch-'));
  changes = [];
});

afterEach(() => watch.close());

function start(): void {
  watch = new ResourceWatch(root, (change) => {
    changes.push(change);
    onChange?.();
  });
}

/** Waits until the reports since the last call, taken together, satisfy the condition. */
async function until(
  isEnough: (updated: ReadonlySet<string>, listChanged: boolean) => boolean,
): Promise<void> {
  const met = () =>
    isEnough(
      new Set(changes.flatMap(({ updated }) => updated)),
      changes.some((c) => c.listChanged),
    );
  await new Promise<void>((resolve) => {
    onChange = () => {
      if (met()) resolve();
    };
    onChange();
  });
  changes = [];
}

const tool = (name: string, input: object) => findWorkspaceTool(name)?.run(openWorkspace(root), input);

describe('ResourceWatch', () => {
  it('reports a change of a record, made by any process', async () => {
    await tool('task_add', { title: 'one', context: 'c' });
    start();
    await tool('task_add', { title: 'two', context: 'c' });
    await until((updated) => updated.has('nexus://tasks'));
    await tool('task_close', {});
    await until((updated) => updated.has('nexus://tasks') && updated.has('nexus://history'));
  });

  it('waits for folders that are not there yet', async () => {
    start();
    await tool('plan_start', { topic: 't', issues: [], research_summary: 's' });
    await until((updated) => updated.has('nexus://plan'));
  });

  it('goes on after .nexus was removed and made again', async () => {
    await tool('task_add', { title: 'one', context: 'c' });
    start();
    rmSync(join(root, '.nexus'), { recursive: true });
    await until((updated) => updated.has('nexus://tasks'));
    await tool('task_add', { title: 'again', context: 'c' });
    await until((updated) => updated.has('nexus://tasks'));
    await tool('task_add', { title: 'and again', context: 'c' });
    await until((updated) => updated.has('nexus://tasks'));
  });

  it('reports files that come, change and go, and that the list is another one', async () => {
    const memory = join(root, '.nexus', 'memory');
    mkdirSync(memory, { recursive: true });
    start();
    writeFileSync(join(memory, 'a b.md'), 'one');
    await until((updated, listChanged) => updated.has('nexus://memory/a%20b.md') && listChanged);
    writeFileSync(join(memory, 'a b.md'), 'longer');
    await until((updated) => updated.has('nexus://memory/a%20b.md'));
    renameSync(join(memory, 'a b.md'), join(memory, 'c.md'));
    await until((updated, listChanged) => updated.has('nexus://memory/c.md') && listChanged);
  });

  it('says nothing of a write that changes no resource', async () => {
    mkdirSync(join(root, '.nexus', 'memory'), { recursive: true });
    mkdirSync(join(root, '.nexus', 'state'), { recursive: true });
    start();
    writeFileSync(join(root, '.nexus', 'state', 'other.json'), '{}');
    writeFileSync(join(root, '.nexus', 'memory', '.hidden'), '');
    writeFileSync(join(root, '.nexus', 'memory', 'seen.md'), '');
    await until((_updated, listChanged) => listChanged);
    watch.close();
    expect(changes).toEqual([]);
  });
});
