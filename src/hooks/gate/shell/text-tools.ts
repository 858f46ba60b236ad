import { judgeAwk } from '../inline/awk.ts';
import { judgeSed } from '../inline/sed.ts';
import { ENVIRONMENT, hasMark, isUncertain } from '../marks.ts';
import { isReadOnlySql } from '../tools/foreign.ts';
import type { Family } from './commands.ts';
import { findOption, readOptions } from './options.ts';
import type { Run } from './run.ts';

/** Tools with a little language of their own. */
export const judgeTextTool: Family = (name, args, run) => {
  const judge = TOOLS[name];
  if (judge === undefined) return false;
  judge(args, run);
  return true;
};

type Judge = (args: readonly string[], run: Run) => void;

const TOOLS: Readonly<Record<string, Judge>> = {
  sed: sed,
  gsed: sed,
  awk: awk,
  gawk: awk,
  mawk: awk,
  nawk: awk,
  sqlite3: sqlite,
  psql: sqlClient('psql'),
  mysql: sqlClient('mysql'),
  duckdb: sqlite,
};

function sed(args: readonly string[], run: Run): void {
  const read = readOptions(args, { valued: 'efl', longValued: ['expression', 'file', 'line-length'] });
  const inPlace = findOption(read, { short: 'iI', long: ['in-place'] });
  const scripts = read.options
    .filter(({ name }) => name === 'e' || name.startsWith('exp'))
    .map(({ value }) => value ?? '');
  const files =
    scripts.length > 0 || findOption(read, { short: 'f', long: ['file'] }) !== undefined
      ? read.operands
      : read.operands.slice(1);
  if (inPlace !== undefined || args.some((arg) => /^--i/.test(arg))) {
    // What follows `i` is the suffix of the copy; a script may be among the operands all the same.
    for (const file of files.length > 0 ? files : [undefined]) run.write('sed -i changes files', file);
  }
  if (read.isOpen) run.unknown('unknown-options', 'sed may get options that are not known');
  if (findOption(read, { short: 'f', long: ['file'] }) !== undefined)
    run.unknown('script-file', 'what a sed script file does cannot be told');
  const script = scripts.length > 0 ? scripts.join('\n') : (read.operands[0] ?? '');
  const verdict = judgeSed(script);
  if (verdict.kind === 'writes')
    for (const file of verdict.files) run.write('a w command in sed writes a file', file);
  else if (verdict.kind === 'unknown') run.unknown('sed-script', 'what this sed script does cannot be told');
}

function awk(args: readonly string[], run: Run): void {
  let program: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--') {
      program ??= args[index + 1];
      break;
    }
    if (/^-(?:F|v)$/.test(arg) || arg === '--assign' || arg === '--field-separator') index += 1;
    else if (/^-(?:e)$/.test(arg) || arg === '--source') {
      program = `${program ?? ''}\n${args[index + 1] ?? ''}`;
      index += 1;
    } else if (/^-(?:[fEilopd])|^--(?:file|exec|include|load|inplace|profile|dump|pretty|debug)/.test(arg)) {
      run.unknown('script-file', 'awk is told to load a file or to write one');
      return;
    } else if (arg.startsWith('-') && arg.length > 1) continue;
    else {
      program ??= arg;
      break;
    }
  }
  if (program === undefined) return;
  if (isUncertain(program) || program.includes(ENVIRONMENT)) {
    run.unknown('awk-script', 'the awk program is not known before it runs', program);
    return;
  }
  const verdict = judgeAwk(program);
  if (verdict.kind === 'unknown')
    run.unknown('awk-script', 'what this awk program does cannot be told', program);
  for (const file of verdict.kind === 'acts' ? verdict.files : [])
    run.write('awk redirects its output into a file', file);
  for (const command of verdict.kind === 'acts' ? verdict.commands : []) run.script(command);
}

function sqlite(args: readonly string[], run: Run): void {
  const read = readOptions(
    args.map((arg) => arg.replace(/^-(?=\w\w)/, '--')),
    { longValued: ['cmd', 'separator', 'init', 'nullvalue', 'newline', 'c'], valued: 'c' },
  );
  if (read.options.some(({ name }) => name === 'init' || name === 'cmd'))
    run.unknown('sql', 'sqlite3 is given commands to start with');
  if (read.options.some(({ name }) => name === 'version' || name === 'help')) return;
  const statements = [
    ...read.operands.slice(1),
    ...read.options.filter(({ name }) => name === 'c').map(({ value }) => value ?? ''),
  ];
  const text = run.input.kind === 'text' ? [run.input.text] : [];
  const all = [...statements, ...text];
  if (all.length === 0 || (run.input.kind === 'unknown' && statements.length === 0))
    run.unknown('sql', 'what is typed into sqlite3 cannot be told');
  for (const sql of all)
    if (!isReadOnlyShellSql(sql))
      run.unknown('sql', 'these SQL statements may change the database', `${run.text} ${sql}`);
}

function sqlClient(name: string): Judge {
  return (args, run) => {
    const read = readOptions(args, {
      valued: 'cdhpUfoeuDPLv',
      longValued: ['command', 'dbname', 'host', 'port', 'username', 'execute', 'output', 'file', 'log-file'],
    });
    if (read.options.some(({ name: option }) => option === 'version' || option === 'help')) return;
    const output = findOption(read, {
      short: name === 'psql' ? 'oLf' : 'T',
      long: ['output', 'log-file', 'file', 'tee', 'init-command'],
    });
    if (output !== undefined) run.write(`${name} ${output.name} reads or writes a file`, output.value);
    const statements = read.options
      .filter(
        ({ name: option }) =>
          option === 'c' ||
          option === 'command' ||
          (name === 'mysql' && (option === 'e' || option === 'execute')),
      )
      .map(({ value }) => value ?? '');
    if (
      read.options.some(({ name: option }) => option === 'l' || option === 'list') &&
      statements.length === 0
    )
      return;
    if (statements.length === 0) run.unknown('sql', `what is typed into ${name} cannot be told`);
    for (const sql of statements)
      if (!isReadOnlyShellSql(sql)) run.unknown('sql', 'these SQL statements may change data', sql);
  };
}

function isReadOnlyShellSql(sql: string): boolean {
  if (hasMark(sql)) return false;
  const lines = sql
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (
    lines.length > 0 &&
    lines.every((line) =>
      /^(?:\.(?:tables|schema|headers|mode|databases|indexes|indices|dump|width|fullschema|stats|show|quit|exit|timer|nullvalue|separator)\b[^|>]*|\\(?:d\S*|l|dt|x|q|z|conninfo|timing)\b[^|>]*)$/.test(
        line,
      ),
    )
  ) {
    return true;
  }
  if (lines.some((line) => /^[.\\]/.test(line)) || sql.includes('\\')) return false;
  return sql
    .split(';')
    .filter((part) => part.trim() !== '')
    .every(isReadOnlySql);
}
