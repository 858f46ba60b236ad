import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { RunCommand } from '../../src/automation/schedules/backends/contract.ts';

export interface FakeScheduler {
  readonly run: RunCommand;
  /** Each call, as a person would type it. */
  readonly calls: string[];
  readonly loaded: Set<string>;
  /** Answers the next calls with this exit code and these words. */
  refuse(code: number, words: string): void;
}

/** `systemctl --user` as far as we use it; it never reaches the real one. */
export function fakeSystemctl(folder: string): FakeScheduler {
  return fake((args, loaded) => {
    const [, verb = '', ...rest] = args;
    const units = rest.filter((word) => !word.startsWith('-'));
    if (verb === 'restart') for (const unit of units) loaded.add(unit);
    if (verb === 'disable') for (const unit of units) loaded.delete(unit);
    if (verb === 'enable' && !units.every((unit) => existsSync(join(folder, unit)))) {
      return {
        code: 1,
        stdout: '',
        stderr: `Failed to enable unit: Unit file ${units.join()} does not exist.`,
      };
    }
    const state = units.some((unit) => loaded.has(unit)) ? 'active' : 'inactive';
    return {
      code: 0,
      stdout: `LoadState=loaded\nActiveState=${state}\nMainPID=0\nExecMainStatus=0\n`,
      stderr: '',
    };
  });
}

/** `launchctl` as far as we use it. */
export function fakeLaunchctl(): FakeScheduler {
  return fake((args, loaded) => {
    const [verb = '', target = '', path = ''] = args;
    const label = (
      path === '' ? target.slice(target.lastIndexOf('/') + 1) : path.slice(path.lastIndexOf('/') + 1)
    ).replace(/\.plist$/, '');
    if (verb === 'bootout') return { code: loaded.delete(label) ? 0 : 3, stdout: '', stderr: '' };
    if (verb === 'bootstrap') {
      if (!existsSync(path))
        return { code: 5, stdout: '', stderr: 'Bootstrap failed: 5: Input/output error' };
      loaded.add(label);
      return { code: 0, stdout: '', stderr: '' };
    }
    if (!loaded.has(label)) return { code: 113, stdout: '', stderr: `Could not find service "${label}"` };
    return { code: 0, stdout: `${target} = {\n\tstate = waiting\n\tlast exit code = 0\n}\n`, stderr: '' };
  });
}

function fake(
  answer: (args: readonly string[], loaded: Set<string>) => Awaited<ReturnType<RunCommand>>,
): FakeScheduler {
  const calls: string[] = [];
  const loaded = new Set<string>();
  let refusal: Awaited<ReturnType<RunCommand>> | undefined;
  return {
    calls,
    loaded,
    refuse: (code, words) => {
      refusal = { code, stdout: '', stderr: words };
    },
    run: async (file, args) => {
      calls.push([file, ...args].join(' '));
      return refusal ?? answer(args, loaded);
    },
  };
}
