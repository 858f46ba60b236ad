import type { Family } from './commands.ts';
import { judgeTestFlags } from './flags.ts';
import type { Run } from './run.ts';

/** Runners, checkers and builds that are let through unless a flag changes sources or chooses a place to write. */
const RUNNERS: Readonly<Record<string, RegExp | undefined>> = Object.fromEntries(
  (
    'vitest jest mocha ava tap tape jasmine karma pytest py.test nose2 rspec minitest phpunit pest behave cucumber ctest bats shellspec busted ' +
    'tsc vue-tsc svelte-check tsd attw publint mypy pyright basedpyright pyre flake8 pylint pyflakes pycodestyle pydocstyle bandit vulture ' +
    'eslint oxlint stylelint markdownlint markdownlint-cli2 htmlhint jshint standard xo knip depcheck madge dependency-cruiser depcruise ts-prune ts-unused-exports cspell typos codespell ' +
    'golangci-lint staticcheck revive errcheck govulncheck rubocop reek brakeman phpstan psalm clang-tidy cppcheck checkstyle ktlint detekt swiftlint ' +
    'shellcheck hadolint yamllint actionlint ansible-lint tflint checkov trivy semgrep gitleaks tox nox robot cypress newman k6 ' +
    'size-limit bundlesize lighthouse pa11y axe sqlfluff vale proselint alex textlint write-good dprint-check commitlint lockfile-lint license-checker'
  )
    .split(' ')
    .map((name) => [name, undefined]),
);

const ALLOWED: Readonly<Record<string, RegExp>> = {
  pytest:
    /^(?:-[qvxslk]+|-p$|-p=?no:\w+|-m|-k|-n|-r\w*|--lf|--ff|--cov(?:=.*)?|--cov-report=(?:term|term-missing)|--durations=.*|-c$|-o$|--trace-config|--co)$/,
  tsc: /^(?:-p|--project|--noEmit|-b|--build|--watch|-w|--traceResolution|--listFiles|--showConfig|--explainFiles|--pretty|--incremental|--emitDeclarationOnly|--strict|--skipLibCheck|--extendedDiagnostics|--diagnostics|--module|--target|--moduleResolution|--jsx|--lib|--types)$/,
  eslint:
    /^(?:--fix-dry-run|-f|--format|-c|--config|--cache|--ext|--print-config|--report-unused-disable-directives|--max-warnings(?:=.*)?|--debug|--env(?:=.*)?)$/,
  vitest:
    /^(?:--update=false|--reporter(?:=[\w-]+)?|--config|-c|-t|--environment(?:=\w+)?|--root|-r|--dir|--ui=false|--watch=false|--project(?:=.*)?|--typecheck\S*|--globals|--coverage(?:\.(?:enabled|provider|reporter|include|exclude|all))?(?:=[\w,.*/-]+)?)$/,
  jest: /^(?:-i|--ci|--env(?:=\w+)?|-t|-c|--config|--watchAll=false|--reporters=default|--coverage)$/,
  shellcheck: /^(?:-f|--format(?:=\w+)?|-x|-e|-s|-S|-a)$/,
  mypy: /^(?:--config-file|--strict|-p|-m|--follow-imports\S*|--show-\S+|--warn-\S+|--no-\S+|--ignore-\S+)(?:=.*)?$/,
  ctest: /^(?:-R|-E|-L|-j\d*|-V|-VV|-N|--output-on-failure|--test-dir|-C)(?:=.*)?$/,
  mocha: /^(?:-r|--require|-R|--reporter|-g|-f|-t|--exit|--recursive|--spec|--import)(?:=(?:[\w@/-]+))?$/,
  rspec: /^(?:-f|--format|-e|-t|-r|-I|--tag)$/,
  markdownlint: /^(?:-c|-i|--config|--ignore|-p)$/,
  knip: /^(?:--no-progress|--production|--strict|--reporter\S*|-c|--include|--exclude|--no-exit-code)$/,
};

export const judgeRunner: Family = (name, args, run) => {
  if (!Object.hasOwn(RUNNERS, name)) return false;
  judgeFlags(name, args, run);
  return true;
};

function judgeFlags(name: string, args: readonly string[], run: Run): void {
  if (args.some((word) => word.startsWith('@')) && name === 'tsc')
    run.unknown('loads-code', 'tsc reads its options from a file');
  if (
    (name === 'mocha' || name === 'rspec') &&
    args.some(
      (word, index) =>
        /^(?:-r|--require|--import)/.test(word) &&
        !/^[\w@][\w@/-]*$/.test(
          word.includes('=') ? word.slice(word.indexOf('=') + 1) : (args[index + 1] ?? ''),
        ),
    )
  )
    run.unknown('loads-code', `${name} loads a file`);
  if (
    /^(?:pytest|py\.test)$/.test(name) &&
    args.some(
      (word, index) =>
        (word === '-p' && !/^no:|^[\w.]+$/.test(args[index + 1] ?? '')) ||
        (word === '-o' && !/^(?:log_cli|console_output_style|addopts=)/.test(args[index + 1] ?? '')),
    )
  )
    run.unknown('loads-code', 'pytest is told to load a plugin or to take other settings');
  if (name === 'rubocop' && args.some((word) => /^-[aAxo]$/.test(word))) run.write('rubocop changes files');
  if (name === 'jest' && args.some((word) => word === '-u' || /^--config=?\s*\{|^\{/.test(word)))
    run.write('jest changes snapshots or takes other settings');
  if (name === 'tsc' && args.includes('--clean')) run.write('tsc --clean deletes what was built');
  if (name === 'cypress' && !/^(?:run|verify|info|version|cache)$/.test(args[0] ?? ''))
    run.unknown('interactive', 'cypress is interactive');
  if (name === 'standard' && args.includes('--fix')) run.write('standard --fix changes files');
  judgeTestFlags(name, args, run, ALLOWED[name]);
}
