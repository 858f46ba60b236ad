/** The JSON value in an answer: the whole of it, else what stands in its only code fence. Undefined when there is none. */
export function extractJson(answer: string): { readonly value: unknown } | undefined {
  const text = answer.trim();
  const whole = parse(text);
  if (whole !== undefined) return whole;
  const fences = [...text.matchAll(/^```(?:json)?[ \t]*\n([\s\S]*?)^```[ \t]*$/gm)];
  // With two of them nobody can say which one was meant.
  return fences.length === 1 ? parse(fences[0]?.[1]?.trim() ?? '') : undefined;
}

function parse(text: string): { readonly value: unknown } | undefined {
  if (text === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    return undefined;
  }
}
