/** A path in the subset that fixtures use: members, indexes (negative from the end) and `length` of a list. */
export interface JsonPath {
  /** As the fixture has it, `$.tasks[0].title`. */
  readonly text: string;
  readonly steps: readonly (string | number)[];
}

/** What a path leads to when a node on the way is not there. A value of `null` is there. */
export const MISSING: unique symbol = Symbol('missing');

const STEP = /\.([^.[\]\s]+)|\[(-?\d+)\]/y;

/** Reads a path; undefined when it is not of the subset (no wildcards, filters or recursive descent). */
export function parseJsonPath(text: string): JsonPath | undefined {
  if (!text.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  for (let end = 1; end < text.length; end = STEP.lastIndex) {
    const match = STEP.exec(text);
    if (match === null) return undefined;
    const [, name, index] = match;
    if (name?.includes('*')) return undefined;
    steps.push(name ?? Number(index));
  }
  return { text, steps };
}

/** The value that the path leads to in `root`, or MISSING. Sees own members only. */
export function followJsonPath(root: unknown, path: JsonPath): unknown {
  let node = root;
  for (const step of path.steps) {
    node = followStep(node, step);
    if (node === MISSING) return MISSING;
  }
  return node === undefined ? MISSING : node;
}

function followStep(node: unknown, step: string | number): unknown {
  if (Array.isArray(node)) {
    if (step === 'length') return node.length;
    const item: unknown = typeof step === 'number' ? node.at(step) : undefined;
    return item === undefined ? MISSING : item;
  }
  if (typeof node !== 'object' || node === null || typeof step === 'number') return MISSING;
  return Object.hasOwn(node, step) ? Reflect.get(node, step) : MISSING;
}
