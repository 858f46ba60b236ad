import { judgeJavaScript } from '../inline/javascript.ts';
import { judgePython } from '../inline/python.ts';
import { judgeSimple } from '../inline/simple.ts';
import { hasMark, mayBeOption } from '../marks.ts';
import type { Family } from './commands.ts';
import { judgeTestFlags } from './flags.ts';
import type { Run } from './run.ts';

const SHELLS = /^(?:ba|da|z|k|mk|a|pdk|r?ba)?sh$/;

/** Programs that run code: given inline, on standard input, or in a file. */
export const judgeInterpreter: Family = (name, args, run) => {
  if (SHELLS.test(name)) judgeShell(name, args, run);
  else if (/^(?:python|pypy)[\d.]*$/.test(name)) judgePythonCommand(args, run);
  else if (name === 'node' || name === 'nodejs') judgeNode(args, run);
  else if (name === 'perl' || name === 'ruby' || name === 'php') judgeOneLiner(name, args, run);
  else if (
    /^(?:lua[\d.]*|luajit|Rscript|R|tclsh|wish|expect|osascript|julia|ghc|runghc|scala|groovy|jshell|java|elixir|iex|erl|racket|guile|sbcl|clojure|fish|csh|tcsh|xonsh|nu|elvish|ts-node|tsx|deno_run|irb|psysh|m4|gdb|lldb|pwsh|powershell|make_run|m4|jsc|qjs|mongo|mongosh|redis-cli|kotlin|dart|crystal|nim)$/.test(
      name,
    )
  ) {
    const isVersion = args.length === 1 && /^-{1,2}(?:version|help|v|h|V)$/.test(args[0] ?? '');
    if (!isVersion) run.unknown('interpreter', `what ${name} is told to run cannot be judged`);
  } else return false;
  return true;
};

function judgeShell(name: string, args: readonly string[], run: Run): void {
  let index = 0;
  for (; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (!/^[-+]/.test(word) || word === '-' || word === '--') break;
    if (word.startsWith('--')) {
      if (/^--(?:version|help)$/.test(word)) return;
      if (/^--(?:rcfile|init-file)/.test(word))
        run.unknown('evaluated-text', `${name} is told to load a file`);
      if (word === '--rcfile' || word === '--init-file') index += 1;
      continue;
    }
    if (mayBeOption(word)) break;
    if (/^[-+]\w*[oO]$/.test(word) && !/^-\w*c/.test(word)) index += 1;
    if (/^-\w*c/.test(word)) {
      run.script(commandText(args, index) ?? '', { input: run.input });
      return;
    }
    if (/^-\w*n/.test(word)) return;
    if (/^-\w*i/.test(word)) run.unknown('evaluated-text', `${name} -i is interactive`);
  }
  const file = args[index];
  if (file !== undefined && file !== '-' && file !== '--' && file !== '/dev/stdin') {
    run.unknown(
      'script-file',
      `what the script ${hasMark(file) ? '' : file.slice(0, 60)} changes cannot be told`,
    );
  } else if (run.input.kind === 'text') {
    if (run.input.isPiped === true) run.unknown('piped-script', `text is piped into ${name} to be run`);
    run.script(run.input.text);
  } else run.unknown('piped-script', `what is handed to ${name} to be run cannot be told`);
}

/** The text after `-c`: the first word that is no option, where `-o` and `-O` take a word each. */
function commandText(args: readonly string[], at: number): string | undefined {
  let skip = (args[at] ?? '').replaceAll(/[^oO]/g, '').length;
  for (let index = at + 1; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (skip > 0) skip -= 1;
    else if (word === '--' || word === '-') return args[index + 1];
    else if (/^[-+]\w/.test(word)) skip = word.replaceAll(/[^oO]/g, '').length;
    else return word;
  }
  return undefined;
}

/** Python modules that are tools of their own. */
const PYTHON_TOOLS = new Set([
  'pytest',
  'mypy',
  'flake8',
  'pylint',
  'black',
  'ruff',
  'isort',
  'pip',
  'pyright',
  'bandit',
  'tox',
  'nox',
  'poetry',
  'uv',
  'yamllint',
]);

function judgePythonCommand(args: readonly string[], run: Run): void {
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (/^-\w*c$/.test(word) && !word.startsWith('--')) {
      judgeCode('python', args[index + 1] ?? '', run);
      return;
    }
    if (/^-\w*m$/.test(word)) {
      judgeModule(args[index + 1] ?? '', args.slice(index + 2), run);
      return;
    }
    if (/^-(?:c|m)./.test(word)) {
      if (word.startsWith('-c')) judgeCode('python', word.slice(2), run);
      else judgeModule(word.slice(2), args.slice(index + 1), run);
      return;
    }
    if (word === '-W' || word === '-X') index += 1;
    else if (/^(?:-V|--version|-VV|-h|--help)$/.test(word)) return;
    else if (!word.startsWith('-') || word === '-') {
      if (word === '-') break;
      run.unknown(
        'script-file',
        `what the script ${hasMark(word) ? '' : word.slice(0, 60)} changes cannot be told`,
      );
      return;
    }
  }
  judgeTyped('python', run);
}

