import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { putScript, temporaryHomePaths } from '../../../test/support/home.ts';
import { discoverScripts } from './discover.ts';
import { checkScript } from './doctor/check-script.ts';
import { METADATA_KEYS } from './metadata.ts';

const manual = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'scripts.md'), 'utf8');
const EXTENSIONS: Readonly<Record<string, string>> = { python: '.py', sh: '.sh', js: '.mjs' };
const examples = [...manual.matchAll(/^```(python|sh|js)\n(.*?)^```/gms)].map(
  ([, language = '', text = '']) => ({
    text,
    filename: `${/nexo: name=(\S+)/.exec(text)?.[1] ?? 'unnamed'}${EXTENSIONS[language]}`,
  }),
);

describe('the manual of scripts', () => {
  it('has examples of every kind of schedule', () => {
    const paths = temporaryHomePaths();
    for (const { filename, text } of examples) putScript(paths, filename, text);
    const { entries } = discoverScripts(paths);
    expect(entries.length).toBe(examples.length);
    expect(new Set(entries.map(({ declaration }) => declaration.scheduleType))).toEqual(
      new Set(['calendar', 'interval', 'keep_alive', null]),
    );
  });

  it.each(examples)(
    'has an example $filename in which the doctor finds nothing wrong',
    ({ filename, text }) => {
      const paths = temporaryHomePaths();
      putScript(paths, filename, text);
      const { entries } = discoverScripts(paths);
      const [entry] = entries;
      if (entry === undefined) throw new Error('not discovered');
      // Whether rsync is installed here is no matter of the manual.
      const report = checkScript(
        { ...entry, metadata: { ...entry.metadata, requires: '' } },
        {
          paths,
          entries,
          searchPath: process.env.PATH,
        },
      );
      expect(report.items.filter(({ level, msg }) => level !== 'pass' && !msg.includes('#! line'))).toEqual(
        [],
      );
    },
  );

  it('explains every key', () => {
    for (const key of METADATA_KEYS) expect(manual).toContain(`\`${key}\``);
  });
});
