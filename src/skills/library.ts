import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

import { type Clock, systemClock } from '../base/clock.ts';
import { NexoError } from '../errors.ts';
import { openHomeDatabase } from '../home/database.ts';
import type { HomePaths } from '../home/paths.ts';
import { type SkillDefinition, type SkillIssue, skillId } from './definition.ts';
import {
  discoverSkills,
  type Shadowed,
  type SkillCache,
  type SkillPlaces,
  skillSources,
} from './discover.ts';
import { type KnownSkill, type MatchOptions, matchSkills, type SkillMatch } from './match.ts';
import { pruneStaged, stageSkill, stageSkills } from './staging.ts';
import { readStored, recordSkills } from './store.ts';

export interface SyncReport {
  readonly synced: number;
  /** Sorted. */
  readonly ids: readonly string[];
  readonly pruned: readonly string[];
  readonly shadowed: readonly Shadowed[];
  readonly issues: readonly SkillIssue[];
}

export interface LibraryOptions extends Omit<SkillPlaces, 'home'> {
  readonly paths: HomePaths;
  readonly clock?: Clock;
}

/** For how long a sync is good enough for a question, in milliseconds: looking at thousands of folders takes a while. */
const FRESH_MS = 1000;

/**
 * The operator's skills: the folders, what is remembered of them, and an index to find them by. The folders are the
 * truth; every question syncs first, and reads again only what has changed. The caller closes it.
 */
export class SkillLibrary {
  readonly paths: HomePaths;
  readonly clock: Clock;
  readonly database: DatabaseSync;
  readonly #places: SkillPlaces;
  readonly #cache: SkillCache = new Map();
  #known: ReadonlyMap<string, KnownSkill> = new Map();
  #report: SyncReport | undefined;
  #syncedAt = 0;
  #print = '';
  #folders = '';
  #isClosed = false;
  #isLookPlanned = false;

  private constructor(options: LibraryOptions, database: DatabaseSync) {
    this.paths = options.paths;
    this.clock = options.clock ?? systemClock;
    this.database = database;
    this.#places = {
      home: options.paths,
      assets: options.assets,
      ...(options.packs === undefined ? {} : { packs: options.packs }),
    };
  }

  static async open(options: LibraryOptions): Promise<SkillLibrary> {
    return new SkillLibrary(options, await openHomeDatabase(options.paths));
  }

  close(): void {
    this.#isClosed = true;
    this.database.close();
  }

  /** Reads the folders, stages programs, and brings the record in line. */
  sync(): SyncReport {
    // Before the look: what comes in between is looked for again.
    const folders = this.#foldersPrint();
    const { skills, issues, shadowed } = discoverSkills(skillSources(this.#places), this.#cache);
    const prints = skills.map(({ id, folder }) => `${id} ${this.#cache.get(folder)?.print ?? ''}`);
    // What is wrong counts as well: a skill that was never good is not among the others.
    const print = [...prints, JSON.stringify([issues, shadowed])].join('\n');
    this.#syncedAt = this.clock.now();
    this.#folders = folders;
    if (this.#report !== undefined && print === this.#print) {
      this.#refreshRecords();
      return { ...this.#report, pruned: [] };
    }
    const staged = stageSkills(skills, this.paths);
    const { pruned } = recordSkills(this.database, staged.synced, this.clock);
    this.#print = print;
    const definitions = new Map(skills.map((skill) => [skill.id, skill]));
    this.#known = this.#join(definitions);
    pruneStaged(
      readStored(this.database).map(({ id }) => id),
      this.paths.skillsRuntime,
    );
    this.#report = {
      synced: skills.length,
      ids: skills.map(({ id }) => id),
      pruned,
      shadowed,
      issues: [...issues, ...staged.issues],
    };
    return this.#report;
  }

  /** Every skill with its record, synced not long ago. */
  known(): ReadonlyMap<string, KnownSkill> {
    if (this.#report === undefined || this.clock.now() - this.#syncedAt >= FRESH_MS) this.sync();
    return this.#known;
  }

  /**
   * As `known`, for a question that has to be quick: a skill that has come or gone counts at once, a changed text from
   * the next question on. Looking at thousands of skills takes longer than finding one among them.
   */
  #knownSoon(): ReadonlyMap<string, KnownSkill> {
    if (this.#report === undefined || this.#folders !== this.#foldersPrint()) return this.known();
    if (this.clock.now() - this.#syncedAt >= FRESH_MS && !this.#isLookPlanned) {
      this.#isLookPlanned = true;
      setImmediate(() => {
        this.#isLookPlanned = false;
        try {
          if (!this.#isClosed) this.sync();
        } catch {
          // Nobody waits for it; whoever asks for a skill next is told.
        }
      });
    }
    return this.#known;
  }

  /** Changes when a skill's folder is added or removed. */
  #foldersPrint(): string {
    return skillSources(this.#places)
      .map(({ folder }) => statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? '-')
      .join(' ');
  }

  /** The skill of this id, in any spelling of it. Throws SKILL_UNKNOWN. */
  get(name: string): KnownSkill {
    this.sync();
    const id = skillId(name);
    const found = this.#known.get(name.toUpperCase()) ?? (id === undefined ? undefined : this.#known.get(id));
    if (found !== undefined) return found;
    throw new NexoError('SKILL_UNKNOWN', `There is no skill ${name.slice(0, 100)}.`, {
      hint: 'nexo skills list names those there are.',
      data: { id: name.slice(0, 100) },
    });
  }

  /**
   * As `get`, with the program staged as the skill's folder has it at this moment: somebody may have changed or removed
   * the copy that runs. Throws SKILL_UNKNOWN, and what reading the program throws.
   */
  getToRun(name: string): KnownSkill {
    const known = this.get(name);
    const { digest, filePath } = stageSkill(known.skill, this.paths);
    if (digest === known.stored.digest && filePath === known.stored.filePath) return known;
    this.#report = undefined;
    return this.get(name);
  }

  match(task: string, options: MatchOptions = {}): readonly SkillMatch[] {
    return matchSkills(this.database, this.#knownSoon(), task, options);
  }

  /** Reads the records again after one has changed. */
  refresh(): void {
    this.#refreshRecords();
  }

  #refreshRecords(): void {
    this.#known = this.#join(new Map([...this.#known].map(([id, { skill }]) => [id, skill])));
  }

  #join(definitions: ReadonlyMap<string, SkillDefinition>): ReadonlyMap<string, KnownSkill> {
    return new Map(
      readStored(this.database).flatMap((stored): [string, KnownSkill][] => {
        const skill = definitions.get(stored.id);
        return skill === undefined ? [] : [[stored.id, { skill, stored }]];
      }),
    );
  }
}
