import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { renderListing, sha256Of } from '../../src/personas/installed/listing.ts';
import { renderMetadata } from '../../src/personas/installed/metadata.ts';
import { listPackTree } from '../../src/personas/pack-files.ts';
import { INSTALL_FILE, LISTING_FILE } from '../../src/personas/paths.ts';

export type PackFiles = Readonly<Record<string, string | undefined>>;

export interface PackFields {
  readonly id?: string;
  readonly version?: string;
  readonly minNexoVersion?: string;
  readonly description?: string;
  /** Added at the end of the manifest. */
  readonly more?: string;
}

/** A manifest that passes every rule and contributes one of everything. */
export function packManifest({
  id = 'cody',
  version = '0.1.0',
  minNexoVersion = '>=0.1.0',
  description = 'A pair programmer',
  more = '',
}: PackFields = {}): string {
  return `manifest_version = 2

[persona]
id = "${id}"
version = "${version}"
description = "${description}"
min_nexo_version = "${minNexoVersion}"
homepage = "https://github.com/acme/persona-${id}"

[persona.requires]
plugins = ["telegram"]

[[persona.requires.env_vars]]
name = "CODY_CHAT_ID"
required = true
description = "Where to write to"

[persona.contributes]
agent_configs = ["agents.d/${id}.yaml"]
plugin_configs_partial = ["plugins/telegram.partial.yaml"]
secrets_templates = ["secrets/${id}_token.txt.template"]
workspace_seed = "data/workspace/${id}/"
${more}`;
}

export function agentYaml(id: string, more = ''): string {
  return `agents:
  - id: ${id}
    model: { provider: anthropic, model: claude-sonnet }
    description: Writes code with you
    plugins: [telegram]
    workspace: ../data/workspace/${id}
    allowed_tools: [memory_*, Read]
    inbound_bindings:
      - { plugin: telegram, instance: ${id} }
    system_prompt: |
      You are ${id}, and you write code with the user.
${more}`;
}

/** The files of a pack that nothing is wrong with. */
export function packFiles(fields: PackFields = {}): Record<string, string> {
  const { id = 'cody' } = fields;
  return {
    'persona.toml': packManifest(fields),
    [`agents.d/${id}.yaml`]: agentYaml(id),
    'plugins/telegram.partial.yaml': `- instance: ${id}\n  token: \${file:./secrets/${id}_token.txt}\n  chat: \${CODY_CHAT_ID}\n`,
    [`secrets/${id}_token.txt.template`]: 'paste the token here\n',
    [`data/workspace/${id}/README.md`]: '# Where the agent works\n',
    [`data/workspace/${id}/notes/first.md`]: 'Nothing yet.\n',
    'README.md': '# A pack\n',
  };
}

/** Writes files into a folder, which is made; `undefined` leaves one of the given ones out. */
export function writeFiles(dir: string, files: PackFiles): string {
  mkdirSync(dir, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    if (text === undefined) continue;
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

/** A pack in a new folder, `<id>-<version>` below `root`; `changes` replace or remove files. */
export function writePack(
  { root = mkdtempSync(join(tmpdir(), 'packs-')), ...fields }: PackFields & { readonly root?: string } = {},
  changes: PackFiles = {},
): string {
  const { id = 'cody', version = '0.1.0' } = fields;
  return writeFiles(join(root, `${id}-${version}`), { ...packFiles(fields), ...changes });
}

/** Puts into a pack's folder what the installer leaves there, so that it counts as installed and verified. */
export function markInstalled(dir: string, { id = 'cody', version = '0.1.0' } = {}): string {
  const files = listPackTree(dir).entries.filter(({ kind }) => kind === 'file');
  const listing = renderListing(
    files.map(({ path }) => ({ path, sha256: sha256Of(readFileSync(join(dir, path))) })),
  );
  writeFileSync(join(dir, LISTING_FILE), listing);
  writeFileSync(
    join(dir, INSTALL_FILE),
    renderMetadata({
      schema_version: '1.0',
      id,
      version,
      owner: 'acme',
      repo: `persona-${id}`,
      tag: `v${version}`,
      target: 'any',
      sha256: '0'.repeat(64),
      installed_at: '2026-01-01T00:00:00.000Z',
      source: 'github-releases',
      signature_verified: false,
      trust_mode: 'warn',
      listing_sha256: sha256Of(listing),
    }),
  );
  return dir;
}
