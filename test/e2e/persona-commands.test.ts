import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type FakeReleases, releaseOf, startFakeReleases } from '../support/fake-releases.ts';
import { runNexo, temporaryFolder } from '../support/run-nexo.ts';
import { samplePack } from '../support/sample-pack.ts';

let fake: FakeReleases;
beforeAll(async () => {
  fake = await startFakeReleases();
});
afterAll(() => fake.close());

const more =
  'agents:\n  - id: cody\n    description: More.\n    model: { provider: anthropic, model: standard }\n    allowed_tools: [read_file, search, shell]\n    system_prompt: Hi.\n';
const old = samplePack({ version: '0.9.0' });
const next = samplePack({ version: '0.10.0', files: { 'agents.d/cody.yaml': more } });

function session(): (...args: string[]) => Promise<{ code: number | null; answer: Record<string, unknown> }> {
  const env = { NEXO_HOME: temporaryFolder('home'), NEXO_GITHUB_API_BASE: fake.base };
  return async (...args) => {
    const { code, stdout } = await runNexo(['persona', ...args, '--json'], { env });
    return { code, answer: JSON.parse(stdout) as Record<string, unknown> };
  };
}

describe('nexo persona', () => {
  it('installs, lists, upgrades with the operator’s word, refuses to go back, and removes', async () => {
    const nexo = session();
    fake.releases.set('acme/persona-cody', [releaseOf(old)]);
    expect(await nexo('install', 'acme/persona-cody')).toMatchObject({
      code: 0,
      answer: {
        ok: true,
        id: 'cody',
        version: '0.9.0',
        was_already_present: false,
        tarball_bytes: old.archive.length,
        sha256: old.sha256,
        coords: 'acme/persona-cody',
        target: 'noarch',
        signature_verified: false,
        trust_mode: 'warn',
        capabilities: { agents: [{ id: 'cody' }] },
        lifecycle_event_emitted: true,
        discovery: { written: false, seen_by: 'commands' },
      },
    });
    expect(await nexo('install', 'acme/persona-cody', '--write-config')).toMatchObject({
      answer: {
        was_already_present: true,
        tarball_bytes: 0,
        discovery: { written: true, seen_by: 'everywhere' },
      },
    });
    expect(await nexo('upgrade', 'cody')).toMatchObject({
      code: 0,
      answer: { ok: true, no_op: true, version: '0.9.0' },
    });

    fake.releases.set('acme/persona-cody', [releaseOf(next), releaseOf(old)]);
    const waiting = await nexo('upgrade', 'cody');
    expect(waiting).toMatchObject({
      code: 1,
      answer: {
        ok: false,
        kind: 'AdditionsNotAccepted',
        additions: ['tool: cody may use shell'],
      },
    });
    expect(await nexo('upgrade', 'cody', '--yes')).toMatchObject({
      code: 0,
      answer: { ok: true, from_version: '0.9.0', to_version: '0.10.0', no_op: false },
    });
    const { answer: list } = await nexo('list');
    expect(list).toMatchObject({
      personas: [
        { id: 'cody', version: '0.10.0', active: true },
        { id: 'cody', version: '0.9.0', active: false },
      ],
    });
    expect(Object.keys(list)).toEqual(['personas']);
    expect(await nexo('get', 'cody')).toMatchObject({
      answer: { version: '0.10.0', install: { owner: 'acme' } },
    });

    fake.releases.set('acme/persona-cody', [releaseOf(old)]);
    expect(await nexo('upgrade', 'cody')).toMatchObject({ code: 1, answer: { kind: 'DowngradeRefused' } });

    const dry = await nexo('remove', 'cody');
    expect(dry).toMatchObject({ code: 0, answer: { ok: false, rerun_with: '--yes' } });
    expect(await nexo('remove', 'cody', '--yes')).toMatchObject({
      code: 0,
      answer: {
        ok: true,
        removed_root: dry.answer.would_remove,
        removed_roots: [expect.any(String), expect.any(String)],
      },
    });
    expect(await nexo('list')).toEqual({ code: 0, answer: { personas: [] } });
    expect(await nexo('get', 'cody')).toMatchObject({ code: 1, answer: { ok: false, kind: 'NotFound' } });
  });

  it('follows the repository that a pack came from, and no other without being told', async () => {
    const nexo = session();
    fake.releases.set('mallory/persona-cody', [releaseOf(old)]);
    await nexo('install', 'mallory/persona-cody');
    expect(await nexo('upgrade', 'cody')).toMatchObject({ code: 1, answer: { kind: 'SourceMismatch' } });
    expect(await nexo('upgrade', 'cody', '--from', 'mallory/persona-cody')).toMatchObject({
      code: 0,
      answer: { no_op: true },
    });
  });

  it('says what is wrong with a command line in its own envelope', async () => {
    const nexo = session();
    expect(await nexo('install')).toMatchObject({ code: 2, answer: { ok: false, kind: 'Usage' } });
    expect(await nexo('install', 'a/b/c')).toMatchObject({ code: 1, answer: { kind: 'CoordsInvalid' } });
    expect(await nexo('install', 'a/b', '--dest', 'here')).toMatchObject({
      code: 1,
      answer: { kind: 'InstallRootNotAbsolute' },
    });
    expect(await nexo('install', 'a/b', '--require-signature', '--skip-signature-verify')).toMatchObject({
      code: 2,
      answer: { kind: 'FlagsConflict' },
    });
  });
});
