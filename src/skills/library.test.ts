import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { openSkillHome, type SkillHome } from '../../test/support/skills.ts';
import { applySkill } from './apply.ts';
import { createSkill } from './create.ts';
import { archiveSkill, composeSkill, decaySkills, promoteSkill } from './lifecycle.ts';
import { recordUse } from './store.ts';

const open: SkillHome[] = [];

async function home(options = {}): Promise<SkillHome> {
  const made = await openSkillHome(options);
  open.push(made);
  return made;
}

afterEach(() => {
  for (const { library } of open.splice(0)) library.close();
});

const PROGRAM =
  '#!/usr/bin/env bash\n# nexo: name=x\n# nexo: runtime=shell\nset -eu\nfor word in "$@"; do printf "<%s>" "$word"; done\n';

function withProgram({ write }: SkillHome, extra: object = {}, folder = 'personal/skills/sk-greet'): void {
  write(`${folder}/skill.json`, {
    id: 'SK-GREET',
    name: 'Greet',
    description: 'Greets somebody',
    mode: 'hybrid',
    execution_level: 'read-only',
    trigger_patterns: ['greet somebody'],
    params_schema: { who: { type: 'string', required: true }, n: { type: 'integer', default: 2 } },
    command_template: { argv: ['{{file_path}}', '--who', '{{who}}', '--n', '{{n}}', '{{missing}}'] },
    ...extra,
  });
  write(`${folder}/guide.md`, '# Greet\n\nSay hello.\n');
  write(`${folder}/script.sh`, PROGRAM, 0o755);
}

const RUN = { env: process.env, cwd: process.cwd() };

describe('sync', () => {
  it('finds the skills that come with Nexo, without a complaint, and stages their programs', async () => {
    const { library, paths } = await home({ withCore: true });
    const report = library.sync();
    expect(report.issues).toEqual([]);
    expect(report.ids).toContain('SK-CREATE-NEXO-PRIMITIVE');
    const { stored } = library.get('SK-RUN-RUNTIME-DOCTOR');
    expect(stored.filePath).toBe(join(paths.skillsRuntime, 'sk-run-runtime-doctor', 'script.sh'));
    expect(existsSync(stored.filePath)).toBe(true);
  });

  it('tells of a bad folder and syncs the others', async () => {
    const place = await home();
    withProgram(place);
    place.write('personal/skills/broken/skill.json', '{"id": ');
    place.write('personal/skills/odd/skill.json', { id: 'nope', name: '' });
    const { ids, issues } = place.library.sync();
    expect(ids).toEqual(['SK-GREET']);
    expect(issues.map(({ file }) => file.split('/').at(-2))).toEqual(['broken', 'odd', 'odd']);
  });

  it('lets a personal skill beat one that comes with Nexo, and says so', async () => {
    const place = await home({ withCore: true });
    place.write('personal/skills/mine/skill.json', { id: 'SK-REVIEW', name: 'My review' });
    place.write('personal/skills/mine/guide.md', 'mine');
    expect(place.library.sync().shadowed).toEqual([
      { id: 'SK-REVIEW', folder: expect.stringMatching(/sk-review$/), by: 'personal' },
    ]);
    expect(place.library.get('sk-review').skill.name).toBe('My review');
  });

  it('never lowers a level, and takes away what is gone with its staged program', async () => {
    const place = await home();
    withProgram(place, { level: 'draft' });
    const { library, paths, clock } = place;
    library.sync();
    promoteSkill(library, 'SK-GREET', 'published', '');
    clock.ms += 5000;
    withProgram(place, { level: 'draft', description: 'changed' });
    library.sync();
    expect(library.get('SK-GREET')).toMatchObject({
      skill: { description: 'changed' },
      stored: { level: 'published' },
    });
    rmSync(join(paths.skills, 'sk-greet'), { recursive: true });
    expect(library.sync().pruned).toEqual(['SK-GREET']);
    expect(existsSync(join(paths.skillsRuntime, 'sk-greet'))).toBe(false);
    expect(library.match('greet somebody')).toEqual([]);
  });

  it('keeps what a skill has earned while its definition cannot be read', async () => {
    const place = await home();
    withProgram(place);
    await applySkill(place.library, 'SK-GREET', { params: { who: 'x' }, ...RUN });
    const file = place.write('personal/skills/sk-greet/skill.json', '{ "id": "SK-GREET", ');
    expect(place.library.sync()).toMatchObject({ ids: [], pruned: [], issues: [{ file }] });
    withProgram(place);
    expect(place.library.get('SK-GREET').stored).toMatchObject({ useCount: 1, trustScore: 55 });
  });

  it('tells a fault that came after the first look', async () => {
    const place = await home();
    place.library.sync();
    place.write('personal/skills/broken/skill.json', '{');
    expect(place.library.sync().issues).toHaveLength(1);
    expect(place.library.sync().issues).toHaveLength(1);
  });

  it('forgets the old id of a skill that was given another', async () => {
    const place = await home();
    withProgram(place);
    place.library.sync();
    withProgram(place, { id: 'SK-WELCOME' });
    expect(place.library.sync()).toMatchObject({ ids: ['SK-WELCOME'], pruned: ['SK-GREET'] });
  });

  it('stages an edited program anew', async () => {
    const place = await home();
    withProgram(place);
    place.library.sync();
    writeFileSync(join(place.paths.skills, 'sk-greet', 'script.sh'), `${PROGRAM}echo more\n`);
    place.library.sync();
    expect(readFileSync(place.library.get('SK-GREET').stored.filePath, 'utf8')).toContain('echo more');
  });

  it('never follows a program out of the folder', async () => {
    const place = await home();
    withProgram(place, { executable_entry: '../../../../etc/passwd' });
    expect(place.library.sync().issues.map(({ level }) => level)).toContain('error');
    expect(place.library.get('SK-GREET').skill.executable).toBeUndefined();
  });
});

