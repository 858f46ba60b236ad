import { hasMark, LISTED, TEXT, WILD } from '../marks.ts';
import type { Family } from './commands.ts';
import { isLoadingVariable } from './environment.ts';
import { skipOptions } from './options.ts';
import type { Run } from './run.ts';

interface Wrapper {
  /** Options that take the next word. */
  readonly valued?: string;
  readonly longValued?: readonly string[];
  /** Own operands before the wrapped command. */
  readonly operands?: number;
}

/** Programs that run the rest of their words. */
const PLAIN: Readonly<Record<string, Wrapper>> = {
  nohup: {},
  nice: { valued: 'n', longValued: ['adjustment'] },
  ionice: { valued: 'cnpPu', longValued: ['class', 'classdata', 'pid'] },
  chrt: { operands: 1 },
  taskset: { operands: 1 },
  timeout: { valued: 'ks', longValued: ['kill-after', 'signal'], operands: 1 },
  gtimeout: { valued: 'ks', longValued: ['kill-after', 'signal'], operands: 1 },
  stdbuf: { valued: 'ioe', longValued: ['input', 'output', 'error'] },
  setsid: {},
  unbuffer: {},
  chronic: {},
  ts: {},
  builtin: {},
  noglob: {},
  nocorrect: {},
  busybox: {},
  toybox: {},
  caffeinate: { valued: 'tw' },
  'xvfb-run': { valued: 'nsfep', longValued: ['server-num', 'server-args'] },
  'dbus-run-session': {},
  sudo: {
    valued: 'ughpCrtUDRT',
    longValued: ['user', 'group', 'host', 'prompt', 'chdir', 'role', 'type', 'other-user'],
  },
  doas: { valued: 'uC' },
  fakeroot: {},
  setarch: { operands: 1 },
  c8: {},
  nyc: {},
  'cross-env': {},
  dotenv: {},
  rtk: {},
};

export const judgeWrapper: Family = (name, args, run) => {
  const special = SPECIAL[name];
  if (special !== undefined) {
    special(args, run);
    return true;
  }
  const wrapper = PLAIN[name];
  if (wrapper === undefined) return false;
  const at = skipOptions(args, wrapper);
  const options = args.slice(0, at);
  if (
    (name === 'sudo' || name === 'doas') &&
    options.some((option) => /^-\w*[esi]|^--(?:edit|shell|login)/.test(option))
  ) {
    run.unknown('unknown-wrapper', `${name} opens a shell or an editor`);
  }
  if ((name === 'c8' || name === 'nyc') && options.some((option) => /dir|output|require|config/.test(option)))
    run.write(`${name} is told where to write`);
  const rest = args.slice(at + (wrapper.operands ?? 0));
  const start = wrapAssignments(name, rest, run);
  if (rest.length > start) run.nested(rest.slice(start));
  return true;
};

/** `sudo A=b cmd`, `cross-env A=b cmd`: settings before the command. */
function wrapAssignments(name: string, rest: readonly string[], run: Run): number {
  if (!/^(?:sudo|doas|cross-env|dotenv|env)$/.test(name)) return 0;
  let at = 0;
  for (; at < rest.length; at += 1) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(rest[at] ?? '');
    if (match === null) break;
    if (isLoadingVariable(match[1] ?? '', match[2] ?? ''))
      run.unknown('environment', `setting ${match[1]} can make programs load code or start others`);
  }
  return at;
}

type Special = (args: readonly string[], run: Run) => void;

