import type { DatabaseSync } from 'node:sqlite';

import { statement } from '../../home/sql.ts';
import { countDue, type DueRule } from './calendar.ts';
import type { Zone } from './zone.ts';

/** How many due times in [from, to] have no outcome of their own. */
export function countDueWithin(
  database: DatabaseSync,
  range: {
    readonly cronId: string;
    readonly rule: DueRule;
    readonly from: number;
    readonly to: number;
    readonly zone: Zone;
  },
): number {
  const { cronId, rule, from, to, zone } = range;
  const row = statement(
    database,
    `SELECT count(*) AS own FROM schedule_slots
       WHERE cron_id = ? AND due_at BETWEEN ? AND ? AND reason NOT IN ('boot', 'keep_alive')`,
  ).get(cronId, from, to);
  return countDue(rule, from - 1, to, zone) - Number(row?.own ?? 0);
}
