import { describe, expect, it } from 'vitest';

import { flagName } from '../../src/cli/flags.ts';
import { parseCommandLine } from '../../src/cli/program.ts';
import { createView } from '../../src/cli/render/view.ts';
import { allCommands } from '../../src/cli/table.ts';
import { WORKSPACE_TOOLS } from '../../src/workspace/tools.ts';

const view = createView({ isTerminal: false, columns: undefined, write: () => {} }, {});

/**
 * Every command as people and programs call it: words it takes, then its flags; `!` is required, `…` may be
 * repeated, `?` may stand without its value. Renaming or removing one breaks somebody's script.
 */
const COMMANDS: Readonly<Record<string, string>> = {
  tour: 'dir --into --execute',
  init: '--merge-driver --no-merge-driver',
  status: '',
  'plan start': '--topic! --issue… --research-summary!',
  'plan status': '',
  'plan update': '--action! --issue-id --title',
  'plan decide': '--issue-id! --decision! --how-agent… --how-summary… --how-agent-id…',
  'plan execute': '--backend --parallel --only… --take-over --dry-run --script --timeout',
  'task add':
    '--title! --context! --dep… --approach --acceptance --risk --plan-issue --goal --decision… --owner --owner-agent-id --owner-reuse-policy',
  'task list': '',
  'task update': '--id! --status!',
  'task close': '',
  'history search': '--query --last-n',
  context: '',
  'artifact write': '--filename! --file',
  'agents list': '',
  'agents show': 'id! --lang --harness --body',
  'skills list': '--level --tag --source-kind --execution-level',
  'skills get': 'id!',
  'skills match': 'task!… --level --top',
  'skills apply': 'id! --params --mode --context --dry-run',
  'skills test': 'id! --params --mode --context',
  'skills create': 'name! --mode --id --description --level --execution-level --tag… --trigger… --step…',
  'skills sync': '',
  'skills approve': 'id! --execution-level --approved-by',
  'skills result': 'id! --worked --failed --context --notes',
  'skills featured': '--limit',
  'skills evolution': '--decay',
  'skills promote': 'id! --target-level --reason',
  'skills archive': 'id! --replacement-id --reason',
  'skills compose': 'id! name! --component-ids! --description --tags --trigger-patterns',
  'skills import': 'folder! --force',
  'skills export': 'id!… --to! --force',
  'skills show': 'id! --lang --harness --body',
  'tags list': '',
  'memory list': '',
  'memory check': 'file',
  'memory similar': 'topic!… --category',
  'memory gc': 'name… --apply --auto --dry-run --idle-days --idle-cycles --max-reads',
  'rules list': '',
  'rules show': 'name!',
  'home init': '',
  'scripts create': 'name! --description --runtime --schedule --interval --daemon --monthly --force',
  'scripts list': '--all',
  'scripts get': 'name! --runs',
  'scripts status': 'name!',
  'scripts doctor': 'script',
  'scripts run': 'script! args…',
  'scripts call': 'tool! --input --json-output',
  'scripts classify': '',
  'scripts sync': '',
  'scripts reconcile': '--dry-run --check --prune-orphans --backend --refresh-path',
  'scripts ensure-schedules': '--dry-run',
  'scripts schedules': '',
  'scripts unschedule': 'name!',
  'scripts enable': 'name!',
  'scripts disable': 'name!',
  'scripts remove': 'name! --keep-file --delete',
  'plugins create': 'name! --runtime --description --tool-name --companion --script-runtime --force',
  'plugins list': '',
  'plugins get': 'name!',
  'plugins load': 'name!',
  'plugins remove': 'name!',
  'plugins doctor': 'name',
  'plugins call': 'tool! --input',
  'plugins approve': 'name!',
  'schedules list': '',
  'schedules status': 'id --hours',
  'schedules add': 'script! --schedule --interval-seconds --keep-alive --cron-id --description --backend',
  'schedules remove': 'id!',
  'schedules fire': 'id! --run --token',
  advise: 'need… --for-all-users --needs-mcp-tool --procedure --autonomous --scheduled --script',
  'artifacts advise': '--need --for-all-users --needs-mcp-tool --procedure --autonomous --scheduled --script',
  'artifacts verify': 'kind! name!',
  'artifacts lint-docs': 'path!',
  run: '--caller --prompt --prompt-file --backend --fallback --tier --model --reasoning-effort --cwd --timeout --silence --max-turns --max-tokens --max-usd --retries --allowed-tools --append-system-prompt --append-system-prompt-file --output-format --schema --resume --script --backend-arg… --queue --interactive --task-profile --bare-mode',
  'runs list': '--limit --caller --status',
  'runs show': 'id!',
  'runs tail': 'id!',
  'runs cancel': 'id!',
  'runs work': '--limit',
  'runs stats': '--days',
  backends: '--refresh',
  'tiers explain': '--caller! --tier --backend --model --reasoning-effort',
  'tiers callers': '',
  preferences: '--resonance --automation-enabled --automation-disabled --automation-backend --show',
  'persona install':
    'coords! --dest --target --require-signature --skip-signature-verify --accept-signer --force --strict --write-config --config',
  'persona list': '--config',
  'persona get': 'id! --config',
  'persona upgrade':
    'id! --yes --from --target --require-signature --skip-signature-verify --accept-signer --prune --config',
  'persona remove': 'id! --yes --config',
  'persona init': 'name! --dir',
  'persona verify': 'pack! --expect-version --target --require-signature --skip-signature-verify --config',
  'persona run': 'path! --config --http',
  'persona pack':
    'dir! --out --layout --target --sign --identity-token-file --fulcio-url --rekor-url --tsa-url',
  'plugin install':
    'coords! --dest --target --require-signature --skip-signature-verify --accept-signer --force --config',
  'plugin list': '--include-orphan --dest --config',
  'plugin run': 'path! --no-daemon-config --config',
  'plugin remove': 'id! --yes --purge-cache --dest --config',
  mcp: '--toolsets --http? --token-file --allowed-host… --allowed-origin…',
  'harness sync': '--harness! --target! --dry-run --force --strict --only… --lang --without-personal',
  'harness install': 'harness! --scope --dry-run --lang',
  'harness uninstall': 'harness! --scope --dry-run',
  'harness init': '--harness! --target! --name --lang --dry-run --check --force',
  'harness list': '',
  'harness doctor': 'harness --scope',
  'harness probe': '',
  'harness validate': '--strict',
  'conformance run': '--fixtures --server --tool-prefix --harness-id --events --junit --strict',
  'conformance coverage': '--fixtures --schemas',
  'conformance stress': '--server --tool-prefix --writers --ops --kills --seed --time-limit',
  'conformance event': '',
  daemon: '--http',
  'daemon run': '--http',
  'daemon start': '--http',
  'daemon stop': '--grace --now',
  'daemon status': '',
  'daemon restart': '--http',
  'daemon reload': '',
  'daemon logs': '--lines --follow',
  'service install': '--dry-run',
  'service uninstall': '--dry-run',
  'service status': '',
  doctor: '--tier --fix --script --plane',
  'doctor capabilities': '--config',
  'doctor personas': '--config',
  repair: '--dry-run',
  paths: '',
  completions: 'shell!',
  version: '',
  'merge-driver': 'base! ours! theirs!',
  __complete: 'before… --partial',
};