function judgeModule(module: string, args: readonly string[], run: Run): void {
  if (PYTHON_TOOLS.has(module)) run.nested([module, ...args]);
  else if (module === 'unittest' || module === 'doctest') judgeTestFlags(`python -m ${module}`, args, run);
  else if (module === 'coverage') run.nested(['coverage', ...args]);
  else if (module === 'json.tool') {
    if (args.filter((arg) => !arg.startsWith('-')).length > 1)
      run.write('json.tool writes into its second argument', args.at(-1));
  } else if (
    !/^(?:site|sysconfig|platform|this|tabnanny|tokenize|ast|dis|calendar|pyclbr|keyword)$/.test(module)
  ) {
    run.unknown(
      'interpreter',
      `what python -m ${hasMark(module) ? '' : module.slice(0, 40)} changes cannot be told`,
    );
  }
}

function judgeNode(args: readonly string[], run: Run): void {
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    const evaluated = /^(?:-e|--eval|-p|--print|-pe|-ep)(?:=(.*))?$/s.exec(word);
    if (evaluated !== null) {
      for (const other of args) {
        if (isLoadingFlag(other)) run.unknown('interpreter', `node ${other.slice(0, 30)} loads code`);
      }
      const next = args[index + 1] ?? '';
      // `-p -e code`: the code comes after the next option.
      if (evaluated[1] === undefined && next.startsWith('-')) continue;
      judgeCode('node', evaluated[1] ?? next, run);
      const later = args
        .slice(index + 1)
        .filter((other) => /^(?:-e|--eval|-p|--print|-pe)(?:=|$)/.test(other));
      if (later.length > 0) run.unknown('inline-code', 'node is given code more than once');
      return;
    }
    if (/^(?:-v|--version|-h|--help|--v8-options|-c|--check)$/.test(word)) return;
    if (word === '--test') {
      const flags = args.filter((each) => isLoadingFlag(each));
      for (const flag of flags)
        if (
          !/^(?:--(?:import|require|experimental-loader|loader|r))?=?(?:tsx|ts-node\/register|ts-node|esm)$/.test(
            flag,
          )
        )
          run.unknown('interpreter', `node ${flag.slice(0, 30)} loads code`);
      judgeTestFlags('node --test', args, run);
      return;
    }
    if (isLoadingFlag(word)) {
      run.unknown('interpreter', `node ${word.slice(0, 30)} loads code`);
      return;
    }
    if (!word.startsWith('-')) {
      judgeNodeScript(word, args.slice(index + 1), run);
      return;
    }
    if (word === '-') break;
  }
  judgeTyped('node', run);
}

/** A tool of the project, started by the path of its file. */
function judgeNodeScript(script: string, args: readonly string[], run: Run): void {
  const tool = /(?:^|\/)node_modules\/(?:\.bin\/([\w.-]+)|((?:@[\w.-]+\/)?[\w.-]+)\/[\w./-]+)$/.exec(script);
  const name = tool?.[1] ?? tool?.[2];
  if (name !== undefined && !script.includes('..')) {
    const known: Record<string, string> = {
      typescript: 'tsc',
      '@biomejs/biome': 'biome',
      '@playwright/test': 'playwright',
      npm: 'npm',
      nexo: 'nexo',
      '@nexo-home/nexo': 'nexo',
    };
    run.nested([known[name] ?? name.split('/').at(-1) ?? name, ...args]);
    return;
  }
  if (args[0] === 'task' || args[0] === 'mcp' || args[0] === 'hook' || args[0] === 'harness') {
    run.nested(['nexo', ...args]);
    if (/(?:^|\/)(?:dist\/)?main\.[cm]?[jt]s$/.test(script)) return;
  }
  run.unknown(
    'script-file',
    `what the script ${hasMark(script) ? '' : script.slice(0, 60)} changes cannot be told`,
  );
}

function isLoadingFlag(word: string): boolean {
  return /^(?:-r|--require|--import|--loader|--experimental-loader|--env-file|--env-file-if-exists|--inspect\S*|--cpu-prof\S*|--heap-prof\S*|--heapsnapshot\S*|--diagnostic-dir|--redirect-warnings|--report\S*|--trace-event\S*|--build-snapshot\S*|--snapshot-blob|--run|--watch\S*|--experimental-sea-config|--openssl-config|--experimental-config-file|--experimental-default-config-file|--prof|--logfile|--trace-file-names|--allow-\S+|--permission|-i|--interactive|--experimental-repl-await|-C|--conditions)(?:=|$)/.test(
    word,
  );
}

