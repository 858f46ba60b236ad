import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import type { OfferedSkill } from '../harness/rendering.ts';
import { resolveHomePaths } from '../home/paths.ts';
import type { CommandContext } from './command.ts';

/** Largest file of a skill that is handed to a harness, in bytes. */
const MAX_BYTES = 1024 * 1024;

/** The operator's personal skills in the open format, as every harness takes them. Reads, never writes. */
export async function offeredSkills({ io }: CommandContext): Promise<readonly OfferedSkill[]> {
  const [{ discoverSkills }, { toPortable }] = await Promise.all([
    import('../skills/discover.ts'),
    import('../skills/portable.ts'),
  ]);
  const { skills: folder } = resolveHomePaths(io.env, io.userHome());
  const { skills } = discoverSkills([{ kind: 'personal', name: 'personal', folder }]);
  return skills
    .filter(({ level }) => level !== 'archived' && level !== 'trace')
    .map((skill) => {
      const { name, text, files } = toPortable(skill);
      const others = files.flatMap(({ path, from }) => {
        const read = readRegularFile(nodeFileSystem, from, MAX_BYTES);
        return read === undefined ? [] : [{ path, content: read.bytes.toString() }];
      });
      return { name, files: [{ path: 'SKILL.md', content: text }, ...others] };
    });
}
