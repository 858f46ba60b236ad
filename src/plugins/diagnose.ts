import { readdirSync, readFileSync } from 'node:fs';

import { bannedText } from '../automation/scripts/doctor/banned-text.ts';
import { fileNameOf, logicalName, stemOf as scriptStem } from '../automation/scripts/names.ts';
import type { CheckIssue } from '../base/check.ts';
import { createRedactor } from '../base/redact.ts';
import type { HomePaths } from '../home/paths.ts';
import type { PluginLibrary } from './library.ts';
import { listPlugins, type PluginRow } from './views.ts';

/** Everything that is wrong with the plugins of a library that has settled, or with one of them. */
export function diagnosePlugins(
  library: PluginLibrary,
  {
    paths,
    env,
    file,
  }: { readonly paths: HomePaths; readonly env: NodeJS.ProcessEnv; readonly file?: string },
): readonly CheckIssue[] {
  return listPlugins(library, env)
    .filter((row) => file === undefined || row.file === file)
    .flatMap((row) => [...stateIssues(row), ...companionIssues(row, paths), ...textIssues(row)]);
}

function stateIssues(row: PluginRow): readonly CheckIssue[] {
  const error = (message: string): CheckIssue => ({ subject: row.file, severity: 'error', message });
  const warn = (message: string): CheckIssue => ({ subject: row.file, severity: 'warn', message });
  const missing = row.missing_env.map((name) => warn(`${name} is declared and not set here`));
  const reason = row.last_error?.replace(`Plugin ${row.file}: `, '').replace(/\.$/, '') ?? '';
  switch (row.status) {
    case 'failed':
      return [error(row.tools_count > 0 ? `${reason}; the version before it is still in use` : reason)];
    case 'rejected':
      return [error(reason)];
    case 'skipped':
      return [warn(`left alone: ${reason}`)];
    case 'waiting':
      return [warn('waits for approval: nexo plugins approve')];
    case 'replaced':
      return [warn('a personal plugin stands in its place')];
    default:
      return row.source === 'personal (override)'
        ? [warn(`stands in the place of Nexo's own ${row.overrides}`), ...missing]
        : missing;
  }
}

function companionIssues({ file, companion }: PluginRow, { scripts }: HomePaths): readonly CheckIssue[] {
  if (companion === null || hasScript(scripts, companion)) return [];
  return [{ subject: file, severity: 'error', message: `its companion script ${companion} is not there` }];
}

/** By file name, or by what people call it. */
export function hasScript(folder: string, name: string): boolean {
  try {
    return readdirSync(folder).some(
      (file) =>
        file === name || scriptStem(file) === name || scriptStem(file) === fileNameOf(logicalName(name), ''),
    );
  } catch {
    return false;
  }
}

/** Largest text that is looked through, in bytes. */
const MAX_BYTES = 1024 * 1024;

function textIssues({ file, path, kind }: PluginRow): readonly CheckIssue[] {
  if (path === null) return [];
  let text: string;
  try {
    text = readFileSync(path, 'utf8').slice(0, MAX_BYTES);
  } catch {
    return []; // gone in between
  }
  const redact = createRedactor();
  const secret = text.split('\n').findIndex((line) => redact(line) !== line);
  const secrets: CheckIssue[] =
    secret === -1
      ? []
      : [
          {
            subject: file,
            severity: 'warn',
            message: `line ${secret + 1} looks like it holds a secret; put it into a variable and declare that as env`,
          },
        ];
  // A plugin may have a database of its own; starting clients and naming models breaks with the next change of either.
  const banned =
    kind === 'mcp'
      ? []
      : bannedText(text, true).map(
          ({ msg }): CheckIssue => ({ subject: file, severity: 'warn', message: msg }),
        );
  return [...secrets, ...banned];
}
