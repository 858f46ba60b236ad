/** What a sentence can speak for. */
export type Signal = 'audience' | 'tool' | 'procedure' | 'autonomy' | 'existing' | 'executable';

interface Cue {
  readonly signal: Signal;
  readonly pattern: RegExp;
  /** How strong: 2 names the thing, 1 hints at it. */
  readonly weight: 1 | 2;
}

/** The words that decide, as data: a new one is a line here and a line in the tests. */
const CUES: readonly Cue[] = [
  {
    signal: 'audience',
    weight: 2,
    pattern: /\b(for )?(every|all) (users?|installs?|operators?|customers?)\b/,
  },
  {
    signal: 'audience',
    weight: 2,
    pattern: /\beveryone('s)?\b|\beverybody\b|\bship(ped)? (it|this|with)\b|\bpart of the product\b/,
  },
  {
    signal: 'audience',
    weight: 1,
    pattern: /\bbuilt[- ]in to nexo\b|\bin the product\b|\bnexo itself\b|\bcore (change|feature)\b/,
  },
  {
    signal: 'tool',
    weight: 2,
    pattern: /\bmcp\b|\btools? (so|that|for|which|to)\b|\bcallable (from|by)\b|\bexpose[sd]?\b/,
  },
  {
    signal: 'tool',
    weight: 2,
    pattern:
      /\b(so|lets?|allow|give) (that )?(claude|codex|opencode|the (agent|model|assistant))\b.{0,20}\b(can|could|look|query|call|access|use)\b/,
  },
  { signal: 'tool', weight: 1, pattern: /\bplug-?in\b|\ba tool\b|\bnew tool\b/ },
  {
    signal: 'procedure',
    weight: 2,
    pattern: /\bstep[- ]by[- ]step\b|\bplaybook\b|\bchecklist\b|\bsop\b|\brunbook\b|\bprocedure\b/,
  },
  {
    signal: 'procedure',
    weight: 2,
    pattern: /\bhow (we|i|to|the agent)\b|\bthe way (we|i)\b|\bwhenever (i|we) ask\b/,
  },
  {
    signal: 'procedure',
    weight: 1,
    pattern: /\bskill\b|\bguide\b|\breview\b|\bsteps\b|\bworkflow\b|\bconventions?\b/,
  },
  {
    signal: 'autonomy',
    weight: 2,
    pattern:
      /\bback ?up\b|\bpoll(s|ing|er)?\b|\bwatch(es|er)?\b|\blisten(s|er|ing)?\b|\bsync(s|ing|hronis|hroniz)?\b|\bin the background\b|\bunattended\b|\bcron\b|\bdaemon\b/,
  },
  {
    signal: 'autonomy',
    weight: 2,
    pattern:
      /\b(send|e?-?mail|post|notify|remind|pull|fetch|download|upload|export|import|scrape|clean ?up|archive|rotate|monitor)\b/,
  },
  {
    signal: 'autonomy',
    weight: 1,
    pattern: /\breports?\b|\bsummar(y|ies|ise|ize)\b|\bscript\b|\bjob\b|\baudit\b|\bdigest\b|\bfiles?\b/,
  },
  {
    signal: 'existing',
    weight: 2,
    pattern:
      /\b(my|the|an|our) existing\b|\balready (have|has|exists|there|wrote)\b|\bchange the time\b|\breschedule\b|\binstead of at\b/,
  },
  {
    signal: 'existing',
    weight: 1,
    pattern: /\b(so|make|have) (that )?it runs?\b|\brun it (at|every|each|daily)\b|\bmy \S+ script\b/,
  },
  {
    signal: 'executable',
    weight: 1,
    pattern:
      /\bwith an? (script|program|executable)\b|\bscript (that|which) (gathers|collects|runs|does|prepares|checks)\b|\bruns? a script\b/,
  },
];

/** How strongly a sentence speaks for each thing, and the words that do. */
export function readSignals(
  need: string,
): ReadonlyMap<Signal, { readonly weight: number; readonly words: readonly string[] }> {
  const text = need.toLowerCase();
  const found = new Map<Signal, { weight: number; words: string[] }>();
  for (const { signal, pattern, weight } of CUES) {
    const words = pattern.exec(text)?.[0];
    if (words === undefined) continue;
    const entry = found.get(signal) ?? { weight: 0, words: [] };
    entry.weight += weight;
    entry.words.push(words.trim());
    found.set(signal, entry);
  }
  return found;
}
