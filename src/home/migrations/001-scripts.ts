import type { Migration } from './migration.ts';

/** Personal scripts as an index of the folder, and what became of the runs that people start. */
export const scriptsMigration: Migration = {
  version: 1,
  name: 'scripts',
  apply: (database) => database.exec(LAYOUT),
};

const LAYOUT = `
CREATE TABLE personal_scripts (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  path TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  runtime TEXT NOT NULL,
  metadata_json TEXT NOT NULL,
  created_by TEXT NOT NULL,
  source TEXT NOT NULL,
  origin TEXT NOT NULL,
  enabled INTEGER NOT NULL DEFAULT 1,
  has_inline_metadata INTEGER NOT NULL,
  -- taken out of use while its file stays where it is
  removed_at TEXT,
  last_synced_at TEXT NOT NULL,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE script_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  script_path TEXT NOT NULL,
  name TEXT NOT NULL,
  -- the process that looks after it
  owner TEXT NOT NULL,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  exit_code INTEGER,
  signal TEXT,
  timed_out INTEGER NOT NULL DEFAULT 0,
  interrupted INTEGER NOT NULL DEFAULT 0,
  duration_ms INTEGER,
  summary TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  output TEXT NOT NULL DEFAULT '',
  output_truncated INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX script_runs_latest ON script_runs (script_path, id);
CREATE INDEX script_runs_open ON script_runs (script_path) WHERE ended_at IS NULL;
`;
