import type { ManifestProblem, ManifestProblemKind, PersonaManifest } from './manifest.ts';
import { collisionKey, packPathFault } from './pack-path.ts';
import { parseRequirement } from './requirement.ts';
import { isVersion } from './version.ts';

type Path = readonly (string | number)[];

interface Fault {
  readonly kind: ManifestProblemKind;
  readonly message: string;
  readonly fix: string;
}

type Locate = (fault: Fault, path: Path) => ManifestProblem;

/** What a pack is called: it becomes part of a folder's name and of an agent's source. */
const ID = /^[a-z0-9][a-z0-9-]{2,63}$/;
const ENV_NAME = /^[A-Z_][A-Z0-9_]*$/;
/** The plugin's id is what stands before `.partial`. */
const PARTIAL_NAME = /^(?<plugin>[a-z][a-z0-9_-]{0,63})\.partial\.ya?ml$/;
/** Caps on what a manifest may list and say; far above what packs need. */
const MAX_ITEMS = 256;
const MAX_LINE = 1024;

/** Every rule beyond the shape, in the order in which the format states them. */
export function checkManifest(manifest: PersonaManifest, locate: Locate): ManifestProblem[] {
  return [
    ...blankFields(manifest, locate),
    ...identity(manifest, locate),
    ...requirements(manifest, locate),
    ...contributions(manifest, locate),
  ];
}

/** The plugin that a configuration fragment is for; undefined when the name is not `<plugin>.partial.yaml`. */
export function pluginOfPartial(path: string): string | undefined {
  return PARTIAL_NAME.exec(path.slice(path.lastIndexOf('/') + 1))?.groups?.plugin;
}

function* blankFields(manifest: PersonaManifest, locate: Locate): Generator<ManifestProblem> {
  const fields = {
    id: manifest.id,
    version: manifest.version,
    description: manifest.description,
    min_nexo_version: manifest.minNexoVersion,
  };
  for (const [key, value] of Object.entries(fields)) {
    if (value.trim() !== '') continue;
    yield locate(
      { kind: 'EmptyRequiredField', message: `persona.${key} is empty`, fix: 'Give it a value.' },
      ['persona', key],
    );
  }
  const lines = { description: manifest.description, homepage: manifest.homepage, ...manifest.meta };
  for (const [key, value] of Object.entries(lines)) {
    const reason = value === undefined ? undefined : lineFault(value);
    if (reason === undefined) continue;
    const path = key === 'description' || key === 'homepage' ? ['persona', key] : ['persona', 'meta', key];
    yield locate(
      {
        kind: 'ManifestInvalid',
        message: `${path.join('.')} ${reason}`,
        fix: 'Write one short line of text.',
      },
      path,
    );
  }
}

function* identity(
  { id, version, minNexoVersion }: PersonaManifest,
  locate: Locate,
): Generator<ManifestProblem> {
  if (id.trim() !== '' && !ID.test(id)) {
    yield locate(
      {
        kind: 'InvalidId',
        message: `persona id violates id regex: ${quote(id)} does not match ${ID.source}`,
        fix: 'Use 3 to 64 small letters, digits and hyphens, a letter or digit first.',
      },
      ['persona', 'id'],
    );
  }
  if (version.trim() !== '' && !isVersion(version)) {
    yield locate(
      {
        kind: 'InvalidVersion',
        message: `persona.version ${quote(version)} is not a semantic version`,
        fix: 'Write MAJOR.MINOR.PATCH, such as "0.1.0", without a v.',
      },
      ['persona', 'version'],
    );
  }
  const requirement = parseRequirement(minNexoVersion);
  if (minNexoVersion.trim() !== '' && !requirement.ok) {
    yield locate(
      {
        kind: 'InvalidMinNexoVersion',
        message: `persona.min_nexo_version ${quote(minNexoVersion)} ${requirement.reason}`,
        fix: 'Write a requirement such as ">=0.1.0", "^0.1" or ">=0.1.0, <0.3.0".',
      },
      ['persona', 'min_nexo_version'],
    );
  }
}

