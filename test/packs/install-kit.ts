import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../src/base/clock.ts';
import { resolveHomePaths } from '../../src/home/paths.ts';
import { PERSONA_CONTRACT } from '../../src/personas/contracts/persona-contract.ts';
import type { PackEvent } from '../../src/personas/events.ts';
import { parseCoordinates } from '../../src/personas/install/coordinates.ts';
import { installPack } from '../../src/personas/install/install-pack.ts';
import type {
  InstallReport,
  InstallRequest,
  InstallWorld,
} from '../../src/personas/install/install-request.ts';
import { resolveOrigin } from '../../src/personas/install/origin.ts';
import { packKindOf } from '../../src/personas/pack-error.ts';
import { packPlaces } from '../../src/personas/paths.ts';

/** An operator's folder with nothing in it but what a hostile pack must not touch. */
export interface Kit {
  /** Everything that the installer could reach by a wrong turn lies below it. */
  readonly base: string;
  readonly root: string;
  readonly world: InstallWorld;
  readonly events: PackEvent[];
  readonly notes: string[];
  readonly pauses: number[];
}

/** Short enough for a test that waits for each of them, long enough for a busy machine. */
const LIMITS = { connectMs: 5000, headersMs: 300, idleMs: 300, totalMs: 20_000 };

export function createKit(
  apiBase: string,
  { token, signal = new AbortController().signal }: { token?: string; signal?: AbortSignal } = {},
): Kit {
  const base = mkdtempSync(join(tmpdir(), 'nexo-kit-'));
  const paths = resolveHomePaths({ NEXO_HOME: join(base, 'home') }, base);
  const places = packPlaces(paths, 'persona');
  mkdirSync(places.defaultRoot, { recursive: true });
  const events: PackEvent[] = [];
  const notes: string[] = [];
  const pauses: number[] = [];
  const world: InstallWorld = {
    places,
    http: {
      origin: resolveOrigin(apiBase),
      token,
      userAgent: 'nexo/test',
      signal,
      sleep: (ms) => {
        pauses.push(ms);
        return Promise.resolve();
      },
      random: () => 0.5,
      limits: LIMITS,
    },
    clock: systemClock,
    nexoVersion: '0.1.0',
    signal,
    note: (line) => notes.push(line),
    onStep: () => {},
    onReceived: () => {},
    onReport: () => {},
    events: (_family, event) => {
      events.push(event);
      return Promise.resolve(true);
    },
    offers: { plugins: [], features: [], env: {} },
  };
  return { base, root: places.defaultRoot, world, events, notes, pauses };
}

export function installIn(
  { root, world }: Kit,
  coords: string,
  request: Partial<InstallRequest> = {},
): Promise<InstallReport> {
  return installPack(
    PERSONA_CONTRACT,
    {
      coordinates: parseCoordinates(coords),
      root,
      target: 'x86_64-unknown-linux-gnu',
      trust: { requireSignature: false, skipSignatureVerify: false },
      acceptSigner: false,
      force: false,
      strict: false,
      ...request,
    },
    world,
  );
}

/** The kind of the failure, or what was installed although it should not have been. */
export async function kindOfRefusal(install: Promise<InstallReport>): Promise<string> {
  try {
    const { identity } = await install;
    return `installed ${identity.id} ${identity.version}`;
  } catch (error) {
    const kind = packKindOf(error);
    // What is no failure of a pack is a fault of ours, and its stack is what one wants to see.
    if (kind === 'Unexpected') throw error;
    return kind;
  }
}

/** Files that the installer keeps for itself. */
const OWN_FILES = /(^|\/)(\.nexo-persona\.lock(-journal)?|pack-audit\.jsonl)$/;

/** Everything below a folder, with the digest of each file, so that any change shows. */
export function treeWithHashes(folder: string, prefix = ''): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const key = prefix + name;
    if (OWN_FILES.test(key)) continue;
    const stat = lstatSync(path);
    if (stat.isDirectory()) {
      tree[`${key}/`] = (stat.mode & 0o7777).toString(8);
      Object.assign(tree, treeWithHashes(path, `${key}/`));
    } else if (stat.isSymbolicLink()) {
      tree[key] = `link to ${readlinkSync(path)}`;
    } else {
      tree[key] = createHash('sha256').update(readFileSync(path)).digest('hex');
    }
  }
  return tree;
}
