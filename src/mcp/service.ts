/**
 * Everything a server does that needs schemas. Loaded after the handshake: zod and the tools take longer to load than
 * the whole rest of the start.
 */
export { getPrompt, listPrompts } from './prompts.ts';
export { documentUris, listResources, RESOURCE_TEMPLATES, readResource } from './resources.ts';
export { getSkillEntry, isSkillUri, listSkillEntries, readSkillResource } from './skill-catalog.ts';
export { toCallToolResult } from './tool-result.ts';
export { Toolbox } from './toolbox.ts';
export { ResourceWatch } from './watch.ts';
