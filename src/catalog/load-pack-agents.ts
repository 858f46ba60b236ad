import { normaliseBody } from './body.ts';
import type { CatalogAgent, Report } from './catalog.ts';
import type { CatalogLayer } from './layers.ts';
import { type AgentMeta, AgentMetaSchema } from './schemas.ts';
import type { Vocabulary } from './vocabulary.ts';

interface Load {
  readonly layer: CatalogLayer;
  readonly pack: NonNullable<CatalogLayer['pack']>;
  readonly agents: Map<string, CatalogAgent>;
  readonly vocabulary: Vocabulary;
  readonly report: Report;
}

type PackAgent = Load['pack']['agents'][number];

/**
 * Adds the agents of one persona pack. Whatever is wrong with a pack is a warning: somebody else's file never keeps
 * the operator's catalog from being used.
 */
export function loadPackAgents({ layer, pack, agents, vocabulary, report }: Load): void {
  const warn = (
    gate: 'G1' | 'G2' | 'G3' | 'N3',
    { file, line }: { file: string; line: number },
    message: string,
    fix: string,
  ) => report({ gate, level: 'warning', file, line, message, fix });
  for (const fault of pack.faults) warn('G1', fault, fault.message, fault.fix);
  for (const agent of pack.agents) {
    const owner = agents.get(agent.id);
    if (owner !== undefined) {
      const message = `the agent ${agent.id} is not used: the layer ${owner.layer.name} has one of that id`;
      warn('N3', agent, message, 'Ask its author for another id, or disable the pack.');
      continue;
    }
    const meta = toMeta(agent, vocabulary);
    if ('fault' in meta) {
      const { gate, fault, fix } = meta;
      const line = gate === 'G2' ? agent.capabilitiesLine : agent.line;
      warn(gate, { file: agent.file, line }, `the agent ${agent.id} is not used: ${fault}`, fix);
      continue;
    }
    agents.set(agent.id, {
      meta,
      capabilities: meta.capabilities.map((id) => ({ id, from: layer.name })),
      bodies: { en: { lang: 'en', file: agent.file, text: normaliseBody(agent.prompt), literal: true } },
      layer,
      folder: layer.folder,
    });
  }
}

interface Misfit {
  readonly gate: 'G1' | 'G2' | 'G3';
  readonly fault: string;
  readonly fix: string;
}

/** An agent that names a limit this catalog does not have is left out: it would have fewer limits than it asks for. */
function toMeta(agent: PackAgent, { capabilities, categories, resumeTiers }: Vocabulary): AgentMeta | Misfit {
  const known = capabilities.map(({ entry }) => entry.id);
  const unknown = agent.capabilities.find((id) => !known.includes(id));
  if (unknown !== undefined)
    return { gate: 'G2', fault: `there is no capability ${unknown}`, fix: `Use one of ${known.join(', ')}.` };
  const tiers = resumeTiers.map(({ entry }) => entry.id);
  if (!tiers.includes(agent.resumeTier)) {
    const fix = `Use one of ${tiers.join(', ')}.`;
    return { gate: 'G3', fault: `there is no resume tier ${agent.resumeTier}`, fix };
  }
  if (!categories.some(({ entry }) => entry.id === agent.category))
    return { gate: 'G3', fault: `there is no category ${agent.category}`, fix: 'Use how, do or check.' };
  const parsed = AgentMetaSchema.safeParse({
    id: agent.id,
    name: agent.name,
    description: agent.description,
    category: agent.category,
    capabilities: agent.capabilities,
    resume_tier: agent.resumeTier,
    model_tier: agent.modelTier,
    ...(agent.task === undefined ? {} : { task: agent.task }),
  });
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') ?? 'a field';
  return { gate: 'G1', fault: `its ${field} does not fit the catalog`, fix: 'Correct it.' };
}
