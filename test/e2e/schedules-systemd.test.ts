import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { runNexo, temporaryFolder } from '../support/run-nexo.ts';

/**
 * A `systemctl --user` of our own, first in PATH: it keeps what is loaded as files, and refuses what is not there. The
 * real one is never reached; the folders are temporary, so the program has to be told that this is meant.
 */
const SYSTEMCTL = `#!/bin/sh
loaded=$FAKE_SYSTEMD/loaded; units=$HOME/.config/systemd/user
[ "$1" = --user ] || exit 9
verb=$2; shift 2
echo "$verb $*" >> "$FAKE_SYSTEMD/calls"
state=inactive
for unit in "$@"; do
  case $unit in -*) continue ;; esac
  case $verb in
    enable) [ -e "$units/$unit" ] || { echo "Unit file $unit does not exist." >&2; exit 1; }; : > "$loaded/$unit" ;;
    restart|start) : > "$loaded/$unit" ;;
    disable|stop) rm -f "$loaded/$unit" ;;
  esac
  [ -e "$loaded/$unit" ] && state=active
done
printf 'LoadState=loaded\\nActiveState=%s\\nMainPID=0\\nExecMainStatus=0\\n' "$state"
`;

let base: string;
let env: Record<string, string>;
let units: string;
const nexo = (...args: string[]) => runNexo(args, { env });
// What the program prints is checked by each test.
const json = async (...args: string[]) => JSON.parse((await nexo(...args, '--json')).stdout);
const unit = (name: string): string => join(units, name);

beforeEach(async () => {
  base = temporaryFolder('systemd');
  const bin = join(base, 'fake-bin');
  for (const folder of [bin, join(base, 'loaded'), join(base, 'run', 'systemd')]) {
    mkdirSync(folder, { recursive: true });
  }
  writeFileSync(join(bin, 'systemctl'), SYSTEMCTL);
  chmodSync(join(bin, 'systemctl'), 0o755);
  units = join(base, '.config', 'systemd', 'user');
  env = {
    HOME: base,
    NEXO_HOME: join(base, '.nexo'),
    PATH: `${bin}:/usr/bin:/bin`,
    FAKE_SYSTEMD: base,
    XDG_RUNTIME_DIR: join(base, 'run'),
    XDG_CONFIG_HOME: join(base, '.config'),
    NEXO_ALLOW_EPHEMERAL_INSTALL: '1',
  };
  await nexo('home', 'init');
  await nexo('scripts', 'create', 'report', '--runtime', 'shell', '--schedule', '09:00:1');
});

async function personalScripts(...flags: string[]) {
  const { checks } = await json('doctor', '--tier', 'runtime', ...flags);
  return checks.find(({ id }: { id: string }) => id === 'runtime.personal_scripts');
}

describe.skipIf(process.platform !== 'linux')('schedules of systemd', () => {
  it('are installed once, found drifted when somebody edits them, and put right by a fix', async () => {
    expect(await json('scripts', 'reconcile')).toMatchObject({ ok: true, backend: 'systemd' });
    const installed = readFileSync(unit('nexo-report.timer'), 'utf8');
    expect(installed).toContain('OnCalendar=Mon *-*-* 09:00:00');
    expect(existsSync(join(base, 'loaded', 'nexo-report.timer'))).toBe(true);
    expect(await personalScripts()).toMatchObject({ status: 'healthy' });
    writeFileSync(unit('nexo-report.timer'), installed.replace('09:00:00', '10:30:00'));
    expect((await nexo('scripts', 'reconcile', '--check')).code).toBe(1);
    expect(await personalScripts()).toMatchObject({ status: 'critical', issues: [{ subject: 'report' }] });
    expect(await personalScripts('--fix')).toMatchObject({ status: 'healthy', fixed: true });
    expect(readFileSync(unit('nexo-report.timer'), 'utf8')).toBe(installed);
    expect(await personalScripts('--fix')).toMatchObject({ status: 'healthy', fixed: false });
  });

  it('are loaded again when they are on disk alone, and written again when they are gone', async () => {
    await nexo('scripts', 'reconcile');
    rmSync(join(base, 'loaded', 'nexo-report.timer'));
    expect(await personalScripts('--fix')).toMatchObject({ status: 'healthy', fixed: true });
    expect(existsSync(join(base, 'loaded', 'nexo-report.timer'))).toBe(true);
    rmSync(units, { recursive: true });
    expect(await personalScripts('--fix')).toMatchObject({ status: 'healthy', fixed: true });
    expect(
      readdirSync(units)
        .filter((name) => name.startsWith('nexo-report'))
        .sort(),
    ).toEqual(['nexo-report.service', 'nexo-report.timer']);
  });

  it('are orphans when their script is gone: named, kept by a fix, and pruned on demand, never those made by hand', async () => {
    await nexo('scripts', 'reconcile');
    rmSync(join(base, '.nexo', 'personal', 'scripts', 'ps-report.sh'));
    const byHand = `[Service]\nExecStart=/bin/sh ${join(base, 'x.sh')}\n`;
    writeFileSync(unit('nexo-mine.service'), byHand);
    writeFileSync(unit('nexo-mine.timer'), '[Timer]\nOnCalendar=*-*-* 07:00:00\n');
    const found = await personalScripts('--fix');
    expect(found.status).toBe('critical');
    expect(JSON.stringify(found.issues)).toMatch(/report.*gone/);
    expect(JSON.stringify(found.issues)).toContain('mine');
    expect(existsSync(unit('nexo-report.timer'))).toBe(true);
    expect(await json('scripts', 'reconcile', '--prune-orphans')).toMatchObject({ pruned: ['report'] });
    expect(existsSync(unit('nexo-report.timer'))).toBe(false);
    expect(existsSync(join(base, 'loaded', 'nexo-report.timer'))).toBe(false);
    expect(readFileSync(unit('nexo-mine.service'), 'utf8')).toBe(byHand);
  });
});
