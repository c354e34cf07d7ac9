// The contract of a channel: how one message gets to people. Rule: a channel sends what it is given, once, and says what became of it; when to
// try again is the sender's business. What it sends may hold words of an agent (titles, branches): it is escaped for wherever it goes.
import type { ChannelSettings, SecretPlace } from '../config/config.ts';
import type { Document } from '../digest/document.ts';
import type { EpochMs } from '../domain/time.ts';
import type { AlertRecord } from './alert.ts';

/** Where an alert happened, in the words people know. */
export interface Place {
  readonly title: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
  /** The session as commands name it; `null`: not in a session. */
  readonly session: string | null;
}

/** One alert in words, in the order in which people want to know. */
export interface AlertText {
  readonly what: string;
  /** How much of what; empty where there is no amount. */
  readonly amount: string;
  /** Empty where it happened nowhere. */
  readonly where: string;
  /** The one thing to do. */
  readonly action: string;
}

/** What is sent: alerts, one or many at once, and digests. */
export interface Message {
  /** The same for every attempt: whoever receives it drops one whose id is known. */
  readonly deliveryId: string;
  readonly sentAt: EpochMs;
  /** One line. */
  readonly title: string;
  /** The most important first, and not all of very many. */
  readonly texts: readonly AlertText[];
  /** What follows them. */
  readonly documents: readonly Document[];
  /** All of them. */
  readonly alerts: readonly AlertRecord[];
}

/** What became of an attempt. */
export type SendResult =
  | { readonly kind: 'sent' }
  | {
      readonly kind: 'failed';
      /** In a person's words, without secrets. */
      readonly error: string;
      /** How long the receiver asks to be left alone; `null`: it does not say. */
      readonly retryAfterMs: number | null;
      /** It will fail again until a person changes something. */
      readonly isLasting: boolean;
    };

/** What channels may use of the world. */
export interface ChannelDeps {
  readonly env: NodeJS.ProcessEnv;
  /** Reads a secret. Throws `TollgateError` where it is not there, or others may read it. */
  readonly readSecret: (place: SecretPlace) => Promise<string>;
  /** Terminals in which a session that a message is about runs: device files. */
  readonly terminalsOf: (message: Message) => readonly string[];
  /** Gives up an attempt. */
  readonly signal: AbortSignal;
}

/** Sends messages of one kind. Never throws for what the world refuses, but for `TollgateError`s of secrets. */
export type Channel<Settings extends ChannelSettings = ChannelSettings> = (
  message: Message,
  settings: Settings,
  deps: ChannelDeps,
) => Promise<SendResult>;

export const SENT: SendResult = { kind: 'sent' };

/** An attempt that failed. */
export const failed = (error: string, isLasting = false): SendResult => ({
  kind: 'failed',
  error,
  retryAfterMs: null,
  isLasting,
});
