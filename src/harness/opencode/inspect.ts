import { readJsonConfig, valuesOf } from '../doctor/config-file.ts';
import type {
  DoctorPlace,
  HarnessFault,
  HarnessInspector,
  InstalledHook,
  InstalledServer,
} from '../doctor/contract.ts';
import { hookCommand } from '../hook-commands.ts';
import { readText } from '../install/install.ts';
import { asRecord } from '../payload.ts';
import { SERVER_NAME } from '../rendering.ts';
import { openCodePaths } from './install.ts';

export const openCodeInspector: HarnessInspector = {
  title: 'OpenCode',
  // Hooks are functions of a plugin, which names them itself.
  events: undefined,
  nativeEvents: {},
  findHooks,
  findServer,
  findUnreadable,
  findSwitches,
  findUntrusted: () => [],
  forbiddenCall: (folder) => ({
    hook: 'tool.execute.before',
    agent: 'architect',
    directory: folder,
    input: { tool: 'write', sessionID: 'ses_doctor', callID: 'call_doctor' },
    output: { args: { filePath: 'denied.txt', content: 'x' } },
  }),
};

/** The gate as the plugin starts it: the command stands in its text. */
function findHooks(place: DoctorPlace): InstalledHook[] {
  const file = openCodePaths(place).plugin;
  const command = commandIn(file);
  if (command === undefined) return [];
  return [
    {
      file,
      native: 'tool.execute.before',
      group: 0,
      index: 0,
      words: hookCommand(command, 'pre-tool-use', 'opencode'),
      event: 'pre-tool-use',
      matcher: undefined,
      handler: {},
      value: undefined,
    },
  ];
}

function commandIn(file: string): string[] | undefined {
  const [, list] = /^const COMMAND = (\[.*\]);$/m.exec(readText(file) ?? '') ?? [];
  try {
    const words: unknown = JSON.parse(list ?? 'null');
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined;
  } catch {
    // Edited by hand, which another finding says.
    return undefined;
  }
}

function findServer(place: DoctorPlace): InstalledServer | undefined {
  const { config } = openCodePaths(place);
  const { command } = asRecord(asRecord(valuesOf(readJsonConfig(config)).mcp)[SERVER_NAME]);
  if (!Array.isArray(command)) return undefined;
  return { file: config, words: command.filter((word) => typeof word === 'string') };
}

function findUnreadable(place: DoctorPlace): HarnessFault[] {
  const { config: file } = openCodePaths(place);
  const config = readJsonConfig(file);
  if (config.kind !== 'broken') return [];
  return [
    {
      id: 'config-unreadable',
      severity: 'error',
      file,
      what: `OpenCode does not start with it: ${config.reason}.`,
      next: 'Correct it by hand; opencode debug config says where it stops.',
    },
  ];
}

function findSwitches(place: DoctorPlace): HarnessFault[] {
  const { config: file, plugin } = openCodePaths(place);
  const values = valuesOf(readJsonConfig(file));
  const faults: HarnessFault[] = [];
  const pure = place.env.OPENCODE_PURE;
  if (pure !== undefined && pure !== '' && pure !== '0' && pure !== 'false') {
    faults.push({
      id: 'hooks-disabled',
      severity: 'error',
      file: plugin,
      what: 'OPENCODE_PURE is set: OpenCode loads no plugin, so no gate holds.',
      next: 'unset OPENCODE_PURE',
    });
  }
  if (asRecord(asRecord(values.mcp)[SERVER_NAME]).enabled === false) {
    faults.push({
      id: 'server-disabled',
      severity: 'error',
      file,
      what: `mcp.${SERVER_NAME}.enabled is false: OpenCode does not start the server.`,
      next: 'Set it to true, then: opencode mcp list',
      entry: `mcp.${SERVER_NAME}`,
    });
  }
  const closed = Object.entries(asRecord(values.tools)).find(
    ([tool, isOn]) => isOn === false && /^nexo(_nx)?_?\*$/.test(tool),
  );
  if (closed !== undefined) {
    faults.push({
      id: 'server-disabled',
      severity: 'error',
      file,
      what: `tools["${closed[0]}"] is false: no agent can use the server's tools.`,
      next: 'Take the line out, then: nexo harness doctor opencode',
    });
  }
  return faults;
}
