import type { Effect, ToolCall } from '../contract.ts';
import { asInputRecord, collectTexts, isPathKey, textOf, toWords } from './input.ts';

/** Judged by its words, its inputs and what its server says of it: nobody can list the tools of other servers. */
export type ForeignUse =
  | { readonly kind: 'read' }
  | { readonly kind: 'command'; readonly command: unknown }
  | { readonly kind: 'effects'; readonly effects: readonly Effect[] };

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const READ_VERBS = words(
  'get read list ls search find query fetch view show describe lookup count check status diff log inspect browse ' +
    'resolve explain analyze analyse summarize summarise validate verify lint stat stats tree head tail grep glob hover ' +
    'definition definitions references diagnostics symbols outline preview compare is has can exists ask think ' +
    'sequentialthinking help info peek retrieve scan screenshot snapshot wait ping test tests trace cat open detect',
);
const WRITE_VERBS = words(
  'write edit create update delete remove move rename copy append insert replace patch apply save put mkdir touch format ' +
    'refactor modify set add overwrite truncate chmod download export generate install commit checkout reset stash ' +
    'rebase merge restore revert push pull clone init make change fix undo redo rewrite unlink rm mv cp store extract ' +
    'unzip compress convert render build record upload clear clean cut paste transform migrate sync drop alter import ' +
    'scaffold prepend erase swap substitute duplicate do',
);
const SHELL_WORDS = words(
  'shell bash terminal powershell pwsh cmd console pty zsh command commands process subprocess ssh repl',
);
const RUN_VERBS = words(
  'run exec execute start spawn launch invoke eval evaluate send interact input kill stop terminate type force',
);
const FILE_WORDS = words(
  'file files directory directories folder folders path paths document documents notebook cell cells code content ' +
    'contents text line lines symbol symbols block blocks buffer diff patch workspace project repo repository git tree ' +
    'worktree branch module snippet editor edits edit replace',
);
const REMOTE_WORDS = words(
  'issue issues comment comments message messages ticket tickets page pages event events email emails mail channel label ' +
    'labels pr pull request requests review reviews user users record task tasks card board note notes reaction ' +
    'milestone release discussion thread calendar contact database entity entities relation relations observation ' +
    'observations reminder memory todo todos tab tabs',
);

/** `mcp__server__tool`, `server_tool`, `server.tool`, … with its words; the server's own words count little. */
export function describeForeign(call: ToolCall, name: string, input: unknown): ForeignUse {
  const all = toWords(name.replace(/_[0-9a-f]{8,40}$/, ''));
  const local = localWords(name);
  const record = asInputRecord(input);
  const verb = local.find((word) => READ_VERBS.has(word) || WRITE_VERBS.has(word) || RUN_VERBS.has(word));
  const joined =
    local.some((word) => word === 'and' || word === 'or') && local.some((word) => WRITE_VERBS.has(word));
  const first = local[0] ?? '';
  const reads = verb !== undefined && READ_VERBS.has(verb) && !joined && !saves(local, verb);
  const isSession =
    local.some((word) => SHELL_WORDS.has(word) || word === 'session') &&
    local.some((word) => word === 'output' || word === 'session' || word === 'screen');
  if (reads && isSession) return { kind: 'effects', effects: [shellEffect(name)] };
  const editorView = textOf(record ?? {}, 'command') === 'view' && local.includes('edit');
  if (editorView) return { kind: 'read' };
  const command = record === undefined ? undefined : commandOf(record);
  const runs =
    local.some((word) => SHELL_WORDS.has(word)) || (command !== undefined && !local.includes('sql'));
  if (runs && command !== undefined && !isQuery(local) && !editsText(local))
    return { kind: 'command', command };
  if (
    reads &&
    record !== undefined &&
    !/^(?:search|find|lookup|explain|describe)$/.test(verb) &&
    isQuery(all)
  ) {
    const statement = textOf(record, 'sql', 'query', 'statement');
    // Not every server holds its reading tool to reading.
    if (statement !== undefined && CHANGING_SQL.test(statement))
      return { kind: 'effects', effects: [unknownEffect(name)] };
  }
  if (reads) return screenshotTarget(local, input) ?? { kind: 'read' };
  if (RUN_VERBS.has(first) && local.some((word) => SHELL_WORDS.has(word)))
    return { kind: 'effects', effects: [shellEffect(name), unknownEffect(name)] };
  const sql = record === undefined ? undefined : textOf(record, 'sql', 'query', 'statement');
  if (sql !== undefined && isQuery(all))
    return isReadOnlySql(sql) ? { kind: 'read' } : { kind: 'effects', effects: [unknownEffect(name)] };
  if (local.some((word) => SHELL_WORDS.has(word)) && verb !== undefined)
    return { kind: 'effects', effects: [shellEffect(name), unknownEffect(name)] };
  if (call.annotations?.readOnlyHint === true && (verb === undefined || !WRITE_VERBS.has(verb)))
    return { kind: 'read' };
  return { kind: 'effects', effects: writeEffects(call, name, local, verb, input) };
}

