import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { packageRoot } from '../version.ts';
import type { Lang } from './body.ts';
import { loadCatalog } from './load.ts';
import { compareOutlines, outlineOf } from './outline.ts';

const catalog = loadCatalog([{ kind: 'built-in', name: 'built-in', folder: join(packageRoot(), 'assets') }]);
const items = [...catalog.agents, ...catalog.skills];

function textOf(id: string, lang: Lang = 'en'): string {
  const body = items.find(({ meta }) => meta.id === id)?.bodies[lang];
  if (body === undefined) throw new Error(`${id} has no body in ${lang}`);
  return body.text;
}

/** The part below the heading whose text matches, up to the next heading of its level. */
function section(id: string, heading: RegExp): string {
  const lines = textOf(id).split('\n');
  const from = lines.findIndex((line) => line.startsWith('#') && heading.test(line));
  expect(from, `${id} has a heading ${heading}`).toBeGreaterThan(-1);
  const level = /^#+/.exec(lines[from] ?? '')?.[0] ?? '#';
  let fenced = false;
  const rest = lines.slice(from + 1);
  const to = rest.findIndex((line) => {
    if (line.startsWith('```')) fenced = !fenced;
    return !fenced && new RegExp(`^#{1,${level.length}} `).test(line);
  });
  return rest.slice(0, to === -1 ? undefined : to).join('\n');
}

const HOW = ['architect', 'designer', 'postdoc', 'strategist'];
const SUBAGENTS = catalog.agents.map(({ meta }) => meta.id).filter((id) => id !== 'lead');

describe('every body', () => {
  it.each(items.map(({ meta }) => meta.id))('%s has room for its facts and none for filler', (id) => {
    for (const lang of ['en', 'ko'] as const) {
      const lines = textOf(id, lang).trimEnd().split('\n');
      expect(lines.length, lang).toBeGreaterThanOrEqual(80);
      expect(lines.length, lang).toBeLessThanOrEqual(200);
      // The Agent Skills standard asks for about 5,000 tokens at most; Korean takes about one a syllable.
      expect(textOf(id, lang).length, lang).toBeLessThan(lang === 'en' ? 20_000 : 10_000);
    }
  });

  it.each(items.map(({ meta }) => meta.id))('%s says the same in Korean', (id) => {
    const [en, ko] = [outlineOf(textOf(id)), outlineOf(textOf(id, 'ko'))];
    expect(compareOutlines(en, ko)).toBeUndefined();
    expect(en.headings.length).toBeGreaterThan(5);
    expect(en.blocks).toBeGreaterThan(0);
    expect(textOf(id, 'ko')).toMatch(/[가-힣]{3}/);
  });

  it.each(items.map(({ meta }) => meta.id))('%s is Korean in Korean: code, names and marks apart', (id) => {
    const prose = textOf(id, 'ko')
      .split('\n')
      .filter((line) => /[A-Za-z]{4,} [a-z]{3,} [a-z]{3,} [a-z]{3,}/.test(line))
      // What a person, a harness or a program reads is in its own words there too.
      .filter(
        (line) =>
          !/^(?:## Verdict|## Gate|nexo |.*approved with conditions|.*primary \| secondary|.*supported, contradicted)/.test(
            line,
          ),
      )
      .filter((line) => !/needs verification|fix\/|moderate/.test(line));
    expect(prose).toEqual([]);
  });
});