const SPECIAL: Readonly<Record<string, Special>> = {
  env: (args, run) => {
    for (let index = 0; index < args.length; index += 1) {
      const word = args[index] ?? '';
      const split = /^(?:-[a-zA-Z0]*?S|--split-string=?)(.*)$/s.exec(word);
      if (split !== null && !/^-[uC]/.test(word)) {
        const isOwn = split[1] !== '';
        const rest = args.slice(index + (isOwn ? 1 : 2)).map(quote);
        // env splits this one word; the others stay as they are.
        const text = [isOwn ? split[1] : (args[index + 1] ?? ''), ...rest].join(' ');
        run.script(text, { input: run.input });
        return;
      }
      if (word === '-u' || word === '--unset' || word === '-C' || word === '--chdir') {
        if (word.endsWith('C') || word.endsWith('chdir')) {
          run.script(
            `cd ${quote(args[index + 1] ?? '')} && ${args
              .slice(index + 2)
              .map(quote)
              .join(' ')}`,
            { input: run.input },
          );
          return;
        }
        index += 1;
      } else if (word === '--') continue;
      else if (!word.startsWith('-')) {
        const rest = args.slice(index);
        const start = wrapAssignments('env', rest, run);
        if (rest.length > start) run.nested(rest.slice(start));
        return;
      }
    }
  },
  command: (args, run) => {
    const at = skipOptions(args, {});
    if (args.slice(0, at).some((option) => /^-\w*[vV]/.test(option))) return;
    if (args.length > at) run.nested(args.slice(at));
  },
  exec: (args, run) => {
    const at = skipOptions(args, { valued: 'a' });
    if (args.length > at) run.nested(args.slice(at));
  },
  time: (args, run) => {
    const at = skipOptions(args, { valued: 'of', longValued: ['output', 'format'] });
    const output = args.findIndex((arg) => arg === '-o' || arg.startsWith('--o'));
    if (output !== -1 && output < at) run.write('time -o writes a file', args[output + 1]);
    if (args.length > at) run.nested(args.slice(at));
  },
  xargs: (args, run) => {
    const at = skipOptions(args, {
      valued: 'aEILlnPsdi'.replace('i', '').replace('l', ''),
      longValued: [
        'arg-file',
        'delimiter',
        'max-args',
        'max-procs',
        'max-lines',
        'max-chars',
        'replace',
        'eof',
        'process-slot-var',
      ],
    });
    const options = args.slice(0, at);
    const replaced = replacement(options);
    // What arrives is a listing, or text that anybody may have chosen.
    const extra = run.input.kind === 'listing' ? LISTED : run.input.kind === 'text' ? undefined : WILD;
    const words =
      extra === undefined && run.input.kind === 'text'
        ? run.input.text.split(/\s+/).filter((word) => word !== '')
        : [extra ?? WILD];
    const command = args.slice(at);
    if (command.length === 0) return;
    if (replaced !== undefined) {
      for (const word of words.slice(0, 50))
        run.nested(
          command.map((each) => each.replaceAll(replaced, word === WILD ? TEXT : word)),
          { input: { kind: 'none' } },
        );
    } else run.nested([...command, ...words], { input: { kind: 'none' } });
  },
  parallel: (args, run) => {
    const at = skipOptions(args, {
      valued: 'jNnLPIaSd',
      longValued: ['jobs', 'max-args', 'arg-file', 'delay', 'results', 'joblog', 'sshlogin', 'colsep'],
    });
    if (
      args
        .slice(0, at)
        .some((option) => /results|joblog|tmpdir|sqlandworker|workdir|transfer|return|tee/.test(option))
    )
      run.write('parallel writes its results');
    const words = args.slice(at);
    const end = words.findIndex((word) => word.startsWith(':::'));
    const command = (end === -1 ? words : words.slice(0, end)).join(' ');
    if (command === '') run.unknown('evaluated-text', 'parallel runs the lines that it reads');
    else run.script(command.includes('{') ? command.replaceAll(/\{[^}]*\}/g, '"$1"') : `${command} "$1"`);
  },
  watch: (args, run) => {
    const at = skipOptions(args, { valued: 'nq', longValued: ['interval', 'equexit'] });
    run.script(args.slice(at).join(' '));
  },
  script: (args, run) => {
    const command = args.findIndex((arg) => /^-\w*c$/.test(arg) || arg === '--command');
    if (command !== -1) run.script(args[command + 1] ?? '');
    else if (args.some((arg) => !arg.startsWith('-')))
      run.unknown('unknown-wrapper', 'script records a session and runs commands in it');
    const target =
      args.filter((arg, index) => !arg.startsWith('-') && index !== command + 1).at(-1) ?? 'typescript';
    run.write('script writes a record of the session', target);
  },
  strace: traced('o', 'strace'),
  ltrace: traced('o', 'ltrace'),
  flock: (args, run) => {
    const at = skipOptions(args, { valued: 'wEc', longValued: ['timeout', 'wait'] });
    run.write('flock creates its lock file', args[at]);
    const text = args.indexOf('-c');
    if (text !== -1) run.script(args[text + 1] ?? '');
    else if (args.length > at + 1) run.nested(args.slice(at + 1));
  },
  su: (args, run) => {
    const text = args.findIndex((arg) => /^-\w*c$/.test(arg) || arg === '--command');
    if (text === -1) run.unknown('unknown-wrapper', 'su opens a shell');
    else run.script(args[text + 1] ?? '');
  },
  eval: (args, run) => {
    run.unknown('evaluated-text', 'eval runs text that is put together');
    run.script(args.join(' '));
  },
  source: sourced,
  '.': sourced,
  find: (args, run) => {
    judgeFind(args, run);
  },
  gfind: (args, run) => {
    judgeFind(args, run);
  },
};

