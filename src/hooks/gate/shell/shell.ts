import type { Command, Redirection, Statement, SyntaxNode, Word } from 'unbash';
import { forEachChild } from 'unbash';

import type { Effect, ToolCall } from '../contract.ts';
import { hasMark, isUncertain, readable } from '../marks.ts';
import { describeProgram } from './commands.ts';
import { changeDirectory } from './directory.ts';
import type { Flow } from './flow.ts';
import {
  contextOf,
  createFrame,
  createJudge,
  EMPTY_SCOPE,
  type Frame,
  isSpent,
  type Judge,
  judgeVariable,
  MAX_COMMANDS,
  MAX_DEPTH,
  TOO_INVOLVED,
  unknown,
} from './frame.ts';
import { findHiddenCode } from './hidden-code.ts';
import { parseShell } from './parse.ts';
import { documentFlow, flowOf } from './pipes.ts';
import type { Run } from './run.ts';
import { readScope } from './scope.ts';
import { valuesOf } from './values.ts';

export interface Shell {
  text(source: string): void;
  words(argv: readonly string[]): void;
}

/** A judge for the commands of one call; what they would do is added to `effects`. */
export function createShell(use: { call: ToolCall; cwd: string; effects: Effect[] }): Shell {
  const judge = createJudge(use.call, use.effects);
  return {
    text: (source) => judgeText(judge, source, [use.cwd], { kind: 'none' }),
    words: (argv) => {
      const frame = createFrame(judge, '', [use.cwd], EMPTY_SCOPE);
      judgeArgv(frame, argv, { kind: 'none' }, argv.join(' '));
    },
  };
}

function judgeText(
  judge: Judge,
  source: string,
  from: readonly string[] | undefined,
  input: Flow,
): readonly string[] | undefined {
  if (isSpent(judge)) return from;
  if (hasMark(source)) {
    unknown(judge, 'evaluated-text', 'shell text is put together from values that are not known', source);
    return from;
  }
  if (judge.depth >= MAX_DEPTH) {
    unknown(judge, 'too-deep', 'the command is nested too deep', source);
    return from;
  }
  const outcome = parseShell(source);
  if (outcome.kind === 'refused') {
    unknown(judge, 'unreadable-shell', `the command ${outcome.why}`, source);
    return from;
  }
  const hidden = findHiddenCode(outcome.script, source);
  if (hidden !== undefined) unknown(judge, 'hidden-code', hidden, source);
  const frame = createFrame(judge, source, from, readScope(outcome.script));
  for (const [name, settings] of frame.scope.settings) {
    if (settings.some((setting) => setting.isAssigned !== true)) judgeVariable(frame, name, '', undefined);
  }
  judge.depth += 1;
  walkList(frame, outcome.script.commands, input);
  judge.depth -= 1;
  return frame.from;
}

function walkList(frame: Frame, statements: readonly Statement[], input: Flow): void {
  const added: string[] = [];
  for (const statement of statements) {
    if (isSpent(frame.judge)) break;
    const { command } = statement;
    const before = frame.from;
    const name =
      command.type === 'Function' && statement.background !== true ? command.name.value : undefined;
    if (name !== undefined && !frame.visible.has(name)) {
      // Visible in its own body too; gone again where the list ends, which may be a branch not taken.
      frame.visible.add(name);
      added.push(name);
    }
    walk(frame, command, input);
    if (statement.background === true) frame.from = before;
    if (unsetsFunction(command)) frame.visible.clear();
  }
  for (const name of added) frame.visible.delete(name);
}

function unsetsFunction(command: SyntaxNode): boolean {
  if (command.type !== 'Command' || command.name?.value !== 'unset') return false;
  return command.args.some((arg) => arg.type === 'Word' && arg.value.startsWith('-'));
}

/** Runs in a process of its own, so that changes of directory stay there. */
function apart(frame: Frame, action: () => void): void {
  const { from } = frame;
  action();
  frame.from = from;
}

function walk(frame: Frame, node: SyntaxNode, input: Flow): void {
  switch (node.type) {
    case 'Command':
      walkCommand(frame, node, input);
      return;
    case 'Pipeline':
      walkPipeline(frame, node.commands, input);
      return;
    case 'AndOr':
      for (const each of node.commands) walk(frame, each, input);
      return;
    case 'Redirected': {
      const flow = walkRedirections(frame, node.redirects, input);
      walk(frame, node.command, flow);
      return;
    }
    case 'Subshell':
      apart(frame, () => walkList(frame, node.body.commands, input));
      return;
    case 'BraceGroup':
      walkList(frame, node.body.commands, input);
      return;
    case 'CompoundList':
      walkList(frame, node.commands, input);
      return;
    case 'Function': {
      const before = frame.inFunction;
      frame.inFunction = true;
      apart(frame, () => walk(frame, node.body, { kind: 'unknown' }));
      frame.inFunction = before;
      return;
    }
    case 'Coproc':
      apart(frame, () => walk(frame, node.body, { kind: 'unknown' }));
      return;
    case 'While':
      noteListed(frame, node.clause, input);
      walkList(frame, node.clause.commands, input);
      walkList(frame, node.body.commands, input);
      return;
    default:
      // Everything else is made of the parts above and of words, in the order in which they stand.
      forEachChild(node, (child) => {
        if (child.type === 'CompoundList' || child.type === 'CaseItem' || child.type === 'Elif')
          walk(frame, child, input);
        else walkWords(frame, child);
      });
  }
}

