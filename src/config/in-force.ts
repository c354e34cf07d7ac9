// The configuration in force: what the files say, and no looser than what a person has accepted of them before. Rule: a
// tightening counts at once; a loosening counts when a person accepts it, or when only a person can have written it.
import { statSync } from 'node:fs';
import type { SessionId } from '../domain/ids.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import { isAlive } from '../runtime/processes.ts';
import type { HeldFile, Store } from '../stores/store.ts';
import type { Config } from './config.ts';
import { type CachedConfig, fingerprintOf, type LoadFully } from './config-cache.ts';
import { type Difference, differencesOf } from './differences.ts';
import type { Layer, LayerKind, LayerSettings } from './layer.ts';
import type { ConfigSource } from './paths.ts';

/** Where what is held is kept. */
export type Holds = Pick<
  Store,
  | 'immediately'
  | 'readHeldFiles'
  | 'writeHeldFile'
  | 'removeHeldFile'
  | 'confirmHeldFiles'
  | 'readInForce'
  | 'writeInForce'
  | 'forgetInForce'
  | 'readSessionFiles'
  | 'addSessionFile'
  | 'readSessions'
>;

export interface ConfigInForce extends CachedConfig {
  /** What the files ask for and does not count until a person accepts it. */
  readonly waiting: readonly Difference[];
  /** True when that was found just now, and nobody has been told. */
  readonly isNews: boolean;
  /** What was loosened while no session ran, and counts from now on. */
  readonly loosened: readonly Difference[];
}

export interface InForceQuery {
  readonly sources: readonly ConfigSource[];
  readonly loadFully: LoadFully;
  /** `null`: asked from outside of any session. */
  readonly sessionId: SessionId | null;
  /** Whether to note that the session is under these files. */
  readonly binds: boolean;
  /** Whether to note that the files still say what is held of them. */
  readonly confirms: boolean;
  readonly at: EpochMs;
}

/** What is kept in the ledger for the texts of a place. */
interface Answer {
  readonly config: Config;
  readonly waiting: readonly Difference[];
  /** Files that are held. */
  readonly held: readonly string[];
}

/** A `tollgate run` has a file of its own, which ends with it. */
const isLasting = ({ kind, file }: ConfigSource): boolean =>
  kind !== 'client' && file !== process.env.TOLLGATE_RUN_CONFIG;

/** What is in force for a session, or for whoever asks about a place. Throws `TollgateError` when the ledger refuses. */
export function readConfigInForce(
  known: CachedConfig,
  query: InForceQuery,
  store: Holds,
): ConfigInForce {
  const { sources, sessionId, at } = query;
  const own = sources.filter(isLasting).map(({ file }) => file);
  const began = sessionId === null ? [] : store.readSessionFiles(sessionId);
  const others = began.filter((file) => !own.includes(file));
  const place = JSON.stringify([own, others]);
  const fingerprint = fingerprintOf(known);
  const kept = store.readInForce(place);
  const isKept = kept?.fingerprint === fingerprint;
  const { answer, loosened } = isKept
    ? { answer: JSON.parse(kept.answer) as Answer, loosened: [] }
    : store.immediately(() => {
        const settled = settle(known, query, own, others, store);
        store.writeInForce(place, fingerprint, JSON.stringify(settled.answer));
        return settled;
      });
  const { config, waiting, held } = answer;
  const unbound = query.binds ? held.filter((file) => !began.includes(file)) : [];
  const confirms = query.confirms && waiting.length === 0;
  if (unbound.length > 0 || confirms) {
    store.immediately(() => {
      for (const file of unbound) if (sessionId !== null) store.addSessionFile(sessionId, file);
      if (confirms) store.confirmHeldFiles(held, at);
    });
  }
  const basis = isHeldFor(known, held) ? 'last-good' : known.basis;
  return { ...known, config, basis, waiting, isNews: !isKept && waiting.length > 0, loosened };
}

/** Whether every file that cannot be read now is held as it was. */
const isHeldFor = ({ problems }: CachedConfig, held: readonly string[]): boolean =>
  problems.some(({ kind }) => kind === 'mistake') &&
  problems.every(({ kind, file }) => kind !== 'mistake' || held.includes(file));

