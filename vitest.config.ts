// One runner for every kind of test. The real client's tests take up to ten seconds each, hence the long limits: they
// are for what hangs, not for a machine that is slow or busy.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // Two real clients at a time are as much as two cores bear without upsetting their timing.
    maxWorkers: 2,
  },
});
