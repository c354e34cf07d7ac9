// Three groups of tests. `fast` runs the source as it is, in this process; `postgres` the same beside a real server; `e2e` starts the built
// program and the real client, whose runs take up to ten seconds each: its long limits are for what hangs, not for a machine that is slow.
import { defineConfig } from 'vitest/config';

const FAST = ['unit', 'property', 'contract', 'scenario', 'tidy'];
const POSTGRES = [
  'test/contract/team/**/*.test.ts',
  'test/contract/stores/conformance.test.ts',
  'test/property/team-simulation.test.ts',
];

export default defineConfig({
  test: {
    testTimeout: 120_000,
    hookTimeout: 300_000,
    pool: 'forks',
    // Two real clients at a time are as much as two cores bear without upsetting their timing.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: FAST.map((folder) => `test/${folder}/**/*.test.ts`),
          exclude: POSTGRES,
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'postgres', include: POSTGRES, isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e', 'support', 'tamper'].map((folder) => `test/${folder}/**/*.test.ts`),
          // Real clients on a machine that is busy with other things: what fails twice is broken.
          retry: 1,
        },
      },
    ],
  },
});
