import { join } from 'node:path';

import { readJsonConfig, readTomlConfig, valuesOf } from '../doctor/config-file.ts';
import type {
  DoctorPlace,
  HarnessFault,
  HarnessInspector,
  InstalledHook,
  InstalledServer,
} from '../doctor/contract.ts';
import { findHookEntries } from '../doctor/hook-entries.ts';
import { nativeEventsOf } from '../doctor/native-events.ts';
import { readText } from '../install/install.ts';
import { asRecord } from '../payload.ts';
import { SERVER_NAME } from '../rendering.ts';
import { codexPaths } from './install.ts';
import { CODEX_HOOKS } from './render.ts';
import { trustHash, trustKey } from './trust.ts';

/** Events of Codex 0.169; it passes over every other name without a word. */
const EVENTS = new Set([
  'SessionStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PermissionRequest',
  'PostToolUse',
  'PreCompact',
  'PostCompact',
  'SubagentStart',
  'SubagentStop',
  'Stop',
  'Interrupt',
  'SessionEnd',
  'PreModelRequest',
  'PostModelRequest',
]);

export const codexInspector: HarnessInspector = {
  title: 'Codex',
  events: EVENTS,
  nativeEvents: nativeEventsOf(CODEX_HOOKS),
  findHooks: (place) => findHookEntries(codexPaths(place).hooks, 'codex'),
  findServer,
  findUnreadable,
  findSwitches,
  findUntrusted,
  forbiddenCall: (folder) => ({
    hook_event_name: 'PreToolUse',
    cwd: folder,
    agent_type: 'architect',
    tool_name: 'apply_patch',
    tool_input: { command: '*** Begin Patch\n*** Add File: denied.txt\n+x\n*** End Patch\n' },
  }),
};

/** Trust, and the person's own settings, stand here whatever the scope is. */
function userConfig(place: DoctorPlace): string {
  return codexPaths({ ...place, scope: 'user' }).config;
}

function findServer(place: DoctorPlace): InstalledServer | undefined {
  const { config } = codexPaths(place);
  const server = asRecord(asRecord(valuesOf(readTomlConfig(config)).mcp_servers)[SERVER_NAME]);
  const { command, args } = server;
  if (typeof command !== 'string') return undefined;
  const rest = Array.isArray(args) ? args.filter((arg) => typeof arg === 'string') : [];
  return { file: config, words: [command, ...rest] };
}

function findUnreadable(place: DoctorPlace): HarnessFault[] {
  const { hooks } = codexPaths(place);
  const faults: HarnessFault[] = [];
  for (const file of new Set([codexPaths(place).config, userConfig(place)])) {
    const config = readTomlConfig(file);
    if (config.kind !== 'broken') continue;
    faults.push({
      id: 'config-unreadable',
      severity: 'error',
      file,
      what: `Codex cannot read it: ${config.reason}. It does not start.`,
      next: `Correct it by hand; codex mcp list says where it stops.`,
    });
  }
  const reason = whyDropped(hooks);
  if (reason !== undefined) {
    faults.push({
      id: 'config-unreadable',
      severity: 'error',
      file: hooks,
      what: `Codex drops the whole file and every hook in it: ${reason}.`,
      next: 'Correct it by hand, then: nexo harness doctor codex',
    });
  }
  return faults;
}

/** Why Codex takes nothing from this hooks file: it is strict JSON with two keys and no handler of a kind unknown. */
function whyDropped(file: string): string | undefined {
  const config = readJsonConfig(file);
  if (config.kind === 'missing') return undefined;
  if (config.kind === 'broken') return config.reason;
  try {
    if (readText(file)?.trim() !== '') JSON.parse(config.text);
  } catch {
    return 'it has comments or trailing commas';
  }
  const foreign = Object.keys(config.value).filter((key) => key !== 'description' && key !== 'hooks');
  if (foreign.length > 0) return `it has the key ${foreign[0]} at its root`;
  const groups = Object.values(asRecord(config.value.hooks)).flatMap((value) =>
    Array.isArray(value) ? value : [],
  );
  for (const group of groups) {
    const { hooks } = asRecord(group);
    for (const each of Array.isArray(hooks) ? hooks : []) {
      const { type, timeout, command, commandWindows, command_windows } = asRecord(each);
      if (type === 'http') return 'it has a handler of type http';
      if (timeout !== undefined && typeof timeout !== 'number')
        return `a timeout in it is no number (${String(command)})`;
      if (commandWindows !== undefined && command_windows !== undefined)
        return 'a handler has commandWindows and command_windows';
    }
  }
  return undefined;
}

