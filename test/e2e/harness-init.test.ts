import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { type Ran, runNexo, temporaryFolder } from '../support/run-nexo.ts';

type Steps = readonly { readonly path: string; readonly action: string; readonly detail?: string }[];

class Repository {
  readonly target = join(temporaryFolder('plugin'), 'repository');
  readonly home = temporaryFolder('home');

  run(harness: string, ...more: string[]): Promise<Ran> {
    const args = ['harness', 'init', '--harness', harness, '--target', this.target, ...more];
    return runNexo(args, { env: { HOME: this.home, NEXO_HOME: join(this.home, '.nexo') } });
  }

  async steps(harness: string, code: number, ...more: string[]): Promise<Steps> {
    const ran = await this.run(harness, '--json', ...more);
    expect(ran.code, ran.stdout + ran.stderr).toBe(code);
    return (JSON.parse(ran.stdout) as { steps: Steps }).steps;
  }

  read(file: string): string {
    return readFileSync(join(this.target, file), 'utf8');
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.target, file)), { recursive: true });
    writeFileSync(join(this.target, file), text);
  }

  snapshot(): Record<string, string> {
    if (!existsSync(this.target)) return {};
    const names = readdirSync(this.target, { recursive: true, encoding: 'utf8' }).sort();
    return Object.fromEntries(
      names
        .filter((name) => statSync(join(this.target, name)).isFile())
        .map((name) => [name, this.read(name)]),
    );
  }
}

const changes = (steps: Steps): Steps => steps.filter(({ action }) => action !== 'unchanged');

