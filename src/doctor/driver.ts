// What opens the ledger on this machine.
import { TollgateError } from '../errors.ts';
import type { Check } from './check.ts';

export const driver: Check = {
  name: 'driver',
  run: ({ readDriver }) => {
    try {
      const facts = readDriver();
      const { name, version, sqliteVersion } = facts;
      return {
        summary: `${name} ${version}, SQLite ${sqliteVersion}`,
        facts: { ...facts },
        findings: name === 'better-sqlite3' ? [] : [{ code: 'DRIVER_FALLBACK' }],
      };
    } catch (error) {
      if (!(error instanceof TollgateError)) throw error;
      const values = { reason: error.message, remedy: error.hint };
      return {
        summary: 'nothing opens the ledger',
        facts: {},
        findings: [{ code: 'DRIVER_MISSING', values }],
      };
    }
  },
};
