import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { packArchive } from '../../src/personas/pack-archive.ts';

export interface SamplePack {
  readonly id?: string;
  readonly version?: string;
  readonly owner?: string;
  /** Added or replaced; null takes one away. */
  readonly files?: Readonly<Record<string, string | Buffer | null>>;
  /** Lines of the table `persona`, added at its end. */
  readonly manifest?: string;
  readonly homepage?: string | null;
  readonly minNexoVersion?: string;
  /** Everything in one folder named after the pack, as the published ones are. */
  readonly wrapped?: boolean;
}

export interface PackedSample {
  readonly id: string;
  readonly version: string;
  readonly manifest: string;
  readonly archive: Buffer;
  readonly sha256: string;
  readonly folder: string;
}

/** The folder of a small and good pack, with whatever is asked for changed. */
export function samplePackFolder({
  id = 'cody',
  version = '0.2.0',
  owner = 'acme',
  files = {},
  manifest = '',
  homepage = `https://github.com/${owner}/persona-${id}`,
  minNexoVersion = '>=0.1.0',
}: SamplePack = {}): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'pack-')), id);
  const content: Record<string, string | Buffer | null> = {
    'persona.toml': [
      'manifest_version = 2',
      '[persona]',
      `id = "${id}"`,
      `version = "${version}"`,
      'description = "Pairs with you on code, and keeps notes of what was decided."',
      `min_nexo_version = "${minNexoVersion}"`,
      ...(homepage === null ? [] : [`homepage = "${homepage}"`]),
      manifest,
      '[persona.contributes]',
      `agent_configs = ["agents.d/${id}.yaml"]`,
      `workspace_seed = "data/workspace/${id}/"`,
      'secrets_templates = ["secrets/bot_token.txt.template"]',
      '[persona.meta]',
      'author = "Acme"',
      'license = "MIT"',
      '',
    ].join('\n'),
    [`agents.d/${id}.yaml`]: [
      'agents:',
      `  - id: ${id}`,
      '    description: Pairs with you on code.',
      '    model: { provider: anthropic, model: standard }',
      '    allowed_tools: [read_file, search]',
      '    system_prompt: |',
      '      You pair with the operator on code. Ask before you delete anything.',
      '',
    ].join('\n'),
    'secrets/bot_token.txt.template': 'PUT YOUR TOKEN HERE\n',
    [`data/workspace/${id}/README.md`]: '# Notes\n',
    'README.md': `# ${id}\n`,
    LICENSE: 'MIT\n',
    ...files,
  };
  for (const [path, text] of Object.entries(content)) {
    if (text === null) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** A good pack, packed by our own writer. */
export function samplePack(options: SamplePack = {}): PackedSample {
  const { id = 'cody', version = '0.2.0', wrapped = false } = options;
  const folder = samplePackFolder(options);
  const { bytes, sha256 } = packArchive(folder, wrapped ? { wrapper: `${id}-${version}` } : {});
  return {
    id,
    version,
    folder,
    archive: bytes,
    sha256,
    manifest: readFileSync(join(folder, 'persona.toml'), 'utf8'),
  };
}
