/** Longest path, longest single name, in UTF-8 bytes, and deepest nesting that a pack may use. */
export const MAX_PATH_BYTES = 1024;
export const MAX_NAME_BYTES = 255;
export const MAX_PATH_DEPTH = 32;

export interface PathFault {
  readonly kind: 'AbsolutePath' | 'ParentTraversal' | 'UnsafePath';
  /** Goes on after the path's name: `contains ..`. */
  readonly reason: string;
}

/**
 * What is wrong with a path that a manifest names; undefined when it is relative, clean and means the same on every
 * platform. A trailing slash is allowed, for folders.
 */
export function packPathFault(path: string): PathFault | undefined {
  const unsafe = (reason: string): PathFault => ({ kind: 'UnsafePath', reason });
  if (path === '') return unsafe('is empty');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  if (/[\u0000-\u001f\u007f-\u009f]/.test(path)) return unsafe('holds a control character');
  if (!path.isWellFormed()) return unsafe('is not valid Unicode');
  if (/^[/\\]|^[A-Za-z]:/.test(path)) return { kind: 'AbsolutePath', reason: 'is absolute' };
  if (path.includes('\\')) return unsafe('holds a backslash');
  const parts = path.replace(/\/$/, '').split('/');
  if (parts.includes('..'))
    return { kind: 'ParentTraversal', reason: 'contains .., which may lead out of the pack' };
  if (parts.some((part) => part === '' || part === '.')) return unsafe('holds an empty part or a dot');
  if (parts.some((part) => /[. ]$/.test(part))) return unsafe('has a part that ends in a dot or a space');
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return unsafe(`is longer than ${MAX_PATH_BYTES} bytes`);
  if (parts.some((part) => Buffer.byteLength(part) > MAX_NAME_BYTES))
    return unsafe(`has a part longer than ${MAX_NAME_BYTES} bytes`);
  if (parts.length > MAX_PATH_DEPTH) return unsafe(`is nested deeper than ${MAX_PATH_DEPTH} folders`);
  return undefined;
}

/** The spelling under which two paths are one on some platform: Unicode form, letter case, trailing dots and blanks. */
export function collisionKey(path: string): string {
  return path
    .replace(/\/$/, '')
    .split('/')
    .map((part) =>
      part
        .normalize('NFC')
        .toLowerCase()
        .normalize('NFC')
        .replace(/[. ]+$/, ''),
    )
    .join('/');
}