const VERSION_FLAG = /^(?:-v|-V|--version|-h|--help|-V:\w+)$/;
const HARMLESS_LIBRARY =
  /^(?:-[Mm](?:POSIX|List::Util|Data::Dumper|strict|warnings|JSON::PP|Time::HiRes|utf8)(?:=[\w,:]*)?|-r(?:json|yaml|time|date))$/;

function judgeOneLiner(name: 'perl' | 'ruby' | 'php', args: readonly string[], run: Run): void {
  if (VERSION_FLAG.test(args[0] ?? '') || (name === 'php' && /^(?:--ini|-i|-m)$/.test(args[0] ?? ''))) return;
  const { codes, files, changesFiles, isSyntaxCheck, ...read } = readOneLiner(name, args, run);
  const loops = read.loops || codes.some((code) => /<(?:<>|ARGV)?>/.test(code));
  if (changesFiles)
    for (const file of files.length > 0 ? files : [undefined]) run.write(`${name} -i changes files`, file);
  if (isSyntaxCheck && codes.length === 0) return;
  if (codes.length === 0) {
    const [script] = files;
    if (script === undefined)
      run.unknown('piped-script', `what is handed to ${name} to be run cannot be told`);
    else
      run.unknown(
        'script-file',
        `what the script ${hasMark(script) ? '' : script.slice(0, 60)} changes cannot be told`,
      );
    return;
  }
  // Perl opens `cmd |` and `> file` where it reads its arguments.
  if (loops && files.some((file) => /^[\s>|+]|\|\s*$/.test(file)))
    run.unknown('interpreter', `${name} reads an argument that is a command`);
  for (const code of codes) {
    const choosesFiles = name === 'perl' && loops && /@\{?ARGV|\$\{?ARGV\}?\s*\[|\*ARGV/.test(code);
    if (hasMark(code) || choosesFiles || judgeSimple(name, code) === 'unknown')
      run.unknown('inline-code', `what this ${name} code changes cannot be told`, code);
  }
}

interface OneLiner {
  readonly codes: readonly string[];
  readonly files: readonly string[];
  readonly changesFiles: boolean;
  readonly loops: boolean;
  readonly isSyntaxCheck: boolean;
}

function readOneLiner(name: 'perl' | 'ruby' | 'php', args: readonly string[], run: Run): OneLiner {
  const codes: string[] = [];
  const files: string[] = [];
  const flags = { changesFiles: false, loops: false, isSyntaxCheck: false };
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (word === '--') {
      files.push(...args.slice(index + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') files.push(word);
    else if (name === 'php') {
      if (/^(?:-r|--run)$/.test(word)) {
        index += 1;
        codes.push(args[index] ?? '');
      } else if (word === '-l' || word === '--syntax-check') flags.isSyntaxCheck = true;
      else if (word !== '-n') run.unknown('interpreter', `php ${word.slice(0, 20)} loads code`);
    } else {
      // Letters up to the first one that takes the rest of the word.
      const [cluster = ''] = /^[^eEMmIFxCDdVrST]*/.exec(word.slice(1)) ?? [];
      const taker = word[cluster.length + 1];
      if (cluster.includes('i')) flags.changesFiles = true;
      if (/[np]/.test(cluster)) flags.loops = true;
      if (cluster.includes('c')) {
        if (name === 'perl') run.unknown('interpreter', 'perl -c runs BEGIN blocks');
        flags.isSyntaxCheck = true;
      }
      if (taker === 'e' || taker === 'E') {
        const rest = word.slice(cluster.length + 2);
        if (rest === '') index += 1;
        codes.push(rest === '' ? (args[index] ?? '') : rest);
      } else if (
        taker !== undefined &&
        !(taker === 'F' && /^-\w*F[\w:,;|\s/.-]{0,12}$/.test(word)) &&
        !HARMLESS_LIBRARY.test(word) &&
        !word.startsWith('--')
      ) {
        run.unknown('interpreter', `${name} ${word.slice(0, 20)} loads code`);
      } else if (word.startsWith('--'))
        run.unknown('interpreter', `${name} ${word.slice(0, 20)} may load code`);
    }
  }
  return { codes, files, ...flags };
}

function judgeCode(language: 'python' | 'node', code: string, run: Run): void {
  const verdict = hasMark(code)
    ? 'unknown'
    : language === 'python'
      ? judgePython(code)
      : judgeJavaScript(code, 'node');
  if (verdict === 'unknown')
    run.unknown('inline-code', `what this ${language} code changes cannot be told`, code);
}

/** Code on standard input: a here-document can be read, anything else cannot. */
function judgeTyped(language: 'python' | 'node', run: Run): void {
  if (run.input.kind === 'text' && run.input.isPiped !== true) judgeCode(language, run.input.text, run);
  else run.unknown('piped-script', `what is handed to ${language} to be run cannot be told`);
}
