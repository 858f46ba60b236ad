import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { systemErrorCode } from '../../errors.ts';
import type { CommandContext } from '../command.ts';
import { printableText } from '../render/printable.ts';
import { displayWidth, truncate, wrap } from '../render/width.ts';
import { count } from '../render/words.ts';
import type { Agent } from './agent.ts';
import { diffLines } from './line-diff.ts';

/** The state files that the tour shows, relative to the project. */
const WATCHED = ['.nexus/state/plan.json', '.nexus/state/tasks.json', '.nexus/history.json'] as const;

/** Most lines of one change that are shown. */
const MAX_CHANGE_LINES = 14;

export interface Narrator {
  title(text: string): void;
  /** Begins the next step. */
  step(text: string): void;
  say(text: string): void;
  /** A command line for the reader to copy, whole. */
  command(line: string): void;
  /** Calls a tool, and shows the call, the answer, and the state files that changed by it. */
  call(
    agent: Agent,
    tool: string,
    input: Readonly<Record<string, unknown>>,
    maxLines?: number,
  ): Promise<Record<string, unknown>>;
  /** Shows the state files that changed since this was last asked. */
  changes(maxLines?: number): void;
  /** The beginning of a file. */
  file(path: string, text: string, maxLines?: number): void;
  /** One line of a call or an answer that was made elsewhere. */
  exchange(mark: string, tool: string, value: unknown): void;
}

export function createNarrator({ view, stream }: CommandContext, root: string): Narrator {
  const { ink, marks } = view;
  const width = Math.min(view.columns, 96);
  let steps = 0;
  let before = readWatched(root);

  const print = (text: string): void => stream(`${text}\n`);
  const block = (text: string, indent: string, paint: (line: string) => string = (line) => line): void => {
    for (const line of wrap(text, width - indent.length)) print(indent + paint(line));
  };
  const lines = (all: readonly { mark: string; text: string }[], maxLines = MAX_CHANGE_LINES): void => {
    // One line more than allowed is shown rather than announced.
    const shown = all.length > maxLines + 1 ? all.slice(0, maxLines) : all;
    for (const { mark, text } of shown) {
      const paint = mark === '+' ? ink.good : mark === '-' ? ink.bad : ink.dim;
      print(`     ${paint(truncate(`${mark} ${printableText(text)}`, width - 5))}`);
    }
    if (shown.length < all.length)
      print(ink.dim(`       and ${count(all.length - shown.length, 'more line')}`));
  };
  const exchange: Narrator['exchange'] = (mark, tool, value) => {
    const [first = '', ...rest] = wrap(
      printableText(JSON.stringify(value)),
      width - 8 - displayWidth(mark + tool),
    );
    print(`   ${ink.accent(mark)} ${tool === '' ? '' : `${ink.bold(tool)} `}${first}`);
    const [second, ...more] = rest;
    if (second !== undefined) print(`     ${more.length === 0 ? second : truncate(`${second}…`, width - 5)}`);
  };
  const changes: Narrator['changes'] = (maxLines) => {
    const now = readWatched(root);
    for (const path of WATCHED) {
      const [old, fresh] = [before.get(path), now.get(path)];
      if (old === fresh) continue;
      print(`     ${ink.bold(path)}${fresh === undefined ? ` ${ink.dim('is gone')}` : ''}`);
      if (fresh !== undefined) lines(diffLines(old ?? '', fresh), maxLines);
    }
    before = now;
  };
  return {
    title: (text) => print(ink.bold(text)),
    step: (text) => {
      steps += 1;
      print(`\n${ink.accent(String(steps).padStart(2))} ${ink.bold(text)}`);
    },
    say: (text) => block(printableText(text), '   '),
    command: (line) => print(`     ${ink.accent(printableText(line))}`),
    call: async (agent, tool, input, maxLines) => {
      exchange(marks.arrow, tool, input);
      const answer = await agent.call(tool, input);
      exchange('=', '', answer);
      changes(maxLines);
      return answer;
    },
    changes,
    exchange,
    file: (path, content, maxLines) => {
      print(`     ${ink.bold(path)}`);
      const all = content.trimEnd().split('\n');
      lines(
        all.map((line) => ({ mark: '|', text: line })),
        maxLines,
      );
    },
  };
}

function readWatched(root: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const path of WATCHED) {
    try {
      texts.set(path, readFileSync(join(root, path), 'utf8'));
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    }
  }
  return texts;
}
