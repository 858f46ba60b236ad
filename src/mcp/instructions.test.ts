import { describe, expect, it } from 'vitest';

import { NexoError } from '../errors.ts';
import { serverInstructions } from './instructions.ts';
import { DEFAULT_TOOLSETS } from './toolsets.ts';

describe('serverInstructions', () => {
  it('says within the first 512 characters where the state is and when to use which tool', () => {
    const text = serverInstructions(
      { kind: 'chosen', root: '/home/somebody/projects/shop' },
      DEFAULT_TOOLSETS,
    );
    const kept = text.slice(0, 512);
    expect(kept).toContain('/home/somebody/projects/shop');
    for (const name of ['nx_context', 'nx_plan_start', 'nx_plan_decide', 'nx_task_add', 'nx_task_close']) {
      expect(kept).toContain(name);
    }
    expect(Buffer.byteLength(text)).toBeLessThan(2048);
  });

  it('says that there is no project, and what to do about it', () => {
    const error = new NexoError('PROJECT_ROOT_AMBIGUOUS', 'Two are open.', { hint: 'Use --root DIR.' });
    expect(serverInstructions({ kind: 'refused', error }, DEFAULT_TOOLSETS)).toContain(
      'Nexo has no project: Two are open. Every tool refuses. Use --root DIR.',
    );
  });
});
