import { hasMark } from '../marks.ts';
import { isStream } from '../paths.ts';
import type { Family } from './commands.ts';
import { judgeTestFlags } from './flags.ts';
import { judgeProjectScript } from './package-managers.ts';
import type { Run } from './run.ts';

export const judgeBuildTool: Family = (name, args, run) => {
  const special = TOOLS[name];
  if (special === undefined) return false;
  special(args, run, name);
  return true;
};

type Tool = (args: readonly string[], run: Run, name: string) => void;

/** The verb decides; `reads` may go with harmless flags only. */
function verbs(reads: RegExp, allows?: RegExp): Tool {
  return (args, run, name) => {
    const at = args.findIndex((word) => !/^[-+]/.test(word));
    const verb = args[at] ?? '';
    if (at === -1) {
      if (
        args.every((word) => /^(?:--version|-V|-v|--help|-h|-version|--list|--verbose)$/.test(word)) &&
        args.length > 0
      )
        return;
      run.write(`${name} may change files`);
      return;
    }
    if (hasMark(verb) || !reads.test(verb))
      run.write(`${name} ${hasMark(verb) ? '' : verb.slice(0, 30)} may change files`);
    else judgeTestFlags(`${name} ${verb}`, [...args.slice(0, at), ...args.slice(at + 1)], run, allows);
  };
}

/** A formatter prints or checks unless it is told to write; some write unless told to check. */
function formatter(rule: { writes?: RegExp; needs?: RegExp }): Tool {
  return (args, run, name) => {
    const isTold =
      rule.writes !== undefined && args.some((word) => rule.writes?.test(word) === true || hasMark(word));
    const isMissing = rule.needs !== undefined && !args.some((word) => rule.needs?.test(word) === true);
    if (isTold || isMissing) {
      const files = args.filter((word) => !word.startsWith('-'));
      for (const file of files.length > 0 ? files : [undefined]) run.write(`${name} rewrites files`, file);
    }
  };
}

/** Targets of make and its like, by name. */
function targets(variables: boolean): Tool {
  return (args, run, name) => {
    if (
      args.some((word) =>
        /^(?:-n|--just-print|--dry-run|--recon|-q|--question|-p|--print-data-base|--version|-v|--help|-h|--list|--summary|-l|--dump|--show|-t=0)$/.test(
          word,
        ),
      ) &&
      !args.some((word) => /=/.test(word))
    )
      return;
    for (const [index, word] of args.entries()) {
      if (
        /^(?:-f|--file|--makefile|-I|--include-dir|--eval|-E|--justfile|--shell|-t|--touch|-o|-W)/.test(word)
      )
        run.unknown('loads-code', `${name} ${word.slice(0, 30)} takes other rules`);
      if (/^(?:-C|-j|-k|-d|--directory|-l)$/.test(args[index - 1] ?? '') || word.startsWith('-')) continue;
      if (/^\w+[:+?!]*=/.test(word)) {
        if (!variables || !/^(?:V|VERBOSE|DEBUG|CI|Q)=\w*$/.test(word))
          run.unknown('loads-code', `${name} is given a variable that its rules may run`);
      } else if (!/^(?:all|\.|\d+)$/.test(word)) judgeProjectScript(name, word, [], run);
    }
  };
}

function compiler(syntaxOnly: RegExp): Tool {
  return (args, run, name) => {
    if (
      args.every((word) =>
        /^(?:--version|-v|-V|--help|-dumpversion|-dumpmachine|--print=?\S*)$/.test(word),
      ) &&
      args.length > 0
    )
      return;
    const output = args.findIndex((word) => /^-o/.test(word));
    const target =
      output === -1 ? undefined : args[output] === '-o' ? args[output + 1] : args[output]?.slice(2);
    const isHarmless =
      args.some((word) => syntaxOnly.test(word)) && (target === undefined || isStream(target));
    if (
      !(isHarmless || (target !== undefined && isStream(target))) ||
      args.some(
        (word) =>
          /^(?:-M[DFM]|-fplugin|-B|-wrapper|-specs|@|-save-temps|-dumpdir|--emit|-C|-Z|-Wl|--out-dir)/.test(
            word,
          ) && !/^-M$/.test(word),
      )
    )
      run.write(`${name} writes files`, target);
  };
}

