import { existsSync, realpathSync, statSync } from 'node:fs';
import { sep } from 'node:path';

import { nodeFileSystem, readRegularFile } from '../../../base/durable-file.ts';
import { findProgram } from '../../../base/find-program.ts';
import { NexoError } from '../../../errors.ts';
import type { HomePaths } from '../../../home/paths.ts';
import { sharedCronIdProblem, sharedCronIds } from '../../schedules/declaration.ts';
import { coreIdentities, metIdentity } from '../core-identities.ts';
import type { ScriptEntry } from '../discover.ts';
import { isYes, listOf, parseMetadata } from '../metadata.ts';
import { isPlainName, logicalName } from '../names.ts';
import { commandFor, interpreterName } from '../runtime.ts';
import { bannedText, callerItems, stubLine } from './banned-text.ts';
import { type DoctorItem, fail, pass, type ScriptReport, warn, worstOf } from './item.ts';

/** How much of a script is looked at, in bytes. */
const MAX_BYTES = 4 * 1024 * 1024;

export interface CheckWorld {
  readonly paths: Pick<HomePaths, 'home' | 'personal'>;
  /** Everything that was discovered. */
  readonly entries: readonly ScriptEntry[];
  /** `PATH` of whoever asks. */
  readonly searchPath: string | undefined;
  /** `PATH` that the runs of schedules see; undefined until schedules were reconciled once. */
  readonly jobPath?: string | undefined;
}

/** Looks at one script and tells everything about it at once, good and bad. Reads only. */
export function checkScript(entry: ScriptEntry, world: CheckWorld): ScriptReport {
  const { name, path } = entry;
  const report = (items: readonly DoctorItem[]): ScriptReport => ({
    status: worstOf(items),
    items,
    name,
    path,
  });
  const read = readText(path);
  if (typeof read !== 'string') return report([read]);
  const isCore = entry.classification.startsWith('core');
  return report([
    pass('the file is there'),
    ...identityItems(entry, world, isCore),
    ...runtimeItems(entry, world),
    ...shellItems(entry),
    ...metadataItems(entry, read),
    ...scheduleItems(entry, world),
    ...requirementItems(entry, world),
    ...accessItems(entry, read, world),
    ...(isCore ? [] : contentItems(entry, read)),
    ...siblingItems(entry, world),
  ]);
}

function readText(path: string): string | DoctorItem {
  if (!existsSync(path)) return fail(`the file is missing: ${path}`);
  try {
    // The operator's link is followed here; what it leads to is read as the file that it is.
    const read = readRegularFile(nodeFileSystem, realpathSync(path), MAX_BYTES);
    return read === undefined ? fail(`the file is missing: ${path}`) : read.bytes.toString('utf8');
  } catch (error) {
    if (error instanceof NexoError) return fail(error.message);
    throw error;
  }
}

function identityItems(entry: ScriptEntry, { paths }: CheckWorld, isCore: boolean): DoctorItem[] {
  if (isCore) return [];
  const met = metIdentity(coreIdentities(paths), entry.path, entry.metadata.name);
  if (met !== undefined)
    return [fail(`"${met}" is a name of Nexo itself, so this script is ignored; give it another name`)];
  if (entry.classification === 'ignored') return [warn(`it is ignored: ${entry.reason}`)];
  if (entry.classification === 'non-script') return [warn(`it is taken for no script: ${entry.reason}`)];
  if (isPlainName(entry.name)) return [];
  const told = `the name ${JSON.stringify(entry.name.slice(0, 60))} should be letters, digits, ".", "_" and "-"`;
  return [entry.declaration.required ? fail(told) : warn(told)];
}

/** Where the script's programs are looked for: a scheduled one sees what its schedule gives it. */
function pathOf({ declaration }: ScriptEntry, { searchPath, jobPath }: CheckWorld) {
  return declaration.required && jobPath !== undefined
    ? { searchPath: jobPath, told: 'the PATH of its schedule (nexo scripts reconcile --refresh-path)' }
    : { searchPath, told: 'PATH' };
}

function runtimeItems(entry: ScriptEntry, world: CheckWorld): DoctorItem[] {
  const { runtime } = entry;
  if (runtime === 'unknown') {
    const declared = entry.metadata.runtime;
    return [
      warn(
        declared
          ? `runtime=${declared.slice(0, 40)} is not one of python, shell, node, php`
          : 'what runs it is not known; add "# nexo: runtime=python" (or shell, node, php)',
      ),
    ];
  }
  const { searchPath, told } = pathOf(entry, world);
  const place = { searchPath, node: process.execPath, nodeVersion: process.versions.node };
  const command = commandFor(entry, place);
  return command === undefined
    ? [fail(`${interpreterName(runtime)} is not in ${told}, and the script needs it`)]
    : [pass(`runtime ${runtime}: ${command.file}`)];
}

