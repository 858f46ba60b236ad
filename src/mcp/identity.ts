import type { Implementation, ServerCapabilities } from '@modelcontextprotocol/server';

import { nexoVersion } from '../version.ts';
import { type Toolset, toolsMayChange } from './toolsets.ts';

/** The Skills extension of MCP (SEP-2640). */
const SKILLS_EXTENSION = 'io.modelcontextprotocol/skills';

/** How the server introduces itself. */
export function serverInfo(): Implementation {
  return { name: 'nexo', title: 'Nexo', version: nexoVersion() };
}

/** What a client can ask for. Without a channel for them, no change notifications are promised. */
export function serverCapabilities(canNotify: boolean, toolsets: readonly Toolset[]): ServerCapabilities {
  const tools = canNotify && toolsMayChange(toolsets) ? { listChanged: true } : {};
  return {
    tools,
    prompts: {},
    resources: canNotify ? { subscribe: true, listChanged: true } : {},
    ...(toolsets.includes('home') ? { extensions: { [SKILLS_EXTENSION]: {} } } : {}),
  };
}
