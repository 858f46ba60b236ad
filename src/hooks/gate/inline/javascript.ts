import { type CodeToken, type CodeVerdict, readCode } from './tokens.ts';

const SAFE_MODULES: Readonly<Record<string, ReadonlySet<string> | 'all'>> = {
  path: 'all',
  url: 'all',
  querystring: 'all',
  assert: 'all',
  string_decoder: 'all',
  punycode: 'all',
  semver: 'all',
  timers: 'all',
  util: new Set(
    'inspect format types isDeepStrictEqual stripVTControlCharacters TextDecoder TextEncoder'.split(' '),
  ),
  os: new Set(
    'cpus platform arch release type hostname homedir tmpdir totalmem freemem uptime userInfo EOL version availableParallelism loadavg'.split(
      ' ',
    ),
  ),
  crypto: new Set('createHash randomUUID randomBytes getHashes timingSafeEqual createHmac'.split(' ')),
  fs: new Set(
    'readFileSync existsSync statSync lstatSync readdirSync realpathSync readlinkSync accessSync readFile readdir stat constants'.split(
      ' ',
    ),
  ),
  'fs/promises': new Set('readFile readdir stat lstat access realpath readlink'.split(' ')),
  zlib: new Set(
    'gzipSync gunzipSync deflateSync inflateSync brotliCompressSync brotliDecompressSync crc32'.split(' '),
  ),
  perf_hooks: new Set(['performance']),
};

const PROCESS_MEMBERS = new Set(
  'version versions platform arch argv env cwd pid ppid exit stdout stderr hrtime memoryUsage uptime release execPath title features config exitCode argv0 execArgv'.split(
    ' ',
  ),
);

/** Functions that are called by name alone, or as a method of anything. */
const SAFE_CALLS = new Set(
  (
    'require log error warn info table dir parse stringify keys values entries fromEntries map filter reduce forEach find findIndex findLast some every sort reverse ' +
    'slice splice join split trim trimEnd trimStart toUpperCase toLowerCase replace replaceAll match matchAll test exec includes indexOf lastIndexOf startsWith endsWith ' +
    'concat flat flatMap push pop shift unshift at charAt charCodeAt codePointAt padStart padEnd repeat substring substr toString toFixed toISOString toJSON getTime now ' +
    'has get set add size isArray isInteger isFinite isNaN from of fill floor ceil round max min abs sqrt pow random trunc sign cwd exit memoryUsage uptime hrtime ' +
    'Number String Boolean Array Object Date Set Map RegExp BigInt Symbol Math JSON Error TypeError Promise parseInt parseFloat encodeURIComponent decodeURIComponent Buffer URL ' +
    'URLSearchParams TextEncoder TextDecoder Intl update digest then catch finally resolve all reject async await if for while switch return typeof function localeCompare toLocaleString ' +
    'basename dirname extname relative normalize isAbsolute pathToFileURL fileURLToPath inspect format byteLength json text isFile isDirectory isSymbolicLink freeze hasOwn deepEqual equal strictEqual ok ' +
    'deepStrictEqual write satisfies valid gt lt structuredClone assign'
  ).split(' '),
);

const FORBIDDEN =
  /^(?:eval|Function|constructor|prototype|__proto__|__defineGetter__|__defineSetter__|binding|_linkedBinding|dlopen|mainModule|getBuiltinModule|globalThis|global|self|Reflect|Proxy|vm|child_process|worker_threads|cluster|import|module|Module|_load|createRequire|spawn\w*|execSync|execFile\w*|fork|write(?:File|v)?Sync|writeFile|append\w*|unlink\w*|rm|rmSync|rmdir\w*|mkdir\w*|mkdtemp\w*|rename\w*|copyFile\w*|cp|cpSync|symlink\w*|link|linkSync|truncate\w*|ftruncate\w*|chmod\w*|chown\w*|utimes\w*|open|openSync|openAsBlob|createWriteStream|call|apply|bind|getPrototypeOf|setPrototypeOf|defineProperty|getOwnPropertyDescriptors?|WebAssembly|Deno|Bun|with|emit|on|once|chdir|kill|abort|v8|inspector|repl|wasi|trace_events|dgram|net|tls|http2|sqlite|readline|sea|umask|setuid|setgid|report|permission|loadEnvFile|setSourceMapsEnabled)$/;

