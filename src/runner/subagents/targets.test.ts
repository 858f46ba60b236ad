import { describe, expect, it } from 'vitest';

import { coversTargets, sharesTargets, targetsOf, UNKNOWN_TARGETS } from './targets.ts';

const paths = (context: string): readonly string[] | 'unknown' => {
  const targets = targetsOf({ title: 'Title', context });
  return targets.kind === 'named' ? targets.paths : 'unknown';
};

describe('the files of a task', () => {
  it('are those that its words name', () => {
    expect(paths('Change src/a.ts and `docs/guide.md`, see README.md:12.')).toEqual([
      ...['README.md', 'docs/guide.md', 'src/a.ts'],
    ]);
    expect(paths('In ./src/../lib/x.py')).toEqual(['lib/x.py']);
  });

  it('are those of the line that declares them, where there is one', () => {
    expect(paths('As in README.md.\nTarget files: src/a.ts, docs/')).toEqual(['docs', 'src/a.ts']);
    expect(paths('Look at src/a.ts\n- Files: none')).toEqual([]);
  });

  it('are unknown where it names none, or none in the project', () => {
    for (const text of ['Make it faster.', 'See https://example.org/a/b.html', '/etc/passwd', '../../x.ts'])
      expect(paths(text), text).toBe('unknown');
  });

  it('are shared by a folder and what is in it, and by the unknown and everything', () => {
    const [file, folder, other] = ['src/a.ts', 'src/', 'lib/src'].map((context) =>
      targetsOf({ title: 't', context: `Files: ${context}` }),
    ) as [ReturnType<typeof targetsOf>, ReturnType<typeof targetsOf>, ReturnType<typeof targetsOf>];
    expect(sharesTargets(file, folder)).toBe(true);
    expect(sharesTargets(file, other)).toBe(false);
    expect(sharesTargets(file, UNKNOWN_TARGETS)).toBe(true);
    expect(coversTargets(folder, file)).toBe(true);
    expect(coversTargets(file, folder)).toBe(false);
  });
});
