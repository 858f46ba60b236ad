import { readFileSync } from 'node:fs';
import { describe, it } from 'vitest';

import {
  DEFAULT_LIMITS,
  type LoadedPlugin,
  type PluginHost,
  type PluginKind,
} from '../../src/plugins/contract.ts';
import { createPluginHost, type HostOptions } from '../../src/plugins/host.ts';

export interface PluginSubject {
  readonly kind: PluginKind;
  /** A file of this kind with the tools of test/fixtures/plugins. */
  readonly path: string;
  readonly file: string;
}

const CALL_MS = 1500;
const MIB = 1024 * 1024;

/** What every kind of plugin has to hold to. Real processes; nothing here waits longer than a call may take. */
export function pluginHostContract({ kind, path, file }: PluginSubject): void {
  const declared: LoadedPlugin['declared'] = {
    env: ['NEXO_CONTRACT_TOKEN'],
    overrides: undefined,
    companion: undefined,
    callMs: undefined,
    memoryBytes: undefined,
  };
  const create = (more: Partial<HostOptions> = {}, limits: object = {}): PluginHost =>
    createPluginHost({
      source: { kind, file, path },
      world: {
        env: { ...process.env, NEXO_CONTRACT_TOKEN: 'declared-and-given', NEXO_OTHER_TOKEN: 'not-for-you' },
        home: '/nonexistent',
      },
      limits: { ...DEFAULT_LIMITS, memoryBytes: 300 * MIB, ...limits },
      declared,
      ...more,
    });
  const withHost = async (
    use: (host: PluginHost) => Promise<void>,
    more?: Partial<HostOptions>,
    limits?: object,
  ) => {
    const host = create(more, limits);
    try {
      await use(host);
    } finally {
      await host.close();
    }
  };

  describe.concurrent(`a plugin of kind ${kind}`, () => {
    it('tells its tools, with schemas, and is gone again', async ({ expect }) => {
      await withHost(async (host) => {
        const { tools, declared: said } = await host.learn();
        expect(tools.map(({ name }) => name)).toContain('nexo_t_echo');
        expect(tools.find(({ name }) => name === 'nexo_t_echo')).toMatchObject({
          description: 'Answers with its text.',
          inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
        });
        expect(said.env).toEqual(['NEXO_CONTRACT_TOKEN']);
        expect(host.isRunning).toBe(false);
      });
    });

    it('answers, in one process for many calls', async ({ expect }) => {
      await withHost(async (host) => {
        const texts = ['a', 'b', 'c'];
        const answers = await Promise.all(texts.map((text) => host.call('nexo_t_echo', { text })));
        expect(answers).toEqual(texts.map((text) => ({ text })));
        expect(host.isRunning).toBe(true);
      });
    });

    it('fails one call with one error when its tool fails', async ({ expect }) => {
      await withHost(async (host) => {
        await expect(host.call('nexo_t_fail', {})).rejects.toMatchObject({
          code: 'PLUGIN_TOOL_FAILED',
          message: `Plugin ${file}: the CRM is closed.`,
        });
        expect(await host.call('nexo_t_echo', { text: 'still here' })).toEqual({ text: 'still here' });
      });
    });

    it.for(['nexo_t_loop', 'nexo_t_wait'])(
      'cuts %s at its time and serves the next call',
      async (tool, { expect }) => {
        await withHost(
          async (host) => {
            await expect(host.call(tool, {})).rejects.toMatchObject({ code: 'PLUGIN_TIMEOUT' });
            expect(await host.call('nexo_t_echo', { text: 'next' })).toEqual({ text: 'next' });
          },
          { declared: { ...declared, callMs: CALL_MS } },
        );
      },
    );

    it('ends what allocates without end', async ({ expect }) => {
      await withHost(async (host) => {
        const error = await host.call('nexo_t_allocate', {}).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: expect.stringMatching(/^PLUGIN_(CRASHED|TOOL_FAILED)$/) });
        expect(String(error)).toMatch(/memory/);
        expect(await host.call('nexo_t_echo', { text: 'next' })).toEqual({ text: 'next' });
      });
    });

    it('tells of an exit in the middle, and starts anew', async ({ expect }) => {
      await withHost(async (host) => {
        await expect(host.call('nexo_t_exit', {})).rejects.toMatchObject({
          code: 'PLUGIN_CRASHED',
          message: expect.stringContaining('exit code 3'),
        });
        expect(await host.call('nexo_t_echo', { text: 'anew' })).toEqual({ text: 'anew' });
      });
    });

    it('takes no harm from what is printed', async ({ expect }) => {
      await withHost(async (host) => {
        expect(await host.call('nexo_t_print', {})).toEqual({ printed: true });
      });
    });

    it('refuses an answer of 100 MB with one error', async ({ expect }) => {
      await withHost(
        async (host) => {
          await expect(host.call('nexo_t_huge', {})).rejects.toMatchObject({
            code: 'PLUGIN_RESULT_TOO_LARGE',
          });
          expect(await host.call('nexo_t_echo', { text: 'next' })).toEqual({ text: 'next' });
        },
        {},
        { memoryBytes: 1024 * MIB },
      );
    });

    it('sees of the environment what it declares, and the basics', async ({ expect }) => {
      await withHost(async (host) => {
        const seen = (await host.call('nexo_t_env', {})) as Record<string, string>;
        expect(seen).toMatchObject({ NEXO_CONTRACT_TOKEN: 'declared-and-given', HOME: process.env.HOME });
        // Some installations of Python put their own folders in front.
        expect(seen.PATH).toContain(process.env.PATH);
        expect(seen).not.toHaveProperty('NEXO_OTHER_TOKEN');
        expect(Object.keys(seen).filter((name) => /VITEST|TOKEN/.test(name))).toEqual([
          'NEXO_CONTRACT_TOKEN',
        ]);
      });
    });

    it('takes what it started with it', async ({ expect }) => {
      const host = create();
      const { pid } = (await host.call('nexo_t_child', {})) as { pid: number };
      expect(isAlive(pid)).toBe(true);
      await host.close();
      expect(host.isRunning).toBe(false);
      await expect.poll(() => isAlive(pid)).toBe(false);
    });

    it('goes on when it changes its tools while it is called', async ({ expect }) => {
      await withHost(async (host) => {
        expect(await host.call('nexo_t_change', {})).toEqual({ changed: true });
        expect(await host.call('nexo_t_echo', { text: 'still' })).toEqual({ text: 'still' });
      });
    });

    it('is left alone for a while when it only crashes', async ({ expect }) => {
      let now = 0;
      await withHost(
        async (host) => {
          for (let crash = 0; crash < 2; crash += 1)
            await expect(host.call('nexo_t_exit', {})).rejects.toThrow('exit code 3');
          await expect(host.call('nexo_t_echo', { text: 'x' })).rejects.toThrow(/left alone for another 1 s/);
          now += 1001;
          expect(await host.call('nexo_t_echo', { text: 'again' })).toEqual({ text: 'again' });
        },
        { clock: { now: () => now } },
      );
    });

    it('ends when nothing is asked of it', async ({ expect }) => {
      await withHost(
        async (host) => {
          await host.call('nexo_t_echo', { text: 'once' });
          await expect.poll(() => host.isRunning).toBe(false);
        },
        {},
        { idleMs: 20 },
      );
    });
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One that has ended may wait for somebody to take note of it.
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
