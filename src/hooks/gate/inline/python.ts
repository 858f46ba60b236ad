import { type CodeToken, type CodeVerdict, readCode } from './tokens.ts';

const SAFE_MODULES = new Set(
  (
    'sys json re math platform datetime time collections itertools functools string textwrap base64 hashlib statistics decimal fractions random uuid ' +
    'struct tomllib ast html unicodedata difflib pprint typing enum dataclasses operator bisect heapq calendar zlib binascii csv os pathlib ' +
    'importlib sysconfig locale keyword tokenize token colorsys ipaddress urllib glob fnmatch inspect numbers cmath secrets hmac copy contextlib yaml'
  ).split(' '),
);

/** What may be taken out of modules that could do more than look. */
const MODULE_MEMBERS: Readonly<Record<string, ReadonlySet<string>>> = {
  os: new Set(
    'path environ getcwd listdir walk sep linesep name cpu_count stat uname getenv scandir getpid pathsep curdir access R_OK F_OK get_terminal_size'.split(
      ' ',
    ),
  ),
  sys: new Set(
    'version version_info platform path argv stdin stdout stderr exit maxsize executable byteorder getsizeof implementation prefix base_prefix getrecursionlimit getdefaultencoding hexversion flags'.split(
      ' ',
    ),
  ),
  importlib: new Set(['metadata', 'util']),
  urllib: new Set(['parse']),
  yaml: new Set(['safe_load', 'safe_load_all', 'safe_dump']),
  ast: new Set(
    'literal_eval parse dump walk FunctionDef ClassDef Name Call Import ImportFrom Module NodeVisitor iter_child_nodes get_docstring'.split(
      ' ',
    ),
  ),
  inspect: new Set(
    'getsource signature getdoc getfile getmembers isclass isfunction getsourcefile'.split(' '),
  ),
  platform: new Set(
    'system machine release version python_version node processor platform architecture uname'.split(' '),
  ),
};

const FORBIDDEN = new Set(
  (
    'eval exec compile __import__ getattr setattr delattr globals locals vars breakpoint input memoryview write writelines write_text write_bytes unlink ' +
    'remove rmdir removedirs rmtree rename renames touch mkdir makedirs symlink symlink_to hardlink_to link link_to chmod lchmod chown truncate ' +
    'system popen spawn fork forkpty execv execl execve execvp posix_spawn kill putenv startfile replace_file move copyfile copytree copy2 ' +
    'subprocess shutil socket ctypes pty builtins modules io codecs posix nt pickle marshal shelve dbm sqlite3 tempfile zipfile tarfile ' +
    'open_code import_module exec_module load_module reload run_path run_module spec_from_file_location module_from_spec attrgetter methodcaller itemgetter loader meta_path path_hooks ' +
    'settrace setprofile displayhook excepthook open fdopen FileIO dup dup2 pipe mkfifo mknod utime chdir fchdir chroot urlretrieve urlopen codeop runpy site help get_type_hints ForwardRef singledispatch singledispatchmethod register get_annotations'
  ).split(' '),
);

const OPEN_MODES = /^["'](?:r|rb|rt|br|U)["']$/;

/** Whether Python code can do no more than look: modules, members and calls are compared with lists of harmless ones. */
export function judgePython(code: string): CodeVerdict {
  const tokens = readCode(code, {
    comment: /#[^\n]*/y,
    string:
      /(?:[rRbBuU]{0,2})(?:"""(?:[^"\\]|\\[\s\S]|"(?!""))*"""|'''(?:[^'\\]|\\[\s\S]|'(?!''))*'''|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')|[fF][rR]?(?:"(?:[^"\\\n{}]|\{[^"'\\\n{}()]*\})*"|'(?:[^'\\\n{}]|\{[^"'\\\n{}()]*\})*')/y,
    name: /[\p{L}_][\p{L}\p{N}_]*/uy,
  });
  if (tokens === undefined || code.normalize('NFKC') !== code) return 'unknown';
  const modules = importedModules(tokens);
  if (modules === undefined) return 'unknown';
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'string' && /^[fF]/.test(token.text)) {
      if (/__|\b(?:open|eval|exec|getattr)\b/.test(token.text)) return 'unknown';
      continue;
    }
    if (token.kind !== 'name') continue;
    const name = token.text;
    const before = tokens[index - 1]?.text;
    const after = tokens[index + 1]?.text;
    if (name.startsWith('__') && !/^__(?:version__|file__|name__|doc__|main__|annotations__)$/.test(name))
      return 'unknown';
    if (name === 'open' && after === '(' && isReadingOpen(tokens, index, before === '.')) continue;
    if (name === 'write' && isStandardOutput(tokens, index)) continue;
    if (FORBIDDEN.has(name)) return 'unknown';
    if (before === '.' && /^_[^_]/.test(name)) return 'unknown';
    if (name === 'replace' && modules.has('pathlib') && !hasTwoArguments(tokens, index)) return 'unknown';
    if (
      name === 'environ' &&
      (after === '[' || after === '.') &&
      tokens[index + 2]?.text !== 'get' &&
      /=/.test(
        tokens
          .slice(index, index + 6)
          .map(({ text }) => text)
          .join(''),
      )
    )
      return 'unknown';
    const members = MODULE_MEMBERS[modules.get(name) ?? ''];
    if (
      members !== undefined &&
      before !== '.' &&
      before !== 'import' &&
      before !== 'from' &&
      before !== 'as' &&
      before !== ',' &&
      after !== '.'
    ) {
      return 'unknown';
    }
    if (
      members !== undefined &&
      after === '.' &&
      before !== '.' &&
      !members.has(tokens[index + 2]?.text ?? '')
    )
      return 'unknown';
    const foreign = modules.get(name);
    if (
      foreign?.startsWith('?') === true &&
      after === '.' &&
      !/^__(?:version|file|doc|name)__$/.test(tokens[index + 2]?.text ?? '')
    )
      return 'unknown';
    if (foreign?.startsWith('?') === true && before !== 'import' && before !== '.' && after !== '.')
      return 'unknown';
  }
  return 'reads';
}

