import type { BackendRequest } from './contract.ts';

/** The prompt for a backend that has no flags for a system prompt and for tools: both are said in words. */
export function foldedPrompt({ prompt, systemPrompt, allowedTools }: BackendRequest): string {
  const parts = [
    systemPrompt,
    allowedTools.length === 0 ? '' : `Use no other tools than these: ${allowedTools.join(', ')}.`,
    prompt,
  ];
  return parts.filter((part) => part.trim() !== '').join('\n\n');
}

/** What the person has to know when tools are limited by words alone. */
export function unheldTools(name: string, { allowedTools }: BackendRequest): string[] {
  return allowedTools.length === 0
    ? []
    : [`${name} is only asked to keep to the allowed tools; nothing holds it to them.`];
}
