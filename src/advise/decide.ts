import { type AntiPattern, findAntiPatterns } from './anti-patterns.ts';
import { readSignals, type Signal } from './cues.ts';
import { readTiming, type Timing } from './timing.ts';

/** What a need can be met with. */
export const ARTIFACTS = ['script', 'skill', 'plugin', 'schedule', 'core'] as const;
export type Artifact = (typeof ARTIFACTS)[number];

/** What the operator says outright; it beats what the words hint at. */
export interface Need {
  readonly text: string;
  readonly forAllUsers?: boolean;
  readonly needsMcpTool?: boolean;
  readonly procedure?: boolean;
  readonly autonomous?: boolean;
  readonly scheduled?: boolean;
  /** Name of a script that is there already. */
  readonly script?: string;
}

export interface Decision {
  /** Null when the words do not say enough; then there are questions. */
  readonly artifact: Artifact | null;
  readonly companions: readonly Artifact[];
  /** Which of the five rules decided, first match first. */
  readonly rule: 1 | 2 | 3 | 4 | 5 | null;
  /** 0 to 1: how clearly the words say it. */
  readonly confidence: number;
  readonly reasons: readonly string[];
  readonly timing: Timing | undefined;
  /** Of a skill: text alone, or text with a program. */
  readonly mode: 'guide' | 'hybrid' | undefined;
  readonly antiPatterns: readonly AntiPattern[];
  readonly questions: readonly string[];
}

/** From this weight on a signal counts as said and not only hinted at. */
const CLEAR = 2;

/** Decides which kind of artifact a need calls for. Pure and without a model: the same words give the same answer. */
export function decide(need: Need): Decision {
  const timing = readTiming(need.text);
  const antiPatterns = findAntiPatterns(need.text, timing);
  const facts = readFacts(need, timing, antiPatterns);
  return { ...byRules(facts), timing, antiPatterns };
}

interface Facts {
  weightOf(signal: Signal): number;
  wordsOf(signal: Signal): string;
  readonly timing: Timing | undefined;
  readonly asked: Need;
  readonly hasAntiPattern: (id: string) => boolean;
}

function readFacts(asked: Need, timing: Timing | undefined, antiPatterns: readonly AntiPattern[]): Facts {
  const signals = readSignals(asked.text);
  const said: Partial<Record<Signal, boolean | undefined>> = {
    audience: asked.forAllUsers,
    tool: asked.needsMcpTool,
    procedure: asked.procedure,
    autonomy: asked.autonomous,
    existing: asked.script === undefined ? undefined : true,
  };
  return {
    weightOf: (signal) => (said[signal] === true ? 4 : (signals.get(signal)?.weight ?? 0)),
    wordsOf: (signal) =>
      said[signal] === true ? 'you said so' : `“${(signals.get(signal)?.words ?? []).join('”, “')}”`,
    timing,
    asked,
    hasAntiPattern: (id) => antiPatterns.some((found) => found.id === id),
  };
}

type Verdict = Omit<Decision, 'timing' | 'antiPatterns'>;

