import type { CallToolResult } from '@modelcontextprotocol/server';

import { META } from './protocol.ts';
import type { ToolAnswer } from './server-tool.ts';

/** The answer in the protocol's shape. Clients differ in which part they show the model, so both parts say the same. */
export function toCallToolResult({ json, value, isError, workspace, warning }: ToolAnswer): CallToolResult {
  const meta = {
    ...(workspace === undefined ? {} : { [META.workspace]: workspace }),
    ...(warning === undefined ? {} : { [META.warning]: warning }),
  };
  return {
    content: [{ type: 'text', text: json }],
    structuredContent: value,
    ...(isError ? { isError } : {}),
    ...(workspace === undefined ? {} : { _meta: meta }),
  };
}
