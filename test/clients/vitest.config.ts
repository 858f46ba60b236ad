import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: `${import.meta.dirname}/../..`,
    pool: 'forks',
    include: ['test/clients/**/*.test.ts'],
    globalSetup: ['test/support/temporary-home.ts'],
    // A run of a client takes seconds on an idle machine; each one has its own, shorter end.
    testTimeout: 400_000,
    hookTimeout: 60_000,
    // Two clients at once on two cores only slow one another down.
    fileParallelism: false,
  },
});
