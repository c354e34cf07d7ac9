// Sends what is in the outbox, for as long as something is due soon. Rule: one sender at a time, as the ledger says; a delivery is claimed before
// it is sent and settled after, so that one that dies half-way is sent again under the same id, and never in silence dropped.
import type { AlertSettings } from '../config/config.ts';
import { type EpochMs, MINUTE_MS, SECOND_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import type { Attempt, Delivery, Route, Store } from '../stores/store.ts';
import { type AlertRecord, enqueueAlert } from './alert.ts';
import { isExpired, waitAfter } from './back-off.ts';
import { failed, type Message, type Place, type SendResult } from './channel.ts';
import { quietUntil } from './quiet-hours.ts';
import { messageOf } from './wording.ts';

/** What is raised within it goes into one message. */
const GATHER_MS = SECOND_MS;
/** Between two messages on a channel. */
const GAP_MS = 3 * SECOND_MS;
/** How often the outbox is looked at; well below the time that claims hold. */
const POLL_MS = SECOND_MS;
/** A delivery that is due sooner is waited for. */
const LINGER_MS = MINUTE_MS;
/** After so long whoever comes next goes on. */
const LIFETIME_MS = 5 * MINUTE_MS;
/** Failures of one delivery after which other channels are told. */
const TOLD_AFTER = 3;

export interface SenderDeps {
  readonly store: Store;
  readonly settings: AlertSettings;
  readonly timeZone: string;
  /** Names this process among all that have ever sent. */
  readonly owner: string;
  readonly clock: () => EpochMs;
  readonly wait: (ms: number) => Promise<void>;
  readonly newId: () => string;
  readonly random: () => number;
  readonly placeOf: (alert: AlertRecord) => Place;
  /** Sends on the channel of this name; `null`: there is no such channel. */
  readonly send: (channel: string, message: Message) => Promise<SendResult> | null;
}

/** Sends until nothing is due soon; does nothing where another sends, or there is no channel. */
export async function runSender(deps: SenderDeps): Promise<void> {
  const { store, settings, owner, clock } = deps;
  if (settings.channels.length === 0) return;
  const endAt = clock() + LIFETIME_MS;
  const lastAt = new Map<string, EpochMs>();
  const underWay = new Set<Promise<void>>();
  /** The ledger refused while something was under way. */
  const refusals: unknown[] = [];
  for (;;) {
    if (refusals.length > 0) throw refusals[0];
    const now = clock();
    const claimed = store.immediately(() => takeDue(deps, lastAt, now));
    if (claimed === null) break;
    for (const delivery of claimed) {
      lastAt.set(delivery.channel, now);
      const sent = sendOne(delivery, deps)
        .catch((error: unknown) => refusals.push(error))
        .then(() => void underWay.delete(sent));
      underWay.add(sent);
    }
    if (underWay.size === 0 && isOver(deps, endAt)) break;
    await deps.wait(POLL_MS);
  }
  await Promise.all(underWay);
  store.immediately(() => store.endSender(owner));
}

/** What is due, claimed; `null`: another sends. */
function takeDue(
  deps: SenderDeps,
  lastAt: ReadonlyMap<string, EpochMs>,
  now: EpochMs,
): readonly Delivery[] | null {
  const { store, owner, newId } = deps;
  if (!store.becomeSender(owner, now)) return null;
  store.dispatchAlerts((alert) => routesOf(alert, deps, lastAt, now), newId, now);
  store.keepClaims(owner, now);
  return store.claimDeliveries(owner, now);
}

/** Whether to end; then nothing that came meanwhile is left to nobody. */
function isOver({ store, owner, clock }: SenderDeps, endAt: EpochMs): boolean {
  return store.immediately(() => {
    const now = clock();
    const next = store.nextDeliveryAt();
    if (next !== null && next - now <= LINGER_MS && now < endAt) return false;
    store.endSender(owner);
    return now >= endAt || !store.hasAlertsDue(now) || !store.becomeSender(owner, now);
  });
}

/** Where an alert goes: to every channel, later in quiet hours; a channel's failure to the others, a digest to the one it is for. */
function routesOf(
  { alert }: AlertRecord,
  { settings, timeZone }: SenderDeps,
  lastAt: ReadonlyMap<string, EpochMs>,
  now: EpochMs,
): readonly Route[] {
  const isUrgent = alert.code === 'GUARD_LOST' || alert.code === 'EVENT_FORGED';
  const quietEndAt = isUrgent ? null : quietUntil(now, settings.quietHours, timeZone);
  return settings.channels
    .filter(({ name }) => alert.code !== 'DIGEST' || alert.channel === name)
    .filter(({ name }) => alert.code !== 'DELIVERY_FAILED' || alert.channel !== name)
    .map(({ name }) => {
      const next = Math.max(now + GATHER_MS, (lastAt.get(name) ?? 0) + GAP_MS);
      return { channel: name, notBefore: Math.max(next, quietEndAt ?? 0) };
    });
}

async function sendOne(delivery: Delivery, deps: SenderDeps): Promise<void> {
  const { store, owner, clock, placeOf } = deps;
  const { deliveryId, channel, alerts } = delivery;
  const result = await attempt(() => {
    const message = messageOf(deliveryId, alerts, placeOf, clock());
    return deps.send(channel, message) ?? failed('the channel is not configured any more', true);
  });
  store.immediately(() => {
    const now = clock();
    store.settleDelivery(owner, settled(delivery, result, deps, now), now);
    const onceKey = `DELIVERY_FAILED|${channel}`;
    if (result.kind === 'sent') return store.rearmAlert(onceKey);
    const attemptCount = delivery.attemptCount + 1;
    if (attemptCount < TOLD_AFTER && !result.isLasting) return;
    const { error } = result;
    const alert = { code: 'DELIVERY_FAILED', channel, attemptCount, error } as const;
    enqueueAlert({ alert, onceKey }, null, { store, config: { alerts: deps.settings } }, now);
  });
}

async function attempt(work: () => Promise<SendResult> | SendResult): Promise<SendResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TollgateError) return failed(`${error.message}; ${error.hint}`, true);
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function settled(
  delivery: Delivery,
  result: SendResult,
  { random }: SenderDeps,
  now: EpochMs,
): Attempt {
  const { deliveryId } = delivery;
  if (result.kind === 'sent') return { deliveryId, state: 'sent', nextAt: now, error: null };
  const nextAt = now + waitAfter(delivery, result, random());
  const state = isExpired(delivery, now) ? 'expired' : 'pending';
  return { deliveryId, state, nextAt, error: result.error };
}
