import type { AppliedPersonas } from '../personas/apply.ts';
import type { DiscoveryChange } from '../personas/follow-discovery.ts';
import { packPlaces } from '../personas/paths.ts';
import { nexoVersion } from '../version.ts';
import type { DaemonPart, PartContext, PartReport } from './part.ts';

export interface PersonasPartOptions {
  /** A pack under development, which wins over others of its id. */
  readonly pinned?: string;
}

/**
 * The packs of this home: found and applied at the start, and followed from then on, so that what is installed,
 * removed or switched off while the daemon runs counts without a restart.
 */
export function createPersonasPart({ pinned }: PersonasPartOptions = {}): DaemonPart {
  return {
    name: 'personas',
    start: async (context) => {
      const [
        { applyPersonas },
        { followDiscovery },
        { discoverPersonas },
        { tamperedWith },
        { drainOutbox },
        { indexPacks },
      ] = await Promise.all([
        import('../personas/apply.ts'),
        import('../personas/follow-discovery.ts'),
        import('../personas/discovery.ts'),
        import('../personas/installed/tampering.ts'),
        import('../personas/event-outbox.ts'),
        import('../personas/index-packs.ts'),
      ]);
      const { paths, env, userHome, clock, log } = context;
      const place = {
        paths,
        env,
        userHome,
        nexoVersion: nexoVersion(),
        tamperedWith,
        thorough: true,
        // Nobody has said yet where packs are to be loaded from.
        whenUnconfigured: 'nothing' as const,
        ...(pinned === undefined ? {} : { pinned }),
      };
      const apply = (): AppliedPersonas => {
        const done = applyPersonas({ ...place, now: () => new Date(clock.now()), write: true });
        // So that no hook has to look at every file of every pack.
        indexPacks({ paths, env, userHome, nexoVersion: place.nexoVersion }, clock);
        return done;
      };
      const { outboxFile } = packPlaces(paths, 'persona');
      const happened: Record<string, number> = {};
      const publish = (): Promise<unknown> =>
        drainOutbox(outboxFile, ({ id, topic, timestamp, payload }) => {
          const result = topic.slice(topic.lastIndexOf('.') + 1);
          happened[result] = (happened[result] ?? 0) + 1;
          log.info(topic, { event: id, happened_at: timestamp, payload });
        }).catch((error: unknown) => log.warn('pack events wait: the outbox cannot be read', { error }));
      let applied = apply();
      tellBoot(applied, log);
      await publish();
      const stop = new AbortController();
      let look: (() => void) | undefined;
      const ended = followDiscovery({
        discover: () => discoverPersonas(place),
        signal: stop.signal,
        onChange: (change) => {
          applied = apply();
          tellChange(change, applied, log);
          void publish();
        },
        onReady: (lookNow) => {
          look = lookNow;
        },
      });
      return {
        ready: Promise.resolve(),
        ended,
        stop: async () => {
          stop.abort();
          await ended;
          await publish();
        },
        report: () => report(applied, happened),
        reload: async () => {
          look?.();
          await publish();
        },
      };
    },
  };
}

type Log = PartContext['log'];

function tellBoot({ discovery, notes, agents }: AppliedPersonas, log: Log): void {
  if (discovery.killSwitch) {
    log.info('persona discovery was skipped: NEXO_DISABLE_BUNDLED_PERSONAS is on');
    return;
  }
  for (const { level, path, line, message } of discovery.diagnostics) {
    if (level === 'debug') continue;
    log[level === 'warning' ? 'warn' : level](`${path}${line === undefined ? '' : `:${line}`} ${message}`);
  }
  for (const { level, source, file, message } of notes)
    log[level === 'warning' ? 'warn' : 'info'](`${file} ${message}`, { source });
  const count = (states: readonly string[]) =>
    discovery.packs.filter(({ state }) => states.includes(state)).length;
  log.info('personas registered', {
    registered: discovery.winners.length,
    filtered: count(['disabled', 'not-allowlisted', 'shadowed']),
    skipped: count(['invalid']),
    agents: agents.length,
  });
}

function tellChange({ added, removed, changed }: DiscoveryChange, applied: AppliedPersonas, log: Log): void {
  log.info('personas changed', { added, removed, changed });
  tellBoot(applied, log);
}

function report(
  { discovery, agents, secrets }: AppliedPersonas,
  happened: Readonly<Record<string, number>>,
): PartReport {
  const packs = discovery.winners.length;
  const waiting = secrets.filter(({ state }) => state !== 'filled').length;
  const counts = `${packs} ${packs === 1 ? 'pack' : 'packs'}, ${agents.length} ${agents.length === 1 ? 'agent' : 'agents'}`;
  const off = discovery.killSwitch ? ', switched off' : '';
  return {
    detail: `${counts}${waiting === 0 ? '' : `, ${waiting} ${waiting === 1 ? 'secret' : 'secrets'} to fill in`}${off}`,
    metrics: {
      personas: packs,
      persona_agents: agents.length,
      packs_installed: happened.installed ?? 0,
      packs_removed: happened.removed ?? 0,
      pack_installs_failed: happened.install_failed ?? 0,
    },
  };
}
