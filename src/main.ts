#!/usr/bin/env node
// This file and what it imports statically must parse and run on Node releases that are long out of date, so that
// they answer with a sentence instead of a syntax error. No third-party code is reached before the dynamic import.
import { lstatSync, mkdirSync, readFileSync, writeSync } from 'node:fs';
import nodeModule from 'node:module';

import { resolveHomePaths } from './home/paths.ts';
import { nexoVersion } from './version.ts';

const argv = process.argv.slice(2);

if (isTooOld(process.versions.node)) {
  refuseOldNode();
} else if (argv.length === 1 && (argv[0] === '--version' || argv[0] === 'version')) {
  print(1, `${nexoVersion()}\n`);
} else if (argv[0] === 'hook' && argv.indexOf('--help') === -1) {
  cacheCompiledCode();
  // Everything is written by then, and what is left of the process is not worth waiting for.
  void import('./harness/hook-main.ts')
    .then(({ runHookProcess }) => runHookProcess(argv.slice(1)))
    .then((code) => process.exit(code), failHook);
} else if (argv[0] === '__scripted') {
  cacheCompiledCode();
  void import('./runner/scripted/scripted-main.ts').then(({ runScriptedAgent }) =>
    runScriptedAgent(argv.slice(1)),
  );
} else if (argv[0] === 'run' && argv.indexOf('--help') === -1 && argv.indexOf('-h') === -1) {
  cacheCompiledCode();
  void import('./cli/run-main.ts').then(({ runProcess }) => runProcess(argv));
} else {
  cacheCompiledCode();
  void import('./cli/lifecycle.ts').then(({ runProcess }) => runProcess(argv));
}

/** Needs 22.13: the first release with node:sqlite behind no flag. */
function isTooOld(version: string): boolean {
  const parts = version.split('.').map(Number);
  const major = parts[0] || 0;
  return major < 22 || (major === 22 && (parts[1] || 0) < 13);
}

function refuseOldNode(): void {
  const message = `Nexo needs Node.js 22.13 or later, and this is ${process.versions.node}`;
  const hint = 'Install a current Node.js: https://nodejs.org';
  if (argv.indexOf('--json') === -1) {
    print(2, `${message} [NODE_TOO_OLD]\n${hint}\n`);
  } else {
    print(
      1,
      `${JSON.stringify({ error: { code: 'NODE_TOO_OLD', message: message, hint: hint } }, null, 2)}\n`,
    );
  }
  process.exitCode = 1;
}

/**
 * Halves the time to load the program from the second run on. Node runs what lies in the cache, so it has to be a
 * folder that nobody else can write to; without one we just start more slowly.
 */
function cacheCompiledCode(): void {
  try {
    const { cache } = resolveHomePaths(process.env);
    mkdirSync(cache, { recursive: true, mode: 0o700 });
    const folder = lstatSync(cache);
    const foreign = process.getuid !== undefined && folder.uid !== process.getuid();
    if (folder.isDirectory() && !foreign && (folder.mode & 0o022) === 0) nodeModule.enableCompileCache(cache);
  } catch {
    // A read-only or missing home: nothing depends on the cache.
  }
}

/**
 * The hook itself cannot be loaded, or fell over: one sentence, and before a tool call the code that every harness
 * takes for a refusal, unless nothing speaks of an agent that could have a gate.
 */
function failHook(error: unknown): void {
  const reason = String(error instanceof Error ? error.message : error).split('\n')[0];
  print(2, `nexo hook: this installation of Nexo is damaged: ${reason}\nInstall it again.\n`);
  process.exit(argv[1] === 'pre-tool-use' && mayHaveGate() ? 2 : 0);
}

function mayHaveGate(): boolean {
  const agent = process.env.NEXO_AGENT;
  if (agent !== undefined && agent !== '' && agent !== 'lead') return true;
  try {
    const payload = readFileSync(0, 'utf8');
    // The names of OpenCode's own primary agents stand for Lead.
    return /"agent(_type)?"\s*:\s*"(?!(lead|build|plan)?")/.test(payload);
  } catch {
    return false; // nothing to read: nobody is named
  }
}

function print(fd: 1 | 2, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // Old releases have no node:fs for us (see builtins-by-call in scripts/build.ts); on others the stream is closed.
    if (isTooOld(process.versions.node)) (fd === 1 ? process.stdout : process.stderr).write(text);
    process.exitCode = 1;
  }
}
