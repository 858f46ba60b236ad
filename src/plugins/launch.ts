import { dirname, isAbsolute, join, resolve } from 'node:path';

import { findProgram } from '../base/find-program.ts';
import { packageRoot } from '../version.ts';
import type {
  LoadedPlugin,
  PluginConnection,
  PluginDeclaration,
  PluginLimits,
  PluginSource,
} from './contract.ts';
import { connectFramed } from './kinds/framed.ts';
import { readManifest, type ServerManifest } from './manifest.ts';
import { defaultPrefix } from './names.ts';
import { loadFailed } from './plugin-error.ts';
import { GuardedProcess } from './process/guarded-process.ts';

/** What plugins see of the machine and of us. */
export interface PluginWorld {
  /** Ours; of it a plugin gets the basics and what it declares. */
  readonly env: NodeJS.ProcessEnv;
  /** `NEXO_HOME`. */
  readonly home: string;
}

/** Variables that every program needs to find its way; none of them is a secret. */
const BASICS =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|TEMP|TMP|SystemRoot|SYSTEMROOT|ComSpec|PATHEXT|WINDIR|USERPROFILE|APPDATA|LOCALAPPDATA)$/;

/** What a plugin gets of the environment: the basics, where its home is, and what it declares. */
export function pluginEnvironment(
  { env, home }: PluginWorld,
  declared: readonly string[],
): Record<string, string> {
  const wanted = new Set(declared);
  const seen = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (BASICS.test(entry[0]) || wanted.has(entry[0])),
  );
  return {
    ...Object.fromEntries(seen),
    NEXO_HOME: home,
    // Compiled Python must not litter the folder of the plugins.
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
  };
}

export interface LaunchOptions {
  readonly source: PluginSource;
  /** What it has declared, as far as that is known; a manifest says it anew each time. */
  readonly declared: Pick<PluginDeclaration, 'env' | 'memoryBytes'>;
  readonly world: PluginWorld;
  readonly limits: PluginLimits;
  readonly onToolsChanged: (loaded: LoadedPlugin) => void;
}

export interface Launched {
  readonly process: GuardedProcess;
  readonly connection: PluginConnection;
  /** How long it may take until its tools are known, in milliseconds. */
  readonly loadMs: number;
}

/** Starts a plugin's process and begins to speak with it. Throws PLUGIN_LOAD_FAILED. */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const { source, declared, world, limits } = options;
  const memoryBytes = declared.memoryBytes ?? limits.memoryBytes;
  const { maxResultBytes, loadMs } = limits;
  const { file } = source;
  const start = (command: string, args: readonly string[], env: Record<string, string>, memory: number) =>
    new GuardedProcess({
      command,
      args,
      env,
      cwd: dirname(source.path),
      memoryBytes: memory,
      protocol: source.kind === 'mcp' ? 'standard' : 'descriptor-3',
    });
  if (source.kind === 'mcp') {
    const manifest = readManifest(file, source.path, defaultPrefix(file));
    const { env, memoryBytes: own = memoryBytes } = manifest.declared;
    const process = start(
      commandOf(manifest, source, world),
      manifest.args,
      pluginEnvironment(world, env),
      own,
    );
    const { connectMcp } = await import('./kinds/mcp.ts');
    const { onToolsChanged } = options;
    const connection = connectMcp({ file, process, manifest, maxResultBytes, onToolsChanged });
    return { process, connection, loadMs: manifest.startupMs ?? loadMs };
  }
  const env = pluginEnvironment(world, declared.env);
  const hosts = join(packageRoot(), 'assets', 'plugin-host');
  const process =
    source.kind === 'python'
      ? start(
          python(file, world),
          [join(hosts, 'host.py'), source.path, String(maxResultBytes), String(memoryBytes)],
          env,
          memoryBytes,
        )
      : start(
          globalThis.process.execPath,
          [
            ...nodeFlags(source.path, memoryBytes),
            join(hosts, 'host.mjs'),
            source.path,
            String(maxResultBytes),
          ],
          env,
          memoryBytes,
        );
  return { process, connection: connectFramed({ file, process, maxResultBytes }), loadMs };
}

function python(file: string, { env }: PluginWorld): string {
  const found = findProgram('python3', env.PATH) ?? findProgram('python', env.PATH);
  if (found !== undefined) return found;
  throw loadFailed(file, 'there is no python3 in PATH', { hint: 'Install Python 3.8 or later.' });
}

const MIB = 1024 * 1024;

function nodeFlags(path: string, memoryBytes: number): string[] {
  const isTypeScript = /\.m?ts$/.test(path);
  const strips = typeof process.features.typescript === 'string';
  return [
    // Objects alone; what they hold outside of the heap is what the watch on the whole process is for.
    `--max-old-space-size=${Math.max(32, Math.floor((memoryBytes / MIB) * 0.75))}`,
    '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
    ...(isTypeScript && !strips ? ['--experimental-strip-types'] : []),
    ...(isTypeScript ? ['--disable-warning=ExperimentalWarning'] : []),
  ];
}

function commandOf({ command }: ServerManifest, { file, path }: PluginSource, { env }: PluginWorld): string {
  if (isAbsolute(command)) return command;
  if (/^\.\.?[\\/]/.test(command)) return resolve(dirname(path), command);
  const found = findProgram(command, env.PATH);
  if (found !== undefined) return found;
  throw loadFailed(file, `there is no program ${command.slice(0, 80)} in PATH`, {
    hint: `Install it, or give its whole path as "command" in ${file}.`,
  });
}
