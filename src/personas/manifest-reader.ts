import type { EnvRequirement, ManifestProblem, PersonaManifest } from './manifest.ts';
import { keyName } from './toml-lines.ts';

type Path = readonly (string | number)[];
type Table = Readonly<Record<string, unknown>>;

/** Reads the shape of a manifest: types, required keys, and no key that the format does not have. */
export class ManifestReader {
  readonly #lineOf: (path: Path) => number;
  readonly #file: string;
  readonly #problems: ManifestProblem[] = [];

  constructor(lineOf: (path: Path) => number, file: string) {
    this.#lineOf = lineOf;
    this.#file = file;
  }

  /** What was found; only to be asked for when `manifest` gave none. */
  get problems(): [ManifestProblem, ...ManifestProblem[]] {
    const [first, ...rest] = this.#problems;
    if (first === undefined) throw new Error('the manifest was refused without a reason');
    return [first, ...rest];
  }

  /** Undefined when there are problems. */
  manifest(root: Table): PersonaManifest | undefined {
    this.#onlyKeys(root, [], ['manifest_version', 'persona']);
    const persona = this.#table(root, [], 'persona', true);
    if (persona === undefined) return undefined;
    const at = ['persona'];
    this.#onlyKeys(persona, at, [
      'id',
      'version',
      'description',
      'min_nexo_version',
      'homepage',
      'requires',
      'contributes',
      'meta',
    ]);
    const homepage = this.#text(persona, at, 'homepage', false);
    const requires = this.#requires(persona, at);
    const contributes = this.#contributes(persona, at);
    const meta = this.#meta(persona, at);
    const manifest: PersonaManifest = {
      id: this.#text(persona, at, 'id', true) ?? '',
      version: this.#text(persona, at, 'version', true) ?? '',
      description: this.#text(persona, at, 'description', true) ?? '',
      minNexoVersion: this.#text(persona, at, 'min_nexo_version', true) ?? '',
      ...(homepage === undefined ? {} : { homepage }),
      ...(requires === undefined ? {} : { requires }),
      contributes,
      ...(meta === undefined ? {} : { meta }),
    };
    return this.#problems.length === 0 ? manifest : undefined;
  }

  #requires(persona: Table, at: Path): PersonaManifest['requires'] {
    const table = this.#table(persona, at, 'requires', false);
    if (table === undefined) return undefined;
    const path = [...at, 'requires'];
    this.#onlyKeys(table, path, ['plugins', 'features', 'env_vars']);
    return {
      plugins: this.#texts(table, path, 'plugins'),
      features: this.#texts(table, path, 'features'),
      envVars: this.#list(table, path, 'env_vars').map((item, index) =>
        this.#envVar(item, [...path, 'env_vars', index]),
      ),
    };
  }

  #envVar(item: unknown, path: Path): EnvRequirement {
    if (!isTable(item)) {
      this.#problem(path, `${keyName(path)} is not a table`, 'Write it below [[persona.requires.env_vars]].');
      return { name: '', required: false, description: '' };
    }
    this.#onlyKeys(item, path, ['name', 'required', 'description']);
    const required = own(item, 'required');
    if (required !== undefined && typeof required !== 'boolean') {
      const where = [...path, 'required'];
      this.#problem(where, `${keyName(where)} is not a boolean`, 'Write true or false, without quotes.');
    }
    return {
      name: this.#text(item, path, 'name', true) ?? '',
      required: required === true,
      description: this.#text(item, path, 'description', true) ?? '',
    };
  }

  #contributes(persona: Table, at: Path): PersonaManifest['contributes'] {
    const table = this.#table(persona, at, 'contributes', false) ?? {};
    const path = [...at, 'contributes'];
    this.#onlyKeys(table, path, [
      'agent_configs',
      'plugin_configs_partial',
      'secrets_templates',
      'workspace_seed',
    ]);
    const seed = this.#text(table, path, 'workspace_seed', false);
    return {
      agentConfigs: this.#texts(table, path, 'agent_configs'),
      pluginConfigsPartial: this.#texts(table, path, 'plugin_configs_partial'),
      secretsTemplates: this.#texts(table, path, 'secrets_templates'),
      // A slash alone is no folder of the pack, and the rule about absolute paths says so.
      ...(seed === undefined ? {} : { workspaceSeed: seed.length > 1 ? seed.replace(/\/$/, '') : seed }),
    };
  }

  #meta(persona: Table, at: Path): PersonaManifest['meta'] {
    const table = this.#table(persona, at, 'meta', false);
    if (table === undefined) return undefined;
    const path = [...at, 'meta'];
    const names = ['author', 'license', 'repository'] as const;
    this.#onlyKeys(table, path, names);
    return Object.fromEntries(
      names.flatMap((name) => {
        const value = this.#text(table, path, name, false);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }

  #onlyKeys(table: Table, at: Path, known: readonly string[]): void {
    for (const key of Object.keys(table)) {
      if (known.includes(key)) continue;
      const path = [...at, key];
      this.#problem(path, `${keyName(path)} is no key of a manifest`, unknownKeyFix(key, at, known));
    }
  }

  #table(table: Table, at: Path, key: string, required: boolean): Table | undefined {
    const value = own(table, key);
    if (isTable(value)) return value;
    const path = [...at, key];
    if (value !== undefined)
      this.#problem(path, `${keyName(path)} is not a table`, `Begin it with [${path.join('.')}].`);
    else if (required)
      this.#problem(
        path,
        `the table [${key}] is missing`,
        `Add [${key}] with id, version, description and min_nexo_version.`,
      );
    return undefined;
  }

  #text(table: Table, at: Path, key: string, required: boolean): string | undefined {
    const value = own(table, key);
    if (typeof value === 'string') return value;
    const path = [...at, key];
    if (value !== undefined) this.#problem(path, `${keyName(path)} is not text`, 'Write it in quotes.');
    else if (required) this.#problem(path, `${keyName(path)} is missing`, `Add ${key} = "…".`);
    return undefined;
  }

  #texts(table: Table, at: Path, key: string): string[] {
    return this.#list(table, at, key).flatMap((item, index) => {
      if (typeof item === 'string') return [item];
      const path = [...at, key, index];
      this.#problem(path, `${keyName(path)} is not text`, 'Write it in quotes.');
      return [];
    });
  }

  #list(table: Table, at: Path, key: string): readonly unknown[] {
    const value = own(table, key);
    if (Array.isArray(value)) return value;
    const path = [...at, key];
    if (value !== undefined) this.#problem(path, `${keyName(path)} is not a list`, 'Write it in [ and ].');
    return [];
  }

  #problem(path: Path, message: string, fix: string): void {
    const key = keyName(path);
    this.#problems.push({ kind: 'ParseToml', key, line: this.#lineOf(path), message, fix, file: this.#file });
  }
}

/** Names of the tables that belong below `[persona]`. */
const SECTIONS = ['requires', 'contributes', 'meta'];

function unknownKeyFix(key: string, at: Path, known: readonly string[]): string {
  if (at.length === 0 && SECTIONS.includes(key)) return `Write [persona.${key}].`;
  if (at.length === 0) return 'Remove it, or write it below [persona].';
  return `Remove it, or use one of ${known.join(', ')}.`;
}

function own(table: Table, key: string): unknown {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