/** `listing | while read name`: the variable holds a listed name. */
function noteListed(frame: Frame, clause: { readonly commands: readonly Statement[] }, input: Flow): void {
  const command = clause.commands[0]?.command;
  if (input.kind !== 'listing' || command?.type !== 'Command' || command.name?.value !== 'read') return;
  for (const arg of command.args)
    if (arg.type === 'Word' && arg.parts === undefined) frame.listed.add(arg.value);
  frame.listed.add('REPLY');
}

/** Substitutions inside words are commands of their own. */
function walkWords(frame: Frame, node: SyntaxNode): void {
  if (node.type === 'Script') {
    apart(frame, () => walkList(frame, node.commands, { kind: 'none' }));
    return;
  }
  if (node.type === 'Command' || node.type === 'Pipeline' || node.type === 'CompoundList') {
    walk(frame, node, { kind: 'none' });
    return;
  }
  if (
    node.type === 'ParameterExpansion' &&
    (node.prefix === '!' || node.operation?.type === 'Transform' || node.operation?.type === 'Unknown')
  ) {
    const isNames = node.operation?.type === 'Names' || (node.prefix === '!' && node.index !== undefined);
    const isPlain =
      node.operation?.type === 'Transform' && /^[QEaAkKUuL]$/.test(node.operation.operand.value);
    if (!isNames && !isPlain)
      unknown(frame.judge, 'indirect-expansion', `${readable(node.text)} is expanded twice`, node.text);
  }
  if (node.type === 'ExtendedGlob' && /^[e+]|['":]/.test(node.pattern)) {
    unknown(frame.judge, 'glob-code', 'a file name pattern may run code', node.text);
  }
  if (node.type === 'ArithmeticWord') judgeArithmetic(frame, node.value, node.pos);
  forEachChild(node, (child) => walkWords(frame, child));
}

/** Arithmetic evaluates the text of variables, subscripts with substitutions included. */
function judgeArithmetic(frame: Frame, value: string, pos: number): void {
  const name = /^[A-Za-z_]\w*$/.exec(value)?.[0];
  if (name === undefined) return;
  for (const setting of frame.scope.settings.get(name) ?? []) {
    if (setting.word === undefined) continue;
    const values = valuesOf(setting.word, contextOf(frame));
    if (
      values.some(
        (each) =>
          /[$`[]/.test(each) || (isUncertain(each) && /[`[]|\\x|base64|xxd|printf|\btr\b/.test(frame.source)),
      )
    ) {
      unknown(
        frame.judge,
        'arithmetic-code',
        `the value of ${name} may be code`,
        frame.source.slice(pos, pos + 200),
      );
    }
  }
}

function walkPipeline(frame: Frame, commands: readonly SyntaxNode[], input: Flow): void {
  let flow = input;
  for (const command of commands) {
    if (isSpent(frame.judge)) return;
    const arriving = flow;
    apart(frame, () => walk(frame, command, arriving));
    flow = flowOf(command, arriving, contextOf(frame));
  }
}

function walkRedirections(frame: Frame, redirects: readonly Redirection[], input: Flow): Flow {
  let flow = input;
  for (const redirect of redirects) {
    forEachChild(redirect, (child) => walkWords(frame, child));
    if (redirect.type === 'HereDoc') flow = documentFlow(redirect);
    else if (redirect.type === 'HereString') {
      const text = redirect.target === undefined ? '' : valuesOf(redirect.target, contextOf(frame)).join(' ');
      flow = hasMark(text) ? { kind: 'unknown' } : { kind: 'text', text: `${text}\n` };
    } else if (redirect.operator === '<' || redirect.operator === '<&') flow = { kind: 'unknown' };
    else judgeOutput(frame, redirect.operator, redirect.target);
    if (redirect.type === 'Redirect' && redirect.operator === '<>') flow = { kind: 'unknown' };
  }
  return flow;
}

function judgeOutput(frame: Frame, operator: string, target: Word | undefined): void {
  if (target === undefined) return;
  // `>(command)` is a command, judged among the words.
  if (target.parts?.length === 1 && target.parts[0]?.type === 'ProcessSubstitution') return;
  for (const path of valuesOf(target, contextOf(frame))) {
    if (operator === '>&' && /^(?:\d+-?|-)$/.test(path)) continue;
    if (path === '' || isSpent(frame.judge)) continue;
    frame.judge.effects.push({
      kind: 'write',
      rule: 'redirection',
      how: `output is redirected into ${readable(path)}`,
      path,
      ...(frame.from === undefined ? {} : { from: frame.from }),
    });
  }
}

function walkCommand(frame: Frame, command: Command, input: Flow): void {
  frame.judge.commands += 1;
  if (frame.judge.commands > MAX_COMMANDS) {
    frame.judge.effects.push(TOO_INVOLVED);
    return;
  }
  const flow = walkRedirections(frame, command.redirects, input);
  const context = contextOf(frame);
  for (const part of command.prefix) {
    if (part.type !== 'Assignment') continue;
    walkWords(frame, part);
    const value = part.value.type === 'Word' ? valuesOf(part.value, context).join(' ') : '';
    judgeVariable(frame, part.name, value, command.name?.value);
  }
  const argv: string[] = [];
  for (const word of [command.name, ...command.args]) {
    if (word === undefined) continue;
    walkWords(frame, word);
    if (word.type === 'Word') argv.push(...valuesOf(word, context));
    else {
      const value = word.value.type === 'Word' ? valuesOf(word.value, context).join(' ') : '';
      argv.push(`${word.name}=${value}`);
      judgeVariable(frame, word.name, value, command.name?.value);
    }
  }
  const text = frame.source.slice(command.pos, command.end);
  if (command.name?.parts?.some(isExpansion) === true) {
    unknown(
      frame.judge,
      'command-name',
      `the name of the command (${readable(command.name.text)}) is put together while it runs`,
      `${text} ${argv.join(' ')}`,
    );
    if (hasMark(argv[0] ?? '')) return;
  }
  // A function of the script: its body has been judged where it stands.
  const name = argv[0] ?? '';
  if (frame.visible.has(name) || (frame.inFunction && frame.scope.functions.has(name))) return;
  if (argv.length > 0) judgeArgv(frame, argv, flow, text);
}

function isExpansion(part: SyntaxNode): boolean {
  if (part.type === 'DoubleQuoted') return part.parts.some(isExpansion);
  return (
    part.type !== 'Literal' &&
    part.type !== 'SingleQuoted' &&
    part.type !== 'AnsiCQuoted' &&
    part.type !== 'BraceExpansion'
  );
}

function judgeArgv(frame: Frame, argv: readonly string[], input: Flow, text: string): void {
  const { judge } = frame;
  if (isSpent(judge)) return;
  const [name = '', ...args] = argv;
  if (name === '') return;
  if (hasMark(name)) {
    unknown(
      judge,
      'command-name',
      'the name of the command is not known before it runs',
      `${text} ${argv.join(' ')}`,
    );
    return;
  }
  judge.commands += 1;
  if (judge.commands > 2 * MAX_COMMANDS) {
    judge.effects.push(TOO_INVOLVED);
    return;
  }
  const moved = changeDirectory(name, args, { from: frame.from, home: judge.call.home });
  if (moved !== undefined) {
    frame.from = moved.from;
    return;
  }
  judge.depth += 1;
  if (judge.depth > MAX_DEPTH) unknown(judge, 'too-deep', 'the command is nested too deep', text);
  else describeProgram(name, args, createRun(frame, input, text));
  judge.depth -= 1;
}

function createRun(frame: Frame, input: Flow, text: string): Run {
  const { judge } = frame;
  const push = (effect: Effect): void => {
    if (!isSpent(judge)) judge.effects.push(effect);
  };
  return {
    call: judge.call,
    from: frame.from,
    input,
    text,
    write: (how, path, recursive) =>
      push({
        kind: 'write',
        rule: 'writing-command',
        how,
        ...(path === undefined ? {} : { path }),
        ...(frame.from === undefined ? {} : { from: frame.from }),
        ...(recursive === true ? { recursive } : {}),
      }),
    unknown: (rule, how, more) => push({ kind: 'unknown', rule, how, text: more ?? text }),
    task: (action, how) => push({ kind: 'task', action, rule: 'task-command', how }),
    agent: (how) => push({ kind: 'agent', rule: 'agent-command', how }),
    gate: (how) => push({ kind: 'gate', rule: 'gate-command', how }),
    nested: (argv, options) =>
      apart(frame, () => judgeArgv(frame, argv, options?.input ?? input, argv.join(' '))),
    script: (source, options) => {
      judgeText(judge, source, frame.from, options?.input ?? { kind: 'unknown' });
    },
  };
}