/** Local names with the modules that they stand for; `?x` is a module of the project. Undefined when one is not harmless. */
function importedModules(tokens: readonly CodeToken[]): ReadonlyMap<string, string> | undefined {
  const modules = new Map<string, string>();
  for (let index = 0; index < tokens.length; index += 1) {
    const word = tokens[index];
    if (word?.kind !== 'name' || (word.text !== 'import' && word.text !== 'from')) continue;
    // `yield from`, `raise … from` have no import after them.
    const end = tokens.findIndex(
      (token, at) => at > index && (token.kind === 'newline' || token.text === ';'),
    );
    const clause = tokens.slice(index, end === -1 ? undefined : end);
    const texts = clause.map(({ text }) => text);
    if (word.text === 'from') {
      const [, module = ''] = texts;
      const members = MODULE_MEMBERS[module];
      if (!SAFE_MODULES.has(module)) return undefined;
      const names = texts.slice(texts.indexOf('import') + 1);
      if (names.includes('*')) return undefined;
      if (
        texts[2] !== '.' &&
        members !== undefined &&
        names.some((name) => /^\w/.test(name) && name !== 'as' && !members.has(name))
      )
        return undefined;
      if (names.some((name) => FORBIDDEN.has(name))) return undefined;
      if (module === 'pathlib') modules.set('pathlib', 'pathlib');
    } else {
      for (let at = 1; at < texts.length; at += 1) {
        if (texts[at - 1] !== 'import' && texts[at - 1] !== ',') continue;
        const module = texts[at] ?? '';
        const alias = texts.indexOf('as', at);
        const comma = texts.indexOf(',', at);
        const local = alias !== -1 && (comma === -1 || alias < comma) ? (texts[alias + 1] ?? module) : module;
        if (FORBIDDEN.has(module)) return undefined;
        modules.set(local, SAFE_MODULES.has(module) ? module : `?${module}`);
      }
    }
    index += Math.max(clause.length - 1, 0);
  }
  return modules;
}

function isReadingOpen(tokens: readonly CodeToken[], index: number, isMethod: boolean): boolean {
  const args = argumentTokens(tokens, index);
  if (args === undefined || isMethod) return args !== undefined && args.length === 0;
  const keyword = args.find((part) => part.startsWith('mode='));
  const mode = keyword?.slice(5) ?? (args[1] === undefined || args[1].includes('=') ? "'r'" : args[1]);
  return OPEN_MODES.test(mode) && !args.some((part) => part.startsWith('opener=') || part.startsWith('*'));
}

/** Texts of the arguments of the call at `index`, one string each. */
function argumentTokens(tokens: readonly CodeToken[], index: number): string[] | undefined {
  const args: string[] = [];
  let depth = 0;
  let current = '';
  for (const token of tokens.slice(index + 1)) {
    if (token.kind === 'sign' && /[([{]/.test(token.text)) {
      depth += 1;
      if (depth === 1) continue;
    } else if (token.kind === 'sign' && /[)\]}]/.test(token.text)) {
      depth -= 1;
      if (depth === 0) {
        if (current !== '') args.push(current);
        return args;
      }
    } else if (token.text === ',' && depth === 1) {
      args.push(current);
      current = '';
      continue;
    }
    current += token.text;
  }
  return undefined;
}

function hasTwoArguments(tokens: readonly CodeToken[], index: number): boolean {
  return (argumentTokens(tokens, index)?.length ?? 0) >= 2;
}

function isStandardOutput(tokens: readonly CodeToken[], index: number): boolean {
  const before = tokens
    .slice(Math.max(index - 4, 0), index)
    .map(({ text }) => text)
    .join('');
  return (
    /^(?:.*)?sys\.(?:stdout|stderr)\.$|(?:stdout|stderr)\.$/.test(before) &&
    /sys\.(?:stdout|stderr)\.$/.test(
      tokens
        .slice(Math.max(index - 5, 0), index)
        .map(({ text }) => text)
        .join(''),
    )
  );
}
