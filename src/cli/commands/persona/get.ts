import { join } from 'node:path';

import { readMetadata } from '../../../personas/installed/metadata.ts';
import { defineCommand } from '../../command.ts';
import { CONFIG_FLAG, homePathsFor } from '../../pack-door.ts';
import { findPersonas, requirePersona } from '../../persona-door.ts';

export default defineCommand({
  description:
    'One installed persona: what its manifest says, where its files are, what it needs, and what was verified when ' +
    'it was installed. Also one that your settings keep out.',
  example: 'nexo persona get cody --json',
  flags: CONFIG_FLAG,
  positionals: [{ name: 'id', description: 'id of the persona', required: true }],
  run: async ({ words: [id = ''], flags, context }) => {
    const { packs } = findPersonas(context, homePathsFor(context, flags.config));
    const { manifest, dir, state, reason } = requirePersona(packs, id);
    const { contributes, requires, meta } = manifest;
    const inside = (path: string): string => join(dir, path);
    return {
      ok: true as const,
      id: manifest.id,
      version: manifest.version,
      description: manifest.description,
      min_nexo_version: manifest.minNexoVersion,
      homepage: manifest.homepage ?? null,
      install_root: dir,
      state,
      reason: reason ?? null,
      agent_config_paths: contributes.agentConfigs.map(inside),
      plugin_config_partial_paths: contributes.pluginConfigsPartial.map(inside),
      secrets_template_paths: contributes.secretsTemplates.map(inside),
      workspace_seed_path: contributes.workspaceSeed === undefined ? null : inside(contributes.workspaceSeed),
      requires:
        requires === undefined
          ? null
          : { plugins: requires.plugins, features: requires.features, env_vars: requires.envVars },
      meta:
        meta === undefined
          ? null
          : {
              author: meta.author ?? null,
              license: meta.license ?? null,
              repository: meta.repository ?? null,
            },
      install: readMetadata(dir) ?? null,
    };
  },
  render: (pack) => {
    const { requires, install } = pack;
    const origin =
      install === null
        ? 'put there by hand'
        : `${install.owner}/${install.repo}@${install.release_tag ?? install.tag}, sha256 ${install.sha256}, ` +
          (install.signature_verified ? `signed by ${install.signature_identity}` : 'signature not verified');
    const list = (label: string, paths: readonly string[]): string[] =>
      paths.length === 0 ? [] : [`${label}:`, ...paths.map((path) => `  - ${path}`)];
    const facts: readonly (readonly [string, string | null])[] = [
      ['id', pack.id],
      ['version', pack.version],
      ['description', pack.description],
      ['min_nexo_version', pack.min_nexo_version],
      ['homepage', pack.homepage],
      ['install_root', pack.install_root],
      ['installed from', origin],
      ['not in use', pack.reason],
    ];
    return [
      ...facts.filter(([, value]) => value !== null).map(([label, value]) => `${label}: ${value}`),
      ...list('agent_configs', pack.agent_config_paths),
      ...list('plugin_configs_partial', pack.plugin_config_partial_paths),
      ...list('secrets_templates', pack.secrets_template_paths),
      ...(requires === null || requires.plugins.length === 0
        ? []
        : [`requires.plugins: ${requires.plugins.join(', ')}`]),
      ...(requires === null || requires.features.length === 0
        ? []
        : [`requires.features: ${requires.features.join(', ')}`]),
      ...(requires?.env_vars ?? []).map(
        ({ name, required, description }) =>
          `requires.env: ${name} (${required ? 'required' : 'optional'}) ${description}`,
      ),
    ].join('\n');
  },
});
