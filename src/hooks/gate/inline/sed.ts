import { isUncertain } from '../marks.ts';
import { isStream } from '../paths.ts';

export type SedVerdict =
  | { readonly kind: 'reads' }
  | { readonly kind: 'writes'; readonly files: readonly string[] }
  | { readonly kind: 'unknown' };

const UNKNOWN: SedVerdict = { kind: 'unknown' };

/** Reads a sed script command by command: `w` and `e`, also as flags of `s`, are what is looked for. */
export function judgeSed(script: string): SedVerdict {
  if (isUncertain(script) || script.length > 64 * 1024) return UNKNOWN;
  const files: string[] = [];
  let at = 0;
  const restOfLine = (): string => {
    const end = script.indexOf('\n', at);
    const text = script.slice(at, end === -1 ? undefined : end);
    at = end === -1 ? script.length : end + 1;
    return text;
  };
  /** Past a part that ends in `delimiter`; classes in brackets may hold it. */
  const skipPart = (delimiter: string, isPattern: boolean): boolean => {
    let inClass = false;
    for (; at < script.length; at += 1) {
      const sign = script[at];
      if (sign === '\\') at += 1;
      else if (isPattern && !inClass && sign === '[') {
        inClass = true;
        if (script[at + 1] === '^') at += 1;
        if (script[at + 1] === ']') at += 1;
      } else if (inClass && sign === ']') inClass = false;
      else if (sign === delimiter && !inClass) {
        at += 1;
        return true;
      } else if (sign === '\n' && isPattern) return false;
    }
    return false;
  };
  const skipAddress = (): boolean => {
    for (;;) {
      const rest = /^(?:\d+(?:~\d+)?|\$|[+~]\d+)/.exec(script.slice(at, at + 24))?.[0];
      if (rest !== undefined) at += rest.length;
      else if (script[at] === '/') {
        at += 1;
        if (!skipPart('/', true)) return false;
        while (/[IM]/.test(script[at] ?? '')) at += 1;
      } else if (script[at] === '\\' && at + 1 < script.length) {
        const delimiter = script[at + 1] ?? '';
        at += 2;
        if (!skipPart(delimiter, true)) return false;
        while (/[IM]/.test(script[at] ?? '')) at += 1;
      } else return true;
      while (/[ \t]/.test(script[at] ?? '')) at += 1;
      if (script[at] === ',') {
        at += 1;
        while (/[ \t]/.test(script[at] ?? '')) at += 1;
      }
    }
  };
  while (at < script.length) {
    while (/[\s;{}]/.test(script[at] ?? '')) at += 1;
    if (at >= script.length) break;
    if (!skipAddress()) return UNKNOWN;
    while (/[\s!]/.test(script[at] ?? '')) at += 1;
    const command = script[at] ?? '';
    at += 1;
    switch (command) {
      case '#':
        restOfLine();
        break;
      case '{':
      case '}':
      case ';':
      case '=':
      case 'd':
      case 'D':
      case 'g':
      case 'G':
      case 'h':
      case 'H':
      case 'n':
      case 'N':
      case 'p':
      case 'P':
      case 'x':
      case 'z':
      case 'F':
        break;
      case 'l':
      case 'L':
      case 'q':
      case 'Q':
        while (/[ \t\d]/.test(script[at] ?? '')) at += 1;
        break;
      case 'b':
      case 't':
      case 'T':
      case ':':
        while (at < script.length && !/[;\n}]/.test(script[at] ?? '')) at += 1;
        break;
      case 'a':
      case 'i':
      case 'c':
        while (at < script.length) {
          const line = restOfLine();
          if (!line.endsWith('\\')) break;
        }
        break;
      case 'r':
      case 'R':
        restOfLine();
        break;
      case 'w':
      case 'W': {
        const file = restOfLine().trim();
        if (!isStream(file)) files.push(file);
        break;
      }
      case 'y':
      case 's': {
        const delimiter = script[at] ?? '';
        at += 1;
        if (delimiter === '' || delimiter === '\n' || delimiter === '\\') return UNKNOWN;
        if (!skipPart(delimiter, command === 's') || !skipPart(delimiter, false)) return UNKNOWN;
        if (command === 'y') break;
        for (; at < script.length; at += 1) {
          const flag = script[at] ?? '';
          if (/[gpIiMm0-9 \t]/.test(flag)) continue;
          if (flag === 'w') {
            at += 1;
            const file = restOfLine().trim();
            if (!isStream(file)) files.push(file);
          } else if (!/[;\n}#]/.test(flag)) return UNKNOWN;
          break;
        }
        break;
      }
      default:
        return UNKNOWN;
    }
  }
  return files.length === 0 ? { kind: 'reads' } : { kind: 'writes', files };
}
