import type { Migration } from './migration.ts';

/** Schedules, what became of each due time, and the runs. Moments are milliseconds since the epoch. */
export const schedulesMigration: Migration = {
  version: 2,
  name: 'schedules',
  apply: (database) => database.exec(LAYOUT),
};

const LAYOUT = `
CREATE TABLE schedules (
  cron_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  script_path TEXT NOT NULL,
  description TEXT NOT NULL,
  -- declared in the script's metadata, or added by hand
  source TEXT NOT NULL CHECK (source IN ('declared', 'added')),
  backend TEXT NOT NULL,
  schedule_type TEXT NOT NULL CHECK (schedule_type IN ('calendar', 'interval', 'keep_alive')),
  schedule_value TEXT NOT NULL,
  recovery_policy TEXT NOT NULL,
  run_on_boot INTEGER NOT NULL,
  run_on_wake INTEGER NOT NULL,
  idempotent INTEGER NOT NULL,
  max_catchup_age INTEGER NOT NULL,
  timeout_seconds INTEGER,
  -- where an interval counts from
  anchor_at INTEGER NOT NULL,
  -- every due time up to here has its outcome
  cursor_at INTEGER NOT NULL,
  next_due_at INTEGER,
  -- a run that was cut and is to be repeated
  retry_due_at INTEGER,
  -- the run of the machine that run_on_boot has been seen to
  booted TEXT NOT NULL,
  -- a daemon's ends in a row, for the pause before its next start
  restarts INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX schedules_next_due ON schedules (backend, next_due_at);
CREATE INDEX schedules_cursor ON schedules (backend, cursor_at);
CREATE INDEX schedules_script ON schedules (script_path);
CREATE INDEX schedules_boot ON schedules (backend, booted) WHERE run_on_boot = 1;

CREATE TABLE schedule_slots (
  cron_id TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  -- the wall-clock time that was meant, for calendar schedules that ran
  wall TEXT,
  outcome TEXT NOT NULL
    CHECK (outcome IN ('running', 'ran', 'caught_up', 'failed', 'interrupted', 'skipped')),
  reason TEXT NOT NULL,
  run_id INTEGER,
  recorded_at INTEGER NOT NULL,
  PRIMARY KEY (cron_id, due_at)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX schedule_slots_wall ON schedule_slots (cron_id, wall) WHERE wall IS NOT NULL;

-- due times in a row that nobody saw to; those with a slot of their own are not counted
CREATE TABLE schedule_gaps (
  id INTEGER PRIMARY KEY,
  cron_id TEXT NOT NULL,
  from_due_at INTEGER NOT NULL,
  to_due_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  reason TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE INDEX schedule_gaps_to ON schedule_gaps (cron_id, to_due_at);

CREATE TABLE cron_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  cron_id TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  cause TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  -- claimed: nothing has been started yet
  state TEXT NOT NULL CHECK (state IN ('claimed', 'running', 'ended')),
  -- who may start it
  token TEXT NOT NULL,
  owner TEXT NOT NULL,
  child TEXT,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  exit_code INTEGER,
  signal TEXT,
  timed_out INTEGER NOT NULL DEFAULT 0,
  summary TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  duration_secs REAL,
  UNIQUE (cron_id, due_at)
) STRICT;
CREATE INDEX cron_runs_latest ON cron_runs (cron_id, id);
CREATE INDEX cron_runs_started ON cron_runs (started_at);
CREATE INDEX cron_runs_open ON cron_runs (cron_id) WHERE ended_at IS NULL;

-- scripts whose schedule was taken away on purpose: reconcile leaves them alone
CREATE TABLE schedule_holds (
  script_path TEXT PRIMARY KEY,
  cron_id TEXT NOT NULL,
  held_at INTEGER NOT NULL
) STRICT;

CREATE TABLE schedule_settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`;
