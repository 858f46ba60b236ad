import type { CapabilityReport } from './capability-report.ts';

/** One line of a difference: `tool: cody may use Bash`. */
export interface ReportDifference {
  /** What the new version brings or may do that the old one did not. These wait for the operator. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** What is there in both and reads differently, such as a prompt. For information. */
  readonly changed: readonly string[];
}

/**
 * What an upgrade changes. `added` is everything that an operator has not agreed to yet: agents, tools, privileges,
 * plugins, hooks, environment names, files read and written, and findings in texts. New notes in a pack are none.
 */
export function compareReports(
  before: CapabilityReport | undefined,
  after: CapabilityReport,
): ReportDifference {
  const old = before === undefined ? new Set<string>() : grantsOf(before);
  const now = grantsOf(after);
  return {
    added: [...now].filter((line) => !old.has(line)),
    removed: [...old].filter((line) => !now.has(line)),
    changed: before === undefined ? [] : changesOf(before, after),
  };
}

function grantsOf(report: CapabilityReport): Set<string> {
  const lines: string[] = [];
  for (const { id, tools, privileges, plugins } of report.agents) {
    lines.push(`agent: ${id}`);
    lines.push(...tools.map((tool) => `tool: ${id} may use ${tool === '*' ? 'every tool' : tool}`));
    lines.push(...plugins.map((plugin) => `plugin: ${id} uses ${plugin}`));
    lines.push(...privileges.map(({ key, message }) => `privilege: ${id} ${message} (${key})`));
  }
  for (const { id, instances } of report.plugins) {
    lines.push(
      `plugin: ${id}`,
      ...instances.map((instance) => `plugin: ${id} gets the instance ${instance}`),
    );
  }
  lines.push(...report.hooks.map(({ agent, kind, what }) => `hook: ${agent} is started by ${kind} ${what}`));
  lines.push(...report.environment.map(({ name }) => `environment: ${name}`));
  lines.push(...report.secrets.map(({ path, from }) => `secret: ${from} reads ${path}`));
  lines.push(...report.writes.filter((path) => path.startsWith('secrets/')).map((path) => `write: ${path}`));
  lines.push(...report.findings.map(({ kind, file }) => `finding: ${file} holds ${FINDINGS[kind]}`));
  return new Set(lines);
}

const FINDINGS = {
  'hidden-character': 'hidden characters',
  bidirectional: 'characters that turn the direction of the text',
  'control-character': 'control characters',
  secret: 'what looks like a secret',
} as const;

function changesOf(before: CapabilityReport, after: CapabilityReport): string[] {
  return after.agents.flatMap((agent) => {
    const old = before.agents.find(({ id }) => id === agent.id);
    if (old === undefined) return [];
    return [
      ...(old.promptSha256 === agent.promptSha256 ? [] : [`prompt: ${agent.id}`]),
      ...(old.model === agent.model ? [] : [`model: ${agent.id}, from ${old.model} to ${agent.model}`]),
    ];
  });
}
