import { LANGS } from '../catalog/body.ts';
import { HARNESSES } from '../catalog/invocations/contract.ts';
import { choice, toggle } from './flags.ts';

/** The flags of every command that shows a prompt. */
export const BODY_FLAGS = {
  lang: choice(LANGS, 'language of the prompt; English unless said, and where there is no other'),
  harness: choice(HARNESSES, 'show the prompt as this harness gets it'),
  body: toggle('print the prompt and nothing else'),
} as const;
