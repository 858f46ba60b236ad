import { type McpRequestContext, Server } from '@modelcontextprotocol/server';

import type { Workspace } from '../../workspace/workspace.ts';
import { serverCapabilities, serverInfo } from '../identity.ts';
import { serverInstructions } from '../instructions.ts';
import { META } from '../protocol.ts';
import { listResources, RESOURCE_TEMPLATES, readResource } from '../resources.ts';
import { runTool, toCallToolResult } from '../tool-call.ts';
import { findTool, toolList } from '../tool-list.ts';

/** How long a client of 2026-07-28 may keep what lasts as long as the server runs, in milliseconds. */
const LASTING = { ttlMs: 3_600_000, cacheScope: 'private' } as const;

/** The SDK checks what clients answer to its own questions with this; we ask none. */
const noValidator = {
  getValidator: () => {
    throw new Error('This server asks its clients for nothing');
  },
};

/** A server of the SDK for one exchange, over the same functions as the one on standard input and output. */
export function createSdkServer(workspace: Workspace, { era }: Pick<McpRequestContext, 'era'>): Server {
  const server = new Server(serverInfo(), {
    // Older revisions could be told of changes only in a session, and this endpoint keeps none.
    capabilities: serverCapabilities(era === 'modern'),
    instructions: serverInstructions({ kind: 'chosen', root: workspace.root }),
    jsonSchemaValidator: noValidator,
    cacheHints: { 'tools/list': LASTING, 'resources/templates/list': LASTING },
  });
  const meta = { _meta: { [META.workspace]: workspace.root } };
  server.setRequestHandler('tools/list', () => ({ tools: [...toolList()], ...meta }));
  server.setRequestHandler('tools/call', async ({ params }) => {
    const tool = findTool(params.name);
    return toCallToolResult(await runTool(tool, () => Promise.resolve(workspace), params.arguments ?? {}));
  });
  server.setRequestHandler('resources/list', ({ params }) => ({
    ...listResources(workspace, params?.cursor),
    ...meta,
  }));
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [...RESOURCE_TEMPLATES],
    ...meta,
  }));
  server.setRequestHandler('resources/read', async ({ params }) => ({
    contents: [await readResource(workspace, params.uri)],
    ...meta,
  }));
  return server;
}