describe('apply', () => {
  it('puts each value into an argument of its own, whatever it holds', async () => {
    const place = await home();
    withProgram(place);
    const who = `bob; touch pwned '"$(id)` + '`id`';
    const report = await applySkill(place.library, 'SK-GREET', { params: { who }, ...RUN });
    expect(report).toMatchObject({ ok: true, resolved_params: { who, n: 2 } });
    expect(report.execution_result?.stdout).toBe(`<--who><${who}><--n><2>`);
    expect(existsSync('pwned')).toBe(false);
  });

  it('runs what is in the skill’s folder, whatever somebody has made of the copy', async () => {
    const place = await home();
    withProgram(place);
    const { filePath } = place.library.get('SK-GREET').stored;
    const apply = () => applySkill(place.library, 'SK-GREET', { params: { who: 'x' }, ...RUN });
    writeFileSync(filePath, '#!/usr/bin/env bash\n# nexo: runtime=shell\necho taken over\n');
    expect((await apply()).execution_result?.stdout).toBe('<--who><x><--n><2>');
    rmSync(filePath);
    expect((await apply()).execution_result?.stdout).toBe('<--who><x><--n><2>');
  });

  it('does not run a program in which the doctor of scripts finds a fault', async () => {
    const place = await home();
    withProgram(place);
    place.write(
      'personal/skills/sk-greet/script.sh',
      `${PROGRAM}sqlite3 "$NEXO_HOME/state/nexo.db" .dump\n`,
      0o755,
    );
    const options = { params: { who: 'x' }, ...RUN };
    const report = await applySkill(place.library, 'SK-GREET', options);
    expect(report).toMatchObject({
      ok: false,
      script_doctor: { status: 'fail' },
      error: expect.stringContaining('opens a database by itself'),
    });
    expect(report.execution_result).toBeUndefined();
    expect(await applySkill(place.library, 'SK-GREET', { dryRun: true, ...options })).toMatchObject({
      ok: false,
    });
    expect(place.library.get('SK-GREET').stored.useCount).toBe(0);
  });

  it.each(['SK-REVIEW', 'SK-RELEASE-NOTES', 'SK-RUN-RUNTIME-DOCTOR'])(
    'finds nothing wrong with the program of %s',
    async (id) => {
      const { library } = await home({ withCore: true });
      const report = await applySkill(library, id, { dryRun: true, ...RUN });
      expect(report).toMatchObject({ ok: true, script_doctor: { status: 'pass', items: [] } });
    },
  );

  it('lists every fault of the parameters and runs nothing', async () => {
    const place = await home();
    withProgram(place);
    const report = await applySkill(place.library, 'SK-GREET', { params: { n: 'two' }, ...RUN });
    expect(report).toMatchObject({ ok: false, param_errors: ['who is missing.', 'n must be an integer.'] });
    expect(report.execution_result).toBeUndefined();
  });

  it('changes nothing on a dry run', async () => {
    const place = await home();
    withProgram(place);
    const report = await applySkill(place.library, 'SK-GREET', {
      params: { who: 'bob' },
      dryRun: true,
      ...RUN,
    });
    expect(report).toMatchObject({
      ok: true,
      dry_run: true,
      script_command: [expect.any(String), '--who', 'bob', '--n', '2'],
    });
    expect(place.library.get('SK-GREET').stored.useCount).toBe(0);
  });

  it('hands option-like values to the program and records what it came to', async () => {
    const place = await home();
    withProgram(place);
    await applySkill(place.library, 'SK-GREET', { params: { who: '--help' }, context: 'a', ...RUN });
    expect(place.library.get('SK-GREET').stored).toMatchObject({
      useCount: 1,
      successCount: 1,
      trustScore: 55,
    });
  });

  it.each([
    ['none', { execution_level: 'none' }, /does not run: its execution level is none/],
    ['remote', { execution_level: 'remote' }, /waits for your approval: its execution level is remote/],
    ['imported', { approval_required: true }, /waits for your approval/],
  ])('does not run what is %s', async (_name, extra, message) => {
    const place = await home();
    withProgram(place, extra);
    const report = await applySkill(place.library, 'SK-GREET', { params: { who: 'x' }, ...RUN });
    expect(report).toMatchObject({ ok: false, error: expect.stringMatching(message) });
    expect(report.execution_result).toBeUndefined();
  });

  it('asks, runs after a yes, and asks again when the program has changed', async () => {
    const place = await home();
    withProgram(place, { execution_level: 'remote' });
    const asked: string[] = [];
    const confirm = (question: string): Promise<boolean> => Promise.resolve(asked.push(question) > 0);
    const apply = (): Promise<unknown> =>
      applySkill(place.library, 'SK-GREET', { params: { who: 'x' }, confirm, ...RUN });
    expect(await apply()).toMatchObject({ ok: true });
    expect(await apply()).toMatchObject({ ok: true });
    expect(asked).toHaveLength(1);
    writeFileSync(join(place.paths.skills, 'sk-greet', 'script.sh'), `${PROGRAM}true\n`);
    expect(await apply()).toMatchObject({ ok: true });
    expect(asked).toHaveLength(2);
  });

  it('loses trust when the program fails, and is archived in the end', async () => {
    const place = await home();
    withProgram(place, { level: 'published' });
    const program = join(place.paths.skills, 'sk-greet', 'script.sh');
    writeFileSync(program, '#!/usr/bin/env bash\necho broken >&2\nexit 3\n');
    chmodSync(program, 0o755);
    for (const trust of [40, 30, 20, 10]) {
      const report = await applySkill(place.library, 'SK-GREET', { params: { who: 'x' }, ...RUN });
      expect(report).toMatchObject({ ok: false, usage_recorded: { trust_score: trust } });
    }
    expect(place.library.get('SK-GREET').stored.level).toBe('archived');
    expect(place.library.match('greet somebody')).toEqual([]);
  });
});

