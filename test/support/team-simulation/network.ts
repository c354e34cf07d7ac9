// Between a machine and the server: loses requests, loses answers, delays both, sends twice, and ends the process that asks. Rule: what a request does it does
// on the real server, whenever it arrives.
import { TollgateError } from '../../../src/errors.ts';
import type { TeamEntry, TeamMachineStore } from '../../../src/stores/team-store.ts';
import { type Machine, pause, type Worker } from './machine.ts';
import { chance, note, pick, type World } from './world.ts';

/** `late`: it arrives after the machine has given it up. `slow`: the machine waits meanwhile. `dead`: the worker ends there. */
const FATES = [
  ...['lost', 'unanswered', 'unanswered', 'late', 'twice', 'slow', 'slow answer'],
  ...['dead', 'dead unanswered'],
] as const;

/** What is on its way for longer arrives no more. */
export const LONGEST_WAY_MS = 120_000;

const unreachable = (): TollgateError =>
  new TollgateError({ code: 'TEAM_UNREACHABLE', message: 'no answer', hint: '', retryable: true });

/** The team as one worker of a machine reaches it. */
export function linkOf(
  machine: Machine,
  worker: Worker,
  world: World,
): TeamMachineStore & { readonly close: () => Promise<void> } {
  const { store } = machine.member;
  const through = <T>(what: string, ask: (team: TeamMachineStore) => Promise<T>): Promise<T> =>
    carry(what, () => arrive(world, () => ask(store)), machine, worker, world);
  return {
    flush: (entries, offsetMs) =>
      through(`flush ${entries.length}`, async (team) => {
        const flushed = await team.flush(entries, offsetMs);
        noteArrival(entries, offsetMs, world);
        return flushed;
      }),
    takeLease: (question) =>
      through(
        `take ${question.budgetId} r${question.known?.renewal} need ${question.needNanoUsd}`,
        (team) => team.takeLease(question),
      ),
    settleLease: (poolKey, renewal) =>
      through(`settle ${poolKey} r${renewal}`, (team) => team.settleLease(poolKey, renewal)),
    pullState: () => through('pull', (team) => team.pullState()),
    close: async () => {},
  };
}

/** The server's part, at the server's time. */
async function arrive<T>(world: World, ask: () => Promise<T>): Promise<T> {
  await world.lane.setClock(world.now);
  world.isTouched = true;
  world.truth.questions += 1;
  return ask();
}

async function carry<T>(
  what: string,
  execute: () => Promise<T>,
  machine: Machine,
  worker: Worker,
  world: World,
): Promise<T> {
  if (world.now < machine.awayUntil) throw unreachable();
  const fate = chance(world, world.trouble) ? pick(world, FATES) : 'fine';
  note(world, `${machine.name} ${what}${fate === 'fine' ? '' : ` (${fate})`}`);
  const { late } = world;
  if (fate === 'lost') throw unreachable();
  if (fate === 'late') {
    late.push({ from: machine, sentAt: world.now, arrive: execute });
    throw unreachable();
  }
  if (fate === 'dead') return endsHere(worker);
  if (fate === 'slow') {
    const sentAt = world.now;
    await pause(worker, sentAt + 5_500);
    if (world.now - sentAt > LONGEST_WAY_MS) throw unreachable();
  }
  const answer = await execute();
  if (fate === 'twice') late.push({ from: machine, sentAt: world.now, arrive: execute });
  if (fate === 'unanswered') throw unreachable();
  if (fate === 'dead unanswered') return endsHere(worker);
  if (fate === 'slow answer') await pause(worker, world.now + 5_500);
  if (what.startsWith('take')) note(world, `  ${JSON.stringify(answer)}`);
  return answer;
}

/** A process that is gone waits for nothing. */
function endsHere(worker: Worker): Promise<never> {
  worker.isOver = true;
  worker.rests();
  return new Promise(() => {});
}

/** Of an entry that comes twice the first counts, in the window that the clock of the machine was told to be in then. */
function noteArrival(entries: readonly TeamEntry[], offsetMs: number, world: World): void {
  const { arrivals } = world.truth;
  for (const { entryId } of entries) if (!arrivals.has(entryId)) arrivals.set(entryId, offsetMs);
}
