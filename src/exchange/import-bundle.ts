// Takes over what another machine's ledger says. Rule: a request is counted once, whatever machines tell of it; money that no request shows is a
// session's, and is taken from one machine only; taking a bundle over twice changes nothing.
import type { Attribution } from '../domain/attribution.ts';
import type { CorrectionEntry, UsageEntry } from '../domain/entry.ts';
import { entryId, requestId, type SessionId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import type { ExchangeLine, Store } from '../stores/store.ts';
import { type Bundle, fingerprintOf } from './bundle.ts';

export interface Imported {
  readonly lineCount: number;
  /** Lines that an earlier import has taken over. */
  readonly knownCount: number;
  readonly addedRequestCount: number;
  readonly addedNanoUsd: NanoUsd;
  /** Requests that this ledger had from elsewhere. */
  readonly duplicateCount: number;
  /** Lines of money without a request that another machine has told of the same session. */
  readonly skippedCount: number;
  readonly relabelledCount: number;
  /** The machine was not known before. */
  readonly isNew: boolean;
}

export interface ImportQuestion {
  readonly now: EpochMs;
  /** Of this machine; `null`: it has never exported. */
  readonly ownMachineId: string | null;
  /** A fingerprint that a person has checked; takes the place of another key. */
  readonly trusted: string | null;
}

/** Lines in one transaction: hooks wait meanwhile. */
const LINES_AT_ONCE = 500;

/** Throws `TollgateError` `KEY_CHANGED`, `KEY_UNTRUSTED` or `OWN_BUNDLE`. */
export function importBundle(bundle: Bundle, question: ImportQuestion, store: Store): Imported {
  const { head, lines, hashes, end } = bundle;
  const known = checkKey(bundle, question, store);
  // A ledger that was made anew tells its lines in another order; then every line is looked at, as in an older bundle.
  const isContinued = known === null || hashes[known.lineCount - 1] === known.head;
  const from = known === null || !isContinued ? 0 : known.lineCount;
  const isOlder = known !== null && end.madeAt < known.madeAt;
  const before = store.readLedgerTotals();
  const counts = { duplicateCount: 0, skippedCount: 0, relabelledCount: 0 };
  const { machineId, publicKey } = head;
  const { now } = question;
  const importing = {
    store,
    counts,
    now,
    machineId,
    isContinued,
    ...end,
    added: new Set<string>(),
  };
  for (let at = from; at < lines.length || at === from; at += LINES_AT_ONCE) {
    const part = lines.slice(at, at + LINES_AT_ONCE);
    const lineCount = at + part.length;
    store.immediately(() => {
      for (const line of part) takeOver(line, importing);
      if (isOlder) return;
      const { name, developer, madeAt } = end;
      const place = { lineCount, head: hashes[lineCount - 1] ?? '', madeAt };
      store.writeMachine({ machineId, publicKey, name, developer, ...place });
    });
  }
  const after = store.readLedgerTotals();
  return {
    ...{ lineCount: lines.length, knownCount: from, isNew: known === null, ...counts },
    addedRequestCount: after.requestCount - before.requestCount,
    addedNanoUsd: after.costNanoUsd - before.costNanoUsd,
  };
}

interface Importing {
  readonly store: Store;
  readonly counts: { duplicateCount: number; skippedCount: number; relabelledCount: number };
  readonly now: EpochMs;
  readonly machineId: string;
  readonly developer: string | null;
  /** Whether the bundle goes on where the last one ended: then its labels are news. */
  readonly isContinued: boolean;
  /** Entries of this bundle that are new. */
  readonly added: Set<string>;
}

function checkKey(
  { head: { machineId, publicKey }, end }: Bundle,
  { ownMachineId, trusted }: ImportQuestion,
  store: Store,
) {
  const fingerprint = fingerprintOf(publicKey);
  const is = (said: string) =>
    said.replace(/\s/g, '').toLowerCase() === fingerprint.replace(/ /g, '');
  if (machineId === ownMachineId) {
    throw new TollgateError({
      code: 'OWN_BUNDLE',
      message: 'this machine has exported it: its ledger has all of it',
      hint: 'import it on another machine',
    });
  }
  if (trusted !== null && !is(trusted)) {
    throw new TollgateError({
      code: 'KEY_UNTRUSTED',
      message: `the bundle is signed by another key: ${fingerprint}`,
      hint: `ask ${end.name} what tollgate export --fingerprint says there`,
    });
  }
  const known = store.readMachines().find((each) => each.machineId === machineId) ?? null;
  if (known === null || known.publicKey === publicKey || trusted !== null) return known;
  throw new TollgateError({
    code: 'KEY_CHANGED',
    message: `${known.name} signed with another key before: ${fingerprintOf(known.publicKey)} then, ${fingerprint} now`,
    hint: `somebody else may have made this bundle. Ask there what tollgate export --fingerprint says; if it is the new one: --trust '${fingerprint}'`,
  });
}

function takeOver(line: ExchangeLine, importing: Importing): void {
  const { store, counts, now } = importing;
  if (line.kind === 'relabel') {
    const to = withDeveloper(line.attribution, importing);
    const isNews = importing.isContinued || importing.added.has(line.entryId);
    if (!isNews || !isOfMachine(line.entryId, importing)) return;
    if (store.relabelEntry(line.entryId, to, now)) counts.relabelledCount += 1;
    return;
  }
  const { entry } = line;
  const given = {
    ...entry,
    recordedAt: now,
    attribution: withDeveloper(entry.attribution, importing),
  };
  if (given.kind === 'usage')
    takeRequest(given, line.kind === 'usage' && line.isRepriced, importing);
  else takeCorrection(given, importing);
}

/** Whether an entry is of a session that the machine alone has told of. */
function isOfMachine(id: string, { store, machineId }: Importing): boolean {
  const session = store.readOwner(id);
  return session !== null && store.readSessionMachine(session) === machineId;
}

const withDeveloper = (attribution: Attribution, { developer }: Importing): Attribution =>
  attribution.developer === null ? { ...attribution, developer } : attribution;

function takeRequest(entry: UsageEntry, isRepriced: boolean, importing: Importing): void {
  const { store, counts, now } = importing;
  let outcome = store.recordUsage(entry);
  let id = entry.requestId;
  if (outcome === 'other-response') {
    id = requestId(`${entry.requestId}~${entry.responseKey?.toString(36)}`);
    outcome = store.recordUsage({ ...entry, requestId: id, entryId: entryId(id) });
  }
  if (outcome === 'recorded') {
    importing.added.add(id);
    noteSession(entry.sessionId, importing);
  } else if (outcome === 'duplicate' && !isRepriced) counts.duplicateCount += 1;
  if (!isRepriced) return;
  const unpriced = store.readUnpriced(entry.sessionId).find((each) => each.entryId === id);
  if (unpriced !== undefined) store.reprice(unpriced, entry.costNanoUsd, now);
}

/** Only sessions that this machine has not seen itself have a machine. */
function noteSession(id: SessionId, { store, machineId }: Importing): void {
  if (store.readSession(id) === null) store.writeSessionMachine(id, machineId);
}

function takeCorrection(entry: CorrectionEntry, importing: Importing): void {
  const { store, counts, machineId } = importing;
  noteSession(entry.sessionId, importing);
  const isOfOther =
    store.readSession(entry.sessionId) !== null ||
    store.readSessionMachine(entry.sessionId) !== machineId;
  if (isOfOther || store.recordCorrection(entry) === 'duplicate') counts.skippedCount += 1;
  else importing.added.add(entry.entryId);
}
