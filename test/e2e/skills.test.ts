import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { nexoJson, runNexo, temporaryFolder } from '../support/run-nexo.ts';

/** A home and a project of their own. */
function place() {
  const cwd = temporaryFolder();
  const env = { NEXO_HOME: join(temporaryFolder('home'), '.nexo'), NEXO_PROJECT_ROOT: cwd };
  return { cwd, env };
}

describe('a skill of one’s own', () => {
  it('is made, found, applied, exported and offered to every harness', async () => {
    const options = place();
    await nexoJson(['skills', 'create', 'release-review', '--mode', 'hybrid'], options);
    expect(await nexoJson(['skills', 'sync'], options)).toMatchObject({ issues: [], synced: 7 });
    const { matches } = (await nexoJson(['skills', 'match', 'review this release'], options)) as {
      matches: { id: string }[];
    };
    expect(matches[0]?.id).toBe('SK-RELEASE-REVIEW');
    expect(await nexoJson(['skills', 'apply', 'SK-RELEASE-REVIEW', '--dry-run'], options)).toMatchObject({
      ok: true,
      dry_run: true,
    });
    expect(await nexoJson(['skills', 'apply', 'SK-RELEASE-REVIEW'], options)).toMatchObject({
      ok: true,
      execution_result: { returncode: 0, stdout: 'gathered for SK-RELEASE-REVIEW\n' },
      usage_recorded: { trust_score: 55 },
    });
    await nexoJson(['skills', 'export', 'SK-RELEASE-REVIEW', '--to', 'out'], options);
    const text = readFileSync(join(options.cwd, 'out', 'release-review', 'SKILL.md'), 'utf8');
    expect(text).toMatch(/^---\nname: release-review\n/);
    for (const [harness, folder] of [
      ['claude', 'skills'],
      ['codex', '.agents/skills'],
      ['opencode', '.opencode/skills'],
    ] as const) {
      await nexoJson(['harness', 'sync', '--harness', harness, '--target', harness], options);
      expect(readFileSync(join(options.cwd, harness, folder, 'release-review', 'SKILL.md'), 'utf8')).toBe(
        text,
      );
    }
    await nexoJson(
      ['harness', 'sync', '--harness', 'claude', '--target', 'shared', '--without-personal'],
      options,
    );
    const shared = await runNexo(
      ['harness', 'sync', '--harness', 'claude', '--target', 'shared', '--dry-run'],
      options,
    );
    expect(shared.stdout).toMatch(/create +skills\/release-review\/SKILL\.md/);
  });

  it('is refused with one sentence when it does not exist, and its exit code says so', async () => {
    const options = place();
    expect(await runNexo(['skills', 'get', 'SK-NOTHING'], options)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('There is no skill SK-NOTHING.'),
    });
    expect(await runNexo(['skills', 'apply', 'SK-REVIEW', '--params', '{bad'], options)).toMatchObject({
      code: 2,
    });
  });

  it('reaches a harness with what lies beside it; archived ones, binaries and giants do not, and do no harm', async () => {
    const options = place();
    const write = (path: string, content: string | Buffer): void => {
      const file = join(options.env.NEXO_HOME, 'personal', 'skills', path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    };
    write(
      'pdf-tools/SKILL.md',
      '---\nname: pdf-tools\ndescription: Works on PDFs.\n---\nRun scripts/fill.py.\n',
    );
    write('pdf-tools/scripts/fill.py', 'print(1)\n');
    write('pdf-tools/references/deep/forms.md', '# Forms\n');
    write('pdf-tools/assets/logo.png', Buffer.from([0x89, 0x50, 0xff, 0]));
    write('pdf-tools/assets/giant.txt', 'x'.repeat(2 * 1024 * 1024));
    write('old/SKILL.md', '---\nname: old\ndescription: Was good once.\n---\nOld.\n');
    await nexoJson(['skills', 'archive', 'SK-OLD'], options);
    const synced = await runNexo(['harness', 'sync', '--harness', 'claude', '--target', 'out'], options);
    expect(synced.code).toBe(0);
    for (const name of ['logo.png', 'giant.txt']) expect(synced.stderr).toContain(`${name} is not offered`);
    const skills = join(options.cwd, 'out', 'skills');
    expect(readFileSync(join(skills, 'pdf-tools', 'scripts', 'fill.py'), 'utf8')).toBe('print(1)\n');
    expect(readFileSync(join(skills, 'pdf-tools', 'references', 'deep', 'forms.md'), 'utf8')).toBe(
      '# Forms\n',
    );
    expect(existsSync(join(skills, 'pdf-tools', 'assets'))).toBe(false);
    expect(existsSync(join(skills, 'old'))).toBe(false);
  });
});
