/** `1 task`, `2 tasks`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The parts that say something, with a dot between them. */
export function dotted(parts: readonly (string | undefined)[], dot: string): string {
  return parts.filter((part) => part !== undefined && part !== '').join(` ${dot} `);
}

/** `2026-11-21 09:30` in UTC, as the files have it; blanks of that length for text that is no time. */
export function shortTime(iso: string): string {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(iso);
  return isTime ? `${iso.slice(0, 10)} ${iso.slice(11, 16)}` : 'no time given   ';
}

/** `3 min`, `5 h`, `2 days`: how long ago, roughly. */
export function roughly(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'a moment';
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

/** `a, b or c`. */
export function oneOf(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
