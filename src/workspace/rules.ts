import { join } from 'node:path';

import { headlineOf, noteFiles, readNote } from './knowledge.ts';
import { type Workspace, workspacePaths } from './workspace.ts';

/** A rule of the project: `.nexus/rules/<name>.md`. */
export interface ProjectRule {
  readonly name: string;
  readonly path: string;
  readonly headline: string;
  readonly bytes: number;
}

const HEAD_BYTES = 512;
/** Most of a rule that is shown, in bytes. */
const MAX_RULE_BYTES = 1024 * 1024;

/** Every rule, by name. Links and folders are passed over, as they are when an agent starts. */
export function listRules(workspace: Workspace): ProjectRule[] {
  return ruleFiles(workspace).flatMap((file) => {
    const note = readNote(rulePath(workspace, file), HEAD_BYTES);
    if (note === undefined) return [];
    const name = file.slice(0, -'.md'.length);
    return [{ name, path: `.nexus/rules/${file}`, headline: headlineOf(note.text), bytes: note.bytes }];
  });
}

export function readRule(workspace: Workspace, rule: ProjectRule): string {
  return readNote(rulePath(workspace, `${rule.name}.md`), MAX_RULE_BYTES)?.text ?? '';
}

function rulePath(workspace: Workspace, file: string): string {
  return join(workspacePaths.nexus(workspace.root), 'rules', file);
}

function ruleFiles(workspace: Workspace): string[] {
  return noteFiles(workspace, 'rules').sort();
}
