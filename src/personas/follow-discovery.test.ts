import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { agentYaml, packManifest, writeFiles, writePack } from '../../test/support/persona-pack.ts';
import { resolveHomePaths } from '../home/paths.ts';
import { discoverPersonas } from './discovery.ts';
import { type DiscoveryChange, followDiscovery } from './follow-discovery.ts';

let stop: AbortController | undefined;
afterEach(() => stop?.abort());

type Summary = Pick<DiscoveryChange, 'added' | 'removed' | 'changed'>;

/** Follows a home of its own; `next` waits for the next report. */
function following({ pollMs = 60_000 } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'follow-'));
  const paths = resolveHomePaths({ NEXO_HOME: home }, '/nowhere');
  const controller = new AbortController();
  stop = controller;
  const reports: Summary[] = [];
  let wake: (() => void) | undefined;
  const start = () =>
    followDiscovery({
      discover: () => discoverPersonas({ paths, env: {}, userHome: '/nowhere', nexoVersion: '0.1.0' }),
      signal: controller.signal,
      onChange: ({ added, removed, changed }) => {
        reports.push({ added, removed, changed });
        wake?.();
      },
      quietMs: 10,
      latestMs: 100,
      pollMs,
    });
  return {
    root: paths.personas,
    paths,
    start,
    controller,
    next: async (): Promise<Summary> => {
      const deadline = AbortSignal.timeout(8000);
      while (reports.length === 0) {
        deadline.throwIfAborted();
        await new Promise<void>((resolve, reject) => {
          wake = resolve;
          deadline.addEventListener('abort', () => reject(deadline.reason), { once: true });
        });
      }
      return reports.shift() as Summary;
    },
  };
}

const nothing = { added: [], removed: [], changed: [] };

describe('following packs on disk', () => {
  it('tells of a pack that comes in one piece, of a newer one, and of one that goes', async () => {
    const { root, start, next } = following();
    mkdirSync(root, { recursive: true });
    const elsewhere = mkdtempSync(join(root, '..', 'staging-'));
    void start();
    renameSync(writePack({ root: elsewhere }), join(root, 'cody-0.1.0'));
    expect(await next()).toEqual({ ...nothing, added: ['cody@0.1.0'] });
    renameSync(writePack({ root: elsewhere, version: '0.2.0' }), join(root, 'cody-0.2.0'));
    expect(await next()).toEqual({ ...nothing, added: ['cody@0.2.0'], removed: ['cody@0.1.0'] });
    renameSync(join(root, 'cody-0.2.0'), join(root, '.removing-0123456789abcdef'));
    expect(await next()).toEqual({ ...nothing, added: ['cody@0.1.0'], removed: ['cody@0.2.0'] });
  });

  it('sees a folder that is still to be made, two levels above the pack', async () => {
    const { root, start, next } = following();
    void start();
    mkdirSync(root, { recursive: true });
    writePack({ root: join(root, '..', 'x') });
    renameSync(join(root, '..', 'x', 'cody-0.1.0'), join(root, 'cody-0.1.0'));
    expect(await next()).toEqual({ ...nothing, added: ['cody@0.1.0'] });
  });

  it('sees a file of a pack that is written, and one that is renamed over', async () => {
    const { root, start, next } = following();
    const pack = writePack({ root });
    void start();
    writeFileSync(join(pack, 'agents.d/cody.yaml'), agentYaml('cody', '      More.\n'));
    expect(await next()).toEqual({ ...nothing, changed: ['cody@0.1.0'] });
    writeFileSync(join(root, 'new.toml'), packManifest({ description: 'Another one' }));
    renameSync(join(root, 'new.toml'), join(pack, 'persona.toml'));
    expect(await next()).toEqual({ ...nothing, changed: ['cody@0.1.0'] });
  });

  it('sees settings that are made, renamed over and deleted', async () => {
    const { root, paths, start, next } = following();
    writePack({ root });
    void start();
    const file = join(paths.config, 'personas', 'discovery.yaml');
    writeFiles(paths.config, {
      'personas/discovery.yaml': `discovery: { search_paths: [${root}], disabled: [cody] }\n`,
    });
    expect(await next()).toEqual({ ...nothing, removed: ['cody@0.1.0'] });
    writeFileSync(`${file}.new`, `discovery: { search_paths: [${root}] }\n`);
    renameSync(`${file}.new`, file);
    expect(await next()).toEqual({ ...nothing, added: ['cody@0.1.0'] });
    writeFileSync(file, 'discovery: [');
    expect(await next()).toEqual({ ...nothing, removed: ['cody@0.1.0'] });
    rmSync(file);
    expect(await next()).toEqual({ ...nothing, added: ['cody@0.1.0'] });
  });

  it('goes on when a search path is removed and made anew', async () => {
    const { root, start, next } = following();
    writePack({ root });
    void start();
    rmSync(root, { recursive: true });
    expect((await next()).removed).toEqual(['cody@0.1.0']);
    const elsewhere = mkdtempSync(join(tmpdir(), 'elsewhere-'));
    writePack({ root: elsewhere });
    renameSync(elsewhere, root);
    let report = await next();
    // The folder may be seen before and after what is in it.
    if (report.added.length === 0) report = await next();
    expect(report.added).toEqual(['cody@0.1.0']);
  });

  it('takes many events together, and none for what does not count', async () => {
    const { root, start, next } = following();
    const pack = writePack({ root });
    void start();
    for (let at = 0; at < 50; at += 1) writeFileSync(join(pack, `notes-${at}.md`), 'x');
    writeFileSync(join(pack, 'agents.d/cody.yaml'), agentYaml('cody', '      More.\n'));
    expect(await next()).toEqual({ ...nothing, changed: ['cody@0.1.0'] });
  });

  it('ends with its signal, and says nothing after it', async () => {
    const { root, start, controller } = following();
    const ended = start();
    controller.abort();
    await ended;
    writePack({ root });
    const already = new AbortController();
    already.abort();
    await followDiscovery({
      discover: () => {
        throw new Error('it looked');
      },
      signal: already.signal,
      onChange: () => {},
    });
  });

  it('looks now and then where no events come', async () => {
    const { root, start, next } = following({ pollMs: 20 });
    void start();
    writePack({ root });
    let report = await next();
    while (report.added.length === 0) report = await next();
    expect(report.added).toEqual(['cody@0.1.0']);
  });
});
