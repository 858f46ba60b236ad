import { hasMark, mayBeOption } from '../marks.ts';
import type { Family } from './commands.ts';
import { judgeTestFlags } from './flags.ts';
import { skipOptions } from './options.ts';
import type { Run } from './run.ts';

const READ_VERBS = new Set(
  'ls list ll la view v info show outdated why explain root prefix bin whoami ping search fund doctor query diff licenses help ls-remote audit config get pkg docs repo bugs team access owner dist-tag token profile version stars sbom completion'.split(
    ' ',
  ),
);
const CHECKED_WORD =
  /(?:^|[-:_.])(?:test|tests|spec|specs|unit|integration|e2e|check|checks|lint|lints|type|types|typecheck|tsc|typescript|build|compile|verify|validate|ci|coverage|cov|bench|benchmark|audit|ts|eslint|vitest|jest|playwright|dry|doctor|status|storybook)(?=$|[-:_.])/i;
const CHANGING_WORD =
  /(?:^|[-:_.])(?:fix|fixes|format|fmt|write|update|upgrade|release|publish|deploy|clean|generate|gen|codegen|migrate|migration|install|prettify|clear|reset|seed|push|commit|version|bump|sync|init|setup|prepare|watch|dev|start|serve)(?=$|[-:_.])/i;

/** A script of the project by its name: testing, checking and building are let through. */
export function judgeProjectScript(runner: string, script: string, args: readonly string[], run: Run): void {
  const name = script.toLowerCase();
  const isTask = name === 'nexo';
  const isFile = /[\\/]|\.[a-z]{1,4}$/.test(name);
  const isCheck =
    CHECKED_WORD.test(name) &&
    (!CHANGING_WORD.test(name) || /(?:check|dry|lint)$/.test(name)) &&
    !/fix|write|update/.test(name);
  if (
    hasMark(script) ||
    isTask ||
    isFile ||
    !(isCheck || /^(?:format:check|fmt:check|prettier:check)$/.test(name))
  ) {
    run.unknown(
      'project-script',
      `what the script ${hasMark(script) ? '' : script.slice(0, 40)} of ${runner} changes cannot be told`,
    );
    if (isTask) run.nested(['nexo', ...args]);
    return;
  }
  judgeTestFlags(`${runner} ${script.slice(0, 40)}`, args, run);
}

export const judgePackageManager: Family = (name, args, run) => {
  switch (name) {
    case 'npm':
    case 'pnpm':
    case 'yarn':
    case 'bun':
      judgeNode(name, args, run);
      return true;
    case 'npx':
    case 'bunx':
    case 'pnpx':
      judgeExec(args, run);
      return true;
    case 'pip':
    case 'pip3':
      judgeVerbs(
        name,
        args,
        run,
        /^(?:list|show|freeze|check|index|debug|help|inspect|config)$/,
        /^(?:set|unset|edit)$/,
      );
      return true;
    case 'uv':
      if (args[0] === 'run')
        run.nested(
          args.slice(
            1 +
              skipOptions(args.slice(1), {
                longValued: ['with', 'python', 'extra', 'group', 'package', 'directory', 'project'],
                valued: 'p',
              }),
          ),
        );
      else if (args[0] === 'pip')
        judgeVerbs('uv pip', args.slice(1), run, /^(?:list|show|freeze|check|tree)$/);
      else judgeVerbs('uv', args, run, /^(?:tree|version|help)$/);
      return true;
    case 'poetry':
    case 'pipenv':
    case 'pdm':
    case 'hatch':
    case 'rye':
      if (args[0] === 'run') run.nested(args.slice(1));
      else
        judgeVerbs(
          name,
          args,
          run,
          /^(?:show|check|env|version|about|search|graph|list|test|info)$/,
          /^(?:use|remove|create)$/,
        );
      return true;
    case 'bundle':
      if (args[0] === 'exec') run.nested(args.slice(1));
      else judgeVerbs(name, args, run, /^(?:list|show|info|outdated|check|doctor|platform|licenses)$/);
      return true;
    case 'composer':
      if (/^(?:test|check|lint|phpstan|analyse)$/.test(args[0] ?? ''))
        judgeTestFlags('composer', args.slice(1), run);
      else
        judgeVerbs(
          name,
          args,
          run,
          /^(?:show|validate|outdated|why|why-not|licenses|diagnose|check-platform-reqs|audit|info)$/,
        );
      return true;
    case 'gem':
      judgeVerbs(
        name,
        args,
        run,
        /^(?:list|info|search|env|environment|which|contents|dependency|outdated|specification)$/,
      );
      return true;
    case 'conda':
    case 'mamba':
      judgeVerbs(name, args, run, /^(?:list|info|search)$/);
      return true;
    case 'corepack':
    case 'nvm':
    case 'fnm':
    case 'volta':
    case 'asdf':
    case 'mise':
    case 'pyenv':
    case 'rbenv':
    case 'rustup':
      judgeVerbs(
        name,
        args,
        run,
        /^(?:ls|list|current|which|where|version|versions|show|doctor|--version|whence|whoami|check)$/,
      );
      return true;
    default:
      return false;
  }
};

