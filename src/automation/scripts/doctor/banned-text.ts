import { type DoctorItem, fail, warn } from './item.ts';

/** Something that a script must not do, as it shows in its text. Comments count: they are what gets copied. */
interface Ban {
  readonly pattern: RegExp;
  readonly says: string;
}

const DATABASE: readonly Ban[] = [
  { pattern: /(?<!better-)\bsqlite3\b/, says: 'opens a database by itself' },
  { pattern: /\bbetter-sqlite3\b|\bnode:sqlite\b|\bDatabaseSync\b/, says: 'opens a database by itself' },
  { pattern: /\b(?:nexo|cognitive)\.db\b/, says: "names Nexo's database" },
  {
    pattern: /^[ \t]*(?:from[ \t]+(?:db|cognitive)[ \t]+import\b|import[ \t]+(?:db|cognitive)\b)/m,
    says: "imports Nexo's database modules",
  },
];

const INSIDES: readonly Ban[] = [
  {
    pattern:
      /(?:from|import|require)\b[^\n]{0,40}["'](?:@nexo-home\/)?nexo\/(?!(?:helper|plugin)["'])[^"'\n]{1,80}["']/,
    says: 'imports the insides of Nexo',
  },
  { pattern: /\bNEXO_CODE\b[^\n]{0,80}\b(?:dist|src|chunks)\b/, says: 'reaches into the installed Nexo' },
];

const MODELS: readonly Ban[] = [
  {
    pattern: /\bclaude["',\s]{1,4}(?:-p|--print)\b|\bcodex["',\s]{1,4}exec\b|\bopencode["',\s]{1,4}run\b/,
    says: 'starts a client by itself',
  },
  { pattern: /--model[ =,"']{1,4}[\w./:-]*\w/, says: 'names a model' },
  { pattern: /\bmodel\s{0,4}[=:]\s{0,4}["'][\w./:-]+["']/, says: 'names a model' },
  {
    pattern:
      /\b(?:claude-(?:opus|sonnet|haiku|instant|\d)[\w.-]*|gpt-\d[\w.-]*|o[134]-(?:mini|preview|pro)\b|gemini-\d[\w.-]*)/i,
    says: 'names a model',
  },
];

const TIMERS: readonly Ban[] = [
  { pattern: /\bLaunchAgents\b|\blaunchctl\b/, says: 'touches LaunchAgents' },
  { pattern: /\bsystemctl\b/, says: 'touches systemd' },
  { pattern: /\bcrontab\b/, says: 'touches crontab' },
];

/** What a script's text has that the manual forbids. A script that `allowsDatabase` may have its own database. */
export function bannedText(text: string, allowsDatabase: boolean): DoctorItem[] {
  return [
    ...(allowsDatabase
      ? []
      : found(text, DATABASE, fail, 'Use a tool: nexo scripts call, or call_tool of the helper library')),
    ...found(text, INSIDES, fail, 'Use the helper library or the nexo command'),
    ...found(
      text,
      MODELS,
      warn,
      'Ask through run_automation_text with a tier; your settings choose the model',
    ),
    ...found(text, TIMERS, warn, 'Declare the schedule in the header and run nexo scripts reconcile'),
  ];
}

function found(
  text: string,
  bans: readonly Ban[],
  level: (msg: string) => DoctorItem,
  remedy: string,
): DoctorItem[] {
  return bans.flatMap(({ pattern, says }) => {
    const match = pattern.exec(text);
    if (match === null) return [];
    const line = text.slice(0, match.index).split('\n').length;
    const shown = match[0].trim().slice(0, 60);
    return [level(`line ${line} ${says}: ${JSON.stringify(shown)}. ${remedy}`)];
  });
}

/** Words in a header that say the work is done somewhere else. */
const STUB =
  /\b(?:this is (?:only |just )?an? (?:stub|placeholder|shim)|stub (?:for|of)\b|(?:the )?(?:real|actual) (?:runner|job|script|work|implementation)\b[^\n]{0,40}\b(?:is|lives?|runs?|in|at|elsewhere)\b|(?:has )?moved to \S+|do not schedule)/i;
const HEADER_LINES = 25;

/** The line of the header that says the real runner is elsewhere; undefined for a script that does its own work. */
export function stubLine(text: string): string | undefined {
  return text
    .split('\n', HEADER_LINES)
    .find((line) => /^\s*(?:#|\/\/|\/?\*|--|;|"""|''')/.test(line) && STUB.test(line))
    ?.trim();
}

/** Calls of a model that do not say who asks. */
export function callerItems(text: string, name: string): DoctorItem[] {
  const calls = /\brun_?[aA]utomation_?(?:[tT]ext|[jJ]son)\b\s*(?:\(|--|<<<)/.test(text);
  if (!calls) return [];
  const callers = [
    ...text.matchAll(/\bcaller\b\s*[=:]\s*["'`]([^"'`\n]*)["'`]|--caller[ =]["']?([^\s"']+)/g),
  ].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const wrong = callers.find((caller) => !/^personal\/./.test(caller) && !caller.includes('$'));
  if (wrong !== undefined)
    return [
      warn(`the caller ${JSON.stringify(wrong)} has to begin with personal/, such as personal/${name}`),
    ];
  return callers.length > 0
    ? []
    : [
        warn(
          `a call of a model names no caller; say caller="personal/${name}" so that its runs can be found`,
        ),
      ];
}
