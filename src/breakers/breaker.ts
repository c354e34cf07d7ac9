// The contract of a circuit breaker: what is remembered of a thread's recent calls, and what a breaker says about it. Rule: hashes stand for
// inputs and results, so that nothing of them is kept.
import type { BreakerEvidence, BreakerName } from '../domain/breaker-trip.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';

/** What a call of a tool does: changes files, only reads, or anything else. */
export type CallKind = 'edit' | 'read' | 'other';

/** One call of a tool, as far as breakers need it. */
export interface CallFact {
  /** The same for calls of one tool with exactly the same input. */
  readonly asked: string;
  /** The same for calls of one tool that asked for the same and got the same, counters and times in both apart. */
  readonly same: string;
  /** The same for calls of one tool with the same result, times in it apart. */
  readonly outcome: string;
  /** The file that was read; `null`: none. */
  readonly file: string | null;
  /** The tool, and the file of one that reads or writes files. */
  readonly subject: string;
  readonly kind: CallKind;
  readonly hasFailed: boolean;
}

/** A call that was made. `spentNanoUsd`: what the thread had spent when it was over. */
export interface Call extends CallFact {
  readonly at: EpochMs;
  readonly spentNanoUsd: NanoUsd;
}

/** A moment from which something is counted. */
interface Mark {
  readonly at: EpochMs;
  readonly spentNanoUsd: NanoUsd;
}

/** What is remembered of a thread. Plain JSON. */
export interface Activity {
  /** The newest calls since a person was there, oldest first. */
  readonly calls: readonly Call[];
  /** Responses in a row that asked for no tool, and when they began. */
  readonly withoutTools: Mark & { readonly count: number };
  /** Responses that asked for no tool since a prompt, whatever came between them. Absent in what older versions have remembered. */
  readonly turnEnds?: Mark & { readonly count: number };
  /** When a person was there last, or the thread began. */
  readonly attended: Mark;
  /** The context when something was edited last, or a person was there. */
  readonly context: Mark & { readonly tokens: number; readonly requestCount: number };
  /** Now. */
  readonly now: Mark & { readonly contextTokens: number };
  /** Breakers that have tripped and have been told. */
  readonly told: readonly BreakerName[];
}

/** What happened in a thread. */
export type Step = Mark & { readonly contextTokens: number } & (
    | { readonly kind: 'calls'; readonly calls: readonly CallFact[] }
    /** `isAttended`: a person gave it; else the agent did, or a program. */
    | { readonly kind: 'prompt'; readonly isAttended: boolean }
    /** A response that asked for no tool. */
    | { readonly kind: 'response' }
  );

type WithoutCost<T> = T extends unknown ? Omit<T, 'spentNanoUsd'> : never;

/** A step, without what was spent until then. */
export type ThreadStep = WithoutCost<Step>;

/** How a breaker is set. `null`: it has no such limit. */
export interface BreakerSettings {
  readonly mode: 'off' | 'observe' | 'warn' | 'enforce';
  readonly times: number | null;
  /** Trips earlier than `times` (but not at once) where so much was spent on it. */
  readonly costNanoUsd: NanoUsd | null;
  readonly overMs: number | null;
  readonly perMinuteNanoUsd: NanoUsd | null;
  readonly tokens: number | null;
}

/** How all of them are set. */
export type BreakerRules = Readonly<Record<BreakerName, BreakerSettings>>;

/** A circuit breaker. PURE. */
export interface Breaker {
  readonly name: BreakerName;
  /** Why it trips; `null`: it does not. `spentSince`: what the whole session has spent since an instant. */
  readonly judge: (
    activity: Activity,
    settings: BreakerSettings,
    spentSince: (at: EpochMs) => NanoUsd,
  ) => BreakerEvidence | null;
}

/** Calls after the last edit that changed something for the first time: what came before says nothing about what comes after. */
export function sinceChange(calls: readonly Call[]): readonly Call[] {
  const seen = new Set<string>();
  let from = 0;
  calls.forEach((call, index) => {
    if (call.kind !== 'edit' || call.hasFailed) return;
    if (!seen.has(call.asked)) from = index + 1;
    seen.add(call.asked);
  });
  return calls.slice(from);
}

/** Whether so much was spent on it that it need not go on as long as it may. */
export const isDear = (costNanoUsd: NanoUsd, settings: BreakerSettings): boolean =>
  settings.costNanoUsd !== null && costNanoUsd >= settings.costNanoUsd;

/** In how many responses these calls were made: those of one response count once. */
export const responseCount = (calls: readonly Call[]): number =>
  new Set(calls.map(({ at }) => at)).size;