function judgeVerbs(name: string, args: readonly string[], run: Run, reads: RegExp, but?: RegExp): void {
  const at = args.findIndex((word) => !word.startsWith('-'));
  const verb = args[at] ?? '';
  if (at === -1 && args.every((word) => /^(?:--version|-V|-v|--help|-h)$/.test(word))) return;
  const rest = at === -1 ? [] : args.slice(at + 1);
  if (
    !reads.test(verb) ||
    rest.some(mayBeOption) ||
    (but !== undefined && rest.some((word) => but.test(word)))
  )
    run.write(`${name} ${hasMark(verb) ? '' : verb.slice(0, 30)} changes files`);
}

function judgeNode(name: string, given: readonly string[], run: Run): void {
  const at = skipOptions(given, {
    valued: name === 'pnpm' ? 'CF' : 'w',
    longValued: ['prefix', 'filter', 'dir', 'workspace', 'cwd', 'loglevel', 'reporter', 'registry'],
  });
  const options = given.slice(0, at);
  if (
    options.some((word) =>
      /^--(?:script-shell|node-options|globalconfig|userconfig|shell|node-gyp|editor|viewer)/.test(word),
    )
  )
    run.unknown('loads-code', `${name} is told to use another program`);
  const [verb, ...rest] = given.slice(at);
  const isGlobal = given.some((word) => word === '-g' || word === '--global');
  if (verb === undefined) {
    if (name === 'yarn' && !options.some((word) => /^(?:--version|-v|--help|-h)$/.test(word)))
      run.write('yarn installs packages');
    return;
  }
  if (rest.some((word) => /^--(?:script-shell|node-options)/.test(word)))
    run.unknown('loads-code', `${name} is told to use another program`);
  if (/^(?:test|t|tst)$/.test(verb)) judgeTestFlags(`${name} test`, rest, run);
  else if (verb === 'run' || verb === 'run-script' || verb === 'rum') judgeRun(name, rest, run);
  else if (verb === 'exec' || verb === 'x' || verb === 'dlx') judgeExec(rest, run);
  else if (verb === 'audit' && rest[0] === 'fix') run.write(`${name} audit fix changes files`);
  else if (
    (verb === 'config' || verb === 'pkg' || verb === 'c') &&
    !/^(?:get|list|ls|undefined)$/.test(rest[0] ?? 'list')
  )
    run.write(`${name} ${verb} changes settings`);
  else if (verb === 'version' && rest.length > 0) run.write(`${name} version changes files`);
  else if (/^(?:docs|repo|bugs|team|access|owner|dist-tag|token|profile|completion)$/.test(verb)) {
    if (rest.length > 0) run.unknown('forge', `${name} ${verb} may change something`);
  } else if (verb === 'pack' && rest.includes('--dry-run')) return;
  else if ((verb === 'publish' || verb === 'install' || verb === 'ci') && rest.includes('--dry-run')) return;
  else if (READ_VERBS.has(verb)) return;
  else if (name === 'bun' && (verb === '-e' || verb === 'eval' || /\.[cm]?[jt]sx?$/.test(verb)))
    run.unknown('script-file', `what ${verb.slice(0, 40)} changes cannot be told`);
  else if (name === 'bun' && verb === 'build') judgeTestFlags('bun build', rest, run);
  else if (
    (name === 'yarn' || name === 'pnpm') &&
    (verb === 'node' || verb === 'workspace' || verb === 'workspaces')
  )
    run.nested(
      verb === 'node'
        ? ['node', ...rest]
        : [
            'yarn',
            ...rest
              .slice(verb === 'workspace' ? 1 : 0)
              .filter((word) => word !== 'foreach' && !/^-/.test(word)),
          ],
    );
  else if ((name === 'yarn' || name === 'pnpm' || name === 'bun') && !INSTALLS.has(verb))
    judgeLocal(name, verb, rest, run);
  else
    run.write(
      `${name} ${hasMark(verb) ? '' : verb.slice(0, 30)} changes files`,
      isGlobal ? '/usr/local' : undefined,
    );
}

