import { join } from 'node:path';

import { readJsonConfig, valuesOf } from '../doctor/config-file.ts';
import type { DoctorPlace, HarnessFault, HarnessInspector, InstalledServer } from '../doctor/contract.ts';
import { findHookEntries } from '../doctor/hook-entries.ts';
import { nativeEventsOf } from '../doctor/native-events.ts';
import { asRecord } from '../payload.ts';
import { SERVER_NAME } from '../rendering.ts';
import { claudePaths } from './install.ts';
import { CLAUDE_HOOKS, PLUGIN_NAME } from './render.ts';

/** Events in the types of Claude Code 2.1. It ignores other names. */
const EVENTS = new Set(
  (
    'SessionStart Setup UserPromptSubmit UserPromptExpansion PreToolUse PermissionRequest PermissionDenied ' +
    'PostToolUse PostToolUseFailure PostToolBatch Notification MessageDisplay SubagentStart SubagentStop TaskCreated ' +
    'TaskCompleted TeammateIdle Stop StopFailure PreCompact PostCompact PreModelSwitch PostModelSwitch ' +
    'InstructionsLoaded ConfigChange CwdChanged DirectoryAdded FileChanged WorktreeCreate WorktreeRemove Elicitation ' +
    'ElicitationResult SessionEnd'
  ).split(' '),
);

export const claudeInspector: HarnessInspector = {
  title: 'Claude Code',
  events: EVENTS,
  nativeEvents: nativeEventsOf(CLAUDE_HOOKS),
  findHooks: (place) => findHookEntries(claudePaths(place).settings, 'claude'),
  findServer,
  findUnreadable,
  findSwitches: (place) => settingsFiles(place).flatMap((file) => findSwitchesIn(file)),
  findUntrusted,
  forbiddenCall: (folder) => ({
    hook_event_name: 'PreToolUse',
    cwd: folder,
    agent_type: 'architect',
    tool_name: 'Write',
    tool_input: { file_path: join(folder, 'denied.txt'), content: 'x' },
  }),
};

interface SettingsFile {
  readonly file: string;
  /** Set by an administrator, so that the person cannot change it. */
  readonly isPolicy: boolean;
}

/** Every file whose settings count for this place, the strongest first. */
function settingsFiles(place: DoctorPlace): SettingsFile[] {
  const user = claudePaths({ ...place, scope: 'user' }).settings;
  const project = join(place.projectRoot, '.claude');
  return [
    { file: policyFile(place), isPolicy: true },
    ...[...new Set([join(project, 'settings.local.json'), join(project, 'settings.json'), user])].map(
      (file) => ({
        file,
        isPolicy: false,
      }),
    ),
  ];
}

function policyFile({ systemRoot, platform }: DoctorPlace): string {
  const name = 'managed-settings.json';
  if (platform === 'darwin') return join(systemRoot, 'Library', 'Application Support', 'ClaudeCode', name);
  if (platform === 'win32') return join(systemRoot, 'Program Files', 'ClaudeCode', name);
  return join(systemRoot, 'etc', 'claude-code', name);
}

function findServer(place: DoctorPlace): InstalledServer | undefined {
  const { servers } = claudePaths(place);
  const { command, args } = asRecord(asRecord(valuesOf(readJsonConfig(servers)).mcpServers)[SERVER_NAME]);
  if (typeof command !== 'string') return undefined;
  const rest = Array.isArray(args) ? args.filter((arg) => typeof arg === 'string') : [];
  return { file: servers, words: [command, ...rest] };
}

function findUnreadable(place: DoctorPlace): HarnessFault[] {
  const { settings, servers } = claudePaths(place);
  return [settings, servers].flatMap((file): HarnessFault[] => {
    const config = readJsonConfig(file);
    if (config.kind !== 'broken') return [];
    return [
      {
        id: 'config-unreadable',
        severity: 'error',
        file,
        what: `Claude Code takes nothing from it: ${config.reason}.`,
        next: 'Correct it by hand, then: nexo harness doctor claude',
      },
    ];
  });
}

function findSwitchesIn({ file, isPolicy }: SettingsFile): HarnessFault[] {
  const values = valuesOf(readJsonConfig(file));
  const askOr = (next: string): string => (isPolicy ? 'Ask the administrator of this machine.' : next);
  const faults: HarnessFault[] = [];
  if (values.disableAllHooks === true) {
    faults.push({
      id: 'hooks-disabled',
      severity: 'error',
      file,
      what: '"disableAllHooks": true: Claude Code runs no hook at all, so no gate holds.',
      next: askOr('Take the setting out, then: nexo harness doctor claude'),
    });
  }
  if (isPolicy && values.allowManagedHooksOnly === true) {
    faults.push({
      id: 'hooks-disabled',
      severity: 'error',
      file,
      what: '"allowManagedHooksOnly": true: Claude Code runs only hooks that the administrator installed.',
      next: askOr(''),
    });
  }
  const blocked = textsIn(values.disabledMcpjsonServers).includes(SERVER_NAME)
    ? `"disabledMcpjsonServers" names ${SERVER_NAME}`
    : textsIn(asRecord(values.permissions).deny).find((rule) => /^mcp__nexo(__\*)?$/.test(rule));
  if (blocked !== undefined) {
    faults.push({
      id: 'server-disabled',
      severity: 'error',
      file,
      what: `${blocked.startsWith('mcp__') ? `"permissions.deny" holds ${blocked}` : blocked}: no agent can use the server's tools.`,
      next: askOr('Take it out of the list, then: nexo harness doctor claude'),
    });
  }
  for (const [name, isOn] of Object.entries(asRecord(values.enabledPlugins))) {
    if (!name.startsWith(`${PLUGIN_NAME}@`) || isOn !== false) continue;
    faults.push({
      id: 'plugin-disabled',
      severity: 'warn',
      file,
      what: `The plugin ${name} is installed and switched off.`,
      next: askOr(`claude plugin enable ${name}, or: claude plugin uninstall ${name}`),
    });
  }
  return faults;
}

/** Settings of a project wait until the person has trusted its folder in an interactive session. */
function findUntrusted(place: DoctorPlace): HarnessFault[] {
  if (place.scope !== 'project') return [];
  const file = claudePaths({ ...place, scope: 'user' }).servers;
  const project = asRecord(asRecord(valuesOf(readJsonConfig(file)).projects)[place.projectRoot]);
  if (textsIn(project.disabledMcpjsonServers).includes(SERVER_NAME)) {
    return [
      {
        id: 'server-disabled',
        severity: 'error',
        file,
        what: `The server ${SERVER_NAME} of ${place.projectRoot} was refused in a session.`,
        next: 'Start claude in the project, open /mcp and allow it; or: claude mcp reset-project-choices',
      },
    ];
  }
  if (project.hasTrustDialogAccepted === true) return [];
  return [
    {
      id: 'project-untrusted',
      severity: 'warn',
      file,
      what: `Claude Code has not been told to trust ${place.projectRoot}: in a session its hooks and its server wait for that.`,
      next: 'Start claude in the project once and accept its questions.',
    },
  ];
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
