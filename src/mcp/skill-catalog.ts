import { isUtf8 } from 'node:buffer';
import type { BlobResourceContents, TextResourceContents } from '@modelcontextprotocol/server';
import { type Skill, skillEntry } from '@modelcontextprotocol/server/ext/skills';

import { nodeFileSystem, readRegularFile } from '../base/durable-file.ts';
import { NexoError } from '../errors.ts';
import type { SkillDefinition } from '../skills/definition.ts';
import { toPortable } from '../skills/portable.ts';
import { filesBeside } from '../skills/transfer.ts';
import { FAULT, ProtocolFault } from './protocol.ts';
import type { ToolWorld } from './server-tool.ts';
import { skillsInUse } from './skill-library.ts';

/** Skills on one page: the bytes of each are read, for their digests. */
const PAGE_SIZE = 100;
/** Largest file of a skill that is handed out, in bytes. */
const MAX_FILE_BYTES = 1024 * 1024;
const SCHEME = 'skill://';
/** May be another one at any time. */
const CHANGING = { ttlMs: 0, cacheScope: 'private' } as const;

/** One page of the operator's skills, as the Skills extension of MCP (SEP-2640) has it: each file with its digest. */
export async function listSkillEntries(world: ToolWorld, cursor: unknown): Promise<Record<string, unknown>> {
  const all = await skillsInUse(world);
  const start = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isSafeInteger(start) || start < 0 || start > all.length) {
    throw new ProtocolFault(
      FAULT.invalidParams,
      'Unknown cursor: call skills/list without one and start again',
    );
  }
  const end = start + PAGE_SIZE;
  const skills = await Promise.all(all.slice(start, end).map(toEntry));
  return { skills, ...CHANGING, ...(end < all.length ? { nextCursor: String(end) } : {}) };
}

/** The entry of the skill whose `SKILL.md` this is. Throws a ProtocolFault when there is none. */
export async function getSkillEntry(world: ToolWorld, uri: string): Promise<Record<string, unknown>> {
  const { skill, path } = await locate(world, uri);
  if (path !== 'SKILL.md') throw unknown(uri);
  return { skill: await toEntry(skill), ...CHANGING };
}

/** A file of a skill. Throws a ProtocolFault when there is none. */
export async function readSkillResource(
  world: ToolWorld,
  uri: string,
): Promise<TextResourceContents | BlobResourceContents> {
  const { skill, path } = await locate(world, uri);
  const bytes = filesOf(skill)[path];
  if (bytes === undefined) throw unknown(uri);
  if (!isUtf8(bytes)) return { uri, mimeType: 'application/octet-stream', blob: bytes.toString('base64') };
  return { uri, mimeType: path.endsWith('.md') ? 'text/markdown' : 'text/plain', text: bytes.toString() };
}

/** Whether this is the address of a file of a skill. */
export function isSkillUri(uri: string): boolean {
  return uri.startsWith(SCHEME);
}

function toEntry(skill: SkillDefinition): Promise<Skill> {
  return skillEntry(toPortable(skill).name, filesOf(skill), { baseUri: SCHEME });
}

/** Only what is listed can be asked for by name, so that no path leads out of the folder. */
function filesOf(skill: SkillDefinition): Record<string, Buffer> {
  const files = new Map<string, Buffer>([['SKILL.md', Buffer.from(toPortable(skill).text)]]);
  for (const { path, from } of filesBeside(skill)) {
    const bytes = readIfSmall(from);
    if (bytes !== undefined) files.set(path, bytes);
  }
  return Object.fromEntries(files);
}

function readIfSmall(path: string): Buffer | undefined {
  try {
    return readRegularFile(nodeFileSystem, path, MAX_FILE_BYTES)?.bytes;
  } catch (error) {
    if (error instanceof NexoError) return undefined; // too large, or gone
    throw error;
  }
}

async function locate(
  world: ToolWorld,
  uri: string,
): Promise<{ readonly skill: SkillDefinition; readonly path: string }> {
  const [, name = '', rest = ''] = /^skill:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  const skill = (await skillsInUse(world)).find((each) => toPortable(each).name === name);
  if (skill === undefined) throw unknown(uri);
  try {
    return { skill, path: decodeURIComponent(rest) };
  } catch {
    throw unknown(uri); // a stray percent sign names nothing
  }
}

function unknown(uri: string): ProtocolFault {
  return new ProtocolFault(FAULT.invalidParams, `There is no resource ${uri.slice(0, 200)}`, { uri });
}