const INSTALLS = new Set(
  'install i add remove rm uninstall un update up upgrade link unlink ci init create publish patch import dedupe prune rebuild set cache store fetch deploy plugin self-update unplug import pack env'.split(
    ' ',
  ),
);

/** `yarn vitest`, `pnpm build`: a script of the project or a tool that it has. */
function judgeLocal(name: string, verb: string, rest: readonly string[], run: Run): void {
  if (/^[\w@][\w.@/-]*$/.test(verb) && KNOWN_TOOLS.test(verb)) run.nested([verb, ...rest]);
  else if (verb === 'nexo') run.nested(['nexo', ...rest]);
  else judgeProjectScript(name, verb, rest, run);
}

const KNOWN_TOOLS =
  /^(?:vitest|jest|mocha|ava|tap|tsc|eslint|prettier|biome|stylelint|playwright|cypress|knip|turbo|nx|vue-tsc|svelte-check|c8|nyc|tsx|ts-node|node|rimraf|mkdirp|cpx|shx|esbuild|vite|webpack|rollup|next|nuxt|astro)$/;

function judgeRun(name: string, rest: readonly string[], run: Run): void {
  const at = skipOptions(rest, { valued: 'w', longValued: ['workspace', 'prefix', 'filter'] });
  const script = rest[at];
  if (script === undefined) return;
  judgeProjectScript(`${name} run`, script, rest.slice(at + 1), run);
}

function judgeExec(args: readonly string[], run: Run): void {
  const call = args.findIndex((word) => word === '-c' || word === '--call');
  if (call !== -1 && !args.slice(0, call).some((word) => !word.startsWith('-'))) {
    run.script(args[call + 1] ?? '');
    return;
  }
  const at = skipOptions(args, { valued: 'pw', longValued: ['package', 'workspace'] });
  const tool = args[at];
  if (tool === undefined) return;
  const name = tool
    .replace(/^(@nexo-home\/)?nexo(@[\w.-]+)?$/, 'nexo')
    .replace(/^((?:@[\w.-]+\/)?[\w.-]+)@[\w.^~-]+$/, '$1');
  const named: Record<string, string> = {
    '@biomejs/biome': 'biome',
    '@playwright/test': 'playwright',
    typescript: 'tsc',
    '@anthropic-ai/claude-code': 'claude',
    '@openai/codex': 'codex',
    'opencode-ai': 'opencode',
  };
  run.nested([named[name] ?? name, ...args.slice(at + 1)]);
}