function findSwitches(place: DoctorPlace): HarnessFault[] {
  const policy = join(place.systemRoot, 'etc', 'codex', 'requirements.toml');
  const files = [...new Set([policy, userConfig(place), codexPaths(place).config])];
  return files.flatMap((file) => {
    const values = valuesOf(readTomlConfig(file));
    const byPolicy = file === policy;
    const features = asRecord(values.features);
    // The older name still counts in 0.169.
    const off = ['hooks', 'codex_hooks'].filter((key) => features[key] === false);
    const faults: HarnessFault[] = off.map((key) => ({
      id: 'hooks-disabled',
      severity: 'error',
      file,
      what: `[features] ${key} = false: Codex runs no hook at all, so no gate holds.`,
      next: byPolicy
        ? 'Ask the administrator of this machine.'
        : 'Take the line out, or: codex features enable hooks',
    }));
    if (byPolicy && values.allow_managed_hooks_only === true) {
      faults.push({
        id: 'hooks-disabled',
        severity: 'error',
        file,
        what: 'allow_managed_hooks_only = true: Codex runs only hooks that the administrator installed.',
        next: 'Ask the administrator of this machine.',
      });
    }
    if (asRecord(asRecord(values.mcp_servers)[SERVER_NAME]).enabled === false) {
      faults.push({
        id: 'server-disabled',
        severity: 'error',
        file,
        what: `[mcp_servers.${SERVER_NAME}] enabled = false: Codex does not start the server.`,
        next: 'Take the line out, then: codex mcp list',
        entry: '# BEGIN nexo',
      });
    }
    for (const [name, plugin] of Object.entries(asRecord(values.plugins))) {
      if (!/^nexo(@|$)/.test(name) || asRecord(plugin).enabled !== false) continue;
      faults.push({
        id: 'plugin-disabled',
        severity: 'warn',
        file,
        what: `The plugin ${name} is installed and switched off.`,
        next: `Set enabled = true for it, or: codex plugin remove ${name}`,
      });
    }
    return faults;
  });
}

function findUntrusted(place: DoctorPlace, hooks: readonly InstalledHook[]): HarnessFault[] {
  const file = userConfig(place);
  const config = valuesOf(readTomlConfig(file));
  const state = asRecord(asRecord(config.hooks).state);
  const faults: HarnessFault[] = [];
  const known = hooks.filter(({ native }) => EVENTS.has(native));
  const trustOf = (hook: InstalledHook): unknown => asRecord(state[trustKey(hook)]).trusted_hash;
  const name = (hook: InstalledHook): string => `${hook.native} (${trustKey(hook)})`;
  const untrusted = known.filter((hook) => typeof trustOf(hook) !== 'string');
  const modified = known.filter(
    (hook) => typeof trustOf(hook) === 'string' && trustOf(hook) !== trustHash(hook),
  );
  const off = known.filter((hook) => asRecord(state[trustKey(hook)]).enabled === false);
  const next = 'Start codex, open /hooks and trust each entry of nexo, then: nexo harness doctor codex';
  const [hooksFile = codexPaths(place).hooks] = known.map((hook) => hook.file);
  if (untrusted.length > 0) {
    faults.push({
      id: 'hook-untrusted',
      severity: 'error',
      file: hooksFile,
      what: `${numberOf(untrusted)} not trusted: Codex passes over ${them(untrusted)} without a word.`,
      next,
      evidence: untrusted.map(name),
    });
  }
  if (modified.length > 0) {
    faults.push({
      id: 'hook-modified',
      severity: 'error',
      file: hooksFile,
      what: `${numberOf(modified)} not what was trusted in ${modified.length === 1 ? 'its' : 'their'} place: Codex passes over ${them(modified)}.`,
      next,
      evidence: modified.map(name),
    });
  }
  if (off.length > 0) {
    faults.push({
      id: 'hooks-disabled',
      severity: 'error',
      file,
      what: `${numberOf(off)} switched off in [hooks.state].`,
      next: 'Start codex, open /hooks and switch on each entry of nexo.',
      evidence: off.map(name),
    });
  }
  if (place.scope === 'project' && trustLevel(config, place.projectRoot) !== 'trusted') {
    faults.push({
      id: 'project-untrusted',
      severity: 'error',
      file,
      what: `Codex does not trust ${place.projectRoot} and reads nothing in its .codex folder.`,
      next: 'Start codex in the project and accept its question.',
    });
  }
  return faults;
}

function trustLevel(config: Readonly<Record<string, unknown>>, root: string): unknown {
  return asRecord(asRecord(config.projects)[root]).trust_level;
}

function numberOf(hooks: readonly unknown[]): string {
  return hooks.length === 1 ? 'One hook is' : `${hooks.length} hooks are`;
}

function them(hooks: readonly unknown[]): string {
  return hooks.length === 1 ? 'it' : 'them';
}
