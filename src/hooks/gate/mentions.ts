import type { TaskAction } from './contract.ts';

/** Names in opaque text that show where it reaches, in lower case. */
const PROTECTED: readonly string[] = [
  '.nexus/state',
  '.nexus/history',
  '.nexus/catalog',
  '.nexus/memory-access',
  '.claude/',
  '.claude.json',
  '.codex/',
  '.opencode/',
  '.agents/',
  '.config/opencode',
  '.mcp.json',
  'opencode.json',
  '.nexo/',
];

/** A protected name that occurs in the text, in any case and with either separator. */
export function mentionsProtected(text: string, gateFiles: readonly string[]): string | undefined {
  const plain = simplify(text);
  return (
    PROTECTED.find(
      (name) => plain.includes(name) || (name.endsWith('/') && endsAWord(plain, name.slice(0, -1))),
    ) ?? gateFiles.find((file) => plain.includes(simplify(file)))
  );
}

/** A folder may be named without what is in it. */
function endsAWord(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const isName = at === 0 || /[\s'"`/=({[,:]/.test(text[at - 1] ?? '');
    if (isName && /^(?:$|[\s'"`;)|&}\],])/.test(text.slice(at + name.length))) return true;
  }
  return false;
}

/** Task changes that opaque text names: a tool of ours, or our command with its words apart in any way. */
export function mentionsTasks(text: string): TaskAction[] {
  const plain = text.toLowerCase();
  const words = plain.replaceAll(/[^a-z0-9]+/g, ' ');
  const found = new Set<TaskAction>();
  const actions: readonly (readonly [string, TaskAction])[] = [
    ['add', 'create'],
    ['update', 'update'],
    ['close', 'close'],
  ];
  for (const [verb, action] of actions) {
    if (words.includes(`nx task ${verb}`) || words.includes(`nexo task ${verb}`)) found.add(action);
    if (words.includes(` task ${verb}`) && /\b(?:nexo|nexus)\b/.test(words)) found.add(action);
  }
  if (/\bnexo mcp\b|\bnexus mcp\b/.test(words)) found.add('any');
  if (plain.includes('tasks.json') && plain.includes('.nexus')) found.add('any');
  return [...found];
}

function simplify(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[\\/]+/g, '/')
    .replaceAll('/./', '/');
}
