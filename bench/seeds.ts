/** State files as each contender writes them itself: same content, its own shape. */
export interface Seeds {
  plan(issues: number): string;
  tasks(count: number): string;
  history(cycles: number): string;
}

/** Stands in one early decision of a seeded history, so a search for it has to look at nearly all of it. */
export const RARE_WORD = 'kingfisher';

export const nexoSeeds: Seeds = {
  plan: (issues) => render(plan(1, issues, 'pending')),
  tasks: (count) => render({ goal: 'Deliver once', decisions: [], tasks: times(count, nexoTask) }),
  history: (cycles) =>
    render({
      cycles: times(cycles, (n) => ({
        schema_version: '0.5',
        completed_at: instant(n),
        branch: 'main',
        plan: plan(n, 2, 'decided'),
        tasks: times(2, nexoTask),
      })),
    }),
};

export const referenceSeeds: Seeds = {
  plan: nexoSeeds.plan,
  tasks: (count) => render({ goal: 'Deliver once', decisions: [], tasks: times(count, referenceTask) }),
  history: (cycles) =>
    render({
      cycles: times(cycles, (n) => ({
        schema_version: '1.0',
        completed_at: instant(n),
        branch: 'main',
        plan: plan(n, 2, 'decided'),
        tasks: times(2, referenceTask),
      })),
    }),
};

function plan(id: number, issues: number, status: 'pending' | 'decided'): object {
  return {
    id,
    topic: `Delivery that survives a restart, part ${id}`,
    issues: times(issues, (n) => ({
      id: n,
      title: `What happens to a message that was sent twice (${n})`,
      status,
      ...(status === 'decided' ? { decision: decision(id) } : {}),
    })),
    research_summary: 'Read the queue, the retry policy and the notes of the last two outages.',
    created_at: instant(id),
  };
}

function decision(cycle: number): string {
  const bird = cycle === 7 ? RARE_WORD : 'sparrow';
  return `Keep the key of each delivery for a day and drop a second one; the ${bird} service does the same.`;
}

function nexoTask(id: number): object {
  return { ...taskHead(id), owner: 'engineer', created_at: instant(id) };
}

function referenceTask(id: number): object {
  return { ...taskHead(id), owner: { role: 'engineer' }, created_at: instant(id) };
}

function taskHead(id: number): object {
  return {
    id,
    title: `Store the key of delivery ${id}`,
    status: id % 3 === 0 ? 'completed' : 'pending',
    context: 'The service restarts and forgets what it had in hand; see the decision on the queue.',
    acceptance: 'A restart in the middle of a delivery loses nothing, and a test shows it.',
    deps: id % 5 === 0 && id > 1 ? [id - 1] : [],
  };
}

function instant(n: number): string {
  return new Date(Date.UTC(2026, 0, 1) + n * 60_000).toISOString();
}

function times<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index + 1));
}

function render(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