describe.concurrent('nexo harness init', () => {
  it.each(['claude', 'codex', 'opencode'])(
    'sets up a repository for %s once, and changes nothing the second time',
    async (harness) => {
      const repository = new Repository();
      const planned = await repository.steps(harness, 0, '--dry-run');
      expect(repository.snapshot()).toEqual({});
      await repository.steps(harness, 1, '--check');
      const written = await repository.steps(harness, 0);
      expect(written).toEqual(planned);
      const before = repository.snapshot();
      for (const { path } of written) expect(Object.keys(before)).toContain(path);
      for (const text of Object.values(before)) expect(text).not.toContain(process.execPath);
      expect(changes(await repository.steps(harness, 0))).toEqual([]);
      expect(changes(await repository.steps(harness, 0, '--check'))).toEqual([]);
      expect(repository.snapshot()).toEqual(before);
    },
  );

  it('holds several harnesses in one repository', async () => {
    const repository = new Repository();
    for (const harness of ['claude', 'codex', 'opencode']) await repository.steps(harness, 0);
    for (const harness of ['claude', 'codex', 'opencode']) {
      const steps = changes(await repository.steps(harness, 0));
      // The first one wrote these, and they are the author's now.
      expect(
        steps.every(({ path, action }) => action === 'keep' && ['README.md', 'package.json'].includes(path)),
      ).toBe(true);
    }
  });

  it('never overwrites what the author wrote, not even when forced', async () => {
    const repository = new Repository();
    repository.write('agents/architect.md', 'my own architect\n');
    repository.write('README.md', '# Mine\n');
    const steps = changes(await repository.steps('claude', 1));
    expect(steps).toContainEqual({
      path: 'agents/architect.md',
      action: 'conflict',
      detail: 'is there already and is not rendered by nexo',
    });
    expect(steps).toContainEqual({ path: 'README.md', action: 'keep' });
    await repository.steps('claude', 1, '--force');
    expect(repository.read('agents/architect.md')).toBe('my own architect\n');
  });

  it('reports a rendered file that was edited, and takes the edit back when forced', async () => {
    const repository = new Repository();
    await repository.steps('claude', 0);
    const rendered = repository.read('agents/tester.md');
    repository.write('agents/tester.md', 'edited\n');
    repository.write('package.json', '{"name":"mine"}\n');
    expect(changes(await repository.steps('claude', 1))).toEqual([
      { path: 'package.json', action: 'keep' },
      { path: 'agents/tester.md', action: 'conflict', detail: 'was edited by hand' },
    ]);
    expect(repository.read('agents/tester.md')).toBe('edited\n');
    expect(changes(await repository.steps('claude', 0, '--force'))).toEqual([
      { path: 'package.json', action: 'update' },
      { path: 'agents/tester.md', action: 'update' },
    ]);
    expect(repository.read('agents/tester.md')).toBe(rendered);
  });

  it('renders the author’s catalog, and removes what is no longer in it', async () => {
    const repository = new Repository();
    const meta =
      'id: critic\nname: Critic\ndescription: Says what is missing.\ncategory: check\n' +
      'capabilities: [no_file_edit]\nresume_tier: ephemeral\nmodel_tier: standard\n';
    repository.write('catalog/agents/critic/meta.yml', meta);
    repository.write('catalog/agents/critic/body.md', '# Critic\n\nSay what is missing.\n');
    await repository.steps('claude', 0);
    expect(repository.read('agents/critic.md')).toContain('Say what is missing.');
    rmSync(join(repository.target, 'catalog/agents'), { recursive: true });
    expect(changes(await repository.steps('claude', 0))).toEqual([
      { path: 'agents/critic.md', action: 'remove' },
    ]);
    expect(Object.keys(repository.snapshot())).not.toContain('agents/critic.md');
  });

  it('renders nothing of the person who runs it', async () => {
    const repository = new Repository();
    const folder = join(repository.home, '.nexo/personal/catalog/agents/secret');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'meta.yml'), 'not even readable: [');
    await repository.steps('codex', 0);
    expect(Object.keys(repository.snapshot()).join()).not.toContain('secret');
  });

  it('gives the plugin its name in all that Claude Code prefixes with it', async () => {
    const repository = new Repository();
    await repository.steps('claude', 0, '--name', 'our-team');
    expect(JSON.parse(repository.read('.claude-plugin/plugin.json'))).toMatchObject({ name: 'our-team' });
    expect(repository.read('skills/nx-plan/SKILL.md')).toContain('mcp__plugin_our-team_nexo__nx_plan_start');
    expect(repository.read('agents/architect.md')).toContain('mcp__plugin_our-team_nexo__nx_task_add');
    expect(repository.read('skills/nx-plan/SKILL.md')).not.toContain('nexo:architect');
  });

  it.each(['Our Team', '-x', 'a'.repeat(33), '../x', ''])('refuses the name %j', async (name) => {
    const repository = new Repository();
    const ran = await repository.run('claude', '--name', name, '--json');
    expect(ran.code).not.toBe(0);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      error: { code: expect.stringMatching(/INPUT_INVALID|USAGE/) },
    });
    expect(repository.snapshot()).toEqual({});
  });

  it('writes nothing through a link that leads out of the repository', async () => {
    const repository = new Repository();
    const outside = temporaryFolder('outside');
    mkdirSync(outside, { recursive: true });
    mkdirSync(repository.target, { recursive: true });
    symlinkSync(outside, join(repository.target, 'agents'));
    const ran = await repository.run('claude', '--json');
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'PATH_ESCAPES' } });
    expect(readdirSync(outside)).toEqual([]);
    expect(Object.keys(repository.snapshot())).toEqual([]);
  });

  it.each([
    '{',
    '{"version":1,"harnesses":{"claude":{"../../victim":"00"}}}',
    '{"version":1,"harnesses":{"claude":{"/etc/victim":"00"}}}',
  ])('refuses a record of what was rendered that reads %s', async (record) => {
    const repository = new Repository();
    repository.write('.nexo-rendered.json', record);
    const ran = await repository.run('claude', '--json', '--force');
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'CONFIG_INVALID' } });
    expect(repository.snapshot()).toEqual({ '.nexo-rendered.json': record });
  });
});