const TOOLS: Readonly<Record<string, Tool>> = {
  cargo: (args, run, name) => {
    const words = args.filter((word) => !word.startsWith('+'));
    const verb = words.find((word) => !word.startsWith('-')) ?? '';
    if (words.some((word) => /^--config|^--target-dir|^-Z|^--out-dir|^--artifact-dir/.test(word)))
      run.unknown('loads-code', 'cargo is given other settings');
    const own = words.indexOf('--');
    const flags = own === -1 ? words : words.slice(0, own);
    if (words.some((word) => word.startsWith('--logfile'))) run.write('cargo test --logfile writes a file');
    if (verb === 'fmt') {
      if (!words.some((word) => /^--check$/.test(word))) run.write('cargo fmt rewrites files');
    } else if (verb === 'nextest' || verb === 'llvm-cov') {
      if (!/^(?:run|list|show-config)$/.test(words[words.indexOf(verb) + 1] ?? 'run'))
        run.write(`cargo ${verb} changes files`);
    } else if (verb === 'insta' || verb === 'expand') {
      if (verb !== 'expand' && !words.includes('pending-snapshots')) run.write(`cargo ${verb} changes files`);
    } else
      verbs(
        /^(?:test|t|check|c|clippy|build|b|bench|doc|d|metadata|tree|search|version|verify-project|audit|deny|udeps|outdated|pkgid|locate-project|read-manifest|info|help|rustc-check|semver-checks|machete)$/,
        /^-(?:p|F|j\d*|v+|q|r|e)$|^--(?:release|workspace|all|all-targets|all-features|features|no-default-features|package|lib|bins|bin|tests|test|example|examples|doc|manifest-path|locked|offline|frozen|message-format|no-run|no-fail-fast|color|profile|format|depth|open=false|no-deps|exclude|jobs|verbose|quiet|target)(?:=.*)?$/,
      )(flags, run, name);
  },
  go: (args, run, name) => {
    const [verb = '', sub = ''] = args;
    if (verb === 'mod') {
      if (!/^(?:graph|verify|why)$/.test(sub)) run.write(`go mod ${sub.slice(0, 20)} changes files`);
    } else if (verb === 'env') {
      if (args.some((word) => word === '-w' || word === '-u')) run.write('go env -w changes settings');
    } else if (/^(?:test|vet|build|list|version|doc|help)$/.test(verb)) {
      for (const [index, word] of args.entries()) {
        const value = word.includes('=') ? word.slice(word.indexOf('=') + 1) : (args[index + 1] ?? '');
        if (
          /^--?(?:o|fix|coverprofile|cpuprofile|memprofile|blockprofile|mutexprofile|trace|outputdir|c|fuzz|test\.\w*profile|test\.outputdir|test\.trace)(?:=|$)/.test(
            word,
          ) &&
          !isStream(value)
        )
          run.write(
            `go ${verb} ${word.slice(0, 20)} writes a file`,
            /^--?(?:c|fuzz|fix)/.test(word) ? undefined : value,
          );
        if (
          /^--?(?:exec|toolexec|vettool|overlay|modfile|pkgdir|ldflags|gcflags|asmflags|gccgoflags|compiler|C|buildmode|pgo)(?:=|$)/.test(
            word,
          ) &&
          !/^--?(?:ldflags|gcflags)=?-?[\w .=/-]*$/.test(word)
        )
          run.unknown('loads-code', `go ${word.slice(0, 20)} loads code or settings`);
      }
    } else if (verb === 'tool' && /^(?:cover|pprof|nm|objdump|dist)$/.test(sub)) {
      if (
        args.some(
          (word) =>
            /^-{1,2}(?:o|output|html|mode|var|pkgcfg)(?:=|$)/.test(word) ||
            /^-(?:svg|pdf|png|gif|http)/.test(word),
        )
      )
        run.write(`go tool ${sub} writes files`);
    } else run.write(`${name} ${verb.slice(0, 20)} changes files`);
  },
  gofmt: formatter({ writes: /^-\w*w/ }),
  goimports: formatter({ writes: /^-\w*w/ }),
  gofumpt: formatter({ writes: /^-\w*w/ }),
  prettier: (args, run) => {
    if (
      args.some(
        (word) =>
          /^(?:-w|--write|--cache-location\S*|--plugin\S*)$/.test(word) ||
          /^--plugin=|^--wri|^--config=?\/|^--config-path=\//.test(word) ||
          (hasMark(word) && word.startsWith('-')),
      )
    )
      formatter({ writes: /./ })(args, run, 'prettier');
  },
  biome: (args, run) => {
    if (
      !/^(?:check|lint|format|ci|explain|rage|version|search)$/.test(args[0] ?? '') ||
      args.some((word) => /^--(?:write|fix|apply\S*|unsafe|suppress\S*)/.test(word))
    )
      formatter({ writes: /./ })(args.slice(1), run, 'biome');
    else
      judgeTestFlags(
        'biome',
        args.slice(1),
        run,
        /^--(?:config-path|error-on-warnings|colors|reporter|diagnostic-level|max-diagnostics|formatter-enabled|linter-enabled)(?:=.*)?$/,
      );
  },
  black: formatter({ needs: /^(?:--check|--diff|--version|-q?c|--help)$/, writes: /^-W$/ }),
  isort: formatter({
    needs: /^(?:--check(?:-only)?|-c|--diff|-d|--version|--show-files|--show-settings|--help)$/,
  }),
  ruff: (args, run) => {
    const [verb = ''] = args;
    if (verb === 'format') formatter({ needs: /^--(?:check|diff)$/ })(args.slice(1), run, 'ruff format');
    else if (
      verb === 'check' ||
      verb === 'rule' ||
      verb === 'linter' ||
      verb === 'config' ||
      verb === 'version' ||
      verb === 'analyze'
    ) {
      if (
        args.some((word) => /^--(?:fix$|fix-only|unsafe-fixes|add-noqa)/.test(word)) &&
        !args.includes('--diff')
      )
        formatter({ writes: /./ })(args.slice(1), run, 'ruff');
      else
        judgeTestFlags(
          'ruff',
          args.slice(1),
          run,
          /^--(?:config|diff|no-fix|output-format|select|ignore|statistics|show-fixes|unsafe-fixes|fix)(?:=.*)?$/,
        );
    } else run.write('ruff changes files');
  },
  autopep8: formatter({ writes: /^-\w*i|^--in-place/ }),
  yapf: formatter({ writes: /^-\w*i|^--in-place/ }),
  'clang-format': formatter({ writes: /^-i|^--?i/ }),
  shfmt: formatter({ writes: /^-\w*w|^--write/ }),
  rustfmt: formatter({ needs: /^(?:--check|--version|--print-config|--emit=stdout)$/ }),
  dprint: verbs(/^(?:check|output-file-paths|output-resolved-config)$/),
  terraform: (args, run, name) => {
    if (args[0] === 'fmt') formatter({ needs: /^-{1,2}check$/ })(args.slice(1), run, 'terraform fmt');
    else verbs(/^(?:validate|version|show|providers|output|graph|plan)$/)(args, run, name);
  },
  helm: verbs(/^(?:lint|template|version|list|status|show|search|get)$/),
  kubectl: verbs(
    /^(?:get|describe|logs|explain|version|api-resources|api-versions|cluster-info|top|diff)$/,
    /^(?:-f|--filename|-o|--output|-n|-l|-w|--watch|-c|-p)(?:=(?:wide|json|yaml|name|jsonpath\S*))?$/,
  ),
  docker: (args, run, name) => {
    const [verb = '', sub = ''] = args.filter((word) => !word.startsWith('-'));
    const reads =
      /^(?:ps|images|logs|inspect|version|info|stats|top|port|history|search|events|diff)$/.test(verb) ||
      (/^(?:image|container|volume|network|system|compose|context|buildx|manifest)$/.test(verb) &&
        /^(?:ls|list|inspect|ps|logs|df|config|top|history|images|version|info)$/.test(sub));
    if (!reads || args.some((word) => /^-{1,2}(?:o|output)(?:=|$)/.test(word) && verb === 'compose'))
      run.unknown('unknown-program', `what ${name} ${verb.slice(0, 20)} changes cannot be told`);
  },
  make: targets(true),
  gmake: targets(true),
  just: targets(false),
  task: targets(false),
  rake: targets(false),
  ninja: targets(false),
  gradle: verbs(
    /^:?(?:[\w-]+:)*(?:test|check|build|assemble|tasks|dependencies|dependencyInsight|help|projects|properties|lint\w*|compile\w*|classes|testClasses|jacoco\w*|\w*[tT]est|verify\w*|detekt|ktlintCheck|spotlessCheck|javadoc)$/,
    /^-[PDqisx]\S*$|^--(?:tests|info|stacktrace|no-daemon|offline|continue|parallel|rerun-tasks|console)(?:=.*)?$/,
  ),
  gradlew: (args, run) => TOOLS.gradle?.(args, run, 'gradle'),
  mvn: verbs(
    /^(?:test|verify|compile|test-compile|package|validate|integration-test|dependency:tree|dependency:analyze|help:\S+|checkstyle:check|spotbugs:check|pmd:check|surefire:test|enforcer:enforce)$/,
    /^-(?:B|q|X|o|U|e|am|pl|D(?:test|skipTests|maven\.test\.skip)\S*|P\S+|T\S*|ntp)$|^--(?:batch-mode|quiet|offline|no-transfer-progress|also-make|projects)$/,
  ),
  mvnw: (args, run) => TOOLS.mvn?.(args, run, 'mvn'),
  dotnet: verbs(
    /^(?:test|build|list|--info)$/,
    /^--(?:no-build|no-restore|filter|configuration|framework|verbosity|info|list-sdks|list-runtimes)(?:=.*)?$|^-[cfv]$/,
  ),
  mix: (args, run, name) => {
    if (args[0] === 'format')
      formatter({ needs: /^--(?:check-formatted|dry-run)$/ })(args.slice(1), run, 'mix format');
    else verbs(/^(?:test|compile|credo|dialyzer|help|deps|xref|hex\.outdated|hex\.audit)$/)(args, run, name);
  },
  deno: (args, run, name) => {
    if (args[0] === 'fmt') formatter({ needs: /^--check$/ })(args.slice(1), run, 'deno fmt');
    else
      verbs(
        /^(?:test|check|lint|info|types|doc|bench|help)$/,
        /^(?:-A|--allow-\S+|--no-check|--coverage=?none)$/,
      )(args, run, name);
  },
  swift: verbs(/^(?:test|build)$/),
  zig: verbs(/^(?:test|build|version|env|ast-check)$/),
  bazel: verbs(/^(?:test|build|query|cquery|aquery|info|version|help)$/),
  cmake: (args, run, name) => {
    if (
      !args.includes('--build') ||
      args.some((word) =>
        /^-(?:P|E|D)|^--install|^--target=?(?:install|clean)|^(?:install|clean)$/.test(word),
      )
    ) {
      if (!args.every((word) => /^--(?:version|help\S*)$/.test(word)))
        run.unknown('unknown-program', `what ${name} changes cannot be told`);
    }
  },
  playwright: (args, run) => {
    if (!/^(?:test|show-trace|--version)$/.test(args[0] ?? '')) run.write('playwright changes files');
    else
      judgeTestFlags(
        'playwright',
        args.slice(1),
        run,
        /^(?:--ui=false|-g|-j|--debug=false|--reporter=[\w,-]+|--trace=?(?:on|off|retain-on-failure)?|--project(?:=.*)?|-c|--config|--grep(?:=.*)?|--list)$/,
      );
  },
  coverage: (args, run) => {
    if (args[0] === 'report' || args[0] === 'debug') return;
    const at = args.indexOf('-m');
    if (args[0] === 'run' && at !== -1) run.nested(['python', '-m', ...args.slice(at + 1)]);
    else run.write('coverage writes files');
  },
  turbo: (args, run) => judgeMonorepo('turbo', args, run),
  nx: (args, run) => judgeMonorepo('nx', args, run),
  lerna: (args, run) => judgeMonorepo('lerna', args, run),
  wireit: (args, run) => judgeMonorepo('wireit', args, run),
  vite: (args, run) => {
    if (args[0] !== 'build') run.unknown('unknown-program', 'vite starts a server');
    else
      judgeTestFlags('vite build', args.slice(1), run, /^(?:-c|--config|-m|--mode|-l|--emptyOutDir=false)$/);
  },
  next: verbs(/^(?:build|lint|info)$/),
  astro: verbs(/^(?:check|build)$/),
  webpack: (args, run) => judgeTestFlags('webpack', args, run, /^(?:--config|-c|--mode(?:=.*)?)$/),
  rollup: (args, run) => judgeTestFlags('rollup', args, run, /^(?:-c|--config)$/),
  esbuild: (args, run) => {
    if (
      args.some(
        (word) =>
          /^--(?:outfile|outdir|metafile|serve|watch|servedir|banner|inject|analyze=)/.test(word) &&
          !/=\/dev\/null$/.test(word),
      )
    ) {
      run.write('esbuild writes files');
      run.unknown('writing-command', 'esbuild writes files');
    }
  },
  tsup: (args, run) => judgeTestFlags('tsup', args, run),
  tsdown: (args, run) => judgeTestFlags('tsdown', args, run),
  gcc: compiler(/^(?:-fsyntax-only|-E)$/),
  cc: compiler(/^(?:-fsyntax-only|-E)$/),
  clang: compiler(/^(?:-fsyntax-only|-E)$/),
  'g++': compiler(/^(?:-fsyntax-only|-E)$/),
  'c++': compiler(/^(?:-fsyntax-only|-E)$/),
  'clang++': compiler(/^(?:-fsyntax-only|-E)$/),
  rustc: compiler(/^--print\S*$/),
  javac: compiler(/^-proc:only-never$/),
};

function judgeMonorepo(name: string, args: readonly string[], run: Run): void {
  const words = args.filter(
    (word) => !word.startsWith('-') && word !== 'run' && word !== 'run-many' && word !== 'affected',
  );
  if (
    args.some((word) => /^--(?:graph|dry\S*)=?/.test(word)) &&
    !args.some((word) => /^--graph=./.test(word))
  )
    return;
  const script = args.find((word) => /^--?(?:target|t)=/.test(word))?.replace(/^.*=/, '') ?? words[0];
  if (
    script === undefined ||
    /^(?:format:write|generate|g|migrate|reset|add|init|login|link|prune|gen|version|publish|bootstrap|clean|exec|create|import)$/.test(
      script,
    )
  )
    run.write(`${name} changes files`);
  else
    judgeProjectScript(
      name,
      script,
      args.filter(
        (word) =>
          word.startsWith('-') &&
          !/^--?(?:target|t|filter|projects|p|parallel|affected|scope|base|head|all|output-logs|log-order|cache|force|only|continue|skip-nx-cache|nxBail)(?:=|$)/.test(
            word,
          ),
      ),
      run,
    );
}