describe('trust', () => {
  it('publishes a draft that worked in two contexts, and settles one that never failed', async () => {
    const { library } = await home();
    createSkill(library, { name: 'tidy up' });
    const { skill } = library.get('SK-TIDY-UP');
    const use = (context: string) =>
      recordUse(
        library.database,
        { ...skill, stableAfterUses: 3 },
        { success: true, context, notes: '' },
        library.clock,
      );
    expect(use('a')?.level).toBe('draft');
    expect(use('a')?.level).toBe('draft');
    expect(use('b')?.level).toBe('published');
    expect(use('b')?.level).toBe('stable');
  });

  it('fades with idleness, once a day, and moves an old archived skill away without losing a byte', async () => {
    const { library, clock, paths } = await home();
    const { folder } = createSkill(library, { name: 'rare' });
    library.sync();
    clock.ms += 31 * 86_400_000;
    expect(decaySkills(library)).toEqual([{ id: 'SK-RARE', change: 'draft, trust 50 → archived, trust 0' }]);
    expect(decaySkills(library)).toEqual([]);
    clock.ms += 61 * 86_400_000;
    const [moved] = decaySkills(library);
    expect(moved?.change).toContain(join(paths.backups, 'skills', 'sk-rare'));
    expect(existsSync(folder)).toBe(false);
    expect(library.known().has('SK-RARE')).toBe(false);
  });
});

