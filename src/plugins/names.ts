import type { PluginKind } from './contract.ts';
import { MANIFEST_SUFFIX } from './manifest.ts';

const MODULES: Readonly<Record<string, PluginKind>> = {
  '.ts': 'node',
  '.mts': 'node',
  '.js': 'node',
  '.mjs': 'node',
  '.cjs': 'node',
  '.py': 'python',
};

/** What a file in the plugins folder is, by its name; undefined for what is no plugin. */
export function kindOf(file: string): PluginKind | undefined {
  if (file.startsWith('.') || file.startsWith('_')) return undefined;
  if (file.endsWith(MANIFEST_SUFFIX)) return 'mcp';
  // Declarations and tests lie beside what they are about.
  if (/\.(d|test|spec)\.[mc]?[jt]s$/.test(file) || /^test_.*\.py$/.test(file)) return undefined;
  return MODULES[/\.[^.]+$/.exec(file)?.[0] ?? ''];
}

/** The name without what says what it is: `crm-bridge.ts`, `crm-bridge.plugin.json` → `crm-bridge`. */
export function stemOf(file: string): string {
  return file.endsWith(MANIFEST_SUFFIX)
    ? file.slice(0, -MANIFEST_SUFFIX.length)
    : file.replace(/\.[^.]+$/, '');
}

/** The tool name, or the beginning of the tool names, that a file's own name calls for. */
export function defaultToolName(file: string): string {
  return `nexo_${stemOf(file)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')}`;
}

/** What is put before the tools of a server whose manifest names no prefix. */
export function defaultPrefix(file: string): string {
  return `${defaultToolName(file)}_`;
}

/** The file that `name 2.py` is a copy of, as file managers and sync programs make them; undefined for any other name. */
export function copiedFrom(file: string): string | undefined {
  const match = /^(?<stem>.+) (?:\d+|copy|\(\d+\))(?<ending>(?:\.plugin)?\.[^.]+)$/.exec(file);
  return match?.groups === undefined ? undefined : `${match.groups.stem}${match.groups.ending}`;
}
