import { mayBeOption } from '../marks.ts';
import type { Family } from './commands.ts';
import type { Run } from './run.ts';

/** Verbs that only look, with the options that make them write or run something. */
const READS = new Set(
  (
    'status log diff show blame annotate grep ls-files ls-tree ls-remote rev-parse rev-list cat-file describe shortlog merge-base name-rev for-each-ref ' +
    'diff-tree diff-index diff-files show-ref count-objects check-ignore check-attr check-mailmap var version help whatchanged cherry range-diff ' +
    'verify-commit verify-tag show-branch fsck get-tar-commit-id merge-tree patch-id stripspace column interpret-trailers check-ref-format diff-pairs'
  ).split(' '),
);

const GLOBAL_VALUED = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--exec-path',
  '--config-env',
  '--super-prefix',
  '--attr-source',
]);

/** Options of reading verbs that write a file or start a program. */
const ACTING_OPTION =
  /^(?:--output(?:=|$)|--ext-diff$|--textconv$|-O|--open-files-in-pager|--upload-pack|--exec(?:=|$)|--in-place$|--trim-empty$|--filters$|--write-tree$|--lost-found$)/;

export const judgeGit: Family = (name, args, run) => {
  if (name === 'gh' || name === 'glab' || name === 'hub') judgeForge(name, args, run);
  else if (name === 'git') judge(args, run);
  else return /^(?:tig|lazygit|gitk|gitui|jj|hg|svn)$/.test(name) ? judgeOther(name, args, run) : false;
  return true;
};

function judge(args: readonly string[], run: Run): void {
  let at = 0;
  for (; at < args.length; at += 1) {
    const word = args[at] ?? '';
    if (!word.startsWith('-')) break;
    if (word === '-c' || word.startsWith('--config-env') || word.startsWith('--exec-path=')) {
      const setting = args[at + 1] ?? '';
      if (word !== '-c' || !isPlainSetting(setting))
        run.unknown('git-setting', 'a git setting can start programs');
    }
    if (GLOBAL_VALUED.has(word)) at += 1;
  }
  const verb = args[at];
  if (verb === undefined) return;
  const rest = args.slice(at + 1);
  if (mayBeOption(verb)) {
    run.unknown('unknown-options', 'the git command is not known before it runs');
    return;
  }
  if (READS.has(verb)) {
    judgeReading(verb, rest, run);
    return;
  }
  const judgeVerb = VERBS[verb];
  if (judgeVerb === undefined) run.unknown('git', `git ${verb.slice(0, 30)} may be an alias or change files`);
  else judgeVerb(rest, run);
}

function isPlainSetting(setting: string): boolean {
  return (
    /^(?:color\.[\w.]+|core\.(?:quotepath|abbrev|ignorecase|autocrlf|whitespace|precomposeunicode|pager=(?:cat)?$)|log\.[\w.]+|diff\.(?:renames|context|algorithm|noprefix|mnemonicprefix|wserrorhighlight|colormoved|renamelimit)|advice\.\w+|status\.\w+|grep\.(?:linenumber|column|patterntype)|blame\.\w+|pager\.\w+=(?:false|true|cat)?$|column\.\w+|i18n\.\w+|user\.(?:name|email)|safe\.directory|init\.defaultbranch|commit\.gpgsign|gc\.auto|fetch\.prune|core\.fsmonitor=false$)(?:=|$)/i.test(
      setting,
    ) || /^(?:core\.pager|pager\.\w+)=(?:cat|false|)$/i.test(setting)
  );
}