function byRules(facts: Facts): Verdict {
  const { weightOf, wordsOf, timing, asked } = facts;
  const isTimed = timing !== undefined || asked.scheduled === true;
  const alone = { companions: [], mode: undefined, questions: [] };
  if (weightOf('audience') >= CLEAR) {
    return {
      ...alone,
      artifact: 'core',
      rule: 1,
      confidence: confidenceOf(weightOf('audience')),
      reasons: [`It is for everybody: ${wordsOf('audience')}.`],
    };
  }
  const isJob =
    isTimed && (facts.hasAntiPattern('plugin-for-a-job') || facts.hasAntiPattern('skill-as-scheduler'));
  if (!isJob && weightOf('tool') >= CLEAR) {
    const companions: Artifact[] =
      isTimed || weightOf('autonomy') >= CLEAR ? ['script', ...(isTimed ? (['schedule'] as const) : [])] : [];
    return {
      ...alone,
      artifact: 'plugin',
      companions,
      rule: 2,
      confidence: confidenceOf(weightOf('tool')),
      reasons: [
        `A model shall call it: ${wordsOf('tool')}.`,
        ...(companions.length > 0 ? ['What runs by itself is the companion’s part.'] : []),
      ],
    };
  }
  if (isTimed && weightOf('existing') >= CLEAR - (facts.hasAntiPattern('plist-edit') ? 1 : 0)) {
    return timingOnly(facts, wordsOf('existing'));
  }
  if (isTimed && facts.hasAntiPattern('plist-edit'))
    return timingOnly(facts, 'a unit that is edited belongs to a script');
  if (
    !isTimed &&
    weightOf('procedure') >= 1 &&
    weightOf('procedure') >= weightOf('autonomy') - weightOf('executable')
  ) {
    const isHybrid = weightOf('executable') > 0;
    return {
      ...alone,
      artifact: 'skill',
      mode: isHybrid ? 'hybrid' : 'guide',
      rule: 3,
      confidence: confidenceOf(weightOf('procedure')),
      reasons: [
        `It says how to do something: ${wordsOf('procedure')}.`,
        ...(isHybrid ? [`A program does a part of it: ${wordsOf('executable')}.`] : []),
      ],
    };
  }
  if (isTimed || weightOf('autonomy') >= CLEAR) return autonomous(facts, isTimed);
  return undecided(facts);
}

function timingOnly({ timing, asked }: Facts, words: string): Verdict {
  return {
    artifact: 'schedule',
    companions: [],
    rule: 5,
    confidence: asked.script === undefined ? 0.8 : 1,
    reasons: [`The work is there and only its time is missing: ${words}.`],
    mode: undefined,
    questions: [
      ...(asked.script === undefined ? ['Which script? nexo scripts list names them.'] : []),
      ...timeQuestions(timing),
    ],
  };
}

function autonomous({ weightOf, wordsOf, timing }: Facts, isTimed: boolean): Verdict {
  const isProcedure = weightOf('procedure') >= CLEAR;
  return {
    artifact: 'script',
    companions: [...(isTimed ? (['schedule'] as const) : []), ...(isProcedure ? (['skill'] as const) : [])],
    rule: 4,
    confidence: confidenceOf(Math.max(weightOf('autonomy'), isTimed ? 3 : 0)),
    reasons: [
      weightOf('autonomy') > 0 ? `It works on its own: ${wordsOf('autonomy')}.` : 'It works on its own.',
      ...(isTimed ? ['It has its time, which is declared in the script.'] : []),
      ...(isProcedure ? [`How to do it is worth writing down as well: ${wordsOf('procedure')}.`] : []),
    ],
    mode: undefined,
    questions: isTimed ? timeQuestions(timing) : [],
  };
}

function undecided({ weightOf }: Facts): Verdict {
  return {
    artifact: null,
    companions: [],
    rule: null,
    confidence: 0,
    reasons: ['The words fit several kinds of artifact.'],
    mode: undefined,
    questions: [
      ...(weightOf('tool') > 0
        ? []
        : ['Shall Claude, Codex or OpenCode call it as a tool? Then say so, or pass --needs-mcp-tool.']),
      'Shall it run by itself, with nobody at the terminal? Then say when, or pass --autonomous.',
      'Is it a way of working that an agent should follow? Then say “how we …”, or pass --procedure.',
    ],
  };
}

function timeQuestions(timing: Timing | undefined): string[] {
  if (timing === undefined) return ['When shall it run? For example “every day at 9” or “every 2 hours”.'];
  if (!('isGuess' in timing) || !timing.isGuess) return [];
  return [`At what time? ${timing.at} is a guess.`];
}

function confidenceOf(weight: number): number {
  return Math.min(1, 0.5 + weight * 0.125);
}
