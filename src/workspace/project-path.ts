import { isAbsolute, posix, relative, sep } from 'node:path';

/** A path as project files name it: relative to the project, with `/`; undefined when it lies outside. */
export function toProjectPath(root: string, path: string): string | undefined {
  const inside = isAbsolute(path) ? relative(root, path).split(sep).join('/') : path.replaceAll('\\', '/');
  const clean = posix.normalize(inside);
  return clean === '..' || clean.startsWith('../') || isAbsolute(clean) || clean === '.' ? undefined : clean;
}
