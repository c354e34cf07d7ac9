// Whether the ledger can be read, is whole, and is private to its owner.
import { chmodSync } from 'node:fs';
import type { Check } from './check.ts';
import type { Finding } from './findings.ts';

/** Eight times what closing leaves at most: somebody holds the ledger open, or nobody could fold the log back. */
const LARGE_LOG_BYTES = 64 * 1024 * 1024;
const MEGABYTE = 1024 * 1024;

export const ledger: Check = {
  name: 'ledger',
  run: ({ readLedger, readRestorations }) => {
    const health = readLedger();
    const restorations = readRestorations();
    const { path, exists, integrity, bytes, logBytes, open, failure, networkDrive } = health;
    if (!exists) {
      return { summary: 'none yet', facts: { path, exists }, findings: permissionsOf(open) };
    }
    const findings: Finding[] = permissionsOf(open);
    if (failure !== null) {
      const values = { reason: failure.message, remedy: failure.hint };
      findings.push(
        failure.code === 'LEDGER_DAMAGED'
          ? { code: 'LEDGER_DAMAGED', path, values }
          : { code: 'LEDGER_UNREADABLE', path, values },
      );
    } else if (integrity !== 'ok') {
      findings.push({ code: 'LEDGER_DAMAGED', path, values: { reason: integrity } });
    }
    if (networkDrive !== null) {
      findings.push({ code: 'LEDGER_ON_NETWORK', path, values: { system: networkDrive } });
    }
    if (logBytes > LARGE_LOG_BYTES) {
      const megabytes = Math.round(logBytes / MEGABYTE);
      findings.push({ code: 'LEDGER_LOG_LARGE', path, values: { megabytes } });
    }
    return {
      summary: [`${path}, ${(bytes / MEGABYTE).toFixed(1)} MB`, ...restorations.slice(-1)].join(
        '; ',
      ),
      facts: { path, exists, integrity, bytes, logBytes, restorations, networkDrive },
      findings,
    };
  },
  fix: ({ code, path, values }) => {
    if (code !== 'LEDGER_PERMISSIONS' || path === undefined) return null;
    chmodSync(path, Number.parseInt(String(values?.wanted), 8));
    return `${path} is private to you now`;
  },
};

const permissionsOf = (
  open: readonly { path: string; mode: string; wanted: number }[],
): Finding[] =>
  open.map(({ path, mode, wanted }) => ({
    code: 'LEDGER_PERMISSIONS',
    path,
    values: { mode, wanted: wanted.toString(8) },
  }));
