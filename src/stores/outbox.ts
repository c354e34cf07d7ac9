// The part of a ledger's contract that alerts need: the outbox they are put into, and how their deliveries are claimed and settled. Rule: call
// what writes inside `immediately`.
import type { AlertRecord, NewAlert } from '../alerts/alert.ts';
import type { EpochMs } from '../domain/time.ts';

/** One message to one channel: the alerts in it never change once it has been tried. */
export interface Delivery {
  readonly deliveryId: string;
  readonly channel: string;
  /** Tries that failed. */
  readonly attemptCount: number;
  readonly madeAt: EpochMs;
  readonly alerts: readonly AlertRecord[];
}

/** Where an alert goes. */
export interface Route {
  readonly channel: string;
  /** When it may be sent, at the earliest. */
  readonly notBefore: EpochMs;
}

/** What became of a try. */
export interface Attempt {
  readonly deliveryId: string;
  /** `pending`: it is tried again at `nextAt`. */
  readonly state: 'sent' | 'pending' | 'expired';
  readonly nextAt: EpochMs;
  readonly error: string | null;
}

/** How a channel has fared lately. */
export interface ChannelHealth {
  readonly channel: string;
  readonly lastSentAt: EpochMs | null;
  /** Deliveries that wait for another try, or were given up, since the last one that arrived. */
  readonly failingCount: number;
  /** When the oldest of them was made; `null`: none fails. */
  readonly failingSince: EpochMs | null;
  /** What the newest failure said. */
  readonly error: string | null;
}

export interface OutboxOperations {
  /** Writes an alert; false when one with its key is there. */
  readonly addAlert: (alert: NewAlert) => boolean;
  /** Whether an alert with this key has been written and not re-armed. */
  readonly hasAlert: (onceKey: string) => boolean;
  /** Lets an alert with this key come again. */
  readonly rearmAlert: (onceKey: string) => void;
  /** Newest first; without a limit all. */
  readonly readAlerts: (limit?: number) => readonly AlertRecord[];
  /** Marks alerts as seen by a person, all up to a number or one; answers how many were not. */
  readonly acknowledgeAlerts: (seqs: readonly number[], at: EpochMs) => number;

  /** Whether there is something to send now, and nobody who does. */
  readonly hasAlertsDue: (now: EpochMs) => boolean;
  /** Makes `owner` the one who sends for a moment, or keeps it; false while another is. */
  readonly becomeSender: (owner: string, now: EpochMs) => boolean;
  /** Ends that; what is due from then on needs another sender. */
  readonly endSender: (owner: string) => void;

  /** Puts alerts that have no route yet into deliveries, as `routesOf` says; those to one place at one time into one. */
  readonly dispatchAlerts: (
    routesOf: (alert: AlertRecord) => readonly Route[],
    newId: () => string,
    now: EpochMs,
  ) => void;
  /** Takes the deliveries that are due, so that nobody else sends them for a moment. */
  readonly claimDeliveries: (owner: string, now: EpochMs) => readonly Delivery[];
  /** Keeps what `owner` has claimed for another moment. */
  readonly keepClaims: (owner: string, now: EpochMs) => void;
  /** Notes what became of a try; nothing when somebody else has claimed it meanwhile. */
  readonly settleDelivery: (owner: string, attempt: Attempt, now: EpochMs) => void;
  /** When the next delivery is due; `null`: none waits. */
  readonly nextDeliveryAt: () => EpochMs | null;
  readonly readChannelHealth: () => readonly ChannelHealth[];
}
