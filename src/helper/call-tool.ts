import { runNexo } from './run-nexo.ts';

/** Calls one of Nexo's tools and answers with its text. Throws NexoCallError. */
export function callTool(name: string, payload: object = {}): Promise<string> {
  return runNexo(callWords(name, payload));
}

/** Calls one of Nexo's tools and answers with its result. Throws NexoCallError. */
export async function callToolJson(name: string, payload: object = {}): Promise<unknown> {
  return JSON.parse(await runNexo([...callWords(name, payload), '--json-output']));
}

function callWords(name: string, payload: object): string[] {
  return ['scripts', 'call', name, '--input', JSON.stringify(payload)];
}