const GIVEN_MODULES = ['fs', 'os', 'util', 'crypto', 'zlib'];

const NAME = /^[A-Za-z_$][\w$]*$/;

/**
 * Whether JavaScript can do no more than look. `node` may load harmless modules, `sandbox` has none. Whatever is not
 * on the lists of harmless modules, members and calls makes the code unknown.
 */
export function judgeJavaScript(code: string, place: 'node' | 'sandbox'): CodeVerdict {
  const tokens = readCode(code, {
    comment: /\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\//y,
    string:
      /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|`(?:[^`\\$]|\\[\s\S]|\$(?!\{)|\$\{[\w$.\s+*-]*\})*`/y,
    name: /[A-Za-z_$][\w$]*/y,
  });
  if (tokens === undefined || /\\u/.test(code)) return 'unknown';
  // With -e and -p these are there without being asked for.
  const modules = new Map<string, string>(place === 'node' ? GIVEN_MODULES.map((name) => [name, name]) : []);
  const functions = definedFunctions(tokens);
  const reachesOut = tokens.some((token, index) => reaches(token, tokens[index + 2]));
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1]?.text ?? '';
    const after = tokens[index + 1]?.text ?? '';
    if (
      token.kind === 'string' &&
      /^`/.test(token.text) &&
      /\$\{[^}]*\b(?:process|require|eval)\b/.test(token.text)
    )
      return 'unknown';
    if (
      token.text === '[' &&
      /^[\w$)\]]/.test(before) &&
      !/^(?:return|case|in|of|const|let|var|typeof|else)$/.test(before)
    ) {
      const key = tokens[index + 1];
      const isLiteral =
        tokens[index + 2]?.text === ']' &&
        (key?.kind === 'number' ||
          (key?.kind === 'string' && !FORBIDDEN.test(key.text.slice(1, -1)) && !/\\/.test(key.text)));
      if (!isLiteral && reachesOut) return 'unknown';
      if (!isLiteral && place === 'sandbox') return 'unknown';
      if (isLiteral && key?.kind === 'string' && modules.has(before)) return 'unknown';
    }
    if (token.text === '(' && /^[)\]]$/.test(before) && !isGroupedFunction(tokens, index)) return 'unknown';
    if (token.text === '(' && tokens[index - 1]?.kind === 'string') return 'unknown';
    if (token.kind !== 'name') continue;
    const isKey = after === ':' && before !== '?' && before !== '.';
    if (FORBIDDEN.test(token.text) && !isKey) return 'unknown';
    if (token.text === 'require') {
      if (place === 'sandbox' || !noteModule(tokens, index, modules, functions)) return 'unknown';
    }
    if (token.text === 'process' && before !== '.') {
      if (place === 'sandbox' || after !== '.' || !PROCESS_MEMBERS.has(tokens[index + 2]?.text ?? ''))
        return 'unknown';
      if (
        tokens[index + 2]?.text === 'env' &&
        tokens[index + 5]?.text === '=' &&
        tokens[index + 6]?.text !== '='
      )
        return 'unknown';
      continue;
    }
    const module = before === '.' ? undefined : modules.get(token.text);
    if (module !== undefined) {
      if (isDeclaration(tokens, index)) continue;
      if (after !== '.' || !allows(module, tokens[index + 2]?.text ?? '')) return 'unknown';
    }
    if (token.text === 'write' && !/^(?:stdout|stderr)$/.test(tokens[index - 2]?.text ?? ''))
      return 'unknown';
    if (
      after === '(' &&
      !SAFE_CALLS.has(token.text) &&
      !functions.has(token.text) &&
      !isModuleMember(tokens, index, modules)
    )
      return 'unknown';
    if (
      after === '`' ||
      (tokens[index + 1]?.kind === 'string' &&
        tokens[index + 1]?.text.startsWith('`') &&
        !/^(?:return|case|typeof|in|of)$/.test(token.text))
    )
      return 'unknown';
  }
  return 'reads';
}

