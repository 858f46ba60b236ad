import { isAbsolute, join } from 'node:path';

import { isoTime } from '../base/clock.ts';
import { ensureFolder } from '../base/folder.ts';
import { appendJsonl } from '../base/jsonl.ts';
import { assertInside } from '../base/safe-path.ts';
import { NexoError } from '../errors.ts';
import { recordAgentComplete, recordAgentResume, recordAgentSpawn } from '../workspace/agent-tracker.ts';
import { presentExtensions } from '../workspace/extension-files.ts';
import { recordMemoryRead } from '../workspace/memory-access.ts';
import { endSession, startSession } from '../workspace/session.ts';
import { appendToolLog } from '../workspace/tool-log.ts';
import { filesTouchedBy } from '../workspace/tool-report.ts';
import { type Workspace, workspacePaths } from '../workspace/workspace.ts';
import type { HookEffect } from './effects.ts';

/** What the harness is to be told, in neutral words; its adapter puts it into its own form. */
export interface HookReply {
  readonly modelTexts: readonly string[];
  readonly personTexts: readonly string[];
  readonly refusal: { readonly reason: string; readonly rule: string } | undefined;
  /** What could not be done to the workspace; the session goes on regardless. */
  readonly faults: readonly NexoError[];
}

/**
 * Carries effects out, in order. A failing effect does not stop the others: a hook reports, it never breaks a session.
 * `cwd` is what relative paths of the event count from.
 */
export async function applyEffects(
  workspace: Workspace,
  effects: readonly HookEffect[],
  cwd: string,
): Promise<HookReply> {
  const modelTexts: string[] = [];
  const personTexts: string[] = [];
  const faults: NexoError[] = [];
  let refusal: HookReply['refusal'];
  for (const effect of effects) {
    try {
      if (effect.kind === 'inform-model') modelTexts.push(effect.text);
      else if (effect.kind === 'inform-person') personTexts.push(effect.text);
      else if (effect.kind === 'refuse') refusal ??= { reason: effect.reason, rule: effect.rule };
      else if (effect.kind === 'begin-session') personTexts.push(...(await beginSession(workspace, effect)));
      else await applyToWorkspace(workspace, effect, cwd);
    } catch (error) {
      if (!(error instanceof NexoError)) throw error;
      faults.push(error);
    }
  }
  return { modelTexts, personTexts, refusal, faults };
}

/** A project without a workspace stays without one: hooks installed for a user run everywhere. */
function hasWorkspace({ fs, root }: Workspace): boolean {
  return fs.lstatSync(workspacePaths.nexus(root), { throwIfNoEntry: false }) !== undefined;
}

/** Answers with what the person has to know of it. */
async function beginSession(
  workspace: Workspace,
  { keepTracker }: Extract<HookEffect, { kind: 'begin-session' }>,
): Promise<string[]> {
  if (!hasWorkspace(workspace)) return [];
  const { fs, root, harnessId } = workspace;
  const tracker = join(workspacePaths.harness(root, harnessId), 'agent-tracker.json');
  // An empty one is what a crash of the machine left of it.
  const isThere = (fs.lstatSync(tracker, { throwIfNoEntry: false })?.size ?? 0) > 0;
  if (keepTracker && isThere) return [];
  const { setAside } = await startSession(workspace);
  if (setAside === undefined) return [];
  return [
    `.nexus/state/${harnessId}/agent-tracker.json could not be read. It was set aside as ${setAside}; this session begins with an empty one.`,
  ];
}

type WorkspaceEffect = Exclude<
  HookEffect,
  { kind: 'inform-model' | 'inform-person' | 'refuse' | 'begin-session' }
>;

async function applyToWorkspace(workspace: Workspace, effect: WorkspaceEffect, cwd: string): Promise<void> {
  if (!hasWorkspace(workspace)) return;
  switch (effect.kind) {
    case 'end-session':
      return endSession(workspace);
    case 'record-denial':
      return recordDenial(workspace, effect);
    case 'log-tool':
      return logTool(workspace, effect, cwd);
    case 'count-memory-read': {
      await recordMemoryRead(workspace, { path: toAbsolute(effect.path, cwd), agent: effect.reader });
      return;
    }
    case 'settle-extensions': {
      if (presentExtensions(workspace).length === 0) return;
      const { settleExtensions } = await import('../workspace/extensions.ts');
      return settleExtensions(workspace);
    }
    default:
      return trackAgent(workspace, effect);
  }
}

function logTool(workspace: Workspace, effect: Extract<HookEffect, { kind: 'log-tool' }>, cwd: string): void {
  const files = effect.files.length === 0 ? [null] : effect.files.map((file) => toAbsolute(file, cwd));
  for (const file of files) {
    const status = effect.failed ? 'error' : 'ok';
    appendToolLog(workspace, { agent_id: effect.agentId ?? null, tool: effect.tool, file, status });
  }
}

/** Name of the log of refusals in a harness's namespace. */
const DENIAL_LOG = 'gate-log.jsonl';

function recordDenial(workspace: Workspace, effect: Extract<HookEffect, { kind: 'record-denial' }>): void {
  const { kind: _kind, ...denial } = effect;
  const folder = workspacePaths.harness(workspace.root, workspace.harnessId);
  assertInside(workspace.root, folder);
  ensureFolder(workspace.fs, folder);
  appendJsonl(workspace.fs, join(folder, DENIAL_LOG), { ts: isoTime(workspace.clock), ...denial });
}

async function trackAgent(
  workspace: Workspace,
  effect: Extract<HookEffect, { kind: 'track-spawn' | 'track-resume' | 'track-complete' }>,
): Promise<void> {
  const { id, name } = effect.agent;
  if (id === undefined) return; // Without an id an entry could never be completed or resumed.
  const roleName = /^[a-z][a-z0-9-]*$/.test(name) ? { agent_name: name } : {};
  if (effect.kind === 'track-spawn') return recordAgentSpawn(workspace, { agent_id: id, ...roleName });
  if (effect.kind === 'track-resume') return recordAgentResume(workspace, { agent_id: id });
  const message = effect.lastMessage === undefined ? {} : { last_message: effect.lastMessage };
  return recordAgentComplete(workspace, {
    agent_id: id,
    ...message,
    files_touched: filesTouchedBy(workspace, id),
  });
}

function toAbsolute(path: string, cwd: string): string {
  return isAbsolute(path) ? path : join(cwd, path);
}
