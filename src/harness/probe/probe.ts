import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { installHarness } from '../install-harness.ts';
import { askVersion, findProgram } from '../program.ts';
import { type ClientPlace, createClientPlace } from './client-place.ts';
import { createCodexClient } from './codex-client.ts';
import type { ProbeClient } from './contract.ts';
import { startModelServer } from './model-server.ts';
import { openCodeClient } from './opencode-client.ts';
import { runClient } from './run-client.ts';
import { type Conversation, ScriptedModel, type Turn } from './script.ts';

export interface ProbeCheck {
  readonly name: string;
  readonly status: 'pass' | 'fail';
  /** Why it failed. */
  readonly detail?: string;
}

export interface ProbedClient {
  readonly harness: ProbeClient['harness'];
  /** Undefined when it is not on this machine. */
  readonly program: string | undefined;
  readonly version: string | undefined;
  readonly checks: readonly ProbeCheck[];
}

interface Subject {
  readonly client: ProbeClient;
  readonly edit: Turn;
  shell(command: string): Turn;
}

const BEFORE = 'as it was\n';
const FILE = 'kept.txt';

const SUBJECTS: readonly Subject[] = [
  {
    client: createCodexClient({ codeMode: false }),
    edit: {
      call: 'apply_patch',
      input: `*** Begin Patch\n*** Update File: ${FILE}\n@@\n-as it was\n+changed\n*** End Patch\n`,
    },
    shell: (cmd) => ({ call: 'exec_command', input: { cmd } }),
  },
  {
    client: openCodeClient,
    edit: { call: 'write', input: { filePath: FILE, content: 'changed\n' } },
    shell: (command) => ({ call: 'bash', input: { command, description: 'A command' } }),
  },
];

/**
 * Runs each client that is on this machine against a scripted model, in a home and a project of its own which are
 * removed at the end, and says what of Nexo works in it. Nothing of the person's is read or changed.
 */
export async function probeClients(env: NodeJS.ProcessEnv): Promise<ProbedClient[]> {
  const results: ProbedClient[] = [];
  // One after the other: two at once only slow one another down.
  for (const subject of SUBJECTS) results.push(await probeClient(subject, env));
  return results;
}

async function probeClient(subject: Subject, env: NodeJS.ProcessEnv): Promise<ProbedClient> {
  const { harness } = subject.client;
  const program = findProgram(harness, env);
  if (program === undefined) return { harness, program, version: undefined, checks: [] };
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'nexo-probe-'));
  try {
    const place = createClientPlace(folder, env);
    const version = await askVersion(program, place.env);
    const checks = [
      ...(await probeLead(subject, program, place)),
      ...(await probeGate(subject, program, place)),
    ];
    return { harness, program, version, checks };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lead: the server starts and is called, the tag's notice arrives, and an edit stands in the log. */
async function probeLead(subject: Subject, program: string, place: ClientPlace): Promise<ProbeCheck[]> {
  let isTold = false;
  let plan = '';
  const run = await runScript(subject, program, place, {
    marker: 'PROBE-LEAD [plan]',
    turns: [
      {
        expect: ({ text }) => {
          isTold = text.includes('Activate the skill nx-plan and follow it.');
          return undefined;
        },
        call: 'nx_plan_start',
        input: { topic: 'Probe', issues: ['One'], research_summary: 'None.' },
      },
      {
        expect: ({ lastResult = '' }) => {
          plan = lastResult;
          return undefined;
        },
        ...subject.edit,
      },
      { say: 'Done.' },
    ],
  });
  const state = join(place.project, '.nexus', 'state');
  const log = join(state, `${subject.client.harness}-nexo`, 'tool-log.jsonl');
  const isLogged = existsSync(log) && readFileSync(log, 'utf8').includes(FILE);
  return [
    check('session', run),
    check('server', existsSync(join(state, 'plan.json')) ? undefined : `no plan was written: ${plan}`),
    check('notice', isTold ? undefined : 'the model was not told what the tag in the message asks for'),
    check('tool-log', isLogged ? undefined : 'an edit does not stand in the tool log'),
  ];
}

/** An agent that may not edit: refused through its own tool and the shell, and still able to read. */
async function probeGate(subject: Subject, program: string, place: ClientPlace): Promise<ProbeCheck[]> {
  writeFileSync(join(place.project, FILE), BEFORE);
  const results: string[] = [];
  const note: Pick<Turn, 'expect'> = {
    expect: ({ lastResult = '' }) => {
      results.push(lastResult);
      return undefined;
    },
  };
  const run = await runScript(
    subject,
    program,
    place,
    {
      marker: 'PROBE-GATE',
      turns: [
        subject.edit,
        { ...note, ...subject.shell(`echo changed > ${FILE}`) },
        { ...note, ...subject.shell(`cat ${FILE}`) },
        { ...note, say: 'Done.' },
      ],
    },
    { NEXO_AGENT: 'architect' },
  );
  const [edit = '', shell = '', read = ''] = results;
  const refused = (result: string): string | undefined =>
    result.includes('Refused by no_file_edit') ? undefined : `it was not refused: ${clip(result)}`;
  const isKept = readFileSync(join(place.project, FILE), 'utf8') === BEFORE;
  return [
    check('gated-session', run),
    check('edit-refused', refused(edit)),
    check('shell-refused', refused(shell)),
    check('read-allowed', read.includes(BEFORE.trim()) ? undefined : `it could not read: ${clip(read)}`),
    check('file-kept', isKept ? undefined : 'the file was changed'),
  ];
}

/** Runs one conversation and says why it did not go as it should, or undefined. */
async function runScript(
  { client }: Subject,
  program: string,
  place: ClientPlace,
  conversation: Conversation,
  env: NodeJS.ProcessEnv = {},
): Promise<string | undefined> {
  const model = new ScriptedModel([conversation]);
  const server = await startModelServer(model);
  const { home, project } = place;
  rmSync(home, { recursive: true, force: true });
  for (const folder of [home, join(project, '.nexus')]) mkdirSync(folder, { recursive: true });
  if (!existsSync(join(project, FILE))) writeFileSync(join(project, FILE), BEFORE);
  try {
    client.configure(place, server.address);
    const stateFolder = join(home, '.nexo', 'state');
    const target = { scope: 'user', home, projectRoot: project, stateFolder, env: place.env } as const;
    await installHarness({ harness: client.harness, place: target, dryRun: false }, 'en');
    const prompt = `${conversation.marker} go on`;
    const ran = await runClient({ client, program: [program], place, prompt, env });
    const faults = [...model.faults, ...model.unserved()];
    if (ran.timedOut) faults.unshift('it did not end in time');
    else if (ran.code !== 0) faults.unshift(`it ended with ${ran.code ?? ran.signal}`);
    return faults.length === 0 ? undefined : `${faults.join('; ')}; ${clip(ran.stderr.trim().slice(-300))}`;
  } finally {
    await server.close();
  }
}

function check(name: string, fault: string | undefined): ProbeCheck {
  return fault === undefined ? { name, status: 'pass' } : { name, status: 'fail', detail: fault };
}

function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
