import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

import { type ClientPlace, createClientPlace } from '../../src/harness/probe/client-place.ts';
import { startModelServer } from '../../src/harness/probe/model-server.ts';
import { runClient } from '../../src/harness/probe/run-client.ts';
import { type Conversation, type ModelRequest, ScriptedModel } from '../../src/harness/probe/script.ts';
import { NEXO, temporaryFolder } from '../support/run-nexo.ts';
import type { InstalledClient } from './clients.ts';

export interface ClientProject extends ClientPlace {
  readonly installed: InstalledClient;
  path(relative: string): string;
  write(relative: string, text: string): void;
  has(relative: string): boolean;
  text(relative: string): string;
  json(relative: string): unknown;
}

/** A project with a workspace, for a client that has its configuration in a home of its own. */
export function createClientProject(installed: InstalledClient): ClientProject {
  const place = createClientPlace(temporaryFolder('client'), process.env);
  execFileSync('git', ['init', '--quiet'], { cwd: place.project, env: place.env });
  nexo(place, 'init');
  const path = (relative: string): string => join(place.project, relative);
  const text = (relative: string): string => readFileSync(path(relative), 'utf8');
  return {
    ...place,
    installed,
    path,
    text,
    has: (relative) => existsSync(path(relative)),
    json: (relative) => JSON.parse(text(relative)),
    write: (relative, content) => {
      mkdirSync(dirname(path(relative)), { recursive: true });
      writeFileSync(path(relative), content);
    },
  };
}

export interface ScriptedRun {
  readonly prompt: string;
  readonly conversations: readonly Conversation[];
  readonly env?: NodeJS.ProcessEnv;
  readonly trustHooks?: boolean;
  readonly scope?: 'user' | 'project';
  /** Happens between the installation and the start of the client. */
  readonly meanwhile?: () => void;
}

export interface ScriptedResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly ModelRequest[];
}

/**
 * Writes the user's configuration, lets `nexo harness install` add to it, and runs the client for one prompt. Checks
 * what every run must show: exit code 0, every turn asked for, and every expectation held.
 */
export async function runScripted(project: ClientProject, run: ScriptedRun): Promise<ScriptedResult> {
  const { client, program } = project.installed;
  const scope = run.scope ?? 'user';
  const model = new ScriptedModel(run.conversations);
  const server = await startModelServer(model);
  try {
    // Each run has a server of its own, so the address in the configuration changes: start from the user's file.
    nexo(project, 'harness', 'uninstall', client.harness, '--scope', scope);
    client.configure(project, server.address);
    nexo(project, 'harness', 'install', client.harness, '--scope', scope);
    run.meanwhile?.();
    const { prompt, trustHooks = true, env = {} } = run;
    const ran = await runClient({ client, program, place: project, prompt, trustHooks, env });
    const said = `${ran.stdout}\n${ran.stderr}`;
    expect(ran.timedOut, said).toBe(false);
    expect(model.faults, said).toEqual([]);
    expect(model.unserved(), said).toEqual([]);
    expect(ran.code, said).toBe(0);
    return { stdout: ran.stdout, stderr: ran.stderr, requests: model.requests };
  } finally {
    await server.close();
  }
}

function nexo(place: ClientPlace, ...args: string[]): void {
  execFileSync(process.execPath, [NEXO, ...args], { cwd: place.project, env: place.env, stdio: 'pipe' });
}

/** An expectation that the last tool call came to something with these texts in it. */
export function resultHas(...texts: string[]): (request: ModelRequest) => string | undefined {
  return ({ lastResult }) => {
    const missing = texts.filter((text) => lastResult?.includes(text) !== true);
    return missing.length === 0 ? undefined : `no ${missing.join(', no ')} in the result ${lastResult}`;
  };
}

/** An expectation that the model was told these texts, wherever in its request. */
export function isTold(...texts: string[]): (request: ModelRequest) => string | undefined {
  return (request) => {
    const missing = texts.filter((text) => !request.text.includes(text));
    return missing.length === 0 ? undefined : `the model is not told: ${missing.join(' | ')}`;
  };
}

/** The first of several expectations that does not hold. */
export function all(
  ...expectations: ((request: ModelRequest) => string | undefined)[]
): (request: ModelRequest) => string | undefined {
  return (request) => {
    for (const each of expectations) {
      const fault = each(request);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

/** What Codex says of each hook that ran: `PreToolUse Blocked`, in their order, without those that only began. */
export function codexHookEnds(stderr: string): string[] {
  return [...stderr.matchAll(/^hook: (\w+) (\w+)\r?$/gm)].map(([, event, end]) => `${event} ${end}`);
}
