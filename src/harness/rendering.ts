import type { Lang } from '../catalog/body.ts';
import type { Catalog, CatalogAgent, CatalogSkill } from '../catalog/catalog.ts';
import type { RenderNames } from '../catalog/invocations/contract.ts';
import { renderBody } from '../catalog/render-body.ts';
import type { HarnessName } from './contract.ts';

/** One file that a harness reads, as the catalog implies it. */
export interface RenderedFile {
  /** Relative to the target, with `/`. */
  readonly path: string;
  readonly content: string;
  /** Managed files are ours and always written; templates are written once and then the user's. */
  readonly kind: 'managed' | 'template';
  /** Id of the agent or skill it comes from; undefined for files about the whole. */
  readonly item?: string;
}

/** What of the catalog a harness cannot hold as it is. */
export interface Loss {
  /** `agent:engineer`, `skill:nx-init`, `event:context-compact`, `capability:no_file_edit`. */
  readonly subject: string;
  readonly level: 'exact' | 'degraded' | 'dropped';
  /** How it is held instead, or why not at all. */
  readonly how: string;
}

export interface Rendering {
  readonly files: readonly RenderedFile[];
  readonly losses: readonly Loss[];
}

export interface RenderContext {
  readonly catalog: Catalog;
  readonly lang: Lang;
  /** Words that start this program, absolute, so that a harness finds it whatever its PATH is. */
  readonly command: readonly string[];
  readonly version: string;
  /** Concrete model for each tier that the operator has named; others inherit the session's. */
  readonly models: Readonly<Partial<Record<string, string>>>;
  /** Name of the plugin, where one is rendered. Default: `nexo`. */
  readonly pluginName?: string;
  /** Skills of the operator's own, already in the open format. */
  readonly offered?: readonly OfferedSkill[];
  /** Where the harness calls our things otherwise than by their ids. */
  readonly naming?: Naming;
}

/** A skill that comes as files: its `SKILL.md`, and what lies beside it. */
export interface OfferedSkill {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

/** The operator's own skills below `folder`. The catalog's keep their names where both have one. */
export function offeredSkillFiles(folder: string, { catalog, offered = [] }: RenderContext): RenderedFile[] {
  const taken = new Set(catalog.skills.map(({ meta }) => meta.id));
  return offered
    .filter(({ name }) => !taken.has(name))
    .flatMap(({ name, files }) =>
      files.map(
        ({ path, content }): RenderedFile => ({
          path: `${folder}/${name}/${path}`,
          content,
          kind: 'managed',
          item: name,
        }),
      ),
    );
}

/** What agents, skills and tools are called where a harness puts something before their names. */
export interface Naming extends RenderNames {
  /** A tool of our server by its name there (`nx_plan_start`). */
  toolName(name: string): string;
}

/** Name of our MCP server in every harness's configuration. */
export const SERVER_NAME = 'nexo';

/** Renders for one harness. Pure: nothing is read or written. */
export type Renderer = (context: RenderContext) => Rendering;

/** An agent's or a skill's prompt in the words of one harness. Throws MACRO_INVALID. */
export function bodyFor(
  item: CatalogAgent | CatalogSkill,
  harness: HarnessName,
  { catalog, lang, naming }: RenderContext,
): string {
  const tools = toolNames(naming?.toolName ?? TOOL_NAMES[harness]);
  return renderBody(catalog, item, {
    harness,
    lang,
    tools,
    ...(naming === undefined ? {} : { names: naming }),
  }).text;
}

/** What a tool of our server is called in each harness. */
const TOOL_NAMES: Readonly<Record<HarnessName, (name: string) => string>> = {
  claude: (name) => `mcp__${SERVER_NAME}__${name}`,
  codex: (name) => `mcp__${SERVER_NAME}__${name}`,
  opencode: (name) => `${SERVER_NAME}_${name}`,
};

/** By their names in the contract, which is what the bodies say. */
function toolNames(toName: (name: string) => string): Record<string, string> {
  const names = [
    'plan_start',
    'plan_status',
    'plan_update',
    'plan_decide',
    'task_add',
    'task_list',
    'task_update',
    'task_close',
    'history_search',
    'artifact_write',
  ];
  return Object.fromEntries(names.map((name) => [name, toName(`nx_${name}`)]));
}

/** Ids of an agent's capabilities. */
export function capabilityIds(agent: CatalogAgent): string[] {
  return agent.capabilities.map(({ id }) => id);
}

/** Whether the agent is the one that talks to the person. */
export function isPrimary(agent: CatalogAgent): boolean {
  return agent.meta.mode === 'primary' || agent.meta.category === 'lead';
}

/** A skill file of the open Agent Skills standard, with what one harness adds to its front matter. */
export function skillFile(
  skill: CatalogSkill,
  folder: string,
  body: string,
  extra: Readonly<Record<string, FrontValue>> = {},
): RenderedFile {
  const { id, description } = skill.meta;
  const content = withFrontMatter({ name: id, description: oneLine(description), ...extra }, body);
  return { path: `${folder}/${id}/SKILL.md`, content, kind: 'managed', item: id };
}

export type FrontValue = string | boolean | readonly string[] | Readonly<Record<string, string>>;

/** Markdown with YAML front matter. Strings are JSON strings, which YAML reads as they are. */
export function withFrontMatter(fields: Readonly<Record<string, FrontValue>>, body: string): string {
  const lines = Object.entries(fields).flatMap(([key, value]) => {
    if (typeof value === 'string') return [`${key}: ${JSON.stringify(value)}`];
    if (typeof value === 'boolean') return [`${key}: ${value}`];
    if (Array.isArray(value)) return value.length === 0 ? [] : [`${key}: ${value.join(', ')}`];
    const entries = Object.entries(value);
    return entries.length === 0 ? [] : [`${key}:`, ...entries.map(([name, text]) => `  ${name}: ${text}`)];
  });
  return `---\n${lines.join('\n')}\n---\n\n${body}`;
}

export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

export function jsonFile(path: string, value: unknown, kind: RenderedFile['kind'] = 'managed'): RenderedFile {
  return { path, content: `${JSON.stringify(value, null, 2)}\n`, kind };
}