function judgeReading(verb: string, rest: readonly string[], run: Run): void {
  const before = rest.indexOf('--') === -1 ? rest : rest.slice(0, rest.indexOf('--'));
  if (verb === 'column' || verb === 'stripspace' || verb === 'version' || verb === 'help') return;
  for (const [index, word] of before.entries()) {
    if (verb !== 'cat-file' && word === '--textconv') continue;
    if (verb === 'grep' && /^-O/.test(word)) run.unknown('runs-program', 'git grep -O starts a program');
    else if (/^-O/.test(word)) continue;
    else if (ACTING_OPTION.test(word) || isShortened(word)) {
      if (/^--ou/.test(word))
        run.write(
          `git ${verb} --output writes a file`,
          word.includes('=') ? word.slice(word.indexOf('=') + 1) : rest[index + 1],
        );
      else if (!(verb === 'merge-tree' && word === '--write-tree'))
        run.unknown('runs-program', `git ${verb} ${word.slice(0, 30)} can start a program or write`);
    } else if (mayBeOption(word))
      run.unknown('unknown-options', `git ${verb} may get options that are not known`);
  }
}

const ACTING_NAMES = ['output', 'ext-diff', 'open-files-in-pager', 'upload-pack', 'in-place', 'lost-found'];

/** Git accepts long options cut short. */
function isShortened(word: string): boolean {
  const name = /^--([a-z][a-z-]+)(?:=|$)/.exec(word)?.[1];
  return name !== undefined && ACTING_NAMES.some((long) => long.startsWith(name));
}

type VerbJudge = (rest: readonly string[], run: Run) => void;

/** Commands that change the work tree or the repository; `targets` are the paths that they name. */
const changes =
  (what: string): VerbJudge =>
  (rest, run) => {
    run.write(`git ${what}`);
    const paths = rest.includes('--') ? rest.slice(rest.indexOf('--') + 1) : [];
    for (const path of paths) run.write(`git ${what}`, path);
  };

const changesNamed =
  (what: string): VerbJudge =>
  (rest, run) => {
    run.write(`git ${what}`);
    for (const path of rest) if (!path.startsWith('-')) run.write(`git ${what}`, path);
  };

/** Some verbs list when nothing, or only certain options, follow. */
const lists =
  (reads: (rest: readonly string[]) => boolean, otherwise: VerbJudge): VerbJudge =>
  (rest, run) => {
    if (rest.some(mayBeOption) || !reads(rest)) otherwise(rest, run);
  };

