// What the files of ingest share: what recording needs, and what reading a session brings.
import type { Agent, Unreadable } from '../agents/agent.ts';
import type { Place } from '../attribution/source.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Pricer } from '../pricing/pricer.ts';
import type { RecordingStore, Store } from '../stores/store.ts';
import type { LabelRules } from './attribution-labels.ts';

/** What a recorder needs. */
export interface RecorderDeps {
  readonly agent: Agent;
  readonly store: RecordingStore;
  readonly pricer: Pricer;
  readonly labels: LabelRules;
  /** `null`: nobody knows where it was. */
  readonly readPlace: (cwd: string | null) => Place;
}

export interface IngestDeps extends RecorderDeps {
  readonly store: Store;
}

/** The head as a session's last event saw it: requests since then were made on that branch. */
export interface KnownHead {
  readonly repository: string | null;
  readonly branch: string | null;
  readonly since: EpochMs;
}

/** What a read brought. */
export interface Ingested {
  readonly requestCount: number;
  /** Lines of the session that may have used tokens and could not be read, whoever met them. */
  readonly unusableCount: number;
  /** Files and folders of the session that could not be read; all else was. */
  readonly unreadable: readonly Unreadable[];
  /** Models without a price that were met, with the row they were counted as. */
  readonly unknownModels: readonly { readonly model: string; readonly pricedAs: string }[];
}

export const NOTHING_INGESTED: Ingested = {
  ...{ requestCount: 0, unusableCount: 0 },
  ...{ unreadable: [], unknownModels: [] },
};
