// The tests that mutants are run against: those that call the source in this process and are quick.
import { defineConfig } from 'vitest/config';

// Far from UTC, so that a time without a zone tells whether it was taken for one in UTC.
process.env.TZ = 'America/New_York';

export default defineConfig({
  test: {
    testTimeout: 60_000,
    include: [
      'test/unit/{domain,periods,pricing}/**/*.test.ts',
      'test/unit/agents/claude-code/transcript/**/*.test.ts',
      'test/unit/attribution/remote.test.ts',
      'test/property/{patterns,decide,pricing,ingest-scan}.test.ts',
      'test/contract/pricing/measured-bills.test.ts',
    ],
  },
});
