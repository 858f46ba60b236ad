import { NexoError } from '../../errors.ts';
import { openWorkspace, type Workspace } from '../../workspace/workspace.ts';
import type { KnownProject } from '../instructions.ts';
import { type ClientRoots, decideProject, type Launch, type Project, projectFromLaunch } from '../project.ts';

type Decision =
  | { readonly kind: 'chosen'; readonly workspace: Workspace }
  | { readonly kind: 'refused'; readonly error: NexoError };

interface Question {
  readonly answer: Promise<Decision>;
  settled: Decision | undefined;
}

/**
 * The project of one connection: settled at the start when the launch names it, else once the client has said which
 * folders it has open. Calls wait for it, so that none can reach a project that is still a guess.
 */
export class ProjectState {
  readonly #launch: Launch;
  readonly #ask: () => Promise<ClientRoots>;
  readonly #named: Decision | undefined;
  readonly #workspaces = new Map<string, Workspace>();
  #clientHasRoots = false;
  #question: Question | undefined;

  /** `ask` gets the client's folders; it resolves in bounded time whatever the client does, and never rejects. */
  constructor(launch: Launch, ask: () => Promise<ClientRoots>) {
    this.#launch = launch;
    this.#ask = ask;
    this.#named = this.#orRefusal(() => {
      const named = projectFromLaunch(launch);
      return named === undefined ? undefined : this.#chosen(named);
    });
  }

  /** The client said hello, and whether it can be asked for its folders. */
  introduce(clientHasRoots: boolean): void {
    this.#clientHasRoots = clientHasRoots;
    this.#question = undefined;
  }

  /** The client opened or closed folders. Later calls go by the new ones; calls under way end where they began. */
  rootsChanged(): void {
    this.#question = undefined;
  }

  /** What can be told without asking the client. */
  known(): KnownProject {
    const decision = this.#withoutAsking();
    if (decision === undefined) return { kind: 'open' };
    return decision.kind === 'refused' ? decision : { kind: 'chosen', root: decision.workspace.root };
  }

  /** Root of the workspace in use, as far as that is settled. */
  root(): string | undefined {
    const decision = this.#withoutAsking();
    return decision?.kind === 'chosen' ? decision.workspace.root : undefined;
  }

  /** Resolves once it is decided which project this is, or that there is none. */
  async settled(): Promise<void> {
    await this.#decision();
  }

  /** Throws PROJECT_ROOT_AMBIGUOUS or PROJECT_ROOT_MISSING. */
  async workspace(): Promise<Workspace> {
    const decision = await this.#decision();
    if (decision.kind === 'refused') throw decision.error;
    return decision.workspace;
  }

  async #decision(): Promise<Decision> {
    for (;;) {
      const question = this.#open();
      const decision = await question.answer;
      // When the folders changed while we waited, the newer question counts.
      if (question === this.#question) return decision;
    }
  }

  #withoutAsking(): Decision | undefined {
    const mustAsk = this.#named === undefined && this.#clientHasRoots;
    return mustAsk ? this.#question?.settled : this.#open().settled;
  }

  #open(): Question {
    this.#question ??= this.#named === undefined && this.#clientHasRoots ? this.#asked() : this.#unasked();
    return this.#question;
  }

  #unasked(): Question {
    const settled = this.#named ?? this.#judge({ kind: 'undeclared' });
    return { answer: Promise.resolve(settled), settled };
  }

  #asked(): Question {
    const question: Question = {
      answer: this.#ask().then((roots) => {
        question.settled = this.#judge(roots);
        return question.settled;
      }),
      settled: undefined,
    };
    return question;
  }

  #judge(roots: ClientRoots): Decision {
    return this.#orRefusal(() => this.#chosen(decideProject(this.#launch, roots)));
  }

  #chosen({ root }: Project): Decision {
    const workspace = this.#workspaces.get(root) ?? openWorkspace(root);
    this.#workspaces.set(root, workspace);
    return { kind: 'chosen', workspace };
  }

  #orRefusal<T>(decide: () => T): T | Decision {
    try {
      return decide();
    } catch (error) {
      if (!(error instanceof NexoError)) throw error;
      return { kind: 'refused', error };
    }
  }
}