const VERBS: Readonly<Record<string, VerbJudge>> = {
  add: changes('add changes the index'),
  am: changes('am changes files'),
  apply: (rest, run) => {
    const looks =
      rest.some((word) => /^--(?:check|stat|numstat|summary)$/.test(word)) && !rest.includes('--apply');
    if (!looks) changes('apply changes files')(rest, run);
  },
  archive: lists(
    (rest) => rest.includes('--list') || rest.includes('-l'),
    (rest, run) => {
      const output = rest.findIndex((word) => word === '-o' || word === '--output');
      const inline = rest.find((word) => /^--output=|^-o./.test(word));
      if (output !== -1 || inline !== undefined)
        run.write('git archive writes a file', inline?.replace(/^(?:--output=|-o)/, '') ?? rest[output + 1]);
      if (rest.some((word) => /^--(?:exec|remote)/.test(word)))
        run.unknown('runs-program', 'git archive can start a program');
    },
  ),
  bisect: lists(
    (rest) => /^(?:log|view|visualize|terms|help)$/.test(rest[0] ?? ''),
    (rest, run) => {
      run.write('git bisect changes files');
      if (rest[0] === 'run') run.nested(rest.slice(1));
    },
  ),
  branch: lists(
    (rest) =>
      rest.every(
        (word, index) =>
          /^(?:-[avrq]+|-vv|--(?:list|all|remotes|show-current|verbose|merged|no-merged|contains|no-contains|points-at|sort|format|column|no-column|color|no-color|ignore-case|abbrev)(?:=.*)?|-l|-i)$/.test(
            word,
          ) ||
          (index > 0 &&
            /^(?:--(?:list|merged|no-merged|contains|no-contains|points-at|sort|format)|-l|-a|-r)$/.test(
              rest[index - 1] ?? '',
            )),
      ),
    changes('branch changes branches'),
  ),
  bundle: lists(
    (rest) => /^(?:verify|list-heads)$/.test(rest[0] ?? ''),
    changesNamed('bundle writes a file'),
  ),
  checkout: changes('checkout changes files'),
  'checkout-index': changes('checkout-index changes files'),
  'cherry-pick': changes('cherry-pick changes files'),
  clean: lists(
    (rest) => rest.some((word) => /^-\w*n|^--dry-run$/.test(word)),
    (rest, run) => {
      run.write('git clean deletes files');
      if (rest.some((word) => /^-\w*[xX]/.test(word)))
        run.write('git clean -x deletes ignored files', '.nexus/state');
    },
  ),
  clone: (rest, run) => {
    const operands = rest.filter((word) => !word.startsWith('-'));
    run.write('git clone writes files', operands.length > 1 ? operands.at(-1) : undefined);
  },
  commit: lists((rest) => rest.includes('--dry-run'), changes('commit changes the repository')),
  config: lists(
    (rest) =>
      rest.some((word) =>
        /^(?:--get(?:-all|-regexp|-urlmatch|-color|-colorbool)?|--list|-l|list|get)$/.test(word),
      ) ||
      (rest.filter((word) => !word.startsWith('-')).length === 1 &&
        !rest.some((word) => /^--(?:unset|add|replace|rename|remove|edit)|^-e$/.test(word)) &&
        !/^(?:set|unset|edit|rename-section|remove-section)$/.test(
          rest.find((word) => !word.startsWith('-')) ?? '',
        )),
    (rest, run) => {
      const isGlobal = rest.some((word) => /^--(?:global|system)$/.test(word));
      run.write('git config changes settings', isGlobal ? '~/.gitconfig' : undefined);
    },
  ),
  fetch: (_rest, run) => run.write('git fetch changes the repository'),
  'filter-branch': changes('filter-branch changes the repository'),
  gc: changes('gc changes the repository'),
  init: changesNamed('init creates a repository'),
  'ls-remote': () => undefined,
  merge: changes('merge changes files'),
  mergetool: changes('mergetool changes files'),
  difftool: (_rest, run) => run.unknown('runs-program', 'git difftool starts a program'),
  mv: changesNamed('mv moves files'),
  notes: lists(
    (rest) => rest.length === 0 || /^(?:list|show|get-ref)$/.test(rest[0] ?? ''),
    changes('notes changes the repository'),
  ),
  pull: changes('pull changes files'),
  push: (rest, run) => {
    if (!rest.includes('--dry-run') && !rest.includes('-n'))
      run.write('git push changes a remote repository');
  },
  rebase: changes('rebase changes files'),
  reflog: (rest, run) => {
    if (/^(?:delete|expire|drop|write)$/.test(rest[0] ?? ''))
      changes('reflog changes the repository')(rest, run);
    // Listing is `git log` by another name, with all its options.
    else judgeReading('reflog', rest, run);
  },
  remote: lists(
    (rest) =>
      rest.every((word) => /^(?:-v|--verbose)$/.test(word)) ||
      /^(?:show|get-url)$/.test(rest.find((word) => !word.startsWith('-')) ?? ''),
    changes('remote changes settings'),
  ),
  replace: changes('replace changes the repository'),
  reset: changes('reset changes files'),
  restore: (rest, run) => {
    run.write('git restore changes files');
    for (const path of rest)
      if (!path.startsWith('-') && path !== '.') run.write('git restore changes files', path);
  },
  revert: changes('revert changes files'),
  rm: lists(
    (rest) => rest.some((word) => word === '-n' || word === '--dry-run'),
    changesNamed('rm deletes files'),
  ),
  'sparse-checkout': lists((rest) => rest[0] === 'list', changes('sparse-checkout changes files')),
  stash: (rest, run) => {
    if (!/^(?:list|show)$/.test(rest[0] ?? '')) changes('stash changes files')(rest, run);
    else judgeReading(`stash ${rest[0]}`, rest.slice(1), run);
  },
  submodule: lists(
    (rest) => rest.length === 0 || /^(?:status|summary)$/.test(rest[0] ?? ''),
    (rest, run) => {
      run.write('git submodule changes files');
      const [, folder] = rest.slice(1).filter((word) => !word.startsWith('-'));
      if (rest[0] === 'add' && folder !== undefined) run.write('git submodule changes files', folder);
      if (rest[0] === 'foreach')
        run.script(
          rest
            .slice(1)
            .filter((word) => word !== '--recursive')
            .join(' '),
        );
    },
  ),
  switch: changes('switch changes files'),
  'symbolic-ref': lists(
    (rest) =>
      rest.filter((word) => !word.startsWith('-')).length <= 1 &&
      !rest.some((word) => /^(?:-d|--delete)$/.test(word)),
    changes('symbolic-ref changes the repository'),
  ),
  tag: lists(
    (rest) =>
      rest.length === 0 ||
      (rest.some((word) =>
        /^(?:-l|--list|-n\d*|--contains|--no-contains|--merged|--no-merged|--points-at|--sort=.*|--sort|-v|--verify|--column)$/.test(
          word,
        ),
      ) &&
        !rest.some((word) => /^-[adfsmuF]/.test(word))),
    changes('tag changes the repository'),
  ),
  'update-index': lists(
    (rest) => rest.includes('--refresh') && rest.length === 1,
    changes('update-index changes the index'),
  ),
  'update-ref': changes('update-ref changes the repository'),
  'hash-object': lists(
    (rest) => !rest.some((word) => /^-\w*w/.test(word)),
    changes('hash-object writes an object'),
  ),
  worktree: (rest, run) => {
    if (rest[0] === 'list') return;
    const folder = rest.slice(1).filter((word) => !word.startsWith('-'));
    run.write('git worktree changes files', rest[0] === 'prune' ? undefined : folder[0]);
  },
  'format-patch': lists(
    (rest) => rest.includes('--stdout'),
    (rest, run) => {
      const at = rest.findIndex((word) => word === '-o' || word === '--output-directory');
      run.write('git format-patch writes files', at === -1 ? undefined : rest[at + 1]);
    },
  ),
  citool: changes('citool changes the repository'),
  gui: changes('gui changes the repository'),
  maintenance: changes('maintenance changes the repository'),
  repack: changes('repack changes the repository'),
  prune: changes('prune changes the repository'),
  lfs: lists(
    (rest) => /^(?:ls-files|status|env|version|logs)$/.test(rest[0] ?? ''),
    changes('lfs changes files'),
  ),
};

