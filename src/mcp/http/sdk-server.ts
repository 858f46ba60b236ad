import { type McpRequestContext, Server } from '@modelcontextprotocol/server';
import * as z from 'zod';

import type { Workspace } from '../../workspace/workspace.ts';
import { serverCapabilities, serverInfo } from '../identity.ts';
import { serverInstructions } from '../instructions.ts';
import { getPrompt, listPrompts } from '../prompts.ts';
import { META } from '../protocol.ts';
import { listResources, RESOURCE_TEMPLATES, readResource } from '../resources.ts';
import type { ToolWorld } from '../server-tool.ts';
import { getSkillEntry, isSkillUri, listSkillEntries, readSkillResource } from '../skill-catalog.ts';
import { toCallToolResult } from '../tool-result.ts';
import type { Toolbox } from '../toolbox.ts';
import { type Toolset, toolsMayChange } from '../toolsets.ts';

/** How long a client of 2026-07-28 may keep what lasts as long as the server runs, in milliseconds. */
const LASTING = { ttlMs: 3_600_000, cacheScope: 'private' } as const;

/** What may be another one at any time. */
const CHANGING = { ttlMs: 0, cacheScope: 'private' } as const;

/** The SDK checks what clients answer to its own questions with this; we ask none. */
const noValidator = {
  getValidator: () => {
    throw new Error('This server asks its clients for nothing');
  },
};

/** What every exchange of one endpoint is about. */
export interface Served {
  readonly workspace: Workspace;
  readonly toolbox: Toolbox;
  readonly toolsets: readonly Toolset[];
  readonly world: ToolWorld;
}

/** A server of the SDK for one exchange, over the same functions as the one on standard input and output. */
export function createSdkServer(
  { workspace, toolbox, toolsets, world }: Served,
  { era }: Pick<McpRequestContext, 'era'>,
): Server {
  const server = new Server(serverInfo(), {
    // Older revisions could be told of changes only in a session, and this endpoint keeps none.
    capabilities: serverCapabilities(era === 'modern', toolsets),
    instructions: serverInstructions({ kind: 'chosen', root: workspace.root }, toolsets),
    jsonSchemaValidator: noValidator,
    cacheHints: {
      'resources/templates/list': LASTING,
      'tools/list': toolsMayChange(toolsets) ? CHANGING : LASTING,
    },
  });
  const meta = { _meta: { [META.workspace]: workspace.root } };
  server.setRequestHandler('tools/list', async () => ({
    tools: [...(await toolbox.list())],
    ...meta,
  }));
  server.setRequestHandler('tools/call', async ({ params }) => {
    const tool = await toolbox.find(params.name);
    return toCallToolResult(await tool.call(world, params.arguments ?? {}));
  });
  const promptPlace = { world, toolsets, client: server.getClientVersion()?.name };
  server.setRequestHandler('prompts/list', async () => ({ ...(await listPrompts(promptPlace)), ...meta }));
  server.setRequestHandler('prompts/get', async ({ params }) => ({
    ...(await getPrompt(promptPlace, params.name, params.arguments)),
    ...meta,
  }));
  server.setRequestHandler('resources/list', ({ params }) => ({
    ...listResources(workspace, params?.cursor),
    ...meta,
  }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [...RESOURCE_TEMPLATES],
    ...meta,
  }));
  const offersSkills = toolsets.includes('home');
  server.setRequestHandler('resources/read', async ({ params: { uri } }) => ({
    contents: [
      offersSkills && isSkillUri(uri)
        ? await readSkillResource(world, uri)
        : await readResource(workspace, uri),
    ],
    ...meta,
  }));
  if (offersSkills) {
    server.setRequestHandler('skills/list', { params: z.looseObject({}) }, async ({ cursor }) => ({
      ...(await listSkillEntries(world, cursor)),
      ...meta,
    }));
    server.setRequestHandler(
      'skills/get',
      { params: z.looseObject({ uri: z.string() }) },
      async ({ uri }) => ({
        ...(await getSkillEntry(world, uri)),
        ...meta,
      }),
    );
  }
  return server;
}
