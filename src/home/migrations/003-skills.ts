import type { Migration } from './migration.ts';

/** What is remembered of the operator's skills: trust, uses, and an index to search them by. */
export const skillsMigration: Migration = {
  version: 3,
  name: 'skills',
  apply: (database) => {
    database.exec(`
      CREATE TABLE skills (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        source_kind TEXT NOT NULL,
        source_name TEXT NOT NULL,
        level TEXT NOT NULL,
        declared_execution_level TEXT NOT NULL,
        approved_execution_level TEXT NOT NULL DEFAULT '',
        approved_at TEXT NOT NULL DEFAULT '',
        approved_by TEXT NOT NULL DEFAULT '',
        approved_digest TEXT NOT NULL DEFAULT '',
        trust_score INTEGER NOT NULL,
        use_count INTEGER NOT NULL DEFAULT 0,
        success_count INTEGER NOT NULL DEFAULT 0,
        fail_count INTEGER NOT NULL DEFAULT 0,
        last_used_at TEXT,
        last_decayed_at TEXT,
        folder TEXT NOT NULL,
        definition_file TEXT NOT NULL,
        file_path TEXT NOT NULL DEFAULT '',
        digest TEXT NOT NULL,
        note TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
      ) STRICT;
      CREATE TABLE skill_usage (
        id INTEGER PRIMARY KEY,
        skill_id TEXT NOT NULL REFERENCES skills (id) ON DELETE CASCADE,
        session_id TEXT NOT NULL DEFAULT '',
        success INTEGER NOT NULL,
        context TEXT NOT NULL DEFAULT '',
        notes TEXT NOT NULL DEFAULT '',
        created_at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX skill_usage_by_skill ON skill_usage (skill_id, created_at);
      CREATE INDEX skill_usage_by_session ON skill_usage (session_id, skill_id);
      CREATE VIRTUAL TABLE skills_text USING fts5 (
        id UNINDEXED, name, description, tags, triggers, content,
        tokenize = 'porter unicode61 remove_diacritics 2'
      );
    `);
  },
};
