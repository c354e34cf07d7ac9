// Runs many scenarios: a few databases of one server, one scenario at a time in each.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import { startTeamServer } from '../team-database.ts';
import { openLane } from './lane.ts';
import { runScenario } from './scenario.ts';

const LANES = 3;
/** No more is told of what fails: the first tell enough. */
const MOST_FAILURES = 5;

export interface Simulated {
  /** Of each that failed: seed, what did not hold, and what happened. */
  readonly failures: readonly string[];
  readonly seconds: number;
  /** Asked of the server by machines. */
  readonly questionCount: number;
}

/** Scenarios from a seed on. */
export async function simulate(first: number, count: number): Promise<Simulated> {
  const server = await startTeamServer();
  // Ledgers in memory where the system has such a place.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tollgate-sim-'));
  const template = openSqliteStore(join(folder, 'template.db'));
  template.immediately(() => template.enterTeam());
  template.close();
  const failures: string[] = [];
  let next = first;
  let questionCount = 0;
  try {
    const names = Array.from({ length: Math.min(LANES, count) }, (_none, at) => `lane${at}`);
    const lanes = await Promise.all(names.map((name) => openLane(server, name)));
    const startAt = performance.now();
    await Promise.all(
      lanes.map(async (lane) => {
        while (next < first + count && failures.length < MOST_FAILURES) {
          const seed = next++;
          try {
            const { truth } = await runScenario(lane, seed, folder);
            questionCount += truth.questions;
          } catch (error) {
            failures.push((error as Error).message);
          }
        }
        await lane.close();
      }),
    );
    return { failures, seconds: (performance.now() - startAt) / 1_000, questionCount };
  } finally {
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
