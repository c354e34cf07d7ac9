// Entries of forty days, the same every time, with every label known here and unknown there.
import type { CorrectionEntry, UsageEntry } from '../../src/domain/entry.ts';
import { correction, request } from './ledger-entries.ts';

export const MANY_ENTRIES_START = Date.parse('2026-10-01T00:00:00Z');

interface Choices {
  /** When the forty days begin. */
  readonly startAt: number;
  readonly repositories: readonly (string | null)[];
  readonly developers: readonly (string | null)[];
  readonly models: readonly (string | null)[];
}

const CHOICES: Choices = {
  startAt: MANY_ENTRIES_START,
  repositories: ['github.com/Acme/Shop', 'github.com/Acme/Web', null],
  developers: ['dana@acme.example', 'eve@acme.example', null],
  models: ['claude-opus-5-5', 'claude-haiku-4-5', null],
};

/** A small generator of numbers, the same every time. */
function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** Entries of forty days, with every label known here and unknown there. */
export function manyEntries(
  count: number,
  others: Partial<Choices> = {},
): (UsageEntry | CorrectionEntry)[] {
  const choices = { ...CHOICES, ...others };
  const below = numbersFrom(7);
  const pick = <T>(...some: readonly T[]): T => some[below(some.length)] as T;
  return Array.from({ length: count }, (_, index) => {
    const labels = {
      repository: pick(...choices.repositories),
      subPath: pick('packages/a', null),
      worktree: pick('fix', null),
      branch: pick('main', 'feat/ABC-7', null),
      developer: pick(...choices.developers),
      client: pick('Acme', null),
      costCentre: pick('4711', null),
      ticket: pick('ABC-7', null),
      pullRequest: pick('42', null),
      model: pick(...choices.models),
      agentType: pick('Explore', null),
      skill: pick('pdf', null),
      plugin: pick('tools', null),
      mcpServer: pick('github', null),
      tool: pick('Bash', 'Read', null),
      labels: pick('team=core', 'phase=2,team=web', null),
    };
    const words = {
      id: `msg_${index}`,
      at: choices.startAt + below(40 * 86_400_000),
      session: `session-${below(12)}`,
      turn: pick('turn-1', 'turn-2', null),
      cost: 1 + below(3_000_000_000),
      labels,
      unknownModel: below(9) === 0,
      provenance: pick('metered', 'estimated', 'client-settled') as UsageEntry['provenance'],
      usage: { inputTokens: below(900), outputTokens: below(5_000), webSearchCount: below(2) },
    };
    return below(10) === 0
      ? correction({ ...words, cost: words.cost - 1_500_000_000 })
      : request(words);
  });
}
