import { describe, expect, it } from 'vitest';

import type { InstalledHook } from '../doctor/contract.ts';
import { trustHash, trustKey } from './trust.ts';

function hook(fields: Partial<InstalledHook>): InstalledHook {
  return {
    file: '/nowhere/.codex/hooks.json',
    native: 'PreToolUse',
    group: 0,
    index: 0,
    words: [],
    event: 'pre-tool-use',
    matcher: undefined,
    handler: { type: 'command', command: 'echo hi', timeout: 10 },
    value: undefined,
    ...fields,
  };
}

// What `hooks/list` of Codex 0.169.0 answered for these definitions.
describe('the trust in a Codex hook', () => {
  it('has a key of file, event and place', () => {
    expect(trustKey(hook({ native: 'SessionEnd', group: 2, index: 1 }))).toBe(
      '/nowhere/.codex/hooks.json:session_end:2:1',
    );
  });

  it.each([
    ['7a71ee914aae1e8851a62cc0bb833b0269c1789a3d6103a49a5e6544a18c5fbc', hook({})],
    [
      'b16f5df4be46199ebc4ede2ee88a36e99556ff65e81ca48bb4d9deb728af693b',
      hook({ matcher: '^Bash$', handler: { type: 'command', command: 'x "é"', statusMessage: 'hi' } }),
    ],
    [
      '0a9693800ef9c28cb22c624228780217153cb2edd7ba36bd09ca1cf9075202c0',
      hook({ matcher: '^Bash$', handler: { type: 'command', command: 'y', async: true } }),
    ],
    [
      'b48c8e22466660b9172197778a5bf1d163d8f042725d4eb9aff2d694322642a2',
      hook({
        matcher: '*',
        handler: { type: 'command', command: 'z', additionalContextLimit: 0, commandWindows: 'zz' },
      }),
    ],
    [
      '1c961b1feb2ddfd034b56b57216af374518582fbf5dc0173dcebc20889d389f5',
      hook({ native: 'SessionEnd', handler: { type: 'command', command: 'e', timeout: 3 } }),
    ],
  ])('has the hash sha256:%s that Codex computes', (hash, each) => {
    expect(trustHash(each)).toBe(`sha256:${hash}`);
  });
});
