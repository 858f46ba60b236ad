import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { capabilityIds, type RenderedFile } from '../rendering.ts';
import { createRenderContext } from '../sync-harness.ts';
import { planClaude } from './install.ts';
import { renderClaude } from './render.ts';

const home = mkdtempSync(join(tmpdir(), 'claude-render-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const env = { HOME: home, NEXO_HOME: join(home, 'nexo') };
const context = await createRenderContext({ place: { env, home, root: undefined }, lang: 'en' });
const plugin = renderClaude(context).files;
const installed = planClaude(context, {
  scope: 'user',
  home,
  projectRoot: home,
  stateFolder: join(home, 'nexo', 'state'),
  env,
}).files;

function textOf(files: readonly RenderedFile[], ending: string): string {
  const file = files.find(({ path }) => path.endsWith(ending));
  if (file === undefined) throw new Error(`no ${ending}`);
  return file.content;
}

/** Every call of one tool of Claude Code in the rendered prompts, and the name that it is given. */
function namesIn(files: readonly RenderedFile[], parameter: string): string[] {
  const pattern = new RegExp(`\\b${parameter}["']?\\s*[:=]\\s*["']([^"']+)["']`, 'g');
  return files.flatMap(({ content }) => [...content.matchAll(pattern)].map(([, name = '']) => name));
}

describe('a plugin for Claude Code', () => {
  it('calls its agents and skills by the names that Claude Code gives them', () => {
    const agents = namesIn(plugin, 'subagent_type').filter((name) => name !== 'Explore');
    const skills = namesIn(plugin, 'skill');
    expect(agents.length).toBeGreaterThan(3);
    expect(skills.length).toBeGreaterThan(1);
    for (const name of [...agents, ...skills]) expect(name).toMatch(/^nexo:/);
  });

  it('leaves the explorer of Claude Code without a prefix', () => {
    expect(namesIn(plugin, 'subagent_type')).toContain('Explore');
  });

  it('names the tools of its server with the plugin in front, where the prompts speak of them', () => {
    const plan = textOf(plugin, 'skills/nx-plan/SKILL.md');
    expect(plan).toContain('`mcp__plugin_nexo_nexo__nx_plan_start`');
    expect(plan).not.toContain('`mcp__nexo__');
  });

  it('keeps the plain id in the front matter, before which Claude Code puts the plugin itself', () => {
    expect(textOf(plugin, 'agents/architect.md')).toContain('\nname: "architect"\n');
    expect(JSON.parse(textOf(plugin, 'settings.json'))).toEqual({ agent: 'lead' });
  });

  it('closes the tools of a server of its own and of the plugin alike', () => {
    const architect = context.catalog.agents.find(({ meta }) => meta.id === 'architect');
    expect(architect && capabilityIds(architect)).toContain('no_task_create');
    const text = textOf(plugin, 'agents/architect.md');
    expect(text).toContain('mcp__plugin_nexo_nexo__nx_task_add');
    expect(text).toContain('mcp__nexo__nx_task_add');
  });
});

describe('an installation into the folders of Claude Code', () => {
  it('calls agents, skills and tools without a prefix', () => {
    for (const name of [...namesIn(installed, 'subagent_type'), ...namesIn(installed, 'skill')]) {
      expect(name).not.toContain(':');
    }
    expect(textOf(installed, 'skills/nx-plan/SKILL.md')).toContain('`mcp__nexo__nx_plan_start`');
  });
});
