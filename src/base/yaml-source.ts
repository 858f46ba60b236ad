import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';

/** A YAML file that has been read, and where in it each value stands. */
export interface YamlSource {
  readonly value: unknown;
  /** Line of the value at `path`, or of the nearest part of the path that exists. */
  lineOf(path: readonly PropertyKey[]): number;
}

export type YamlResult =
  | { readonly ok: true; readonly source: YamlSource }
  | { readonly ok: false; readonly line: number; readonly message: string; readonly fix: string };

/** Reads the small part of YAML that our files use: one document, plain values, no anchors, no tags. */
export function parseYaml(text: string): YamlResult {
  const counter = new LineCounter();
  const lineAt = (offset: number | undefined): number => Math.max(counter.linePos(offset ?? 0).line, 1);
  const document = parseDocument(text, {
    lineCounter: counter,
    schema: 'core',
    uniqueKeys: true,
    prettyErrors: false,
  });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    return {
      ok: false,
      line: lineAt(fault.pos[0]),
      message: `is not valid YAML: ${fault.message}`,
      fix: 'Mend the line; quote text that holds ": " or begins with a sign.',
    };
  }
  let special: Node | undefined;
  visit(document, {
    Node: (_key, node) => {
      if (isAlias(node) || node.tag !== undefined || ('anchor' in node && node.anchor !== undefined)) {
        special = node;
        return visit.BREAK;
      }
      return undefined;
    },
  });
  if (special !== undefined) {
    return {
      ok: false,
      line: lineAt(special.range?.[0]),
      message: 'uses an anchor, an alias or a tag',
      fix: 'Write the value out.',
    };
  }
  if (document.contents === null)
    return {
      ok: false,
      line: 1,
      message: 'is empty',
      fix: 'Write the fields; an existing file of the kind shows them.',
    };
  return {
    ok: true,
    source: {
      value: document.toJS() as unknown,
      lineOf: (path) => lineAt(offsetOf(document.contents, path)),
    },
  };
}

function offsetOf(contents: unknown, path: readonly PropertyKey[]): number | undefined {
  let node: unknown = contents;
  let offset = startOf(node);
  for (const step of path) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(step),
      );
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;
}
