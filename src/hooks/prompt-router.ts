import { type HookEffect, notice } from './effects.ts';
import type { EventOf } from './events.ts';
import { progressText } from './notices.ts';
import type { HookState } from './state.ts';

/** A tag that somebody wrote, without its brackets: `plan:auto` is base `plan`, variant `auto`. */
interface Tag {
  readonly base: string;
  readonly variant: string | undefined;
}

type TagOutcome = { readonly notice: string } | { readonly refuse: string };

/** Tags with the variants that they know; a rule's variant is any safe name. */
const TAGS: Readonly<
  Record<string, { readonly variants: readonly string[]; route(tag: Tag, state: HookState): TagOutcome }>
> = {
  plan: { variants: ['auto'], route: routePlan },
  run: { variants: [], route: routeRun },
  sync: { variants: [], route: () => skillNotice('nx-sync') },
  init: { variants: ['reset'], route: ({ variant }) => skillNotice('nx-init', variant) },
  d: { variants: [], route: routeDecision },
  m: { variants: ['gc'], route: routeMemory },
  rule: { variants: ['*'], route: routeRule },
};

/**
 * Turns bracket tags in a message into directives for the model. Skills that only a person may start appear here and
 * nowhere else: no notice ever offers one that was not typed. Without a tag the model hears where the work stands.
 */
export function routePrompt({ prompt }: EventOf<'user-message'>, state: HookState): HookEffect[] {
  const tags = findTags(prompt);
  if (tags.length === 0) {
    const progress = progressText(state);
    return progress === undefined ? [] : [notice(progress)];
  }
  const outcomes = tags.flatMap((tag) => TAGS[tag.base]?.route(tag, state) ?? []);
  const refused = outcomes.findLast((outcome) => 'refuse' in outcome);
  if (refused !== undefined && 'refuse' in refused)
    return [{ kind: 'refuse', reason: refused.refuse, rule: 'tag' }];
  return [notice(outcomes.map((outcome) => ('notice' in outcome ? outcome.notice : '')).join('\n\n'))];
}

/** The tags of a message, the first of each base. Code, quoted or fenced, is somebody else's text. */
export function findTags(prompt: string): Tag[] {
  const text = prompt.replaceAll(/```[\s\S]*?(```|$)/g, ' ').replaceAll(/`[^`\n]*`/g, ' ');
  const found = new Map<string, Tag>();
  for (const [, base = '', variant] of text.matchAll(/\[([a-z]+)(?::([A-Za-z0-9_-]{1,64}))?\](?!\()/g)) {
    const known = Object.hasOwn(TAGS, base) ? TAGS[base] : undefined;
    if (known === undefined || found.has(base)) continue;
    if (variant === undefined || known.variants.includes('*') || known.variants.includes(variant)) {
      found.set(base, { base, variant });
    }
  }
  return [...found.values()];
}

function routePlan({ variant }: Tag): TagOutcome {
  return skillNotice('nx-plan', variant);
}

function routeRun(_tag: Tag, { tasks }: HookState): TagOutcome {
  if (tasks !== undefined) return skillNotice('nx-run');
  return {
    notice:
      'There are no tasks yet. Activate the skill nx-plan in auto mode first, then go on with the skill nx-run.',
  };
}

function routeDecision(_tag: Tag, { plan }: HookState): TagOutcome {
  if (plan === undefined)
    return { refuse: 'There is no active plan to decide on. Start one with [plan] first.' };
  return {
    notice: 'Record the decision that follows the tag with plan_decide, on the issue that it answers.',
  };
}

function routeMemory({ variant }: Tag): TagOutcome {
  if (variant === 'gc') {
    return {
      notice:
        'Review the notes in .nexus/memory/. Merge those that say the same; list the ones to delete with the reason and ' +
        'delete only what the person agrees to, with `nexo memory gc`, which commits each deletion.',
    };
  }
  return {
    notice:
      'Keep the text after the tag in .nexus/memory/, if it cannot be found again in the code or on the web. First look ' +
      'for a note on the same topic with `nexo memory similar "<a few words>"` and extend it; else make a new one with a kebab-case name of two to four words, with ' +
      'the prefix empirical-, external- or pattern- where one fits.',
  };
}

function routeRule({ variant }: Tag, { agentIds, skillIds }: HookState): TagOutcome {
  const targets = [...agentIds, ...skillIds];
  if (variant === undefined) {
    return {
      notice:
        'Keep the text after the tag as a rule in .nexus/rules/<name>.md. A file named after an agent is given to that ' +
        `agent when it starts. Agents and skills: ${targets.join(', ')}.`,
    };
  }
  const injected = agentIds.includes(variant)
    ? `The agent ${variant} gets it whenever it starts.`
    : `No agent has this name, so nobody gets it by itself.`;
  return { notice: `Keep the text after the tag as a rule in .nexus/rules/${variant}.md. ${injected}` };
}

function skillNotice(skill: string, mode?: string): TagOutcome {
  return {
    notice: `Activate the skill ${skill}${mode === undefined ? '' : ` in ${mode} mode`} and follow it.`,
  };
}
