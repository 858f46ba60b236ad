import { lstatSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

import { NexoError, systemErrorCode } from '../errors.ts';
import { ioError } from './file-errors.ts';
import { isTemporaryName } from './folder.ts';

/** Longest whole path and longest single name that are accepted, in UTF-8 bytes. */
const MAX_PATH_BYTES = 1024;
const MAX_NAME_BYTES = 255;

/** Names that Windows keeps for devices, with any extension. */
const DEVICE_NAME = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/**
 * Reduces a name given by an agent to clean path segments below some folder: backslashes count as separators; empty,
 * `.` and `..` segments are dropped, so that no spelling leads out.
 * Throws ARTIFACT_NAME_INVALID when nothing remains or a segment is unusable on one of the platforms.
 */
export function toCleanSegments(name: string): string[] {
  const segments = name
    .split(/[\\/]/)
    .filter((segment) => segment !== '' && segment !== '.' && segment !== '..');
  const fault = segments.length === 0 ? 'leaves no name' : segmentsFault(segments);
  if (fault === undefined) return segments;
  throw new NexoError('ARTIFACT_NAME_INVALID', `The file name ${quote(name)} ${fault}.`, {
    hint: 'Use a plain name such as notes.md, or a relative path such as reports/notes.md.',
  });
}

function segmentsFault(segments: readonly string[]): string | undefined {
  if (Buffer.byteLength(segments.join('/')) > MAX_PATH_BYTES) return `is longer than ${MAX_PATH_BYTES} bytes`;
  for (const segment of segments) {
    if (Buffer.byteLength(segment) > MAX_NAME_BYTES) return `has a part longer than ${MAX_NAME_BYTES} bytes`;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
    if (/[\u0000-\u001f\u007f-\u009f]/.test(segment)) return 'holds a control character';
    if (!segment.isWellFormed()) return 'is not valid Unicode';
    if (/^[A-Za-z]:/.test(segment)) return 'begins with a drive letter';
    if (DEVICE_NAME.test(segment)) return 'is a reserved device name on Windows';
    if (isTemporaryName(segment)) return 'is one that Nexo gives to unfinished files and sweeps away';
    if (/[. ]$/.test(segment)) return 'has a part that ends in a dot or a space';
  }
  return undefined;
}

/**
 * Throws PATH_ESCAPES when `folder`, as far as it exists, leads through a symbolic link to a place outside `root`, and
 * IO_FAILED when that cannot be seen. `root` itself may be reached through links: only what lies below it is checked.
 */
export function assertInside(root: string, folder: string): void {
  const realRoot = realPathOfExisting(root);
  const real = realPathOfExisting(folder);
  if (real === realRoot || real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)) return;
  throw new NexoError('PATH_ESCAPES', `${folder} leads outside ${root}.`, {
    hint: 'Remove the symbolic link; Nexo writes only inside the project.',
    data: { path: folder, target: real },
  });
}

/** The real path of the longest part of `path` that exists. A dangling link counts as existing: it is refused. */
function realPathOfExisting(path: string): string {
  for (let current = path; ; current = join(current, '..')) {
    try {
      return realpathSync(current);
    } catch (error) {
      const code = systemErrorCode(error);
      // Below a file there is nothing; what stands in the folder's place is for the caller to find.
      if (code === 'ENOTDIR') continue;
      if (code !== 'ENOENT' && code !== 'ELOOP') throw ioError(current, 'resolve', error);
      if (isLink(current)) {
        throw new NexoError('PATH_ESCAPES', `${current} is a symbolic link that leads nowhere.`, {
          hint: 'Remove the link and try again.',
          data: { path: current },
        });
      }
    }
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch (error) {
    // Behind a loop nothing can be seen; the loop itself comes next.
    if (systemErrorCode(error) === 'ELOOP') return false;
    throw ioError(path, 'look at', error);
  }
}

function quote(name: string): string {
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  return JSON.stringify(shown);
}
