import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { bannedText } from '../../automation/scripts/doctor/banned-text.ts';
import { applySkill } from '../../skills/apply.ts';
import { SkillLibrary } from '../../skills/library.ts';
import { attempt, type Verifier, verdict, yes } from './verdict.ts';

export const verifySkill: Verifier = async ({ home, code, env, cwd }, name) => {
  const library = await SkillLibrary.open({ paths: home, assets: join(code, 'assets') });
  try {
    const { skill } = library.get(name);
    const { issues } = library.sync();
    const own = issues.filter(({ file }) => file.startsWith(skill.folder));
    const guide = skill.format === 'agent-skill' || existsSync(join(skill.folder, 'guide.md'));
    return [
      verdict(dirname(skill.folder) === home.skills, `its folder is ${skill.folder}`),
      verdict(existsSync(skill.definitionFile) && guide, 'one of the two is missing'),
      await attempt(() => {
        if (skill.executable === undefined) return yes('it has none');
        const [first] = bannedText(readFileSync(skill.executable, 'utf8'), false);
        return verdict(first === undefined, first?.msg ?? '');
      }),
      verdict(
        own.length === 0,
        own
          .map(({ file, message }) => `${file} ${message}`)
          .slice(0, 3)
          .join('; '),
      ),
      verdict(skill.description.trim() !== '', 'it does not say what it is for', skill.mode),
      await attempt(async () => {
        const report = await applySkill(library, skill.id, { dryRun: true, env, cwd });
        return verdict(
          report.ok,
          'its dry run says no; see nexo skills apply --dry-run',
          report.resolved_mode,
        );
      }),
    ];
  } finally {
    library.close();
  }
};
