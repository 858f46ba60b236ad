import { runScheduler } from '../../src/automation/schedules/scheduler.ts';
import { systemClock } from '../../src/base/clock.ts';
import { openLog } from '../../src/base/log.ts';
import { openHomeDatabase } from '../../src/home/database.ts';
import { resolveHomePaths } from '../../src/home/paths.ts';

/** A process that does nothing but schedule, for tests that kill it. */
const home = resolveHomePaths(process.env);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort('SIGTERM'));
const database = await openHomeDatabase(home);
const log = await openLog({ to: process.stderr, level: 'debug' });
process.stdout.write('ready\n');
await runScheduler({ home, database, clock: systemClock, signal: stop.signal, log, graceMs: 500 });
database.close();
