import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a new script can be written in. */
export const LANGUAGES = ['python', 'shell', 'node', 'typescript', 'php'] as const;
export type Language = (typeof LANGUAGES)[number];

interface LanguageFacts {
  readonly extension: string;
  /** The value of `runtime=`. */
  readonly runtime: string;
  readonly comment: string;
  readonly mode: number;
  /** The gate of a monthly job, before the work begins. */
  readonly monthly: (day: number) => readonly string[];
  readonly indent: string;
}

const FACTS: Readonly<Record<Language, LanguageFacts>> = {
  python: {
    extension: '.py',
    runtime: 'python',
    comment: '#',
    mode: 0o755,
    monthly: (day) => [`nexo_helper.only_on_day_of_month(${day}, force=args.force)`],
    indent: '    ',
  },
  shell: {
    extension: '.sh',
    runtime: 'shell',
    comment: '#',
    mode: 0o755,
    monthly: (day) => [
      'if [ "$force" = yes ]; then gate=--force; else gate=""; fi',
      `only_on_day_of_month ${day} "$gate"`,
    ],
    indent: '',
  },
  node: {
    extension: '.mjs',
    runtime: 'node',
    comment: '//',
    mode: 0o755,
    monthly: (day) => [`nexo.onlyOnDayOfMonth(${day}, { force: values.force });`],
    indent: '',
  },
  typescript: {
    extension: '.ts',
    runtime: 'node',
    comment: '//',
    mode: 0o644,
    monthly: (day) => [`nexo.onlyOnDayOfMonth(${day}, { force: values.force });`],
    indent: '',
  },
  php: {
    extension: '.php',
    runtime: 'php',
    comment: '//',
    mode: 0o644,
    monthly: (day) => [
      `$due = min(${day}, (int) date('t'));`,
      "if (!$force && (int) date('j') !== $due) {",
      '    echo "skipped: today is day ", date(\'j\'), ", and this runs on day $due of the month", PHP_EOL;',
      '    exit(0);',
      '}',
    ],
    indent: '',
  },
};

export function languageFacts(language: Language): LanguageFacts {
  return FACTS[language];
}

/** Where the work of a template begins. */
const WORK = 'Your work begins here.';
/** First and last word of the part that tells how to schedule by hand. */
const HOW_TO = /^(?:#|\/\/) (?:To run it by itself|recovery_policy=|Or let Nexo write)/;

export interface TemplateInput {
  readonly language: Language;
  readonly name: string;
  /** The header's first lines; what else the template's own header has stays behind them. */
  readonly pairs: readonly (readonly [string, string])[];
  readonly monthlyDay: number | undefined;
  /** A daemon, which has no time limit. */
  readonly keepsRunning: boolean;
}

/** The text of a new script. `assets` is the folder of the installed package. */
export function fillTemplate(assets: string, input: TemplateInput): string {
  const { language, name, pairs, monthlyDay, keepsRunning } = input;
  const { comment, monthly, indent, extension } = FACTS[language];
  const own = new Set([...pairs.map(([key]) => key), ...(keepsRunning ? ['timeout'] : [])]);
  const isScheduled = pairs.some(([key]) => key === 'cron_id');
  const lines: string[] = [];
  let hasHeader = false;
  for (const line of readFileSync(join(assets, 'templates', `script-template${extension}`), 'utf8').split(
    '\n',
  )) {
    const key = /^(?:#|\/\/) nexo: (\w+)=/.exec(line)?.[1];
    if (key !== undefined && !hasHeader) {
      lines.push(...pairs.map(([own, value]) => `${comment} nexo: ${own}=${value}`));
      hasHeader = true;
    }
    if (key !== undefined && own.has(key)) continue;
    if (isScheduled && HOW_TO.test(line)) {
      // What the template says about scheduling by hand has just been done.
      if (line.includes('To run it by itself'))
        lines.push(`${comment} After a change of these lines: nexo scripts reconcile`);
      continue;
    }
    if (keepsRunning && line.trim().endsWith(WORK))
      lines.push(`${indent}${comment} Kept running: stay in a loop here. When it ends, it is started anew.`);
    if (monthlyDay !== undefined && line.trim().endsWith(WORK))
      lines.push(...monthly(monthlyDay).map((text) => indent + text), '');
    lines.push(line.replaceAll('my-script', name));
  }
  return lines.join('\n');
}
