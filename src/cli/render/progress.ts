import type { Output } from '../io.ts';

/** One line that is written over and over, where a person can see it and nowhere else. */
export interface Progress {
  show(text: string): void;
  clear(): void;
}

export function createProgress(output: Output): Progress {
  if (!output.isTerminal) return { show: () => {}, clear: () => {} };
  return {
    show: (text) => output.write(`\r\u001b[K${text}`),
    clear: () => output.write('\r\u001b[K'),
  };
}
