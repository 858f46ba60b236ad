import { writeSync } from 'node:fs';

export interface DayOptions {
  readonly force?: boolean;
  /** The day to go by; default: today, in local time. */
  readonly today?: Date;
  /** Told why nothing is done; default: prints it and ends the script with exit code 0. */
  readonly skip?: (message: string) => void;
}

/**
 * Ends the script with exit code 0, saying that it is skipped, unless it is that day of the month or forced. In a month
 * that is shorter, its last day counts. For schedules that run daily and are to do their work monthly.
 */
export function onlyOnDayOfMonth(day: number, options: DayOptions = {}): void {
  const { force = false, today = new Date(), skip = endSkipped } = options;
  if (!Number.isInteger(day) || day < 1 || day > 31) throw new Error(`day is from 1 to 31, not ${day}`);
  const due = Math.min(day, new Date(today.getFullYear(), today.getMonth() + 1, 0).getDate());
  if (force || today.getDate() === due) return;
  skip(`skipped: today is day ${today.getDate()}, and this runs on day ${due} of the month`);
}

function endSkipped(message: string): void {
  // At once: nothing of the script may run while the line is on its way.
  writeSync(1, `${message}\n`);
  process.exit(0);
}
