import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type HttpEndpoint, startHttp } from '../support/mcp-http.ts';
import { newProject } from '../support/mcp-project.ts';

// The server scenarios of the official conformance package. It speaks HTTP only and cannot send a token, which a
// preloaded module adds to its requests.

const APPLICABLE = ['server-initialize', 'ping', 'tools-list', 'resources-list', 'dns-rebinding-protection'];

const FIXTURE_TOOL =
  'calls a tool that only a test server has, to see content or requests that ours never sends';
const FIXTURE_RESOURCE = 'reads a resource under test:// that only a test server has';
const NO_PROMPTS = 'we declare no prompts';
const NO_SESSION = 'needs a session, and this endpoint keeps none';

/** Scenarios that do not apply, each with the reason. */
const NOT_APPLICABLE: Readonly<Record<string, string>> = {
  'logging-set-level': 'we declare no logging; it is deprecated in 2026-07-28',
  'completion-complete': 'we declare no completions',
  'tools-call-simple-text': FIXTURE_TOOL,
  'tools-call-image': FIXTURE_TOOL,
  'tools-call-audio': FIXTURE_TOOL,
  'tools-call-embedded-resource': FIXTURE_TOOL,
  'tools-call-mixed-content': FIXTURE_TOOL,
  'tools-call-with-logging': FIXTURE_TOOL,
  'tools-call-error': FIXTURE_TOOL,
  'tools-call-with-progress': FIXTURE_TOOL,
  'tools-call-sampling': FIXTURE_TOOL,
  'tools-call-elicitation': FIXTURE_TOOL,
  'json-schema-2020-12': FIXTURE_TOOL,
  'elicitation-sep1034-defaults': FIXTURE_TOOL,
  'elicitation-sep1330-enums': FIXTURE_TOOL,
  'server-sse-polling': NO_SESSION,
  'server-sse-multiple-streams': NO_SESSION,
  'resources-read-text': FIXTURE_RESOURCE,
  'resources-read-binary': FIXTURE_RESOURCE,
  'resources-templates-read': FIXTURE_RESOURCE,
  'resources-subscribe': `${NO_SESSION}, so it promises older clients no notifications; stdio does`,
  'resources-unsubscribe': `${NO_SESSION}, so it promises older clients no notifications; stdio does`,
  'prompts-list': NO_PROMPTS,
  'prompts-get-simple': NO_PROMPTS,
  'prompts-get-with-args': NO_PROMPTS,
  'prompts-get-embedded-resource': NO_PROMPTS,
  'prompts-get-with-image': NO_PROMPTS,
};

const PACKAGE = fileURLToPath(
  new URL('../../node_modules/@modelcontextprotocol/conformance/', import.meta.url),
);
const PRELOAD = fileURLToPath(new URL('../support/bearer-header.mjs', import.meta.url));

let endpoint: HttpEndpoint;

beforeAll(async () => {
  endpoint = await startHttp(newProject());
});
afterAll(() => endpoint.stop());

function conformance(...args: string[]): Promise<{ code: number; output: string }> {
  const { bin } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  const command = ['--import', pathToFileURL(PRELOAD).href, join(PACKAGE, bin.conformance), ...args];
  const env = { ...process.env, MCP_TEST_TOKEN: endpoint.token, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, command, { env, timeout: 50_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

describe('the official conformance package', () => {
  it('has the scenarios that we know, so that a new one is not passed over', async () => {
    const { output } = await conformance('list', '--server');
    const section = output.split('Client scenarios')[0] ?? '';
    const names = [...section.matchAll(/^ +- (\S+)/gm)].map(([, name]) => name);
    expect(names.sort()).toEqual([...APPLICABLE, ...Object.keys(NOT_APPLICABLE)].sort());
  });

  it.each(APPLICABLE)('passes %s', async (scenario) => {
    const { code, output } = await conformance('server', '--url', endpoint.url, '--scenario', scenario);
    expect(output).toMatch(/Passed: ([1-9]\d*)\/\1, 0 failed, 0 warnings/);
    expect(code).toBe(0);
  });
});
