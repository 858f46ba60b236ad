import { NexoError } from '../../errors.ts';
import type { Body, Lang } from '../body.ts';
import {
  type CallParams,
  type ChoiceOption,
  EXPLORE_ROLE,
  type InvocationTemplates,
  type RenderNames,
} from '../invocations/contract.ts';
import type { Invocation, InvocationParameter } from '../schemas.ts';
import { type Macro, type MacroFault, scanMacros } from './scan.ts';

/** What a macro may refer to. */
export interface MacroWords {
  readonly invocations: readonly Invocation[];
  readonly roles: ReadonlySet<string>;
  readonly skills: ReadonlySet<string>;
}

export interface ExpandOptions {
  readonly words: MacroWords;
  readonly templates: InvocationTemplates;
  readonly lang: Lang;
  /** How the harness calls our agents and skills; a plugin puts its name in front. Default: their ids. */
  readonly names?: Partial<RenderNames>;
}

export interface Expansion {
  readonly text: string;
  /** In the order of the lines. A macro with a fault is left in the text as it was. */
  readonly faults: readonly MacroFault[];
}

/** Replaces every macro of `text` by the words of one harness. */
export function expandMacros(text: string, options: ExpandOptions): Expansion {
  const { macros, faults: syntaxFaults } = scanMacros(text);
  const faults = [...syntaxFaults];
  let expanded = '';
  let at = 0;
  for (const macro of macros) {
    const found = faultsOf(macro, options.words);
    faults.push(...found);
    const template = options.templates.render[macro.primitive];
    if (found.length > 0 || template === undefined) continue;
    const rendered = template(paramsOf(macro), {
      lang: options.lang,
      agentName: options.names?.agentName ?? same,
      skillName: options.names?.skillName ?? same,
    });
    expanded += text.slice(at, macro.start) + indented(rendered, macro.indent);
    at = macro.end;
  }
  return { text: expanded + text.slice(at), faults: faults.sort((a, b) => a.line - b.line) };
}

/** The body as a harness gets it. Throws MACRO_INVALID, naming file and line, for a macro that cannot be expanded. */
export function expandBody(body: Body, options: ExpandOptions): string {
  if (body.literal) return body.text;
  const { text, faults } = expandMacros(body.text, options);
  const [first] = faults;
  if (first === undefined) return text;
  const others = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`;
  throw new NexoError('MACRO_INVALID', `${body.file}:${first.line}: ${first.message}${others}`, {
    hint: first.fix,
    data: { file: body.file, faults: faults.map(({ line, message, fix }) => ({ line, message, fix })) },
  });
}

/** What is wrong with the macros of a body, without rendering them. */
export function checkMacros(text: string, words: MacroWords): readonly MacroFault[] {
  const { macros, faults } = scanMacros(text);
  return [...faults, ...macros.flatMap((macro) => faultsOf(macro, words))].sort((a, b) => a.line - b.line);
}

const same = (id: string): string => id;

function indented(rendered: string, indent: string | undefined): string {
  return indent === undefined || indent === ''
    ? rendered
    : rendered.replaceAll(/\n(?=[^\n])/g, `\n${indent}`);
}

function faultsOf(macro: Macro, words: MacroWords): MacroFault[] {
  const invocation = words.invocations.find(({ id }) => id === macro.primitive);
  if (invocation === undefined) {
    const known = words.invocations.map(({ id }) => id).join(', ');
    return [
      {
        kind: 'unknown-primitive',
        line: macro.line,
        message: `there is no primitive ${macro.primitive}`,
        fix: `Use one of ${known}.`,
      },
    ];
  }
  const fault = (message: string, fix: string): MacroFault => ({
    kind: 'parameter',
    line: macro.line,
    message: `{{${macro.primitive} …}}: ${message}`,
    fix,
  });
  const names = invocation.semantic_params.map(({ name }) => name);
  const unsupported = [...macro.params.keys()].filter((key) => !names.includes(key));
  const missing = invocation.semantic_params.filter(
    ({ name, required }) => required && !macro.params.has(name),
  );
  return [
    ...unsupported.map((key) => fault(`there is no parameter ${key}`, `It takes ${names.join(', ')}.`)),
    ...missing.map(({ name, description }) => fault(`${name} is missing`, `Add ${name}=…: ${description}`)),
    ...invocation.semantic_params.flatMap((parameter) => {
      const complaint = macro.params.has(parameter.name)
        ? complaintAbout(macro.params.get(parameter.name), parameter, words)
        : undefined;
      return complaint === undefined ? [] : [fault(`${parameter.name} ${complaint.message}`, complaint.fix)];
    }),
  ];
}

/** Stands for a value that is known only when the body is used: `<owner of the task>`. */
const PLACEHOLDER = /^<[^<>]+>$/;

function complaintAbout(
  value: unknown,
  parameter: InvocationParameter,
  words: MacroWords,
): { message: string; fix: string } | undefined {
  if (parameter.type === 'options') {
    if (toOptions(value) !== undefined) return undefined;
    return {
      message: 'is no list of options',
      fix: 'Write [{"label": "…", "description": "…"}, …], or [] for free text.',
    };
  }
  if (typeof value !== 'string' || value.trim() === '')
    return { message: 'is no text', fix: 'Write a text.' };
  switch (parameter.type) {
    case 'text':
      return undefined;
    case 'enum':
      return parameter.values.includes(value)
        ? undefined
        : { message: `is ${JSON.stringify(value)}`, fix: `Use one of ${parameter.values.join(', ')}.` };
    case 'role':
      return words.roles.has(value) || value === EXPLORE_ROLE || PLACEHOLDER.test(value)
        ? undefined
        : {
            message: `names ${JSON.stringify(value)}, which is no agent`,
            fix: `Use an agent's id, ${EXPLORE_ROLE}, or a placeholder such as <owner>.`,
          };
    case 'skill':
      return words.skills.has(value) || PLACEHOLDER.test(value)
        ? undefined
        : { message: `names ${JSON.stringify(value)}, which is no skill`, fix: 'Use the id of a skill.' };
  }
}

function toOptions(value: unknown): ChoiceOption[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const options = value.flatMap((item: unknown): ChoiceOption[] => {
    if (typeof item !== 'object' || item === null || Object.keys(item).length !== 2) return [];
    const { label, description } = item as { label?: unknown; description?: unknown };
    return typeof label === 'string' && label !== '' && typeof description === 'string'
      ? [{ label, description }]
      : [];
  });
  return options.length === value.length ? options : undefined;
}

/** The parameters of a macro without faults. */
function paramsOf(macro: Macro): CallParams {
  const optional = (name: string): string | undefined => {
    const value = macro.params.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  return {
    optional,
    text: (name) => optional(name) ?? '',
    options: (name) => toOptions(macro.params.get(name)) ?? [],
  };
}