function judgeOther(name: string, args: readonly string[], run: Run): boolean {
  const verb = args.find((word) => !word.startsWith('-')) ?? '';
  const reads =
    /^(?:status|log|diff|show|annotate|blame|cat|branches|tags|heads|summary|info|list|ls|identify|files|st)$/.test(
      verb,
    );
  if (
    !reads ||
    args.some((word) => /^--?(?:o|output|config|tool|ext|git-dir|config-toml|diff-cmd|R)(?:=|$)/.test(word))
  )
    run.write(`${name} ${verb.slice(0, 30)} may change files`);
  return true;
}

/** Command lines of code forges: looking is free, and changes there are no changes of files here. */
function judgeForge(name: string, args: readonly string[], run: Run): void {
  const [noun = '', verb = ''] = args.filter((word) => !word.startsWith('-'));
  if (noun === 'api') {
    const reads =
      !args.some((word) => /^(?:-X|--method|-f|-F|--field|--raw-field|--input)/.test(word)) ||
      args.some((word, index) => word === 'GET' && /^(?:-X|--method)$/.test(args[index - 1] ?? ''));
    if (!reads) run.unknown('forge', `${name} api changes something`);
    return;
  }
  if (noun === '' || noun === 'status' || noun === 'search' || noun === 'help' || noun === 'version') return;
  const reads =
    /^(?:view|list|ls|status|diff|checks|show|watch)$/.test(verb) || (noun === 'auth' && verb === 'status');
  if (!reads || args.includes('--web'))
    run.unknown('forge', `${name} ${noun.slice(0, 20)} ${verb.slice(0, 20)} may change files or a remote`);
}