function shellItems({ runtime, firstLine, path }: ScriptEntry): DoctorItem[] {
  if (runtime !== 'shell') return [];
  return [
    firstLine.startsWith('#!')
      ? pass('it begins with #!')
      : warn('the first line is no #! line, such as #!/usr/bin/env bash'),
    (statSync(path).mode & 0o100) === 0
      ? warn(`it is not executable: chmod +x ${path}`)
      : pass('it is executable'),
  ];
}

function metadataItems({ metadata }: ScriptEntry, text: string): DoctorItem[] {
  const { timeout } = metadata;
  // The whole text, where discovery saw the beginning alone: pairs further down have no effect.
  const odd = parseMetadata(text).findings.map(({ code, message }) =>
    (code === 'conflict' ? fail : warn)(message),
  );
  if (timeout === undefined) return odd;
  const fits = /^[0-9]{1,9}$/.test(timeout) && Number(timeout) > 0;
  return [
    ...odd,
    fits
      ? pass(`it may run ${timeout} seconds`)
      : fail(`timeout=${timeout.slice(0, 40)} is not a whole number of seconds`),
  ];
}

function scheduleItems({ declaration, path }: ScriptEntry, { entries }: CheckWorld): DoctorItem[] {
  if (!declaration.required) return [];
  const problems = declaration.problems
    // Told with its line already.
    .filter(({ code }) => code !== 'metadata.conflict');
  const sharing = sharedCronIds(entries.filter(({ classification }) => classification === 'personal'))
    .get(declaration.cronId.toLowerCase())
    ?.filter((other) => other !== path);
  if (sharing !== undefined && sharing.length > 0)
    problems.push(sharedCronIdProblem(declaration.cronId, sharing));
  if (problems.length === 0) return declaration.valid ? [pass(`schedule: ${declaration.scheduleLabel}`)] : [];
  return problems.map(({ message, hint }) => fail(hint === undefined ? message : `${message} ${hint}`));
}

function requirementItems(entry: ScriptEntry, world: CheckWorld): DoctorItem[] {
  const { searchPath, told } = pathOf(entry, world);
  return listOf(entry.metadata.requires).map((program) =>
    findProgram(program, searchPath) === undefined
      ? fail(`it requires ${program}, which is not in ${told}`)
      : pass(`it requires ${program}, which is there`),
  );
}

/** Who may change it, and whether the helper library can be found from where it really lies. */
function accessItems({ path }: ScriptEntry, text: string, { paths }: CheckWorld): DoctorItem[] {
  const items: DoctorItem[] = [];
  const stat = statSync(path);
  if ((stat.mode & 0o002) !== 0)
    items.push(warn(`everybody on this machine may change it: chmod o-w ${path}`));
  if (process.getuid !== undefined && stat.uid !== process.getuid() && stat.uid !== 0)
    items.push(warn('it belongs to another user, who may change what you run'));
  const real = realpathSync(path);
  const isBelow = real.startsWith(realpathSync(paths.home) + sep);
  if (!isBelow && /["']nexo\/helper["']/.test(text))
    items.push(
      warn(`it lies outside ${paths.home}, so Node does not find nexo/helper; copy it instead of linking`),
    );
  return items;
}

function contentItems({ metadata, name, declaration }: ScriptEntry, text: string): DoctorItem[] {
  const allowsDatabase = isYes(metadata.doctor_allow_db);
  const stub = stubLine(text);
  return [
    ...(allowsDatabase ? [pass('doctor_allow_db: it may have a database of its own')] : []),
    ...bannedText(text, allowsDatabase),
    ...(stub === undefined
      ? []
      : [
          (declaration.required ? fail : warn)(
            `its header says that the work is done elsewhere: ${JSON.stringify(stub.slice(0, 100))}. Schedule the real runner`,
          ),
        ]),
    ...callerItems(text, name),
  ];
}

/** Others that could be taken for it. */
function siblingItems(entry: ScriptEntry, { entries }: CheckWorld): DoctorItem[] {
  if (entry.classification !== 'personal') return [];
  const others = entries.filter(
    ({ path, classification }) => classification === 'personal' && path !== entry.path,
  );
  const variants = others.filter(
    (other) => stemName(other) === stemName(entry) && other.runtime !== entry.runtime,
  );
  const namesakes = others.filter(
    (other) => other.name.toLowerCase() === entry.name.toLowerCase() && !variants.includes(other),
  );
  return [
    ...variants.map(({ filename }) =>
      warn(
        `${filename} has the same name in another language; keep the one that does the work, and schedule that one`,
      ),
    ),
    ...namesakes.map(({ filename }) =>
      warn(`${filename} is called "${entry.name}" too; commands take the first`),
    ),
  ];
}

function stemName({ filename }: ScriptEntry): string {
  return logicalName(filename.replace(/\.[^.]+$/, ''));
}
