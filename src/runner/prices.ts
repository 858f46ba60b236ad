import type { Prices } from '../home/run-settings.ts';

/** US dollars for a million tokens, for backends that name no cost; the operator's `prices:` come first. */
const KNOWN: Prices = {
  'gpt-5.4': { input: 1.25, cached: 0.125, output: 10 },
  'gpt-5.4-mini': { input: 0.25, cached: 0.025, output: 2 },
};

const MILLION = 1_000_000;

export interface TokenCount {
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
}

/** What these tokens cost; undefined for a model whose price is not known. */
export function estimateCost(model: string, tokens: TokenCount, prices: Prices = {}): number | undefined {
  const price = Object.hasOwn(prices, model)
    ? prices[model]
    : Object.hasOwn(KNOWN, model)
      ? KNOWN[model]
      : undefined;
  if (price === undefined) return undefined;
  const cached = Math.min(tokens.cachedInputTokens, tokens.inputTokens);
  const fresh = tokens.inputTokens - cached;
  return (
    (fresh * price.input + cached * (price.cached ?? price.input) + tokens.outputTokens * price.output) /
    MILLION
  );
}
