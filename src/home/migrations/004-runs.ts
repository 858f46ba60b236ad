import type { Migration } from './migration.ts';

/**
 * Runs of agents: what was asked for, what was really used, what it cost and how it ended. The text of a prompt is
 * nowhere in it, only its length.
 */
export const runsMigration: Migration = {
  version: 4,
  name: 'runs',
  apply: (database) =>
    database.exec(`
      CREATE TABLE automation_runs (
        id TEXT PRIMARY KEY,
        caller TEXT NOT NULL,
        backend TEXT NOT NULL,
        provider TEXT NOT NULL DEFAULT '',
        session_type TEXT NOT NULL DEFAULT 'headless',
        task_profile TEXT NOT NULL DEFAULT '',
        asked_model TEXT NOT NULL DEFAULT '',
        asked_effort TEXT NOT NULL DEFAULT '',
        model TEXT NOT NULL DEFAULT '',
        reasoning_effort TEXT NOT NULL DEFAULT '',
        resonance_tier TEXT NOT NULL DEFAULT '',
        cwd TEXT NOT NULL DEFAULT '',
        output_format TEXT NOT NULL DEFAULT 'text',
        prompt_chars INTEGER NOT NULL DEFAULT 0,
        status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'ok', 'failed')),
        reason TEXT NOT NULL DEFAULT '',
        returncode INTEGER,
        duration_ms INTEGER,
        attempts INTEGER NOT NULL DEFAULT 0,
        turns INTEGER NOT NULL DEFAULT 0,
        tool_calls INTEGER NOT NULL DEFAULT 0,
        input_tokens INTEGER NOT NULL DEFAULT 0,
        cached_input_tokens INTEGER NOT NULL DEFAULT 0,
        output_tokens INTEGER NOT NULL DEFAULT 0,
        total_cost_usd REAL,
        telemetry_source TEXT NOT NULL DEFAULT 'missing',
        cost_source TEXT NOT NULL DEFAULT 'missing',
        session_id TEXT NOT NULL DEFAULT '',
        parent_id TEXT,
        metadata TEXT NOT NULL DEFAULT '{}',
        pid INTEGER,
        pid_identity TEXT NOT NULL DEFAULT '',
        child_pid INTEGER,
        cancel_requested INTEGER NOT NULL DEFAULT 0,
        claimed_by TEXT NOT NULL DEFAULT '',
        lease_until TEXT,
        claims INTEGER NOT NULL DEFAULT 0,
        created_at TEXT NOT NULL,
        started_at TEXT,
        ended_at TEXT
      ) STRICT;
      CREATE INDEX automation_runs_started ON automation_runs (started_at);
      CREATE INDEX automation_runs_open ON automation_runs (status) WHERE status IN ('queued', 'running');
    `),
};