function writeEffects(
  call: ToolCall,
  name: string,
  local: readonly string[],
  verb: string | undefined,
  input: unknown,
): Effect[] {
  const paths = collectTexts(input, isPathKey);
  const hasPath = paths.length > 0;
  const isWrite = verb !== undefined || local.some((word) => WRITE_VERBS.has(word));
  const aboutFiles =
    local.some((word) => FILE_WORDS.has(word) && !WRITE_VERBS.has(word)) ||
    local.some((word) => word === 'edit' || word === 'refactor' || word === 'mkdir');
  const remote = local.some((word) => REMOTE_WORDS.has(word));
  const destructive = call.annotations?.destructiveHint === true;
  if (!isWrite && !hasPath && !destructive) return [];
  if (isWrite && remote && !hasPath && !aboutFiles) return [];
  if (isWrite && !aboutFiles && !hasPath && !destructive && local.length > 1 && hasOnlyInputs(input))
    return [];
  const how = `${shown(name)} may change files`;
  const from = [call.cwd];
  if (!hasPath) return [{ kind: 'write', rule: 'foreign-tool', how }];
  return paths.map((path) => ({ kind: 'write', rule: 'foreign-tool', how, path, from }));
}

/** Words after the server's: what the tool does. Without a clear border every word counts but a server's first. */
function localWords(name: string): string[] {
  const trimmed = name
    .normalize('NFKC')
    .trim()
    .replace(/_[0-9a-f]{8,40}$/i, '');
  const parts = trimmed.split(/__|[./:]/).filter((part) => part !== '');
  const last = parts.length > 1 ? (parts.at(-1) ?? '') : trimmed;
  const list = toWords(last);
  if (parts.length > 1 || list.length < 2) return list;
  const verbAt = list.findIndex(
    (word) => READ_VERBS.has(word) || WRITE_VERBS.has(word) || RUN_VERBS.has(word),
  );
  return verbAt > 0 ? list.slice(verbAt) : list;
}

/** Reading whose result is put into a file. */
function saves(local: readonly string[], verb: string): boolean {
  const rest = local.slice(local.indexOf(verb) + 1);
  return (
    rest.some((word) => word === 'save' || word === 'download' || word === 'export') && rest.includes('to')
  );
}

/** A screenshot or a snapshot that names a file is written there. */
function screenshotTarget(local: readonly string[], input: unknown): ForeignUse | undefined {
  if (!local.some((word) => word === 'screenshot' || word === 'snapshot' || word === 'pdf')) return undefined;
  const [path] = collectTexts(input, (key) =>
    /^(?:file_?name|path|save_?to|output(?:_?path)?|file_?path)$/i.test(key),
  );
  if (path === undefined) return undefined;
  return {
    kind: 'effects',
    effects: [{ kind: 'write', rule: 'foreign-tool', how: 'this saves its picture to a file', path }],
  };
}

function commandOf(record: Readonly<Record<string, unknown>>): unknown {
  for (const key of ['command', 'cmd', 'commandLine', 'command_line', 'shell_command', 'script']) {
    if (!Object.hasOwn(record, key)) continue;
    const value = record[key];
    const args = record.args;
    if (typeof value === 'string' && Array.isArray(args)) return [value, ...args];
    if (typeof value === 'string' || Array.isArray(value)) return value;
  }
  return undefined;
}

function isQuery(list: readonly string[]): boolean {
  return list.some((word) =>
    /^(?:sql|sqlite|query|postgres|postgresql|mysql|duckdb|database|db)$/.test(word),
  );
}

function editsText(local: readonly string[]): boolean {
  return local.some((word) => word === 'edit' || word === 'editor' || word === 'replace');
}

/** Statements that change something, at the start of the text or of a later statement. */
const CHANGING_SQL =
  /(?:^|;|\bas\s*\()\s*(?:(?:insert|replace)\s+(?:or\s+\w+\s+)?into\s|update\s+\S+\s+set\s|delete\s+from\s|(?:drop|alter|create)\s+(?:or\s+replace\s+|temp(?:orary)?\s+|unique\s+)*(?:table|view|index|database|schema|trigger|function|extension)\s|truncate\s|attach\s|vacuum\b|copy\s+\S+\s+(?:from|to)\s)/i;

export function isReadOnlySql(sql: string): boolean {
  const bare = sql
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .replaceAll(/--[^\n]*/g, ' ')
    .toLowerCase();
  if (!/^\s*(?:select|with|explain|show|describe|values|pragma\s+\w+\s*(?:;|$|\(\s*\w+\s*\)))/.test(bare))
    return false;
  return !/\b(?:insert|update|delete|drop|alter|create|replace|attach|detach|vacuum|into|copy|load_extension|writefile|edit|grant|truncate|merge|reindex|pg_\w*write\w*|lo_export|dblink\w*)\b/.test(
    bare,
  );
}

function hasOnlyInputs(input: unknown): boolean {
  const record = asInputRecord(input);
  return (
    record !== undefined && !Object.keys(record).some((key) => /content|patch|diff|code|text|body/i.test(key))
  );
}

function shellEffect(name: string): Effect {
  return { kind: 'shell', rule: 'shell-tool', how: `${shown(name)} reaches a shell or a process` };
}

function unknownEffect(name: string): Effect {
  return { kind: 'unknown', rule: 'foreign-tool', how: `what ${shown(name)} changes cannot be told` };
}

function shown(name: string): string {
  return name.slice(0, 80).replaceAll(/[^\x20-\x7e]/g, '?');
}
