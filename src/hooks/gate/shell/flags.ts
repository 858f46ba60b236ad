import { mayBeOption } from '../marks.ts';
import { isStream } from '../paths.ts';
import type { Run } from './run.ts';

/** Flags of runners and checkers that change sources, choose where to write, or load code given on the command line. */
const WRITING =
  /^--?(?:fix\w*|autofix|auto-correct\w*|autocorrect\w*|write\w*|apply\S*|unsafe|update|update-?snapshots?|updateSnapshot|snapshot-update|inline-snapshot\S*|u|update-goldens?|regen\S*|bless|overwrite|init|save\S*|record\S*|in-?place|out|out-?put\S*|out-?file|out-?dir|o|basetemp|junit-?xml|junitxml|result-?log|log-?file|report-?file|html-?report|xml-?report|\w*-report|coverage-?dir\S*|coverage\.(?:reports?)?dir\S*|reports?-?dir\S*|cache-location|cache-?dir\S*|dest\S*|target-dir|artifacts-dir|outputdir|\w*profile|trace|tsBuildInfoFile|declarationDir|generateTrace|generateCpuProfile|install-?types|install|add|migrate|suppress-all|generate\S*|gen-\S*|auto-gen-config|make-?baseline|write-baseline|update-baseline|set-?baseline|ci-report|\S*destination|test-update-snapshots|logfile)(?:=|$)/i;

const LOADING =
  /^--?(?:test-reporter|require|r|import|loader|experimental-loader|p|plugins?|eval|e|exec|toolexec|vettool|globals|global-?setup|setup-?files\S*|setupFiles\S*|env-file|command|cmd|run-script|init-script|I|rulesdir|resolve-plugins-relative-to|runner|test-runner|watch\S*|w|interactive|ui|debug\S*|pdb|inspect\S*|trace-config|override-ini|o|configfile|settings-file|load\S*|transform|testEnvironment|env|reporters?|format|formatter|f|c|config|config-file|project-?config)(?:=|$)/i;

/** Flags that say where the project or its settings are. */
const PLACE =
  /^--?(?:c|config\S*|root\S*|r|dir|cwd|settings|project|p|confcutdir|manifest-path|prefix|C)(?:=|$)/;

/** Values of the flags above that name something built in. */
const PLAIN_VALUE = /^[\w-]{1,40}$/;

/** For a runner or checker that only reads as long as it is not told otherwise. */
export function judgeTestFlags(name: string, args: readonly string[], run: Run, allows?: RegExp): void {
  for (const [index, word] of args.entries()) {
    if (word === '--') continue;
    if (mayBeOption(word)) {
      run.unknown('unknown-options', `${name} may get options that are not known`);
      continue;
    }
    if (!word.startsWith('-') || word === '-') continue;
    const equals = word.indexOf('=');
    const value = equals === -1 ? (args[index + 1] ?? '') : word.slice(equals + 1);
    if (PLACE.test(word) && leadsAway(value, run))
      run.unknown('loads-code', `${name} is pointed outside the project`);
    if (allows?.test(word) === true) continue;
    if (WRITING.test(word)) {
      if (equals !== -1 && /^(?:false|none|no|off)$/.test(value)) continue;
      if (isStream(value)) continue;
      run.write(
        `${name} ${word.slice(0, 40)} writes files`,
        value === '' || value.startsWith('-') ? undefined : value,
      );
    } else if (LOADING.test(word)) {
      const isConfig = /^--?(?:c|config|config-file|project-?config|configfile)(?:=|$)/i.test(word);
      const isFile = isConfig && /^[\w@][\w@./-]*$/.test(value) && !value.includes('..');
      const isReporter =
        /^--?(?:test-reporter|reporters?|format|formatter|f|env|testEnvironment|p|e|r|w|debug\S*|watch\S*|I|o|trace-config)(?:=|$)/i.test(
          word,
        ) &&
        (PLAIN_VALUE.test(value) || value === '' || value.startsWith('-'));
      if (!isFile && !isReporter)
        run.unknown('loads-code', `${name} ${word.slice(0, 40)} loads code or settings`);
    }
  }
}

function leadsAway(value: string, run: Run): boolean {
  if (value.startsWith('~') || value.split('/').includes('..')) return true;
  return (
    value.startsWith('/') &&
    !value.startsWith(`${run.call.workspaceRoot}/`) &&
    value !== run.call.workspaceRoot
  );
}
