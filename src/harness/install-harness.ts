import type { Lang } from '../catalog/body.ts';
import type { HarnessName } from './contract.ts';
import type { InstallPlace } from './install/contract.ts';
import { applyInstall, type InstallStep } from './install/install.ts';
import { applyUninstall, type UninstallStep } from './install/uninstall.ts';
import { findHarness } from './registry.ts';
import type { OfferedSkill } from './rendering.ts';
import { createRenderContext } from './sync-harness.ts';

export interface InstallRequest {
  readonly harness: HarnessName;
  readonly place: InstallPlace;
  readonly dryRun: boolean;
  /** Skills of the operator's own that go along. */
  readonly offered?: readonly OfferedSkill[];
}

/** Installs agents, skills, hooks and the MCP server into a harness's own configuration. */
export async function installHarness(
  { harness, place, dryRun, offered = [] }: InstallRequest,
  lang: Lang,
): Promise<{ steps: InstallStep[]; notes: readonly string[] }> {
  const plan = (await loadPlanner(harness))(
    await createRenderContext({
      place: { env: place.env, home: place.home, root: place.projectRoot },
      lang,
      offered,
    }),
    place,
  );
  return { steps: applyInstall(harness, place, plan, { dryRun }), notes: plan.notes };
}

/** Takes away exactly what an installation brought. */
export function uninstallHarness({ harness, place, dryRun }: InstallRequest): { steps: UninstallStep[] } {
  return { steps: applyUninstall(harness, place, { dryRun }) };
}

function loadPlanner(
  name: HarnessName,
): ReturnType<NonNullable<ReturnType<typeof findHarness>>['loadPlanner']> {
  const harness = findHarness(name);
  if (harness === undefined) throw new Error(`no harness ${name}`);
  return harness.loadPlanner();
}
