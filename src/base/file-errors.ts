import { NexoError, systemErrorCode } from '../errors.ts';

/** Something that cannot be used as a file stands at `path`. */
export function notAFile(path: string, what: string): NexoError {
  return new NexoError('PATH_NOT_A_FILE', `${path} is ${what}, where a regular file belongs.`, {
    hint: 'Move it away and try again.',
    data: { path },
  });
}

/** A call to the system failed; says on what, doing what, and why. */
export function ioError(path: string, action: string, error: unknown): NexoError {
  const code = systemErrorCode(error);
  const reason = REASONS[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
  return new NexoError('IO_FAILED', `Could not ${action} ${path}: ${reason}.`, {
    hint:
      code === 'ENOSPC'
        ? 'Free some disk space and try again.'
        : 'Check the folder and its permissions, then try again.',
    data: { path, system: code ?? 'unknown' },
    cause: error,
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reported an error',
  ENOENT: 'its folder is gone',
  ENAMETOOLONG: 'the name is too long',
};
