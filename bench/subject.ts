import type { Contender } from './contenders.ts';
import type { Processes } from './processes.ts';
import type { RowId } from './rows.ts';
import type { Readings, Rounds } from './samples.ts';
import type { Scratch } from './scratch.ts';
import { Server } from './server.ts';

export interface Measurement {
  readonly row: RowId;
  readonly readings: Readings;
}

/** One thing to measure. It yields each row as soon as it is known, so a run that is cut short keeps what it has. */
export interface Subject {
  readonly name: string;
  measure(bench: Bench): AsyncGenerator<Measurement>;
}

/** What a subject works with. */
export class Bench {
  readonly contenders: readonly Contender[];
  readonly scratch: Scratch;
  readonly processes: Processes;
  readonly quick: boolean;

  constructor(given: {
    contenders: readonly Contender[];
    scratch: Scratch;
    processes: Processes;
    quick: boolean;
  }) {
    this.contenders = given.contenders;
    this.scratch = given.scratch;
    this.processes = given.processes;
    this.quick = given.quick;
  }

  rounds(full: number, quick: number, warmups = 2): Rounds {
    return { warmups, rounds: this.quick ? quick : full, longestMs: this.quick ? 3_000 : 10_000 };
  }

  /** Without `rooted` the server finds the project by its working directory, as most clients start it. */
  start(contender: Contender, project: string, { rooted = false } = {}): Server {
    const env = this.scratch.environment(rooted ? { [contender.rootVariable]: project } : {});
    return new Server(this.processes, contender.serve, { cwd: project, env });
  }

  /** A server for each contender in a project of its own, ready for calls. */
  async startAll(prepare: (contender: Contender, project: string) => void, options = {}): Promise<Running> {
    const running = new Map<Contender, { server: Server; project: string }>();
    for (const contender of this.contenders) {
      const project = this.scratch.project();
      prepare(contender, project);
      const server = this.start(contender, project, options);
      await server.initialize();
      running.set(contender, { server, project });
    }
    return {
      of(contender) {
        const found = running.get(contender);
        if (found === undefined) throw new Error(`no server of ${contender.name}`);
        return found;
      },
      async stop() {
        for (const { server } of running.values()) await server.stop();
      },
    };
  }
}

export interface Running {
  of(contender: Contender): { readonly server: Server; readonly project: string };
  stop(): Promise<void>;
}