describe('every subagent', () => {
  it.each(SUBAGENTS)('%s knows its limits, its report, when to escalate and how to hand over', (id) => {
    expect(section(id, /^## Limits/)).toMatch(/report to Lead only/i);
    expect(section(id, /^## Limits/)).toMatch(/start no agents/);
    expect(section(id, /^## Limits/)).toMatch(/ask the user nothing/);
    expect(section(id, /^## Form of the report/)).toContain('```markdown');
    expect(
      section(id, /^## Escalate to Lead/)
        .split('\n')
        .filter((line) => line.startsWith('- ')).length,
    ).toBeGreaterThanOrEqual(3);
    expect(section(id, /^## Handing over/).length).toBeGreaterThan(80);
    expect(textOf(id)).toMatch(/^## (?:Evidence|Evidence rules|Claims and evidence|Sources)$/m);
    expect(textOf(id)).toMatch(/^## (?:Procedure|Before research: the plan)$/m);
  });
});

describe('the advisers', () => {
  it.each(HOW)('%s changes nothing', (id) => {
    expect(section(id, /^## Limits/)).toMatch(/change no files(?: in the project)? and no tasks/);
  });

  it.each(['architect', 'designer', 'strategist'])(
    '%s gives one of three verdicts and rates by four words',
    (id) => {
      expect(section(id, /^## Form of the report/)).toContain(
        '## Verdict: approved | approved with conditions | needs revision',
      );
      for (const lang of ['en', 'ko'] as const) {
        for (const word of [
          'critical',
          'warning',
          'suggestion',
          'note',
          'approved with conditions',
          'needs revision',
        ]) {
          expect(textOf(id, lang)).toContain(word);
        }
      }
    },
  );
});

/** What the contract demands of each role and skill, and the words that carry it, one row each. */
const FACTS: readonly [string, string, RegExp][] = [
  ['lead', 'is the sole user of the task tools', /only one who calls task_add, task_update and task_close/],
  ['lead', 'does a single file or a small edit itself', /One file, a small edit/],
  ['lead', 'hands out three files or more', /Three or more files/],
  [
    'lead',
    'hands out two tasks or files while running',
    /Two tasks or two files while the run skill is active/,
  ],
  ['lead', 'never puts two on one task', /Never put two subagents on the same task at the same time/],
  ['lead', 'does no destructive git unasked', /No destructive git without an explicit instruction/],
  [
    'lead',
    'answers with changes, decisions and next steps',
    /Changes\n[\s\S]*Key decisions\n[\s\S]*Next steps/,
  ],
  ['lead', 'knows that notices are English', /Notices that hooks put in front of you are English/],
  ['lead', 'escalates with a recommendation', /never without a recommendation/],
  [
    'lead',
    'briefs with the four sections and constraints',
    /TASK:[\s\S]*CONTEXT:[\s\S]*CONSTRAINTS:[\s\S]*ACCEPTANCE:/,
  ],
  ...[
    '[plan]',
    '[plan:auto]',
    '[run]',
    '[sync]',
    '[init]',
    '[init:reset]',
    '[d]',
    '[m]',
    '[m:gc]',
    '[rule]',
    '[rule:<name>]',
  ].map((tag): [string, string, RegExp] => [
    'lead',
    `routes ${tag}`,
    new RegExp(`^\\| .*\`${tag.replaceAll(/[[\]]/g, '\\$&')}\`.* \\|`, 'm'),
  ]),
  ['architect', 'wants evidence for impossibility', /"Impossible" needs evidence/],
  ['architect', 'decides nothing about scope', /decide nothing about scope/],
  [
    'architect',
    'keeps a decision record with a table of options',
    /### Decision record\n[\s\S]*\| option \|/,
  ],
  ['architect', 'is a gate before implementation', /\*\*Gate\*\*: before implementation/],
  [
    'architect',
    'escalates scope, business and blocking findings',
    /changes the scope[\s\S]*matter of business[\s\S]*blocks the work and you see no safe alternative/,
  ],
  ['designer', 'checks the ten heuristics', /^10\. Help and documentation/m],
  ['designer', 'makes no technical decisions', /You make no technical decisions/],
  [
    'designer',
    'reports view, problems, recommendation, trade-offs and risks',
    /### User view[\s\S]*### Problems[\s\S]*### Recommendation[\s\S]*### Trade-offs[\s\S]*### Risks/,
  ],
  [
    'designer',
    'escalates scope and missing data about users',
    /changes the scope[\s\S]*data about users that nobody here has/,
  ],
  [
    'postdoc',
    'grades evidence by four words',
    /\| strong \|[\s\S]*\| moderate \|[\s\S]*\| weak \|[\s\S]*\| unreliable \|/,
  ],
  ['postdoc', 'gives an overall grade', /overall: strong \| moderate \| weak \| inconclusive/],
  [
    'postdoc',
    'always writes down the contradicting evidence',
    /Contradicting evidence has a part of its own, always[\s\S]*### Contradicting evidence/,
  ],
  ['postdoc', 'is a gate before research', /## Gate: start \| start after changes \| do not start/],
  ['postdoc', 'has no shell', /^- No shell:/m],
  ['postdoc', 'never concludes beyond the evidence', /A conclusion is never stronger than its evidence/],
  [
    'postdoc',
    'escalates what cannot be answered or is malformed',
    /cannot be answered[\s\S]*question is malformed/,
  ],
  [
    'strategist',
    'works in five steps',
    /1\. \*\*Context\.\*\*[\s\S]*2\. \*\*Competition\.\*\*[\s\S]*3\. \*\*Assessment\.\*\*[\s\S]*4\. \*\*Recommendation\.\*\*[\s\S]*5\. \*\*Risks\.\*\*/,
  ],
  [
    'strategist',
    'sources claims and labels opinions',
    /\*\*claim\*\*[\s\S]*needs a source[\s\S]*\*\*opinion\*\* is welcome and is labelled/,
  ],
  ['strategist', 'makes no technical decisions', /You make no technical decisions/],
  [
    'strategist',
    'escalates missing data and high stakes',
    /is missing, and a wrong guess[\s\S]*stakes are high and you disagree/,
  ],
  ['engineer', 'makes the smallest change', /\*\*Plan the smallest change\.\*\*/],
  ['engineer', 'debugs down to the cause', /Go down to the cause/],
  [
    'engineer',
    'has a build gate of three, without the tests',
    /\*\*compiles\*\*[\s\S]*\*\*type check\*\*[\s\S]*\*\*lint\*\*[\s\S]*the judgement on it belongs to the tester/,
  ],
  [
    'engineer',
    'reports work item, files, summary and caveats',
    /## Task <work item id>[\s\S]*### Modified files[\s\S]*### Summary[\s\S]*### Caveats/,
  ],
  ['engineer', 'refactors nothing unrelated', /No refactoring of unrelated code/],
  ['engineer', 'does not design on its own', /No design on your own authority/],
  ['engineer', 'escalates the same error three times', /same error has come back three times/],
  ['engineer', 'escalates three files or several modules', /three files or more, or into several modules/],
  ['researcher', 'tags sources with three tiers', /\| primary \|[\s\S]*\| secondary \|[\s\S]*\| tertiary \|/],
  ['researcher', 'reports null results and search terms', /### Not found[\s\S]*### Search terms used/],
  ['researcher', 'ends with a completion report', /## Completion report/],
  ['researcher', 'brings findings and no conclusions', /\*\*Findings, not conclusions\.\*\*/],
  ['researcher', 'stops a line after three tries', /Stop a line after three fruitless tries/],
  ['researcher', 'escalates an ambiguous question', /a question is ambiguous/],
  ['writer', 'saves with the artifact tool', /Save\*\* it with artifact_write/],
  ['writer', 'checks its structure', /^## Structure self-check$/m],
  ['writer', 'always hands over to the reviewer', /Name the reviewer as the next step, always/],
  ['writer', 'analyses nothing new', /\*\*No new analysis\.\*\*/],
  ['writer', 'invents nothing', /\*\*No invented content\.\*\*/],
  [
    'writer',
    'escalates insufficient and contradictory sources',
    /sources do not suffice[\s\S]*sources contradict each other/,
  ],
  ['tester', 'judges each criterion with evidence', /\| # \| criterion \| PASS or FAIL \| evidence/],
  ['tester', 'lets any failure block', /\*\*Any FAIL blocks\.\*\*/],
  ['tester', 'rates by three words', /\| CRITICAL \|[\s\S]*\| WARNING \|[\s\S]*\| INFO \|/],
  ['tester', 'asks for 80 % line coverage of new code', /Line coverage of new code: at least 80 %/],
  ['tester', 'keeps complexity below 15', /Cyclomatic complexity of a new or changed function: below 15/],
  ['tester', 'keeps the pyramid', /70 % unit, 20 % integration, 10 % end to end/],
  ['tester', 'wants a regression test for every fixed bug', /regression test for every fixed bug/],
  ['tester', 'checks security', /^## Security$/m],
  ['tester', 'never fixes application code', /\*\*You never fix application code\.\*\*/],
  ['tester', 'changes no tasks', /You change no tasks in any way/],
  [
    'tester',
    'escalates environment, flakiness and design',
    /environment fails[\s\S]*flaky three times[\s\S]*flaw of the design/,
  ],
  ['reviewer', 'rates by three words', /\| CRITICAL \|[\s\S]*\| WARNING \|[\s\S]*\| INFO \|/],
  ['reviewer', 'approves without critical and warning', /`APPROVED`: no CRITICAL and no WARNING/],
  ['reviewer', 'demands a revision for warnings', /`REVISION_REQUIRED`: no CRITICAL, at least one WARNING/],
  ['reviewer', 'blocks for anything critical', /`BLOCKED`: at least one CRITICAL/],
  ['reviewer', 'keeps a table of claims and sources', /### Claims and sources\n\| # \| claim/],
  ['reviewer', 'reviews no code', /\*\*No review of code\.\*\*/],
  ['reviewer', 'restyles nothing', /\*\*No restyling\.\*\*/],
  [
    'reviewer',
    'marks what cannot be verified',
    /A source that cannot be reached makes its claim unverifiable/,
  ],

  [
    'nx-plan',
    'asks by the depth of the request',
    /\*\*Specific\*\*[\s\S]*\*\*Direction-setting\*\*[\s\S]*\*\*Abstract\*\*/,
  ],
  ['nx-plan', 'takes the roles that the user names first', /Roles that the user names come first/],
  ['nx-plan', 'researches before it starts', /plan_start never comes before research/],
  [
    'nx-plan',
    'reads memory, context and history first',
    /`\.nexus\/memory\/`, `\.nexus\/context\/`[\s\S]*history_search/,
  ],
  [
    'nx-plan',
    'maps subjects to roles',
    /accessibility \| designer \|[\s\S]*schema \| architect \|[\s\S]*positioning \| strategist \|[\s\S]*evidence \| postdoc \|/,
  ],
  ['nx-plan', 'gives a reason for skipping a role', /Where you skip it, state the reason/],
  ['nx-plan', 'takes one issue at a time and waits', /one issue at a time[\s\S]*Wait\. Do not go on/],
  [
    'nx-plan',
    'records with decision and the roles asked',
    /plan_decide: issue_id, `decision`[\s\S]*how_agents, how_summary and how_agent_ids/,
  ],
  ['nx-plan', 'reopens for a reversal', /plan_update with action reopen/],
  ['nx-plan', 'creates tasks incrementally', /match them by plan_issue/],
  [
    'nx-plan',
    'names the owners',
    /\*\*Owner\.\*\* A single small file[\s\S]*lead\. Code: engineer\. Documents: writer\. External research: researcher\./,
  ],
  [
    'nx-plan',
    'pairs verification under conditions',
    /gets a task for the tester[\s\S]*gets one for the reviewer[\s\S]*None for a pure refactoring/,
  ],
  ['nx-plan', 'makes three independent artifacts parallel', /Three or more independent artifacts/],
  [
    'nx-plan',
    'knows the four exceptions',
    /docs_only\.coherent[\s\S]*docs_only\.independent[\s\S]*same_file_bundle[\s\S]*generated_artifacts/,
  ],
  ['nx-plan', 'never executes', /It never executes/],
  ['nx-plan', 'points to the run tag', /`\[run\]` carries it out/],
  [
    'nx-plan',
    'auto: records rejected options and briefs once',
    /## Auto form[\s\S]*the chosen option \*\*and\*\* the rejected ones[\s\S]*Brief once/,
  ],
  [
    'nx-plan',
    'auto: goes straight on when the run skill asked',
    /If the run skill activated you, go straight back/,
  ],
  [
    'nx-run',
    'branches off main by type',
    /On main or master create a branch[\s\S]*`feat\/…`, `fix\/…`, `chore\/…` or `research\/…`/,
  ],
  ['nx-run', 'plans in auto mode without asking', /plan in auto mode without asking/],
  [
    'nx-run',
    'registers up to ten steps, else by issue',
    /Up to ten tasks: register each one\. More: register one line for each plan issue/,
  ],
  [
    'nx-run',
    'runs in parallel only without deps and shared files',
    /no deps between them and no target file in common/,
  ],
  [
    'nx-run',
    'diagnoses by the right role',
    /\| engineer \| architect \|[\s\S]*\| tester \| architect \|[\s\S]*\| writer \| strategist \|[\s\S]*\| researcher \| postdoc \|/,
  ],
  ['nx-run', 'allows one diagnosis and one delivery', /at most one diagnosis and one new delivery/],
  [
    'nx-run',
    'starts a tester under five conditions',
    /has acceptance criteria[\s\S]*three or more files[\s\S]*tests were changed[\s\S]*outside API or a database[\s\S]*failure is on record/,
  ],
  [
    'nx-run',
    'always starts a reviewer after the writer',
    /\*\*reviewer\*\* after every task of the writer, always/,
  ],
  [
    'nx-run',
    'syncs, closes, commits once, reports',
    /nx-sync[\s\S]*\*\*task_close\*\*, once[\s\S]*\*\*One commit\*\*[\s\S]*history\.json[\s\S]*4\. Report/,
  ],
  ['nx-run', 'never stops with pending tasks', /Do not stop while tasks are pending/],
  ['nx-run', 'edits no files through the shell', /No file is edited through tricks of the shell/],
  ['nx-run', 'delegates two tasks or files', /Two or more tasks, or two or more files: delegate/],
  [
    'nx-run',
    'evaluates the reuse policy before the tier',
    /owner_reuse_policy[\s\S]*Otherwise the tier[\s\S]*Without a recorded id/,
  ],
  ['nx-sync', 'gathers changes and decisions', /\*\*Changes\.\*\*[\s\S]*\*\*Decisions\.\*\*/],
  ['nx-sync', 'reads every context file', /Read \*\*every\*\* file in `\.nexus\/context\/`/],
  ['nx-sync', 'sends a writer', /\{\{subagent_spawn target_role=writer/],
  ['nx-sync', 'never deletes', /- Never delete\./],
  ['nx-sync', 'marks the unknown', /marked as needing verification/],
  ['nx-init', 'runs only when asked', /\*\*only when the user asks for it\*\*/],
  [
    'nx-init',
    'has four modes',
    /\| first run \|[\s\S]*\| resume \|[\s\S]*\| `--reset` \|[\s\S]*\| `--reset --cleanup` \|/,
  ],
  [
    'nx-init',
    'moves four folders to a backup',
    /`memory`, `context`, `state` and `rules`[\s\S]*`\.nexus\/bak\.<timestamp>\/`/,
  ],
  [
    'nx-init',
    'writes mission and essentials between the markers',
    /one or two lines[\s\S]*at most ten lines[\s\S]*<!-- PROJECT:START -->[\s\S]*<!-- PROJECT:END -->/,
  ],
  ['nx-init', 'writes one to three context files', /One to three files in `\.nexus\/context\/`/],
  ['nx-init', 'overwrites nothing without a reset', /Without a reset nothing that exists is overwritten/],
  ['nx-init', 'stores no secrets', /\*\*No secrets\*\*, ever/],
  ['nx-setup', 'runs only when asked', /\*\*only when the user asks for it\*\*/],
  ['nx-setup', 'shows the status first', /## 1\. Status/],
  ['nx-setup', 'offers user and project scope', /\*\*User\*\*:[\s\S]*\*\*Project\*\*:/],
  ['nx-setup', 'shows every change before it makes it', /--dry-run/],
  ['nx-setup', 'recommends extensions', /## 4\. Extensions/],
  ['nx-setup', 'leads on to the introduction', /what nx-init does/],
];

describe('the demanded facts', () => {
  it.each(FACTS)('%s %s', (id, _fact, words) => {
    expect(textOf(id)).toMatch(words);
  });
});