function sourced(args: readonly string[], run: Run): void {
  run.unknown(
    'evaluated-text',
    `a file of commands is run: ${hasMark(args[0] ?? '') ? '…' : (args[0] ?? '').slice(0, 60)}`,
  );
}

function traced(letter: string, name: string): Special {
  return (args, run) => {
    const at = skipOptions(args, { valued: 'oepsaEuPSOXI' });
    const output = args.findIndex((arg) => arg === `-${letter}` || arg.startsWith('--output'));
    if (output !== -1 && output < at) run.write(`${name} -o writes a file`, args[output + 1]);
    if (args.length > at) run.nested(args.slice(at));
  };
}

function replacement(options: readonly string[]): string | undefined {
  for (const [index, option] of options.entries()) {
    if (option === '-I') return options[index + 1];
    if (option.startsWith('-I')) return option.slice(2);
    if (option === '-i' || option === '--replace') return '{}';
    const match = /^(?:-i|--replace=)(.+)$/.exec(option);
    if (match !== null) return match[1];
  }
  return undefined;
}

function judgeFind(args: readonly string[], run: Run): void {
  const first = args.findIndex((arg) => /^[-(!]/.test(arg) && !/^-[HLPDO]/.test(arg));
  const roots = (first === -1 ? args : args.slice(0, first)).filter((arg) => !arg.startsWith('-'));
  const [root = '.'] = roots;
  const found =
    /^[/~]/.test(root) || root.split('/').includes('..') || hasMark(root) ? `${root}/${LISTED}` : LISTED;
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (/^-(?:exec|execdir|ok|okdir)$/.test(word)) {
      let end = index + 1;
      while (end < args.length && args[end] !== ';' && !(args[end] === '+' && args[end - 1] === '{}'))
        end += 1;
      const command = args.slice(index + 1, end);
      run.nested(
        command.map((each) => each.replaceAll('{}', found)),
        { input: { kind: 'none' } },
      );
      index = end;
    } else if (word === '-delete')
      for (const each of roots.length > 0 ? roots : ['.'])
        run.write('find -delete removes files', each, true);
    else if (/^-f(?:print0?|printf|ls)$/.test(word)) run.write(`find ${word} writes a file`, args[index + 1]);
    else if (word.includes(WILD) || word.startsWith(TEXT))
      run.unknown('unknown-options', 'find may get actions that are not known');
  }
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
