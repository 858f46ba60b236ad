import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { put, putScript, temporaryHomePaths } from '../../../test/support/home.ts';
import { countClasses, discoverScripts, findScript, namingPolicy } from './discover.ts';

function classes(paths: ReturnType<typeof temporaryHomePaths>): Record<string, string> {
  return Object.fromEntries(
    discoverScripts(paths).entries.map(({ filename, classification }) => [filename, classification]),
  );
}

describe('discoverScripts', () => {
  it('finds nothing in a home that is not there', () => {
    const paths = temporaryHomePaths();
    expect(discoverScripts(paths)).toEqual({ scriptsDir: paths.scripts, entries: [] });
  });

  it('tells of a script what it is and what it says', () => {
    const paths = temporaryHomePaths();
    const path = putScript(
      paths,
      'ps-report.py',
      '#!/usr/bin/env python3\n# nexo: name=report\n# nexo: description=The numbers\n# nexo: hidden=yes\n',
    );
    const [entry] = discoverScripts(paths).entries;
    expect(entry).toMatchObject({
      name: 'report',
      path,
      filename: 'ps-report.py',
      classification: 'personal',
      reason: '',
      runtime: 'python',
      description: 'The numbers',
      firstLine: '#!/usr/bin/env python3',
      metadata: { name: 'report', description: 'The numbers', hidden: 'yes' },
      findings: [],
      hidden: true,
      declaration: { required: false, valid: true },
    });
  });

  it('classifies each file in the folders', () => {
    const paths = temporaryHomePaths();
    put(join(paths.home, 'core', 'scripts', 'mail-poller.py'), '');
    put(join(paths.home, 'core-dev', 'scripts', 'lab.py'), '');
    for (const name of ['ps-a.py', 'b.sh', 'c.mjs', 'e.ts', 'ps-nexo-mail-poller.sh', 'nexo.py']) {
      putScript(paths, name, '');
    }
    for (const name of [
      '.hidden.py',
      'a.py~',
      'a.py.bak',
      'a.py.bak-2024',
      'a.old',
      'nexo-cron-wrapper.sh',
    ]) {
      putScript(paths, name, '#!/bin/sh\n');
    }
    for (const name of ['data.csv', 'notes.md', 'run.log']) put(join(paths.scripts, name), 'x');
    putScript(paths, 'tool', '\u007fELF');
    put(join(paths.scripts, 'perl-thing'), '#!/usr/bin/perl\n');
    putScript(paths, 'aliased.py', '# nexo: name=Mail-Poller\n');
    mkdirSync(join(paths.scripts, '__pycache__'));
    put(join(paths.scripts, '__pycache__', 'x.py'), '');
    expect(classes(paths)).toEqual({
      'mail-poller.py': 'core',
      'lab.py': 'core-dev',
      'ps-a.py': 'personal',
      'b.sh': 'personal',
      'c.mjs': 'personal',
      'e.ts': 'personal',
      tool: 'personal',
      'perl-thing': 'personal',
      'ps-nexo-mail-poller.sh': 'ignored',
      'aliased.py': 'ignored',
      'nexo.py': 'ignored',
      '.hidden.py': 'ignored',
      'a.py~': 'ignored',
      'a.py.bak': 'ignored',
      'a.py.bak-2024': 'ignored',
      'a.old': 'ignored',
      'nexo-cron-wrapper.sh': 'ignored',
      'data.csv': 'non-script',
      'notes.md': 'non-script',
      'run.log': 'non-script',
    });
    expect(countClasses(discoverScripts(paths).entries)).toMatchObject({ core: 1, personal: 6 });
  });

  it('follows a link, counts a script once, and passes over what is no file', () => {
    const paths = temporaryHomePaths();
    const elsewhere = put(join(paths.home, 'repo', 'job.py'), '# nexo: name=job\n');
    putScript(paths, 'a.py', '');
    symlinkSync(elsewhere, join(paths.scripts, 'ps-job.py'));
    symlinkSync('a.py', join(paths.scripts, 'b.py'));
    symlinkSync('missing.py', join(paths.scripts, 'c.py'));
    execFileSync('mkfifo', [join(paths.scripts, 'pipe.py')]);
    expect(discoverScripts(paths).entries.map(({ filename, name }) => [filename, name])).toEqual([
      ['a.py', 'a'],
      ['ps-job.py', 'job'],
    ]);
  });

  it('reads the header of a large file, of bytes that are no text, and of one that it may not read', () => {
    const paths = temporaryHomePaths();
    putScript(paths, 'big.py', `# ${'x'.repeat(20_000)}\n# nexo: name=big\n${'y'.repeat(1_000_000)}`);
    put(
      join(paths.scripts, 'odd.sh'),
      Buffer.concat([Buffer.from('# nexo: name=odd\n# '), Buffer.from([0xff, 0, 0xc3])]),
    );
    putScript(paths, 'secret.py', '# nexo: name=s\n');
    chmodSync(join(paths.scripts, 'secret.py'), 0);
    const names = discoverScripts(paths).entries.map(({ name }) => name);
    // Whoever runs as root reads everything.
    expect(names).toEqual(['big', 'odd', process.getuid?.() === 0 ? 's' : 'secret']);
  });

  it('looks into a flat folder only where the present one is missing', () => {
    const paths = temporaryHomePaths();
    put(join(paths.home, 'scripts', 'old.py'), '');
    expect(classes(paths)).toEqual({ 'old.py': 'personal' });
    putScript(paths, 'new.py', '');
    expect(classes(paths)).toEqual({ 'new.py': 'personal' });
  });

  it('protects the names that an installer lists', () => {
    const paths = temporaryHomePaths();
    put(
      join(paths.personal, 'config', 'runtime-core-artifacts.json'),
      '{"script_names": ["nexo-backup.py"], "hook_names": [7, "pre.sh"]}',
    );
    putScript(paths, 'backup.sh', '');
    putScript(paths, 'pre.sh', '');
    putScript(paths, 'fine.sh', '');
    expect(classes(paths)).toEqual({ 'backup.sh': 'ignored', 'pre.sh': 'ignored', 'fine.sh': 'personal' });
  });

  it('hands a key with two values on as an invalid declaration', () => {
    const paths = temporaryHomePaths();
    putScript(
      paths,
      'a.py',
      '# nexo: name=a\n# nexo: runtime=python\n# nexo: cron_id=a\n# nexo: schedule_required=true\n' +
        '# nexo: schedule=09:00\n# nexo: schedule=10:00\n',
    );
    expect(discoverScripts(paths).entries[0]?.declaration).toMatchObject({ required: true, valid: false });
  });
});

describe('findScript', () => {
  it('takes a declared name, a stem or a file name, and a personal script before others', () => {
    const paths = temporaryHomePaths();
    putScript(paths, 'data.csv', '');
    chmodSync(join(paths.scripts, 'data.csv'), 0o644);
    put(join(paths.home, 'core', 'scripts', 'thing.py'), '');
    putScript(paths, 'ps-report.py', '# nexo: name=daily\n');
    const { entries } = discoverScripts(paths);
    for (const name of ['daily', 'ps-report', 'ps-report.py']) {
      expect(findScript(entries, name)?.filename).toBe('ps-report.py');
    }
    expect(findScript(entries, 'report')).toBeUndefined();
    expect(findScript(entries, 'data.csv')?.classification).toBe('non-script');
    expect(entries.map(namingPolicy)).toEqual(['legacy-nonprefixed', 'legacy-nonprefixed', 'preferred']);
  });
});