function* requirements({ requires }: PersonaManifest, locate: Locate): Generator<ManifestProblem> {
  if (requires === undefined) return;
  const at = ['persona', 'requires'];
  for (const [index, { name, description }] of requires.envVars.entries()) {
    const path = [...at, 'env_vars', index];
    if (!ENV_NAME.test(name)) {
      yield locate(
        {
          kind: 'InvalidEnvVarName',
          message: `persona.requires.env_vars[${index}].name ${quote(name)} is no name of a variable`,
          fix: 'Use capital letters, digits and underscores, no digit first.',
        },
        [...path, 'name'],
      );
    }
    if (description.trim() !== '') continue;
    yield locate(
      {
        kind: 'EmptyEnvVarDescription',
        message: `persona.requires.env_vars[${index}].description is empty`,
        fix: `Say what ${name === '' ? 'the variable' : name} is for and where to get it.`,
      },
      [...path, 'description'],
    );
  }
  yield* duplicates(
    requires.envVars.map(({ name }) => name),
    [...at, 'env_vars'],
    locate,
  );
  for (const key of ['plugins', 'features'] as const) {
    for (const [index, item] of requires[key].entries()) {
      const reason = item.trim() === '' ? 'is empty' : lineFault(item);
      if (reason === undefined) continue;
      yield locate(
        {
          kind: 'ManifestInvalid',
          message: `persona.requires.${key}[${index}] ${reason}`,
          fix: 'Write one name.',
        },
        [...at, key, index],
      );
    }
    yield* duplicates(requires[key], [...at, key], locate);
  }
}

function* contributions({ contributes }: PersonaManifest, locate: Locate): Generator<ManifestProblem> {
  const at = ['persona', 'contributes'];
  const seed = contributes.workspaceSeed;
  const lists = {
    agent_configs: contributes.agentConfigs,
    plugin_configs_partial: contributes.pluginConfigsPartial,
    secrets_templates: contributes.secretsTemplates,
  };
  for (const [key, paths] of Object.entries(lists)) {
    for (const [index, path] of paths.entries())
      yield* contributedPath(path, [...at, key, index], locate, FILE_NAMES[key]);
    yield* duplicates(paths.map(collisionKey), [...at, key], locate);
    if (paths.length > MAX_ITEMS) {
      yield locate(
        {
          kind: 'ManifestInvalid',
          message: `persona.contributes.${key} lists ${paths.length} files, and at most ${MAX_ITEMS} are taken`,
          fix: 'Put several agents into one file.',
        },
        [...at, key],
      );
    }
  }
  if (seed !== undefined) yield* contributedPath(seed, [...at, 'workspace_seed'], locate);
}

interface NameRule {
  readonly fits: (path: string) => boolean;
  readonly message: string;
  readonly fix: string;
}

const FILE_NAMES: Readonly<Record<string, NameRule>> = {
  agent_configs: {
    fits: (path) => /[^/]\.ya?ml$/.test(path),
    message: 'is no YAML file',
    fix: 'Name a file that ends in .yaml.',
  },
  plugin_configs_partial: {
    fits: (path) => pluginOfPartial(path) !== undefined,
    message: 'is not named <plugin>.partial.yaml',
    fix: 'Rename the file: what stands before .partial.yaml is the id of the plugin.',
  },
  secrets_templates: {
    fits: (path) => /[^/]\.template$/.test(path),
    message: 'does not end in .template',
    fix: 'Rename the file, and keep a real secret out of the pack.',
  },
};

function* contributedPath(
  path: string,
  where: Path,
  locate: Locate,
  name?: NameRule,
): Generator<ManifestProblem> {
  const key = `${where.slice(0, 3).join('.')}${typeof where[3] === 'number' ? `[${where[3]}]` : ''}`;
  const fault = packPathFault(path);
  if (fault !== undefined) {
    const fix = 'Write a path below the pack, with / between its parts.';
    yield locate({ kind: fault.kind, message: `${key} ${quote(path)} ${fault.reason}`, fix }, where);
  } else if (name !== undefined && !name.fits(path)) {
    yield locate(
      { kind: 'ManifestInvalid', message: `${key} ${quote(path)} ${name.message}`, fix: name.fix },
      where,
    );
  }
}

function* duplicates(items: readonly string[], where: Path, locate: Locate): Generator<ManifestProblem> {
  for (const [index, item] of items.entries()) {
    if (items.indexOf(item) === index) continue;
    yield locate(
      {
        kind: 'ManifestInvalid',
        message: `${where.join('.')}[${index}] says ${quote(item)} again`,
        fix: 'Name each one once.',
      },
      [...where, index],
    );
  }
}

function lineFault(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(text))
    return 'holds a line break or a control character';
  return text.length > MAX_LINE ? `is longer than ${MAX_LINE} characters` : undefined;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
