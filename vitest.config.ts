import { defineConfig } from 'vitest/config';

const shared = {
  pool: 'forks' as const,
  globalSetup: ['test/support/temporary-home.ts'],
  // Nothing a test leaves behind may reach the next one.
  unstubEnvs: true,
  restoreMocks: true,
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'bench/**/*.test.ts',
            'test/pins/**/*.test.ts',
            'test/gate/**/*.test.ts',
            'test/hooks/**/*.test.ts',
            'test/packs/**/*.test.ts',
          ],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        test: {
          ...shared,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
