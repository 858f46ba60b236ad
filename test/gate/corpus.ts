import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { GateHarness, ToolCall } from '../../src/hooks/gate/contract.ts';

/** One call and what the gate has to say to it. */
export interface Sample {
  readonly want: 'deny' | 'allow';
  readonly rule: string;
  /** For people: the command, or the tool with its input. */
  readonly shown: string;
  /** The shell text, for samples that are one. */
  readonly command?: string;
  readonly call: ToolCall;
}

export interface Yard {
  readonly root: string;
  readonly home: string;
  dispose(): void;
}

/** A project with links out of it and into what is protected, in a folder that has a home beside it. */
export function createYard(): Yard {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'nexo-gate-')));
  const root = join(base, 'project');
  const home = join(base, 'home');
  for (const folder of [
    'project/src/deep',
    'project/test',
    'project/build',
    'project/dist',
    'project/.nexus/state/artifacts',
    'project/.nexus/memory',
    'project/.claude/hooks',
    'project/.claude/agents',
    'project/.codex',
    'project/.opencode/plugins',
    'project/gate',
    'project/sub',
    'project/bin',
    'project/scripts',
    'outside',
    'home',
  ])
    mkdirSync(join(base, folder), { recursive: true });
  for (const [name, text] of Object.entries({
    'a.txt': 'a 1\nb 2\n',
    'b.txt': 'b\n',
    'a.json': '{"a":[{"b":2}],"version":"1"}',
    'package.json': '{"name":"x","version":"1.0.0","scripts":{}}',
    'script.sh': 'touch ran\n',
    'a.csv': 'a,b,c\n1,2,3\n',
    list: 'a.txt\n',
    where: '/tmp/x\n',
    'src/a.ts': 'x\n',
    '.nexus/state/tasks.json': '{"goal":"","decisions":[],"tasks":[]}',
    '.nexus/state/plan.json': '{}',
    '.nexus/history.json': '{"cycles":[]}',
    '.claude/settings.json': '{}',
    '.claude/hooks/x.js': '',
    '.codex/hooks.json': '{}',
    '.codex/config.toml': '',
    'gate/extra.json': '{}',
    '.mcp.json': '{}',
    'opencode.json': '{}',
  }))
    writeFileSync(join(root, name), text);
  writeFileSync(join(base, 'outside', 'file'), 'x\n');
  symlinkSync(join(base, 'outside'), join(root, 'outlink'));
  symlinkSync('../outside/file', join(root, 'filelink'));
  symlinkSync('.nexus/state', join(root, 'state-link'));
  symlinkSync('.claude', join(root, 'claude-link'));
  symlinkSync('src', join(root, 'inlink'));
  return { root, home, dispose: () => rmSync(base, { recursive: true, force: true }) };
}

const KNOWN_AGENTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['engineer', new Set(['no_task_create'])],
  ['scout', new Set(['no_file_edit', 'no_task_create'])],
  ['explorer-ro', new Set(['no_file_edit', 'no_task_create', 'no_task_update'])],
]);

const HARNESSES: readonly GateHarness[] = ['claude', 'codex', 'opencode'];

/** All samples for one yard. A shell sample is put to each harness in turn, in its own shape. */
export function loadSamples(yard: Yard): Sample[] {
  return [
    ...shellSamples('attacks-shell.txt', 'deny', yard),
    ...shellSamples('innocent-shell.txt', 'allow', yard),
    ...toolSamples('attacks-tools.json', 'deny', yard),
    ...toolSamples('innocent-tools.json', 'allow', yard),
  ];
}

function shellSamples(file: string, want: Sample['want'], yard: Yard): Sample[] {
  const samples: Sample[] = [];
  let rule = '';
  let capabilities: readonly string[] = [];
  for (const [index, line] of read(file).split('\n').entries()) {
    if (line === '' || (line.startsWith('#') && index === 0)) continue;
    if (line.startsWith('@rule ')) rule = line.slice(6);
    else if (line.startsWith('@capabilities ')) capabilities = line.slice(14).split(' ');
    else {
      const command = line.replaceAll('⏎', '\n');
      const harness = HARNESSES[index % 3] ?? 'claude';
      const call = createCall(yard, harness, capabilities, harness === 'opencode' ? 'bash' : 'Bash', {
        command,
      });
      samples.push({ want, rule, shown: line, command, call });
    }
  }
  return samples;
}

type RawCall = readonly [GateHarness, string, unknown, ToolCall['annotations']?];

function toolSamples(file: string, want: Sample['want'], yard: Yard): Sample[] {
  const text = read(file).replaceAll('$WS', yard.root).replaceAll('$HOME', yard.home);
  const groups = JSON.parse(text) as { rule: string; capabilities: string[]; calls: RawCall[] }[];
  return groups.flatMap(({ rule, capabilities, calls }) =>
    calls.map(([harness, tool, input, annotations]) => ({
      want,
      rule,
      shown: `${harness} ${tool} ${JSON.stringify(input)}`,
      call: {
        ...createCall(yard, harness, capabilities, tool, input),
        ...(annotations === undefined ? {} : { annotations }),
      },
    })),
  );
}

export function createCall(
  yard: Yard,
  harness: GateHarness,
  capabilities: readonly string[],
  tool: string,
  input: unknown,
): ToolCall {
  return {
    harness,
    tool,
    input,
    agent: 'tester',
    capabilities: new Set(capabilities),
    workspaceRoot: yard.root,
    cwd: yard.root,
    home: yard.home,
    gateFiles: [join(yard.root, 'gate', 'extra.json')],
    knownAgents: KNOWN_AGENTS,
  };
}

function read(file: string): string {
  return readFileSync(join(import.meta.dirname, 'corpus', file), 'utf8');
}
