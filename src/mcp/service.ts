/**
 * Everything a server does that needs schemas. Loaded after the handshake: zod and the tools take longer to load than
 * the whole rest of the start.
 */
export { documentUris, listResources, RESOURCE_TEMPLATES, readResource } from './resources.ts';
export { runTool, toCallToolResult } from './tool-call.ts';
export { findTool, toolList } from './tool-list.ts';
export { ResourceWatch } from './watch.ts';
