import type { Writable } from 'node:stream';

/**
 * Keeps standard output for the protocol: whatever else in this process writes there, a library or `console.log`, is
 * sent to standard error. Returns the real write, and a function that puts everything back.
 */
export function guardStdout(
  stdout: Writable = process.stdout,
  stderr: Writable = process.stderr,
): { write: Writable['write']; release: () => void } {
  const write = stdout.write;
  stdout.write = stderr.write.bind(stderr);
  return {
    write,
    release: () => {
      stdout.write = write;
    },
  };
}