describe('the commands', () => {
  it('are these, with these flags', async () => {
    const found: Record<string, string> = {};
    for (const { path, entry } of allCommands()) {
      const { positionals, flags } = (await entry.load()).default;
      const words = positionals.map(
        ({ name, required, variadic }) =>
          `${name}${required === true ? '!' : ''}${variadic === true ? '…' : ''}`,
      );
      const named = Object.entries(flags).flatMap(([key, flag]) => {
        const marks = `${flag.required ? '!' : ''}${flag.repeatable ? '…' : ''}${flag.valueIsOptional === true ? '?' : ''}`;
        const name = flagName(key);
        return flag.negated === undefined ? [name + marks] : [name + marks, `--no-${name.slice(2)}`];
      });
      found[path] = [...words, ...named].join(' ');
    }
    expect(found).toEqual(COMMANDS);
  });

  it.each(allCommands().map(({ path }) => [path] as const))(
    'nexo %s --help fits 80 columns and has an example',
    async (path) => {
      const request = await parseCommandLine([...path.split(' '), '--help'], view);
      if (request.kind !== 'text') throw new Error('help should be text');
      const [usage, ...rest] = request.text.split('\n');
      expect(usage).toMatch(new RegExp(`^Usage: nexo ${path}( |$)`));
      expect(request.text).toMatch(/\nExample:\n {2}\S/);
      expect(request.text.slice(request.text.indexOf('\nExample:'))).toContain(`nexo ${path}`);
      for (const line of rest) expect(line.length, line).toBeLessThanOrEqual(80);
    },
  );
});

describe('the flags of a tool command', () => {
  /** Where a flag is not the parameter in kebab case: lists are given one by one, and content comes from a file. */
  const OTHER_NAMES: Readonly<Record<string, string>> = {
    issues: '--issue',
    deps: '--dep',
    decisions: '--decision',
    how_agents: '--how-agent',
    how_agent_ids: '--how-agent-id',
    content: '--file',
  };
  const pathOf = (tool: string): string => (tool === 'context' ? tool : tool.replace('_', ' '));

  it.each(WORKSPACE_TOOLS.map((tool) => [tool.name, tool] as const))(
    'reach every parameter of %s',
    async (name, tool) => {
      const entry = allCommands().find(({ path }) => path === pathOf(name))?.entry;
      const { flags } = (await entry?.load())?.default ?? { flags: {} };
      const parameters = Object.keys(tool.input.shape);
      const expected = parameters.map((key) => OTHER_NAMES[key] ?? `--${key.replaceAll('_', '-')}`);
      expect(Object.keys(flags).map(flagName).sort()).toEqual(expected.sort());
    },
  );
});
