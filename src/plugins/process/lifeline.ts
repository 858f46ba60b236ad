import { type ChildProcess, spawn } from 'node:child_process';

/**
 * What the watchman does: remembers the groups that it is told of, and ends them when the one who told it is gone. The
 * program is constant; process ids come in on standard input.
 */
const WATCH = `
groups=" "
while read -r what id; do
  case "$what" in
    add) groups="$groups$id " ;;
    gone) groups="\${groups%% $id *} \${groups#* $id }" ;;
  esac
done
for id in $groups; do kill -s KILL -- "-$id" 2>/dev/null; done
`;

let watchman: ChildProcess | undefined;
const groups = new Set<number>();

/**
 * Ends the process group of `pid` when this process dies, even by SIGKILL: a plugin that loops would not notice by
 * itself. One small shell watches all of them, in a group of its own, and ends when there is nothing left to watch.
 */
export function holdLifeline(pid: number): void {
  if (process.platform === 'win32') return;
  groups.add(pid);
  if (watchman === undefined) {
    const started = spawn('/bin/sh', ['-c', WATCH, 'nexo-plugin-watch'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      env: {},
    });
    // Without it, plugins end with us in every way but the hardest.
    started.on('error', () => {});
    started.stdin.on('error', () => {});
    started.unref();
    watchman = started;
  }
  watchman.stdin?.write(`add ${pid}\n`);
}

export function releaseLifeline(pid: number): void {
  if (!groups.delete(pid) || watchman === undefined) return;
  watchman.stdin?.write(`gone ${pid}\n`);
  if (groups.size > 0) return;
  watchman.stdin?.end();
  watchman = undefined;
}
