// The part of a ledger's contract that alerts need: the outbox they are put into, and how their deliveries are claimed and settled.
import type { AlertRecord, NewAlert } from '../alerts/alert.ts';

export interface OutboxOperations {
  /** Writes an alert; false when one with its key is there. */
  readonly addAlert: (alert: NewAlert) => boolean;
  /** Whether an alert with this key has been written and not re-armed. */
  readonly hasAlert: (onceKey: string) => boolean;
  /** Lets an alert with this key come again. */
  readonly rearmAlert: (onceKey: string) => void;
  /** Newest first; without a limit all. */
  readonly readAlerts: (limit?: number) => readonly AlertRecord[];
}
