import type { GetPromptResult, Prompt } from '@modelcontextprotocol/server';

import type { Catalog, CatalogSkill } from '../catalog/catalog.ts';
import type { Harness } from '../catalog/invocations/contract.ts';
import { layersAt } from '../catalog/layers.ts';
import { loadCatalog } from '../catalog/load.ts';
import { renderBody } from '../catalog/render-body.ts';
import { NexoError } from '../errors.ts';
import type { SkillDefinition } from '../skills/definition.ts';
import { toPortable } from '../skills/portable.ts';
import { WORKSPACE_TOOLS } from '../workspace/tools.ts';
import { FAULT, ProtocolFault } from './protocol.ts';
import type { ToolWorld } from './server-tool.ts';
import { skillsInUse } from './skill-library.ts';
import { TOOL_PREFIX } from './tools/workspace.ts';
import type { Toolset } from './toolsets.ts';

/** What a prompt needs to know of the server and of who asks. */
export interface PromptPlace {
  readonly world: ToolWorld;
  readonly toolsets: readonly Toolset[];
  /** How the client calls itself, where it has said so. */
  readonly client: string | undefined;
}

interface Offered {
  readonly prompt: Prompt;
  text(values: Readonly<Record<string, string>>): string;
}

/** Skills as prompts: those of the team with the workspace toolset, those of the operator with the home toolset. */
export async function listPrompts(place: PromptPlace): Promise<{ prompts: Prompt[] }> {
  return { prompts: (await offered(place)).map(({ prompt }) => prompt) };
}

/** One skill as a message of the user. Throws a ProtocolFault for an unknown name or values that are no text. */
export async function getPrompt(place: PromptPlace, name: string, values: unknown): Promise<GetPromptResult> {
  const all = await offered(place);
  const found = all.find(({ prompt }) => prompt.name === name);
  if (found === undefined) {
    const known = all.map(({ prompt }) => prompt.name).join(', ');
    throw new ProtocolFault(FAULT.invalidParams, `Unknown prompt: ${name.slice(0, 80)}. There are: ${known}`);
  }
  return {
    ...(found.prompt.description === undefined ? {} : { description: found.prompt.description }),
    messages: [{ role: 'user', content: { type: 'text', text: found.text(textValues(values)) } }],
  };
}

async function offered({ world, toolsets, client }: PromptPlace): Promise<Offered[]> {
  return [
    ...(toolsets.includes('workspace') ? await teamPrompts(world, client) : []),
    ...(toolsets.includes('home') ? await operatorPrompts(world) : []),
  ];
}

async function teamPrompts(world: ToolWorld, client: string | undefined): Promise<Offered[]> {
  const catalog = loadCatalog(
    await layersAt({ env: world.env, home: world.userHome, root: await rootOf(world) }),
  );
  return catalog.skills.map((skill) => toOffered(catalog, skill, harnessOf(client)));
}

function toOffered(catalog: Catalog, skill: CatalogSkill, harness: Harness): Offered {
  const { id, name, description } = skill.meta;
  const tools = Object.fromEntries(WORKSPACE_TOOLS.map((tool) => [tool.name, TOOL_PREFIX + tool.name]));
  return {
    prompt: {
      name: id,
      title: name,
      description,
      arguments: [{ name: 'request', description: 'What it is about, in words', required: false }],
    },
    text: ({ request = '' }) => {
      const { text } = renderBody(catalog, skill, { harness, lang: 'en', tools });
      return request.trim() === '' ? text : `${text.trimEnd()}\n\n## The request\n\n${request}\n`;
    },
  };
}

async function operatorPrompts(world: ToolWorld): Promise<Offered[]> {
  return (await skillsInUse(world))
    .filter(({ content }) => content !== '')
    .map((skill) => ({
      prompt: {
        name: toPortable(skill).name,
        title: skill.name,
        description: skill.description,
        arguments: Object.entries(skill.paramsSchema).map(
          ([name, { description = '', required = false }]) => ({
            name,
            description,
            required,
          }),
        ),
      },
      text: (values) => withValues(skill, values),
    }));
}

function withValues(skill: SkillDefinition, values: Readonly<Record<string, string>>): string {
  const given = Object.entries(values).map(([name, value]) => `- ${name}: ${value}`);
  const how = `This is the skill ${skill.id}; report how it went with nexo_skill_result.`;
  return [
    skill.content.trim(),
    ...(given.length === 0 ? [] : [`## Values\n\n${given.join('\n')}`]),
    how,
  ].join('\n\n');
}

/** The project's own skills count where there is a project; without one the others are still there. */
async function rootOf(world: ToolWorld): Promise<string | undefined> {
  try {
    return (await world.workspace()).root;
  } catch (error) {
    if (error instanceof NexoError) return undefined;
    throw error;
  }
}

/** Which harness's words to use. Clients name themselves `claude-code`, `codex-mcp-client`, `opencode`. */
function harnessOf(client: string | undefined): Harness {
  const name = (client ?? '').toLowerCase();
  return (['codex', 'opencode'] as const).find((harness) => name.includes(harness)) ?? 'claude';
}

function textValues(values: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(Object(values ?? {}) as object);
  const wrong = entries.find(([, value]) => typeof value !== 'string');
  if (wrong !== undefined) {
    throw new ProtocolFault(
      FAULT.invalidParams,
      `Invalid params: arguments.${wrong[0].slice(0, 40)} must be a string`,
    );
  }
  return Object.fromEntries(entries) as Record<string, string>;
}
