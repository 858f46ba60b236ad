import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { SkillsClient } from '@modelcontextprotocol/client/ext/skills';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { startHttp } from '../support/mcp-http.ts';
import { mcpCommand, newProject } from '../support/mcp-project.ts';
import { nexoJson } from '../support/run-nexo.ts';

// The operator's skills as a client sees them: as tools, as prompts, and through the Skills extension, whose client
// checks each file against the digest that it was promised.

const modern = { versionNegotiation: { mode: { pin: '2026-07-28' } } } as const;
const TOOLSETS = ['--toolsets', 'workspace,home'];

const doors = {
  stdio: async (cwd: string, home: string) => {
    const client = new Client({ name: 'official', version: '1.0.0' });
    const env = { PATH: process.env.PATH ?? '', HOME: home, NEXO_HOME: home };
    await client.connect(
      new StdioClientTransport({ ...mcpCommand(...TOOLSETS), cwd, env, stderr: 'ignore' }),
    );
    return { client, close: () => client.close() };
  },
  http: async (cwd: string, home: string) => {
    const endpoint = await startHttp(cwd, { args: TOOLSETS, home });
    const client = new Client({ name: 'official', version: '1.0.0' }, modern);
    await client.connect(
      new StreamableHTTPClientTransport(new URL(endpoint.url), {
        requestInit: { headers: { authorization: `Bearer ${endpoint.token}` } },
      }),
    );
    const close = async () => {
      await client.close();
      await endpoint.stop();
    };
    return { client, close };
  },
};

describe.each(Object.entries(doors))('skills over %s', (_door, connect) => {
  let home: string;
  let project: string;
  let client: Client;
  let close: () => Promise<void>;

  const write = (path: string, content: string | Buffer, mode = 0o644): void => {
    const file = join(home, 'personal', 'skills', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
  };
  const call = async (name: string, input: Record<string, unknown> = {}) => {
    const { structuredContent, isError } = await client.callTool({ name, arguments: input });
    return { isError: isError === true, answer: structuredContent };
  };

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), 'skills-home-'));
    project = newProject();
    write(
      'sk-greet/skill.json',
      JSON.stringify({
        id: 'SK-GREET',
        name: 'Greet',
        description: 'Greets somebody.',
        execution_level: 'local',
        trigger_patterns: ['greet somebody'],
        params_schema: { who: { type: 'string', required: true, description: 'whom' } },
        command_template: { argv: ['{{file_path}}', '{{who}}'] },
      }),
    );
    write('sk-greet/guide.md', '# Greet\n\nSay hello.\n');
    write('sk-greet/script.sh', '#!/usr/bin/env bash\n# nexo: runtime=shell\necho "hello $1"\n', 0o755);
    write(
      'pdf-tools/SKILL.md',
      '---\nname: pdf-tools\ndescription: Works on PDFs.\n---\nSee scripts/fill.py.\n',
    );
    write('pdf-tools/scripts/fill.py', 'print(1)\n');
    write('pdf-tools/assets/logo.png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255, 254]));
    ({ client, close } = await connect(project, home));
  });
  afterEach(() => close());

  it('are found, read, applied and judged as tools', async () => {
    const { answer } = await call('nexo_skill_match', { task: 'please greet somebody' });
    expect(answer).toMatchObject({ matches: [{ id: 'SK-GREET', score: 0.9 }] });
    expect((await call('nexo_skill_get', { id: 'SK-GREET' })).answer).toMatchObject({ mode: 'hybrid' });
    const dry = await call('nexo_skill_apply', { id: 'SK-GREET', params: { who: 'bob' }, dry_run: true });
    expect(dry.answer).toMatchObject({ ok: true, dry_run: true, script_doctor: { status: 'pass' } });
    const applied = await call('nexo_skill_apply', {
      id: 'SK-GREET',
      params: { who: '$(id)' },
      context: 'a',
    });
    expect(applied.answer).toMatchObject({ ok: true, execution_result: { stdout: 'hello $(id)\n' } });
    await call('nexo_skill_result', { id: 'SK-GREET', success: false, context: 'b' });
    expect((await call('nexo_skill_list')).answer).toMatchObject({
      skills: expect.arrayContaining([
        expect.objectContaining({ id: 'SK-GREET', use_count: 2, trust_score: 45 }),
      ]),
    });
    const made = await call('nexo_skill_create', { name: 'tidy up', trigger_patterns: ['tidy the desk'] });
    expect(made.answer).toMatchObject({ id: 'SK-TIDY-UP' });
    expect((await call('nexo_skill_sync')).answer).toMatchObject({ issues: [] });
    const unknown = await call('nexo_skill_get', { id: 'SK-NOTHING' });
    expect(unknown.isError).toBe(true);
  });

  it('are prompts, as long as they are in use', async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts.find(({ name }) => name === 'greet')).toMatchObject({
      title: 'Greet',
      arguments: [{ name: 'who', description: 'whom', required: true }],
    });
    expect(prompts.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['nx-plan', 'pdf-tools', 'create-nexo-primitive']),
    );
    const { messages } = await client.getPrompt({ name: 'greet', arguments: { who: 'bob' } });
    expect(messages).toHaveLength(1);
    expect(JSON.stringify(messages)).toContain('- who: bob');
    await expect(client.getPrompt({ name: 'nothing' })).rejects.toThrow(/Unknown prompt/);
    await nexoJson(['skills', 'archive', 'SK-GREET'], { cwd: project, env: { NEXO_HOME: home } });
    const left = await client.listPrompts();
    expect(left.prompts.map(({ name }) => name)).not.toContain('greet');
  });

  it('are offered through the Skills extension, each file with its digest', async () => {
    const skills = new SkillsClient(client);
    expect(skills.supported).toBe(true);
    const listing = await skills.list();
    expect(listing.invalid).toEqual([]);
    const named = (name: string) => {
      const found = listing.skills.find(({ frontmatter }) => frontmatter.name === name);
      if (found === undefined) throw new Error(`${name} is not listed`);
      return found;
    };
    const greet = await skills.read(named('greet'));
    expect(greet).toMatchObject({ verified: true, body: expect.stringContaining('Say hello.') });
    const pdf = named('pdf-tools');
    const script = await skills.read(pdf, 'scripts/fill.py');
    expect(script).toMatchObject({ verified: true, text: 'print(1)\n' });
    const logo = await skills.read(pdf, 'assets/logo.png');
    expect([...logo.bytes]).toEqual([0x89, 0x50, 0x4e, 0x47, 0, 255, 254]);
    const { skill } = await skills.get(pdf.uri);
    expect(skill.uri).toBe('skill://pdf-tools/SKILL.md');
    for (const uri of ['skill://pdf-tools/../sk-greet/skill.json', 'skill://nothing/SKILL.md'])
      await expect(client.readResource({ uri })).rejects.toThrow(/no resource/i);
  });
});
