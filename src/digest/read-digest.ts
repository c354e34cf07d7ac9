// Reads a digest from the ledger. Rule: amounts are those of `report` and `why`, by the same code; nothing is added up here a second way.
import { existsSync } from 'node:fs';
import type { Alert, AlertRecord } from '../alerts/alert.ts';
import type { ZoneDays } from '../domain/aggregates.ts';
import type { EpochMs, Window } from '../domain/time.ts';
import { labelReport, SESSION } from '../reports/label-reports.ts';
import { localText, zoneDays } from '../reports/local-time.ts';
import { buildTable, sumKeysOf, type Table, type TableRow } from '../reports/table.ts';
import type { RatesAt } from '../reports/why/causes.ts';
import { priceElsewhere } from '../reports/why/what-if.ts';
import type { SessionRecord, Store } from '../stores/store.ts';
import type {
  Digest,
  DigestAlternative,
  DigestEvent,
  DigestEvents,
  DigestPeriod,
  DigestSession,
} from './digest.ts';

const SESSION_COUNT = 5;
const EVENT_COUNT = 5;

const MODEL_REPORT = labelReport('model', 'model', 'Model');
const SESSION_REPORT = labelReport(SESSION, SESSION, 'Session');
const PROVENANCE_REPORT = labelReport('provenance', 'provenance', 'Provenance');

/** Which period is told, and the one before it. */
export interface DigestSpan {
  readonly period: DigestPeriod;
  readonly window: Window;
  readonly before: Window;
  readonly timeZone: string;
  readonly now: EpochMs;
}

export interface DigestDeps {
  readonly store: Store;
  readonly rates: RatesAt;
  /** Models to compare with. */
  readonly otherModels: readonly string[];
  /** How many lines could not be used in transcripts that were written since an instant. */
  readonly countUnusable: (sinceAt: EpochMs) => number;
  readonly titleOf: (session: SessionRecord) => string | null;
  /** Why a session cost so much in a window. */
  readonly reasonsOf: (session: SessionRecord, window: Window) => readonly string[];
  readonly eventOf: (alert: AlertRecord) => DigestEvent;
}

/** The digest of a span. */
export function readDigest(span: DigestSpan, deps: DigestDeps): Digest {
  const { period, window, before, timeZone, now } = span;
  const zone = zoneDays(timeZone, { startAt: before.startAt, endAt: window.endAt });
  const read = (report: typeof MODEL_REPORT, within: Window, top: number | null = null): Table => {
    const shape = { breakdown: false, top, mostRows: null, madeAt: now };
    const request = { by: [report], window: within, zone, ...shape };
    const query = { by: sumKeysOf(request), zone, window: within, where: [] };
    return buildTable(deps.store.readSums(query), request);
  };
  const models = read(MODEL_REPORT, window);
  const earlier = read(MODEL_REPORT, before);
  const sessions = read(SESSION_REPORT, window, SESSION_COUNT);
  const rowOf = (table: Table, name: string) => table.rows.find(({ key }) => key[0] === name);
  const { total } = models;
  return {
    ...{ period, date: dateOf(zone, window), timeZone, ...window, isOpen: now < window.endAt },
    ...{ costNanoUsd: total.costNanoUsd, requestCount: total.requestCount },
    beforeNanoUsd: earlier.total.costNanoUsd,
    models: models.rows.map(({ key: [model = ''], costNanoUsd, requestCount }) => ({
      ...{ model, costNanoUsd, requestCount },
      beforeNanoUsd: rowOf(earlier, model)?.costNanoUsd ?? 0,
    })),
    sessions: sessions.rows.flatMap((row) => sessionOf(row, window, deps)),
    otherSessions: {
      count: sessions.others?.groupCount ?? 0,
      costNanoUsd: sessions.others?.costNanoUsd ?? 0,
    },
    ...eventsIn(window, deps),
    cheaper: alternatives(window, deps),
    unseen: {
      unusableLineCount: deps.countUnusable(window.startAt),
      sessionCount: countUnseen(window, read(SESSION_REPORT, window), deps.store),
      guardLossCount: alertsIn(window, deps.store, ['GUARD_LOST']).length,
      estimatedNanoUsd: rowOf(read(PROVENANCE_REPORT, window), 'estimated')?.costNanoUsd ?? 0,
      unpricedRequestCount: total.unknownCount,
    },
  };
}

/** The day a window begins on. */
const dateOf = (zone: ZoneDays, { startAt }: Window): string =>
  localText(zone, startAt).slice(0, 10);

function sessionOf(
  { key: [id = ''], costNanoUsd, requestCount }: TableRow,
  window: Window,
  { store, titleOf, reasonsOf }: DigestDeps,
): DigestSession[] {
  const session = store.readSession(id as SessionRecord['sessionId']);
  if (session === null) return [];
  const { sessionId, repository, branch } = session;
  return [
    {
      ...{ sessionId, title: titleOf(session), repository, branch, costNanoUsd, requestCount },
      reasons: reasonsOf(session, window),
    },
  ];
}

function alertsIn(
  { startAt, endAt }: Window,
  store: Store,
  codes: readonly Alert['code'][],
): AlertRecord[] {
  const isOf = ({ alert, raisedAt }: AlertRecord) =>
    raisedAt >= startAt && raisedAt < endAt && codes.includes(alert.code);
  return store.readAlerts().filter(isOf);
}

function eventsIn(window: Window, { store, eventOf }: DigestDeps): Pick<Digest, 'loops' | 'halts'> {
  const events = (...codes: readonly Alert['code'][]): DigestEvents => {
    const found = alertsIn(window, store, codes);
    return { count: found.length, newest: found.slice(0, EVENT_COUNT).map(eventOf) };
  };
  return {
    loops: events('BREAKER_TRIPPED'),
    halts: events('SESSION_HALTED', 'HALTED_BY_PERSON', 'UNKNOWN_MODEL'),
  };
}

function alternatives(
  window: Window,
  { store, otherModels, rates }: DigestDeps,
): DigestAlternative[] {
  const lines = store.readLines({ window, where: [] });
  return priceElsewhere(lines, otherModels, rates)
    .map(({ model, costNanoUsd, paidNanoUsd }) => ({
      ...{ model, costNanoUsd, savedNanoUsd: paidNanoUsd - costNanoUsd },
    }))
    .filter(({ savedNanoUsd }) => savedNanoUsd > 0);
}

/** Sessions of a window that spent nothing because nothing of them can be read. */
function countUnseen({ startAt, endAt }: Window, { rows }: Table, store: Store): number {
  const paid = new Set(rows.map(({ key }) => key[0]));
  return store
    .readSessions({ sinceAt: startAt })
    .filter(({ lastSeenAt, sessionId }) => lastSeenAt < endAt && !paid.has(sessionId))
    .filter(({ transcriptPath }) => transcriptPath !== null && !existsSync(transcriptPath))
    .filter(({ sessionId }) => store.readSessionTotals(sessionId).requestCount === 0).length;
}
