// What a scenario consists of, and what its parts share: its time, its chances, its machines and what is on its way between them and the server.
import type { KillKind, TeamBudget } from '../../../src/stores/team-store.ts';
import type { Rng } from '../../bench/workload.ts';
import type { Lane } from './lane.ts';
import type { Machine } from './machine.ts';
import type { Truth } from './truth.ts';

export interface World {
  readonly lane: Lane;
  readonly seed: number;
  readonly rng: Rng;
  readonly folder: string;
  /** A ledger that has just entered the team. */
  readonly template: string;
  /** The server's clock. */
  now: number;
  readonly machines: Machine[];
  /** Whose ledger was lost. */
  readonly gone: Machine[];
  readonly budgets: TeamBudget[];
  readonly kills: { readonly kind: KillKind; readonly value: string }[];
  /** Requests that have left a machine and arrive once the machine has given them up, if they ever do. */
  late: {
    readonly from: Machine;
    readonly sentAt: number;
    readonly arrive: () => Promise<unknown>;
  }[];
  /** Whoever was a member. */
  readonly roles: Set<string>;
  /** What goes wrong on the network; 0: nothing. */
  trouble: number;
  /** Whether anything has come to the server since it was looked at. */
  isTouched: boolean;
  readonly truth: Truth;
  /** What happened, for whoever has to understand a seed. */
  readonly log: string[];
  /** Whether somebody holds what nobody gives back: a ledger that was lost, a copy, an earlier start of a machine. */
  hasLeft: boolean;
  nextId: number;
}

export const chance = ({ rng }: World, odds: number): boolean => rng.next() < odds;

export function pick<T>({ rng }: World, from: readonly T[]): T {
  const found = from[Math.floor(rng.next() * from.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

export const between = ({ rng }: World, low: number, high: number): number =>
  Math.round(low + (high - low) * rng.next());

export const note = (world: World, text: string): void => {
  world.log.push(`${new Date(world.now).toISOString().slice(5, 23)} ${text}`);
};
