import type { Resource, ResourceTemplateType, TextResourceContents } from '@modelcontextprotocol/server';

import { NexoError } from '../errors.ts';
import { findWorkspaceTool } from '../workspace/tools.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { domainFault, FAULT, ProtocolFault } from './protocol.ts';
import {
  listResourceFiles,
  RESOURCE_FOLDERS,
  type ResourceFile,
  readResourceFile,
} from './resource-files.ts';

/** A record of the workspace as a resource: what the tool of the same subject answers, so that there is one shape. */
interface DocumentResource {
  readonly uri: string;
  readonly title: string;
  readonly description: string;
  readonly tool: string;
  /** The state file, below `.nexus/`, whose change is a change of the resource. */
  readonly file: string;
}

export const DOCUMENT_RESOURCES: readonly DocumentResource[] = [
  {
    uri: 'nexus://plan',
    title: 'Plan',
    description: 'The planning session: its issues and decisions.',
    tool: 'plan_status',
    file: 'state/plan.json',
  },
  {
    uri: 'nexus://tasks',
    title: 'Tasks',
    description: 'The tasks of this cycle, and which are ready.',
    tool: 'task_list',
    file: 'state/tasks.json',
  },
  {
    uri: 'nexus://history',
    title: 'History',
    description: 'The last ten closed cycles; nx_history_search finds older ones.',
    tool: 'history_search',
    file: 'history.json',
  },
];

const FOLDER_DESCRIPTIONS = {
  memory: 'Lessons and references that agents keep for later.',
  context: 'Design principles and architecture of the project.',
  rules: 'Rules that the user has set for the project.',
} as const;

/** The records, for those who are told of every change. */
export const documentUris: readonly string[] = DOCUMENT_RESOURCES.map(({ uri }) => uri);

const PAGE_SIZE = 200;
const MARKDOWN = 'text/markdown';

export const RESOURCE_TEMPLATES: readonly ResourceTemplateType[] = RESOURCE_FOLDERS.map((folder) => ({
  uriTemplate: `nexus://${folder}/{file}`,
  name: folder,
  title: `${folder[0]?.toUpperCase()}${folder.slice(1)} file`,
  description: FOLDER_DESCRIPTIONS[folder],
  mimeType: MARKDOWN,
}));

export function resourceUri(file: Pick<ResourceFile, 'folder' | 'name'>): string {
  return `nexus://${file.folder}/${encodeURIComponent(file.name)}`;
}

export interface ResourcePage {
  readonly resources: Resource[];
  readonly nextCursor?: string;
}

/** One page of what can be read: the three records, then the files. Without a workspace only the records are named. */
export function listResources(workspace: Workspace | undefined, cursor: string | undefined): ResourcePage {
  const start = cursor === undefined ? 0 : Number(cursor);
  const all = [
    ...DOCUMENT_RESOURCES.map(documentEntry),
    ...(workspace === undefined ? [] : fileEntries(workspace)),
  ];
  if (!Number.isSafeInteger(start) || start < 0 || start > all.length) {
    throw new ProtocolFault(
      FAULT.invalidParams,
      'Unknown cursor: call resources/list without one and start again',
    );
  }
  const end = start + PAGE_SIZE;
  return { resources: all.slice(start, end), ...(end < all.length ? { nextCursor: String(end) } : {}) };
}

function documentEntry({ uri, title, description }: DocumentResource): Resource {
  return { uri, name: uri.slice('nexus://'.length), title, description, mimeType: 'application/json' };
}

function fileEntries(workspace: Workspace): Resource[] {
  return RESOURCE_FOLDERS.flatMap((folder) =>
    listResourceFiles(workspace.root, folder).map((file) => ({
      uri: resourceUri(file),
      name: `${folder}/${file.name}`,
      mimeType: mimeType(file.name),
      size: file.bytes,
    })),
  );
}

/** Throws a ProtocolFault when there is no such resource or it cannot be handed out. */
export async function readResource(workspace: Workspace, uri: string): Promise<TextResourceContents> {
  try {
    return { uri, ...((await readDocument(workspace, uri)) ?? readFile(workspace, uri)) };
  } catch (error) {
    throw error instanceof NexoError ? domainFault(error) : error;
  }
}

type Contents = Omit<TextResourceContents, 'uri'>;

async function readDocument(workspace: Workspace, uri: string): Promise<Contents | undefined> {
  const document = DOCUMENT_RESOURCES.find((candidate) => candidate.uri === uri);
  const tool = document === undefined ? undefined : findWorkspaceTool(document.tool);
  if (tool === undefined) return undefined;
  return { mimeType: 'application/json', text: JSON.stringify(await tool.run(workspace, {})) };
}

function readFile(workspace: Workspace, uri: string): Contents {
  const file = parseFileUri(uri);
  const bytes = file === undefined ? undefined : readResourceFile(workspace.root, file.folder, file.name);
  if (file === undefined || bytes === undefined) {
    throw new ProtocolFault(FAULT.invalidParams, `There is no resource ${uri.slice(0, 200)}`, { uri });
  }
  return { mimeType: mimeType(file.name), text: toText(bytes, uri) };
}

function parseFileUri(uri: string): Pick<ResourceFile, 'folder' | 'name'> | undefined {
  const match = /^nexus:\/\/([a-z]+)\/([^/?#]+)$/.exec(uri);
  const folder = RESOURCE_FOLDERS.find((candidate) => candidate === match?.[1]);
  if (folder === undefined || match?.[2] === undefined) return undefined;
  try {
    return { folder, name: decodeURIComponent(match[2]) };
  } catch {
    return undefined; // a stray percent sign names nothing
  }
}

function toText(bytes: Buffer, uri: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ProtocolFault(FAULT.internal, `${uri} is not text in UTF-8`, { uri });
  }
}

function mimeType(name: string): string {
  if (name.endsWith('.md')) return MARKDOWN;
  return name.endsWith('.json') ? 'application/json' : 'text/plain';
}
