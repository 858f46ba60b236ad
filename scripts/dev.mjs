// The one entry behind the npm scripts. Plain JavaScript with built-in modules only, so that the oldest Node
// which npm may start it with (20) can read it: it installs what is missing, finds the pinned Node and runs
// every step on that one.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const installStamp = join(root, 'node_modules', '.nexo-install');
/** The lowest Node of `engines` in package.json. */
const OLDEST_NODE = [22, 13];
/** Runs a TypeScript file on every Node from `OLDEST_NODE`: before 22.18 that is behind a flag. */
const typescript = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'];

/** An end that needs no stack trace: the message says it all. */
class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const running = new Set();
let interruptedBy;
/** Steps that failed although no test of theirs did; each counts as one failure in the closing line. */
const failedSteps = [];
const tests = { passed: 0, failed: 0 };

const commands = {
  async start(node, args) {
    await buildIfStale(node);
    // What is suggested to the reader is to work as they started it, whatever their own Node is.
    const env = { NEXO_STARTED_AS: 'npm start --' };
    return run(node, ['dist/main.js', ...(args.length > 0 ? args : ['tour'])], env);
  },
  async test(node, args) {
    await check(node, args);
    if (await build(node)) await vitest('e2e', node, args);
    return closing();
  },
  async check(node, args) {
    await check(node, args);
    return closing();
  },
  async e2e(node, args) {
    await buildIfStale(node);
    await vitest('e2e', node, args);
    return closing();
  },
  async 'e2e:clients'(node, args) {
    await installClients();
    await buildIfStale(node);
    const config = 'test/clients/vitest.config.ts';
    return run(node, [tool('vitest'), 'run', `--config=${config}`, '--reporter=verbose', ...args]);
  },
  'fake-releases'(node, args) {
    return run(node, [...typescript, 'scripts/fake-releases.ts', ...args]);
  },
  async bench(node, args) {
    await buildIfStale(node);
    // The bench needs the environment as it is to install the reference server; what it measures gets one of its own.
    return run(node, [...typescript, 'bench/main.ts', ...args]);
  },
  async 'gate:score'(node, args) {
    return run(node, [...typescript, 'test/gate/score.ts', ...args]);
  },
  async build(node) {
    return (await build(node)) ? 0 : 1;
  },
  async format(node) {
    return (await step('format', node, [tool('@biomejs/biome'), 'check', '--write'])) ? 0 : 1;
  },
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    interruptedBy ??= signal;
    // From a terminal the children have the signal already: SIGINT goes to the whole foreground group.
    for (const child of running) if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}

try {
  const [name = '', ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    throw new Stop(`usage: node scripts/dev.mjs ${Object.keys(commands).join('|')} [arguments]`, 2);
  }
  await install();
  process.exitCode = await command(pinnedNode(), args);
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  if (error.message !== '') console.error(error.message);
  process.exitCode = error.exitCode;
}
if (interruptedBy !== undefined) process.exitCode = 128 + constants.signals[interruptedBy];

/** Static checks side by side, they do not disturb one another; then the unit and property tests. */
async function check(node, args) {
  await Promise.all([
    step('format and lint', node, [tool('@biomejs/biome'), 'ci', '--error-on-warnings', '--colors=off']),
    step('types', node, [tool('typescript', 'tsc'), '-p', '.']),
    step('dead code', node, [tool('knip'), '--no-progress']),
  ]);
  await vitest('unit', node, args);
}

function build(node) {
  return step('build', node, [...typescript, 'scripts/build.ts']);
}

async function buildIfStale(node) {
  const { status } = spawnSync(node, [...typescript, 'scripts/build.ts', '--is-fresh'], {
    cwd: root,
    stdio: 'ignore',
  });
  if (status !== 0 && !(await build(node))) throw new Stop('');
}

/** Runs one vitest project and adds its counts; a crash, or a run without tests, is a failure too. */
async function vitest(project, node, args) {
  const report = join(root, '.cache', `vitest-${project}-${process.pid}.json`);
  mkdirSync(dirname(report), { recursive: true });
  const started = performance.now();
  heading(project === 'unit' ? 'unit, property and pin tests' : 'end-to-end tests');
  const code = await run(node, [
    tool('vitest'),
    'run',
    `--project=${project}`,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...(process.stdout.isTTY ? [] : ['--no-color']),
    ...args,
  ]);
  let counts = { numPassedTests: 0, numFailedTests: 0 };
  try {
    counts = JSON.parse(readFileSync(report, 'utf8'));
  } catch {
    // No report means that vitest crashed; the zero counts below make that a failure.
  }
  rmSync(report, { force: true });
  tests.passed += counts.numPassedTests;
  tests.failed += counts.numFailedTests;
  const ok = code === 0 && counts.numFailedTests === 0 && counts.numPassedTests > 0;
  if (!ok && counts.numFailedTests === 0) failedSteps.push(`${project} tests`);
  line(ok, `${project} tests: ${counts.numPassedTests} passed, ${counts.numFailedTests} failed`, started);
}

