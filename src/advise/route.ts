import { join } from 'node:path';

import type { HomePaths } from '../home/paths.ts';
import type { Artifact, Decision, Need } from './decide.ts';
import type { Timing } from './timing.ts';

/** The official way to an artifact: where it lives, what to run, and what has to be true in the end. */
export interface Route {
  /** Null for a change of the product itself, which has no place in the home. */
  readonly path: string | null;
  readonly nextCommands: readonly string[];
  readonly checklist: readonly string[];
}

/** The conditions that the checks of `nexo artifacts verify` go through, in words. */
export const CHECKLISTS: Readonly<Record<Artifact, readonly string[]>> = {
  script: [
    'It is in personal/scripts/.',
    'Its header says what it really does.',
    'nexo scripts doctor finds nothing.',
    'nexo scripts reconcile ends without drift.',
    'nexo scripts schedules shows its schedule, when it declares one.',
    'nexo doctor --tier runtime finds no orphan and no drift.',
  ],
  skill: [
    'Its folder is in personal/skills/.',
    'skill.json and guide.md are there.',
    'Its script, if it has one, uses the command line or the helper library only.',
    'nexo skills sync reports nothing.',
    'nexo skills get shows what it declares.',
    'nexo skills apply --dry-run shows what it should do.',
  ],
  plugin: [
    'It is in personal/plugins/.',
    'Its tools have explicit names with the nexo_ prefix.',
    'It loads.',
    'nexo plugins list shows it with its tools.',
    'Its companion script, if it names one, is there.',
  ],
  schedule: [
    'It is declared in the header of the script that does the work.',
    'nexo scripts reconcile ends without drift.',
    'nexo scripts schedules shows it.',
    'nexo doctor --tier runtime finds no orphan and no drift.',
  ],
  core: [
    'It is in the repository and not in the Nexo folder.',
    'Documentation and tests change together with it.',
    'It goes through a branch, a review and a merge.',
  ],
};

/** How to go on from a decision. */
export function routeOf(
  decision: Decision,
  need: Need,
  paths: Pick<HomePaths, 'scripts' | 'skills' | 'plugins'>,
): Route {
  const { artifact } = decision;
  if (artifact === null) return { path: null, nextCommands: [], checklist: [] };
  const name = need.script ?? nameFrom(need.text);
  return { ...wayTo(artifact, name, decision, paths), checklist: CHECKLISTS[artifact] };
}

function wayTo(
  artifact: Artifact,
  name: string,
  { companions, timing, mode }: Decision,
  paths: Pick<HomePaths, 'scripts' | 'skills' | 'plugins'>,
): Omit<Route, 'checklist'> {
  switch (artifact) {
    case 'core':
      return { path: null, nextCommands: [] };
    case 'plugin':
      return {
        path: paths.plugins,
        nextCommands: [
          `nexo plugins create ${name}${companions.includes('script') ? ' --companion' : ''}`,
          'nexo plugins list',
        ],
      };
    case 'skill':
      return {
        path: join(paths.skills, `sk-${name}`),
        nextCommands: [
          `nexo skills create ${name} --mode ${mode ?? 'guide'}`,
          'nexo skills sync',
          `nexo skills apply SK-${name.toUpperCase()} --dry-run`,
        ],
      };
    case 'script':
      return {
        path: paths.scripts,
        nextCommands: [
          `nexo scripts create ${name}${timing === undefined ? '' : ` ${createFlags(timing)}`}`,
          `nexo scripts doctor ${name}`,
          ...(companions.includes('schedule')
            ? ['nexo scripts reconcile', 'nexo scripts schedules']
            : [`nexo scripts run ${name}`]),
        ],
      };
    case 'schedule':
      return {
        path: paths.scripts,
        nextCommands: [
          ...(timing === undefined ? [] : headerLines(timing).map((line) => `# nexo: ${line}`)),
          'nexo scripts reconcile',
          'nexo scripts schedules',
        ],
      };
  }
}

/** The flags of `nexo scripts create` that declare this time. */
function createFlags(timing: Timing): string {
  switch (timing.kind) {
    case 'daily':
      return `--schedule ${timing.at}`;
    case 'weekly':
      return `--schedule ${timing.at}:${timing.weekday}`;
    case 'gated': {
      const day = /^day (\d+) of the month$/.exec(timing.days)?.[1];
      return day === undefined ? `--schedule ${timing.at}` : `--schedule ${timing.at} --monthly ${day}`;
    }
    case 'interval':
      return `--interval ${timing.seconds}`;
    case 'daemon':
      return '--daemon';
  }
}

/** The lines of a script's header that declare this time, without their comment sign. */
export function headerLines(timing: Timing): readonly string[] {
  switch (timing.kind) {
    case 'daily':
    case 'gated':
      return [`schedule=${timing.at}`, 'schedule_required=true'];
    case 'weekly':
      return [`schedule=${timing.at}:${timing.weekday}`, 'schedule_required=true'];
    case 'interval':
      return [`interval_seconds=${timing.seconds}`, 'schedule_required=true'];
    case 'daemon':
      return ['recovery_policy=restart_daemon', 'schedule_required=true'];
  }
}

/** Words that say nothing about what a thing is. */
const FILLER = new Set(
  'a an and the of in on at to for from by with so that this it its my me our your i we us is are be can could should would want need needs each every day daily nightly morning mornings evening night week weekly month monthly hour hours hourly minute minutes second seconds time times am pm send please when whenever which what how do does run runs running all some something existing script skill plugin plug-in tool schedule job let lets look up get give gives make makes keep first last monday tuesday wednesday thursday friday saturday sunday new have has will claude codex opencode agent step steps into out over'.split(
    ' ',
  ),
);

/** A name for what the words are about: at most three of those that carry meaning. */
export function nameFrom(text: string): string {
  const words = text
    .toLowerCase()
    .normalize('NFKD')
    .split(/[^a-z0-9]+/)
    .filter((word) => word.length > 1 && !/^\d+(st|nd|rd|th|am|pm)?$/.test(word) && !FILLER.has(word));
  return words.slice(0, 3).join('-') || 'my-task';
}