describe('match', () => {
  it('prefers a trigger to a tag and a tag to words in the text', async () => {
    const { library, write } = await home();
    const add = (id: string, more: object): void => {
      write(`personal/skills/${id}/skill.json`, { id: `SK-${id}`, name: id, ...more });
      write(`personal/skills/${id}/guide.md`, 'about invoices and customers');
    };
    for (let other = 0; other < 8; other += 1)
      write(`personal/skills/o${other}/skill.json`, { id: `SK-O${other}`, name: `o${other}` });
    add('TEXT', { description: 'sends invoices' });
    add('TAG', { tags: ['invoices'] });
    add('TRIGGER', { trigger_patterns: ['send the invoices'] });
    expect(
      library.match('please send the invoices').map(({ skill, how }) => [skill.id, how.split(':')[0]]),
    ).toEqual([
      ['SK-TRIGGER', 'trigger'],
      ['SK-TAG', 'tags'],
      ['SK-TEXT', 'text'],
    ]);
    expect(library.match('')).toEqual([]);
    expect(library.match('skills about customers').every(({ score }) => score > 0)).toBe(true);
    expect(library.match('" OR * NEAR( ')).toEqual([]);
  });

  it('knows a skill that has just come, and a changed one from the next question on', async () => {
    const place = await home();
    const { library, clock } = place;
    withProgram(place);
    expect(library.match('greet somebody')).toHaveLength(1);
    clock.ms += 60_000;
    withProgram(place, { trigger_patterns: ['wave at somebody'] });
    library.match('wave at somebody');
    await new Promise((done) => setImmediate(done));
    expect(library.match('wave at somebody')[0]).toMatchObject({ score: 1 });
    clock.ms += 60_000;
    place.write('personal/skills/bow/skill.json', { id: 'SK-BOW', name: 'Bow deeply' });
    expect(library.match('bow deeply')[0]).toMatchObject({ skill: { id: 'SK-BOW' } });
  });

  it('finds a new skill by its name in another order', async () => {
    const { library } = await home({ withCore: true });
    createSkill(library, { name: 'release-review', mode: 'hybrid' });
    library.sync();
    expect(library.match('review this release')[0]).toMatchObject({
      skill: { id: 'SK-RELEASE-REVIEW' },
      score: 0.85,
    });
  });
});

describe('create, compose and archive', () => {
  it('refuse an id, a name or a folder that is taken, and write nothing', async () => {
    const { library } = await home({ withCore: true });
    for (const name of ['review', 'Review a change', 'SK-REVIEW']) {
      expect(() => createSkill(library, { name })).toThrow(expect.objectContaining({ code: 'SKILL_EXISTS' }));
    }
    expect(() => createSkill(library, { name: '!!!' })).toThrow(
      expect.objectContaining({ code: 'SKILL_INVALID' }),
    );
  });

  it('join several skills into one guide', async () => {
    const { library } = await home({ withCore: true });
    composeSkill(library, { id: 'SK-SHIP', name: 'ship', components: ['SK-REVIEW', 'SK-RELEASE-NOTES'] });
    const { skill } = library.get('SK-SHIP');
    expect(skill.mode).toBe('guide');
    expect(skill.content).toMatch(/^# ship\n\n## Review a change \(SK-REVIEW\)/);
    expect(() => composeSkill(library, { id: 'SK-X', name: 'x', components: ['SK-REVIEW'] })).toThrow(
      /at least two/,
    );
  });

  it('take a skill out of matching and keep its folder', async () => {
    const { library } = await home({ withCore: true });
    archiveSkill(library, 'SK-REVIEW', { replacement: 'SK-HANDOVER', reason: 'tried it' });
    expect(library.match('review this change').map(({ skill }) => skill.id)).not.toContain('SK-REVIEW');
    expect(library.get('SK-REVIEW').stored.note).toBe('tried it Use SK-HANDOVER instead.');
  });
});