function closing() {
  if (failedSteps.length > 0) console.log(`failed: ${failedSteps.join(', ')}`);
  const failed = tests.failed + failedSteps.length;
  console.log(`${tests.passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** One quiet step: its output shows only when it fails. */
async function step(name, node, args) {
  const started = performance.now();
  const output = [];
  const code = await run(node, args, {}, output);
  if (code !== 0) {
    process.stderr.write(Buffer.concat(output));
    failedSteps.push(name);
  }
  line(code === 0, name, started);
  return code === 0;
}

/** Runs a program of ours to its end. With `output` its streams are collected, else they are ours. */
function run(file, args, env = {}, output = undefined) {
  if (interruptedBy !== undefined) throw new Stop('');
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: root,
      env: { ...environment(), ...env },
      stdio: output === undefined ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    child.on('error', (error) => {
      running.delete(child);
      reject(
        error.code === 'ENOENT' ? new Stop(`${file} is missing: delete node_modules and try again.`) : error,
      );
    });
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

function environment() {
  const env = { ...process.env };
  // Windows spells it `Path`; a second spelling beside it would be ignored or win by accident.
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  env[key] = [bin, env[key]].filter(Boolean).join(delimiter);
  return env;
}

async function install() {
  const wanted = createHash('sha256');
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  wanted.update(readFileSync(join(root, 'package-lock.json')));
  wanted.update(readFileSync(join(root, 'toolchain', 'package.json')));
  // Only the fields that decide what is installed: a new script or keyword is no reason to install again.
  for (const field of ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides']) {
    wanted.update(`${field} ${JSON.stringify(manifest[field] ?? {})}\n`);
  }
  const digest = wanted.digest('hex');
  if (existsSync(installStamp) && readFileSync(installStamp, 'utf8').trim() === digest) return;
  if (isInstalledByHand()) {
    writeFileSync(installStamp, `${digest}\n`);
    return;
  }
  const started = performance.now();
  heading('installing the packages of package-lock.json');
  const code = await npmCi();
  if (code !== 0) {
    throw new Stop(
      'npm ci failed, see above. It needs the network once; then run the same command again.',
      code,
    );
  }
  writeFileSync(installStamp, `${digest}\n`);
  line(true, 'install', started);
}

/** The harnesses of the client tests: half a gigabyte, so only those tests install them. */
async function installClients() {
  const folder = join(root, 'test', 'clients');
  const stamp = join(folder, 'node_modules', '.nexo-install');
  const digest = createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === digest) return;
  const started = performance.now();
  heading('installing the clients of test/clients/package-lock.json');
  const code = await npmCi('--prefix', folder);
  if (code !== 0) throw new Stop('npm ci of test/clients failed, see above: the clients are missing.', code);
  writeFileSync(stamp, `${digest}\n`);
  line(true, 'install', started);
}

function npmCi(...more) {
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...more];
  return npm !== undefined && /\.c?js$/.test(npm)
    ? run(process.execPath, [npm, ...args])
    : run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args);
}

/**
 * Whether npm's own record of node_modules has everything that the lockfile asks for, as after `npm install`.
 * Starting from nothing then would only take the packages away from whatever runs meanwhile.
 */
function isInstalledByHand() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  const sections = ['dependencies', 'devDependencies', 'optionalDependencies'];
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const isLocked = sections.every((name) => isDeepStrictEqual(manifest[name], wanted[''][name]));
  return (
    isLocked &&
    Object.entries(wanted).every(([path, { version, integrity, link, optional }]) => {
      // Optional ones are there or not, by platform; what is not below node_modules is our own.
      if (!path.startsWith('node_modules/') || optional) return true;
      const found = present[path];
      const isSame = found?.version === version && found?.integrity === integrity && found?.link === link;
      return isSame && existsSync(join(root, path));
    })
  );
}

/** The Node of toolchain/package.json for this platform, or a running one that is new enough. */
function pinnedNode() {
  const modules = join(root, 'node_modules');
  for (const name of readdirSync(modules)) {
    if (!name.startsWith('node-')) continue;
    const file = join(modules, name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    // It is asked, not only looked for: a binary for another C library is there and does not start.
    if (existsSync(file) && spawnSync(file, ['--version'], { stdio: 'ignore' }).status === 0) return file;
  }
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return process.execPath;
  throw new Stop(
    `No Node is pinned for ${process.platform}-${process.arch} and this one is ${process.version}: ` +
      `install Node ${OLDEST_NODE.join('.')} or newer and run the same command again.`,
  );
}

/** The JavaScript file behind an installed command, so that no shell and no `.cmd` shim stands between. */
function tool(packageName, command = packageName.split('/').at(-1)) {
  const folder = join(root, 'node_modules', packageName);
  const { bin: bins } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bins === 'string' ? bins : bins[command]);
}

function heading(text) {
  console.log(`· ${text} …`);
}

function line(ok, text, started) {
  console.log(`${ok ? '✓' : '✗'} ${text} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
}
