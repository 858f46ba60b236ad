import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

import { put, putScript, temporaryHomePaths } from '../../../../test/support/home.ts';
import { discoverScripts } from '../discover.ts';
import { diagnoseScripts } from './diagnose.ts';
import type { ScriptReport } from './item.ts';

let paths: ReturnType<typeof temporaryHomePaths>;
beforeEach(() => {
  paths = temporaryHomePaths();
});

function diagnose(target?: string, searchPath = process.env.PATH): readonly ScriptReport[] {
  return diagnoseScripts(paths, { target, cwd: paths.home, searchPath });
}

/** What the doctor says of one file, its good words left out. */
function complaints(filename: string, text: string): string[] {
  putScript(paths, filename, text);
  const [report] = diagnose(filename);
  return (report?.items ?? [])
    .filter(({ level }) => level !== 'pass')
    .map(({ level, msg }) => `${level}: ${msg}`);
}

const SCHEDULED =
  '# nexo: name=a\n# nexo: runtime=python\n# nexo: cron_id=a\n# nexo: schedule_required=true\n';

describe('the script doctor', () => {
  it('finds nothing wrong with a good script, and says what it looked at', () => {
    putScript(
      paths,
      'a.sh',
      `#!/bin/bash\n# nexo: name=a\n# nexo: timeout=60\n# nexo: requires=sh, bash\necho hi\n`,
    );
    const [report] = diagnose('a');
    expect(report).toMatchObject({ status: 'pass', name: 'a', path: join(paths.scripts, 'a.sh') });
    expect(report?.items.map(({ msg }) => msg)).toEqual([
      'the file is there',
      expect.stringMatching(/^runtime shell: \/.*bash$/),
      'it begins with #!',
      'it is executable',
      'it may run 60 seconds',
      'it requires sh, which is there',
      'it requires bash, which is there',
    ]);
  });

  it('reports a script that is not there, without a name and a path', () => {
    expect(diagnose('nothing')).toEqual([
      {
        status: 'fail',
        items: [{ level: 'fail', msg: expect.stringContaining('There is no script "nothing"') }],
      },
    ]);
  });

  it('looks at every personal script that is not hidden, and at those whose name keeps them from running', () => {
    putScript(paths, 'a.py', '');
    putScript(paths, 'b.py', '# nexo: hidden=true\n');
    putScript(paths, 'nexo.py', '');
    put(join(paths.scripts, 'data.csv'), '');
    expect(diagnose().map(({ name, status }) => [name, status])).toEqual([
      ['a', 'pass'],
      ['nexo', 'fail'],
    ]);
  });

  it('takes the path of any file', () => {
    const path = put(join(paths.home, 'elsewhere', 'x.py'), 'import sqlite3\n');
    expect(diagnose(path)).toMatchObject([{ status: 'fail', name: 'x', path }]);
    expect(diagnose('./elsewhere/x.py')).toMatchObject([{ status: 'fail', path }]);
  });

  it.each([
    ['a name of Nexo itself', 'nexo.py', '', /^fail: "nexo" is a name of Nexo itself/],
    ['an unknown runtime', 'a', 'x', /^warn: what runs it is not known/],
    ['a runtime that is none', 'a', '# nexo: runtime=cobol\n', /^warn: runtime=cobol is not one of/],
    ['a shell script without #!', 'a.sh', 'echo\n', /^warn: the first line is no #! line/],
    [
      'a timeout that is no number',
      'a.py',
      '# nexo: timeout=5m\n',
      /^fail: timeout=5m is not a whole number/,
    ],
    ['a timeout of nothing', 'a.py', '# nexo: timeout=0\n', /^fail: timeout=0 is not/],
    [
      'a schedule of an unsupported form',
      'a.py',
      `${SCHEDULED}# nexo: schedule=monthly:1\n`,
      /^fail: schedule=monthly:1 is not a supported form/,
    ],
    [
      'a schedule without its keys',
      'a.py',
      '# nexo: schedule=09:00\n',
      /^fail: A scheduled script must declare name, runtime, cron_id/,
    ],
    ['a schedule that is required and missing', 'a.py', SCHEDULED, /^fail: /],
    [
      'a program that is required and missing',
      'a.py',
      '# nexo: requires=no-such-program\n',
      /^fail: it requires no-such-program/,
    ],
    ['two values of one key', 'a.py', '# nexo: name=a\n# nexo: name=b\n', /^fail: line 2 sets name to "b"/],
    ['a repeated key', 'a.py', '# nexo: name=a\n# nexo: name=a\n', /^warn: line 2 repeats name$/],
    [
      'an unknown key',
      'a.py',
      '# nexo: shedule=09:00\n',
      /^warn: line 1: no key is called "shedule"; did you mean schedule/,
    ],
    ['a line without =', 'a.py', '# nexo: daily\n', /^warn: line 1 has no "="/],
    [
      'a pair below line 25',
      'a.py',
      `${'#\n'.repeat(40)}# nexo: name=x\n`,
      /^warn: line 41 is below the first 25 lines/,
    ],
    [
      'a name that is no identifier',
      'a.py',
      '# nexo: name=my script\n',
      /^warn: the name "my script" should be/,
    ],
    ['a database', 'a.py', 'x = 1\nimport sqlite3\n', /^fail: line 2 opens a database by itself: "sqlite3"/],
    [
      'Nexo’s database, in a comment too',
      'a.py',
      '# reads state/nexo.db\n',
      /^fail: line 1 names Nexo's database/,
    ],
    [
      'database modules',
      'a.py',
      'from cognitive import recall\n',
      /^fail: line 1 imports Nexo's database modules/,
    ],
    ['a database module', 'a.py', 'import db\n', /^fail: line 1 imports Nexo's database modules/],
    [
      'a database from Node',
      'a.mjs',
      "import { DatabaseSync } from 'node:sqlite';\n",
      /^fail: line 1 opens a database/,
    ],
    ['a database package', 'a.js', "require('better-sqlite3')\n", /^fail: line 1 opens a database/],
    [
      'private imports',
      'a.mjs',
      "import { x } from 'nexo/dist/lifecycle.js';\n",
      /^fail: line 1 imports the insides of Nexo/,
    ],
    [
      'private imports by package name',
      'a.mjs',
      "const x = await import('@nexo-home/nexo/dist/main.js');\n",
      /^fail: line 1 imports the insides/,
    ],
    [
      'a hand in the installed program',
      'a.py',
      'sys.path.append(os.environ["NEXO_CODE"] + "/dist")\n',
      /^fail: line 1 reaches into/,
    ],
    [
      'a client',
      'a.sh',
      '#!/bin/sh\nclaude -p "hi"\n',
      /^warn: line 2 starts a client by itself: "claude -p"/,
    ],
    ['a client as a list', 'a.py', 'run(["codex", "exec", "x"])\n', /^warn: line 1 starts a client/],
    ['a model in a flag', 'a.sh', '#!/bin/sh\nx --model big-one\n', /^warn: line 2 names a model/],
    ['a model in an argument', 'a.py', 'ask(model="big-one")\n', /^warn: line 1 names a model/],
    ['a model by its name', 'a.py', 'M = "gpt-5-codex"\n', /^warn: line 1 names a model: "gpt-5-codex"/],
    [
      'LaunchAgents',
      'a.sh',
      '#!/bin/sh\ncp x ~/Library/LaunchAgents/\n',
      /^warn: line 2 touches LaunchAgents/,
    ],
    ['systemd', 'a.sh', '#!/bin/sh\nsystemctl --user start x\n', /^warn: line 2 touches systemd/],
    ['crontab', 'a.sh', '#!/bin/sh\ncrontab -l\n', /^warn: line 2 touches crontab/],
    [
      'a caller of its own making',
      'a.py',
      'run_automation_text("x", caller="report", tier="alto")\n',
      /^warn: the caller "report" has to begin with personal/,
    ],
    [
      'a caller in capitals',
      'a.mjs',
      "await runAutomationJson('x', { caller: 'Personal/a' });\n",
      /^warn: the caller "Personal\/a"/,
    ],
    [
      'a model call without a caller',
      'a.py',
      'run_automation_json("x")\n',
      /^warn: a call of a model names no caller/,
    ],
    [
      'a stub',
      'a.py',
      '# This is a stub; the real runner lives in report.sh\n',
      /^warn: its header says that the work is done elsewhere/,
    ],
    [
      'a stub with a schedule',
      'a.py',
      `${SCHEDULED}# nexo: schedule=09:00\n# The actual job runs in jobs/report.sh\n`,
      /^fail: its header says that the work is done elsewhere/,
    ],
  ])('sees %s', (_, filename, text, expected) => {
    expect(complaints(filename, text)).toEqual([expect.stringMatching(expected)]);
  });

  it.each([
    ['the helper library', 'a.mjs', "import { callTool } from 'nexo/helper';\n"],
    ['a caller that begins with personal/', 'a.py', 'run_automation_text("x", caller="personal/a")\n'],
    [
      'a caller from a variable',
      'a.sh',
      '#!/bin/sh\nrun_automation_text --caller "personal/$NAME" --tier alto\n',
    ],
    [
      'words that only look alike',
      'a.py',
      '# a database, a model = something; the job runs at 9\ndb = {}\nimport dbm\n',
    ],
    ['its own nexo', 'a.mjs', 'import x from "./nexo/tools.mjs";\n'],
    ['no other place', 'a.py', '# Sends the real numbers to the team\n'],
  ])('minds nothing about %s', (_, filename, text) => {
    expect(complaints(filename, text)).toEqual([]);
  });

  it('lets a script have a database of its own that says so', () => {
    putScript(paths, 'a.py', '# nexo: doctor_allow_db=true\nimport sqlite3\n');
    expect(diagnose('a')).toMatchObject([
      {
        status: 'pass',
        items: expect.arrayContaining([{ level: 'pass', msg: expect.stringContaining('doctor_allow_db') }]),
      },
    ]);
  });

  it('sees a missing interpreter', () => {
    putScript(paths, 'a.php', '<?php\n');
    const [report] = diagnose('a', '/nowhere');
    const php = report?.items.find(({ msg }) => msg.includes('php'));
    // Where PHP is in one of the usual places, it is found there.
    expect([
      'fail: php is not in PATH, and the script needs it',
      expect.stringContaining('pass: runtime php'),
    ]).toContainEqual(`${php?.level}: ${php?.msg}`);
  });

  it('sees a script that may not be run, or that anybody may change', () => {
    const path = putScript(paths, 'a.sh', '#!/bin/sh\n');
    chmodSync(path, 0o646);
    expect(
      diagnose('a')[0]
        ?.items.filter(({ level }) => level === 'warn')
        .map(({ msg }) => msg),
    ).toEqual([
      `it is not executable: chmod +x ${path}`,
      `everybody on this machine may change it: chmod o-w ${path}`,
    ]);
  });

  it('tells every problem of a schedule at once, also that others have its id', () => {
    putScript(
      paths,
      'a.py',
      `${SCHEDULED}# nexo: schedule=25:00\n# nexo: interval_seconds=5m\n# nexo: recovery_policy=soon\n`,
    );
    expect(diagnose('a')[0]?.items.filter(({ level }) => level === 'fail').length).toBeGreaterThanOrEqual(3);
    putScript(paths, 'a.py', `${SCHEDULED}# nexo: schedule=09:00\n`);
    putScript(paths, 'b.py', `${SCHEDULED.replace('name=a', 'name=b')}# nexo: interval_seconds=60\n`);
    for (const name of ['a', 'b']) {
      expect(diagnose(name)[0]?.items.at(-1)?.msg).toMatch(/^cron_id=a is also declared by .*\.py/);
    }
  });

  it('sees the same script in two languages, and two scripts of one name', () => {
    putScript(paths, 'ps-report.py', '');
    putScript(paths, 'report.sh', '#!/bin/sh\n');
    putScript(paths, 'other.py', '# nexo: name=Report\n');
    expect(
      diagnose('ps-report')[0]
        ?.items.filter(({ level }) => level === 'warn')
        .map(({ msg }) => msg),
    ).toEqual([
      'report.sh has the same name in another language; keep the one that does the work, and schedule that one',
      'other.py is called "report" too; commands take the first',
    ]);
  });

  it('sees a file that goes away, is a folder behind a link, or is too large', () => {
    const path = putScript(paths, 'a.py', '');
    const { entries } = discoverScripts(paths);
    expect(entries).toHaveLength(1);
    rmSync(path);
    expect(diagnose('a')).toMatchObject([{ status: 'fail' }]);
    putScript(paths, 'big.py', 'x'.repeat(5 * 1024 * 1024));
    expect(diagnose('big')[0]?.items).toMatchObject([
      { level: 'fail', msg: expect.stringContaining('at most') },
    ]);
  });

  it('sees a linked script that Node would not find the helper for', () => {
    const outside = temporaryHomePaths();
    const real = put(join(outside.home, 'job.mjs'), "import { callTool } from 'nexo/helper';\n");
    mkdirSync(paths.scripts, { recursive: true });
    symlinkSync(real, join(paths.scripts, 'job.mjs'));
    expect(diagnose('job')[0]?.items.at(-1)?.msg).toMatch(
      /^it lies outside .*, so Node does not find nexo\/helper/,
    );
  });

  it('reads any bytes in a time that grows with them', () => {
    const texts = [
      'model = '.repeat(100_000),
      'import '.repeat(100_000),
      'the real runner '.repeat(100_000),
      '"nexo/'.repeat(100_000),
    ];
    for (const text of [...texts, '\0\ufffd'.repeat(100_000)]) {
      putScript(paths, 'a.py', text);
      expect(diagnose('a')).toHaveLength(1);
    }
  });
});

describe('the PATH of schedules', () => {
  it('is where the programs of a scheduled script are looked for', () => {
    const tool = put(join(paths.home, 'tools', 'my-tool'), '#!/bin/sh\n', 0o755);
    const shell = `${dirname(tool)}:${process.env.PATH}`;
    const text = `${SCHEDULED}# nexo: schedule=09:00\n# nexo: requires=my-tool\n`;
    putScript(paths, 'a.py', text);
    putScript(paths, 'b.py', '# nexo: requires=my-tool\n');
    const failing = (jobPath: string | undefined): (string | undefined)[] =>
      diagnoseScripts(paths, { target: undefined, cwd: paths.home, searchPath: shell, jobPath }).flatMap(
        ({ name, items }) =>
          items.filter(({ level }) => level === 'fail').map(({ msg }) => `${name}: ${msg}`),
      );
    expect(failing(undefined)).toEqual([]);
    expect(failing(process.env.PATH)).toEqual([
      'a: it requires my-tool, which is not in the PATH of its schedule (nexo scripts reconcile --refresh-path)',
    ]);
  });
});