/** Whether the code holds a module of Node; a JSON file is only data. */
function reaches(token: CodeToken, argument: CodeToken | undefined): boolean {
  if (token.kind !== 'name') return false;
  if (token.text === 'require') return argument?.kind !== 'string' || !/\.json["'`]$/.test(argument.text);
  return /^(?:process|fs|os|util|crypto|zlib)$/.test(token.text);
}

/** Remembers which name a harmless module gets; false for other modules and other forms. */
function noteModule(
  tokens: readonly CodeToken[],
  index: number,
  modules: Map<string, string>,
  functions: Set<string>,
): boolean {
  const name = tokens[index + 2];
  if (tokens[index + 1]?.text !== '(' || name?.kind !== 'string' || tokens[index + 3]?.text !== ')')
    return false;
  const module = name.text.slice(1, -1).replace(/^node:/, '');
  const next = tokens[index + 4]?.text ?? '';
  if (/^\.{0,2}\/[\w./@-]*\.json$|^[\w@/.-]+\/package\.json$|^\.\/package$/.test(module)) return true;
  if (SAFE_MODULES[module] === undefined) return false;
  if (next === '.') return allows(module, tokens[index + 5]?.text ?? '');
  const declared = tokens[index - 1]?.text === '=' ? tokens[index - 2] : undefined;
  if (declared?.kind === 'name') {
    modules.set(declared.text, module);
    return (
      /^(?:const|let|var)$/.test(tokens[index - 3]?.text ?? '') ||
      tokens[index - 3] === undefined ||
      tokens[index - 3]?.text === ';' ||
      tokens[index - 3]?.text === ','
    );
  }
  if (declared?.text !== '}') return false;
  for (let at = index - 3; at >= 0; at -= 1) {
    const each = tokens[at];
    if (each?.text === '{') return true;
    // Other names for a member are not followed.
    if (each?.text === ':' || (each?.kind === 'name' && !allows(module, each.text))) return false;
    if (each?.kind === 'name') functions.add(each.text);
  }
  return false;
}

function allows(module: string, member: string): boolean {
  const members = SAFE_MODULES[module];
  return members === 'all' || members?.has(member) === true;
}

function isDeclaration(tokens: readonly CodeToken[], index: number): boolean {
  return tokens[index + 1]?.text === '=' && tokens[index + 2]?.text === 'require';
}

/** `fs.readFileSync(…)` and `require('fs').readFileSync(…)`, checked where the module is named. */
function isModuleMember(
  tokens: readonly CodeToken[],
  index: number,
  modules: ReadonlyMap<string, string>,
): boolean {
  if (tokens[index - 1]?.text !== '.') return false;
  const root = tokens[index - 2];
  if (root?.kind === 'name') return modules.has(root.text) || root.text === 'process';
  return root?.text === ')' && tokens[index - 4]?.text === '(' && tokens[index - 5]?.text === 'require';
}

/** Names bound to a function that is written out. */
function definedFunctions(tokens: readonly CodeToken[]): Set<string> {
  const names = new Set<string>();
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'name' || !NAME.test(token.text)) continue;
    if (tokens[index - 1]?.text === 'function') names.add(token.text);
    if (tokens[index + 1]?.text === '=' && /^(?:\(|async|function)$/.test(tokens[index + 2]?.text ?? '')) {
      const rest = tokens
        .slice(index + 2, index + 40)
        .map(({ text }) => text)
        .join(' ');
      if (/^(?:async )?(?:\([\w$, ]*\) = >|function\b)/.test(rest)) names.add(token.text);
    }
  }
  return names;
}

/** `(() => …)()`: an expression that is written out is called. */
function isGroupedFunction(tokens: readonly CodeToken[], index: number): boolean {
  if (tokens[index - 1]?.text !== ')') return false;
  let depth = 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const { text } = tokens[at] ?? { text: '' };
    if (text === ')') depth += 1;
    if (text === '(') {
      depth -= 1;
      if (depth === 0)
        return (
          /^(?:async|function|\()$/.test(tokens[at + 1]?.text ?? '') &&
          tokens.slice(at, index).some((token) => token.text === '{')
        );
    }
  }
  return false;
}
