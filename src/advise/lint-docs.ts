import { readDeclaration } from '../automation/schedules/declaration.ts';

/** A line of a document that presents something as a schedule that the parser refuses. */
export interface DocFinding {
  readonly line: number;
  readonly found: string;
  readonly message: string;
  readonly hint: string;
}

/** What a line needs to have beside a time for the parser to look at the time alone. */
const BASE = { name: 'x', runtime: 'python', cron_id: 'x', schedule_required: 'true' };

const KEYS = 'schedule|interval_seconds|recovery_policy|max_catchup_age';

/** A key of the metadata and its value; five fields after `schedule` are one value, a cron expression. */
const SETTING = new RegExp(
  String.raw`(?:nexo:\s*(?<spaced>${KEYS})\s*=\s*|\b(?<key>${KEYS})=)` +
    String.raw`(?<value>(?:[\d*][\d*/,-]*\s+){4}[\d*][\d*/,-]*|[^\s\x60'"|,;)<>]+)`,
  'g',
);
const BARE_MONTHLY = /(?<![\w=])monthly:\d+\b/g;

/** Words with which a document says that a form is not to be used. */
const REFUSED =
  /\b(not|no|never|unsupported|invalid|refused?s?|rejects?|rejected|wrong|error|cannot|don['’]t|instead of|there is no)\b/i;
/** `schedule=…`, `schedule=<time>`, `schedule=HH:MM`: a form, not a value. */
const PLACEHOLDER = /^[<[{(…]|…|\.\.\.|^(HH:MM|N|S|X)\b|^\$|^[A-Z]{2}/;

/**
 * Finds schedule syntax in a text, Markdown or not, that the parser would refuse. A line that says itself that the form
 * is not supported, or stands below a heading that does, is left alone.
 */
export function lintDocument(text: string): readonly DocFinding[] {
  let isRefusedPart = false;
  let header: readonly string[] | undefined;
  return text.split(/\r?\n/).flatMap((whole, index) => {
    const cells = cellsOf(whole);
    const line = cells === undefined || header === undefined ? whole : withoutRefusedColumns(cells, header);
    header = cells === undefined ? undefined : (header ?? cells);
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1];
    if (heading !== undefined && !heading.startsWith('nexo:')) isRefusedPart = REFUSED.test(heading);
    if (isRefusedPart || REFUSED.test(line)) return [];
    return [...lintSettings(line), ...lintBare(line)].map((finding) => ({ line: index + 1, ...finding }));
  });
}

/** The cells of a table's row; undefined for any other line. */
function cellsOf(line: string): readonly string[] | undefined {
  return line.trimStart().startsWith('|') ? line.trim().slice(1).split('|') : undefined;
}

/** A column may say in its head that its forms are refused. */
function withoutRefusedColumns(cells: readonly string[], header: readonly string[]): string {
  return cells.filter((_cell, column) => !REFUSED.test(header[column] ?? '')).join('|');
}

function lintSettings(line: string): Omit<DocFinding, 'line'>[] {
  return [...line.matchAll(SETTING)].flatMap(({ 0: found, groups }) => {
    const key = groups?.spaced ?? groups?.key ?? '';
    const value = groups?.value ?? '';
    if (PLACEHOLDER.test(value)) return [];
    const time = key === 'schedule' || key === 'interval_seconds' ? {} : { schedule: '09:00' };
    const cleaned = value.replace(/[.:]$/, '');
    const { problems } = readDeclaration({ ...BASE, ...time, [key]: cleaned });
    const [problem] = problems.filter((each) => each.key === key || each.key === 'schedule');
    return problem === undefined
      ? []
      : [
          {
            found,
            message: problem.message,
            hint: problem.hint ?? 'Use a form that nexo scripts doctor accepts.',
          },
        ];
  });
}

function lintBare(line: string): Omit<DocFinding, 'line'>[] {
  return [...line.matchAll(BARE_MONTHLY)].map(([found]) => ({
    found,
    message: `${found} is no schedule.`,
    hint: 'Declare a daily schedule, and let the script pass on the other days.',
  }));
}
