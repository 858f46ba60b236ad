import { type Body, type Lang, selectBody } from './body.ts';
import type { Catalog, CatalogAgent, CatalogSkill } from './catalog.ts';
import type { Harness, RenderNames } from './invocations/contract.ts';
import { TEMPLATES } from './invocations/templates.ts';
import { expandBody } from './macros/expand.ts';
import { macroWords } from './validate.ts';

export interface RenderBodyOptions {
  readonly harness: Harness;
  readonly lang: Lang;
  /** How the harness calls our agents and skills. Default: their ids. */
  readonly names?: Partial<RenderNames>;
  /** What the workspace tools are called in the harness, by their name in the contract. */
  readonly tools?: Readonly<Record<string, string>>;
}

export interface RenderedBody {
  /** The language that was found; English where there is no body in the one asked for. */
  readonly lang: Lang;
  readonly text: string;
}

/**
 * The prompt of an agent or a skill as one harness gets it: its macros in the words of that harness, behind it the
 * help that the skill asks for and the names of the tools that it speaks of. Throws MACRO_INVALID.
 */
export function renderBody(
  catalog: Catalog,
  item: CatalogAgent | CatalogSkill,
  { harness, lang, names, tools = {} }: RenderBodyOptions,
): RenderedBody {
  const body = selectBody(item.bodies, lang);
  const text = expandBody(body, {
    words: macroWords(catalog),
    templates: TEMPLATES[harness],
    lang: body.lang,
    ...(names === undefined ? {} : { names }),
  });
  const help = [...harnessHelp(catalog, item, harness, body.lang), ...toolNames(body, tools)];
  if (help.length === 0) return { lang: body.lang, text };
  return {
    lang: body.lang,
    text: `${text}\n${HEADING[body.lang]}\n\n${help.map((line) => `- ${line}\n`).join('')}`,
  };
}

const HEADING = { en: '## In this harness', ko: '## 이 하네스에서는' } as const;
const IS_CALLED = {
  en: (name: string, here: string) => `${name} is called \`${here}\`.`,
  ko: (name: string, here: string) => `${name}의 이름은 \`${here}\`다.`,
} as const;

function harnessHelp(
  { vocabulary }: Catalog,
  { meta }: CatalogAgent | CatalogSkill,
  harness: Harness,
  lang: Lang,
): string[] {
  const keys = 'harness_docs_refs' in meta ? (meta.harness_docs_refs ?? []) : [];
  return keys.flatMap((key) => vocabulary.harnessDocs[harness]?.[key]?.[lang] ?? []);
}

function toolNames({ text, lang }: Body, tools: Readonly<Record<string, string>>): string[] {
  return Object.entries(tools)
    .filter(([name, here]) => name !== here && new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(text))
    .map(([name, here]) => IS_CALLED[lang](name, here));
}
