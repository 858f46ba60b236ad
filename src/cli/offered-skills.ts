import { isUtf8 } from 'node:buffer';
import { lstatSync } from 'node:fs';

import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import type { OfferedSkill } from '../harness/rendering.ts';
import { type HomePaths, resolveHomePaths } from '../home/paths.ts';
import type { PortableSkill } from '../skills/portable.ts';
import type { CommandContext } from './command.ts';

/** Largest file of a skill that is handed to a harness, in bytes. */
const MAX_BYTES = 1024 * 1024;

/**
 * The operator's personal skills in the open format with all that lies beside them, as every harness takes them; those
 * that are archived are left out. What a harness's folder cannot hold is left out and told. Reads, never writes.
 */
export async function offeredSkills(context: CommandContext): Promise<readonly OfferedSkill[]> {
  const { io } = context;
  const [{ discoverSkills }, { toPortable }, { filesBeside }] = await Promise.all([
    import('../skills/discover.ts'),
    import('../skills/portable.ts'),
    import('../skills/transfer.ts'),
  ]);
  const paths = resolveHomePaths(io.env, io.userHome());
  const { skills } = discoverSkills([{ kind: 'personal', name: 'personal', folder: paths.skills }]);
  const archived = await archivedIds(paths);
  return skills
    .filter(({ id, level }) => level !== 'archived' && level !== 'trace' && !archived.has(id))
    .map((skill) => {
      const { name, text } = toPortable(skill);
      const others = filesBeside(skill).flatMap((file) => {
        const content = textOf(file);
        if (content !== undefined) return [{ path: file.path, content }];
        context.note(
          `${file.from} is not offered: only text of at most 1 MiB is. nexo skills export ${skill.id} writes it.`,
        );
        return [];
      });
      return { name, files: [{ path: 'SKILL.md', content: text }, ...others] };
    });
}

function textOf({ from }: PortableSkill['files'][number]): string | undefined {
  if ((lstatSync(from, { throwIfNoEntry: false })?.size ?? 0) > MAX_BYTES) return undefined;
  const bytes = readRegularFile(nodeFileSystem, from, MAX_BYTES)?.bytes;
  return bytes !== undefined && isUtf8(bytes) && !bytes.includes(0) ? bytes.toString() : undefined;
}

/** The record knows which skills were taken out of use; their files do not. */
async function archivedIds({ database: path }: HomePaths): Promise<ReadonlySet<string>> {
  const [{ openHomeDatabaseReadOnly }, { readStored }] = await Promise.all([
    import('../home/database.ts'),
    import('../skills/store.ts'),
  ]);
  const database = openHomeDatabaseReadOnly(path, { leaveNoTrace: true });
  if (database === undefined) return new Set();
  try {
    return new Set(readStored(database).flatMap(({ id, level }) => (level === 'archived' ? [id] : [])));
  } finally {
    database.close();
  }
}
