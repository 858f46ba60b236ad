import type { Artifact } from '../decide.ts';
import { CHECKLISTS } from '../route.ts';
import type { Verdict, Verifier, VerifyWorld } from './verdict.ts';

/** Each kind with what looks at it, loaded when it is asked for. */
const VERIFIERS: Readonly<Record<Artifact, () => Promise<Verifier>>> = {
  script: async () => (await import('./script.ts')).verifyScript,
  skill: async () => (await import('./skill.ts')).verifySkill,
  plugin: async () => (await import('./plugin.ts')).verifyPlugin,
  schedule: async () => (await import('./schedules.ts')).verifySchedule,
  core: async () => (await import('./core.ts')).verifyCore,
};

export interface Verified {
  readonly kind: Artifact;
  readonly name: string;
  readonly ok: boolean;
  readonly items: readonly (Verdict & { readonly item: string })[];
}

/**
 * Goes through the checklist of one artifact, item by item; nothing is changed, but that a plugin is run to see that it
 * loads. Throws what looking for an artifact that is not there throws.
 */
export async function verifyArtifact(world: VerifyWorld, kind: Artifact, name: string): Promise<Verified> {
  const verdicts = await (await VERIFIERS[kind]())(world, name);
  const items = CHECKLISTS[kind].map((item, at) => {
    const verdict = verdicts[at];
    if (verdict === undefined) throw new Error(`The checklist of ${kind} has no check for: ${item}`);
    return { item, ...verdict };
  });
  return { kind, name, ok: items.every(({ passed }) => passed), items };
}
