import type { PackAgent } from './pack-agents.ts';

/** An agent of a pack in the words of the shared catalog. Which of them exist is checked there. */
export interface CatalogPackAgent {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly category: string;
  readonly capabilities: readonly string[];
  readonly resumeTier: string;
  readonly modelTier: 'high' | 'standard' | 'low';
  readonly task: string | undefined;
  readonly prompt: string;
  readonly file: string;
  readonly line: number;
  /** Line of the list of capabilities, or of the agent. */
  readonly capabilitiesLine: number;
}

/** What an agent of a pack may not do while it does not say so itself: Lead alone runs the cycle. */
const DEFAULT_CAPABILITIES = ['no_task_create', 'no_task_close', 'no_subagent_spawn'];

/** Names under which harnesses offer editing and commands; an agent that lists tools and none of these does neither. */
const EDIT_TOOLS = [
  'Edit',
  'MultiEdit',
  'Write',
  'NotebookEdit',
  'apply_patch',
  'edit',
  'write',
  'patch',
  'file_edit',
  'file_write',
];
const SHELL_TOOLS = ['Bash', 'bash', 'shell', 'exec_command', 'terminal', 'run_command'];

const MAX_DESCRIPTION = 1024;

/** What a catalog says of ids: kebab case, a letter first. */
const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** The agent for the catalog, or why it cannot be in it. */
export function toCatalogAgent(
  agent: PackAgent,
  packDescription: string,
):
  | { readonly ok: true; readonly agent: CatalogPackAgent }
  | { readonly ok: false; readonly reason: string; readonly fix: string } {
  const { config } = agent;
  const place = config.extensions_config?.nexo ?? {};
  const id = catalogId(config.id);
  if (id === undefined)
    return {
      ok: false,
      reason: `has an id that makes no name for a catalog: ${config.id}`,
      fix: 'Begin it with a letter.',
    };
  const prompt = (config.system_prompt ?? '').trim();
  if (prompt === '')
    return { ok: false, reason: 'has no system_prompt', fix: 'Write what the agent is to do.' };
  return {
    ok: true,
    agent: {
      id,
      name: place.name ?? titleOf(id),
      description: oneLine(config.description ?? '') || oneLine(packDescription),
      category: place.category ?? 'do',
      capabilities: [
        ...new Set([...(place.capabilities ?? DEFAULT_CAPABILITIES), ...impliedBy(config.allowed_tools)]),
      ],
      resumeTier: place.resume_tier ?? 'bounded',
      modelTier: place.model_tier ?? tierOf(config.model.model),
      task: place.task,
      prompt:
        config.language == null
          ? prompt
          : `${prompt}\n\nAnswer in this language: ${oneLine(config.language)}`,
      file: agent.file,
      line: agent.line,
      capabilitiesLine: agent.lineOf(['extensions_config', 'nexo', 'capabilities']),
    },
  };
}

/** Small letters, with hyphens for underscores. */
function catalogId(id: string): string | undefined {
  const kebab = id.toLowerCase().replace(/_+/g, '-').replace(/-{2,}/g, '-').replace(/^-|-$/g, '');
  return KEBAB.test(kebab) ? kebab : undefined;
}

/** What a list of allowed tools leaves out is not allowed in the workspace either. */
function impliedBy(allowed: readonly string[] | undefined): string[] {
  if (allowed === undefined || allowed.length === 0) return [];
  const allows = (names: readonly string[]): boolean =>
    names.some((name) =>
      allowed.some((glob) => (glob.endsWith('*') ? name.startsWith(glob.slice(0, -1)) : name === glob)),
    );
  return [...(allows(EDIT_TOOLS) ? [] : ['no_file_edit']), ...(allows(SHELL_TOOLS) ? [] : ['no_shell_exec'])];
}

/** Model names belong to a provider; what they are good for is in most of the names. */
function tierOf(model: string): CatalogPackAgent['modelTier'] {
  if (/mini|nano|small|haiku|flash|lite|\b[1-9]b\b/i.test(model)) return 'low';
  return /opus|ultra|large|max|\bpro\b|-pro/i.test(model) ? 'high' : 'standard';
}

function titleOf(id: string): string {
  return id
    .replace(
      /(^|-)([a-z])/g,
      (_, dash: string, letter: string) => `${dash === '' ? '' : ' '}${letter.toUpperCase()}`,
    )
    .slice(0, 80);
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_DESCRIPTION ? `${line.slice(0, MAX_DESCRIPTION - 1)}…` : line;
}