/** Compares the files with what is held of them, and holds what they say where that loosens nothing. */
function settle(
  known: CachedConfig,
  query: InForceQuery,
  own: readonly string[],
  others: readonly string[],
  store: Holds,
): { readonly answer: Answer; readonly loosened: readonly Difference[] } {
  const { at } = query;
  const held = store.readHeldFiles(own);
  const asked = askedFor(known, held, query);
  const heldLayers = held.map(layerOf);
  const inForce = load(known, query, heldLayers);
  const waiting = held.length === 0 ? [] : differencesOf(inForce, asked.config);
  const isByPerson = waiting.length > 0 && !mayBeAgents(held, asked.layers, query, store);
  const isAccepted = waiting.length === 0 || isByPerson;
  hold(isAccepted ? asked.layers : newOnes(asked.layers, held), 'the files', at, store);
  if (isAccepted) dropGone(held, asked.layers, store);
  const elsewhere = store.readHeldFiles(others).map(layerOf);
  const base = isAccepted ? asked.layers.filter(({ intact }) => intact) : heldLayers;
  const isUnheld = held.length === 0 && known.basis === 'last-good';
  return {
    answer: {
      config:
        elsewhere.length === 0 && isAccepted
          ? isUnheld
            ? known.config
            : asked.config
          : load(known, query, [...base, ...elsewhere]),
      waiting: isAccepted ? [] : waiting,
      held: store.readHeldFiles(own).map(({ file }) => file),
    },
    loosened: isByPerson ? waiting : [],
  };
}

/** What the files ask for; a file with a mistake asks for what it last said. */
function askedFor(
  known: CachedConfig,
  held: readonly HeldFile[],
  query: InForceQuery,
): { readonly config: Config; readonly layers: readonly Layer[] } {
  const broken = new Set(
    known.problems.flatMap(({ kind, file }) => (kind === 'mistake' ? [file] : [])),
  );
  const stays = held.filter(({ file }) => broken.has(file)).map(layerOf);
  const { config, layers } = query.loadFully(query.sources, {
    texts: known.texts,
    at: query.at,
    held: stays,
  });
  return { config, layers: [...stays, ...layers.filter(({ file }) => !broken.has(file))] };
}

const load = (known: CachedConfig, query: InForceQuery, held: readonly Layer[]): Config =>
  query.loadFully(query.sources, { texts: known.texts, at: query.at, held }).config;

/** Lets what the files of a place say now count; answers what that changed. Call inside `store.immediately`. */
export function acceptFiles(
  known: CachedConfig,
  query: InForceQuery,
  acceptedBy: string,
  store: Holds,
): readonly Difference[] {
  const own = query.sources.filter(isLasting).map(({ file }) => file);
  const held = store.readHeldFiles(own);
  const asked = askedFor(known, held, query);
  const changed = differencesOf(load(known, query, held.map(layerOf)), asked.config);
  hold(asked.layers, acceptedBy, query.at, store);
  dropGone(held, asked.layers, store);
  store.forgetInForce();
  return changed;
}

function hold(layers: readonly Layer[], acceptedBy: string, at: EpochMs, store: Holds): void {
  const lasting = layers.filter(({ kind, file, intact }) => intact && isLasting({ kind, file }));
  for (const layer of lasting) {
    const { file, kind } = layer;
    store.writeHeldFile({ file, kind, settings: settingsOf(layer), confirmedAt: at, acceptedBy });
  }
}

const newOnes = (layers: readonly Layer[], held: readonly HeldFile[]): readonly Layer[] =>
  layers.filter(({ file }) => !held.some((each) => each.file === file));

function dropGone(held: readonly HeldFile[], layers: readonly Layer[], store: Holds): void {
  for (const { file } of held) {
    if (!layers.some((layer) => layer.file === file)) store.removeHeldFile(file);
  }
}

/** Whether a session may have written what the files say now. A session that began later has not. */
function mayBeAgents(
  held: readonly HeldFile[],
  layers: readonly Layer[],
  { at }: InForceQuery,
  store: Holds,
): boolean {
  const saysAsHeld = ({ file, settings }: HeldFile) =>
    layers.some((layer) => layer.file === file && settingsOf(layer) === settings);
  const changed = held.filter((each) => !saysAsHeld(each));
  const since = Math.min(at, ...changed.map(({ confirmedAt }) => confirmedAt));
  const until = Math.max(...changed.map(({ file }) => changedAt(file, at)));
  // One that is alive may not have been heard of for as long as its tool runs.
  const sinceAt = Math.min(since, at - DAY_MS);
  return store.readSessions({ sinceAt }).some(({ startedAt, endedAt, lastSeenAt, hostPid }) => {
    const isRunning = endedAt === null && hostPid !== null && isAlive(hostPid);
    const end = endedAt ?? (isRunning ? at : lastSeenAt);
    return startedAt <= until && end > since;
  });
}

/** When a file became what it is, or now where it is gone. The change of its entry counts: that time cannot be set. */
function changedAt(file: string, at: EpochMs): EpochMs {
  try {
    return statSync(file, { throwIfNoEntry: false })?.ctimeMs ?? at;
  } catch {
    return at; // in a folder that cannot be looked into any more
  }
}

/** No ceiling rests on alerts, whose channels may be secret, nor on bills; the limits of projects are budgets. */
const settingsOf = ({ settings }: Layer): string =>
  JSON.stringify({ ...settings, alerts: undefined, statements: undefined, projects: undefined });

function layerOf({ file, kind, settings }: HeldFile): Layer {
  return {
    kind: kind as LayerKind,
    file,
    settings: JSON.parse(settings) as LayerSettings,
    intact: true,
  };
}
