// Tells every open page when the ledger has changed. Rule: one timer for all listeners, which asks for a version and never for figures; without a
// listener it stands still; a listener that does not read gets no second line before it has taken the first.
import type { ServerResponse } from 'node:http';
import { SECOND_MS } from '../domain/time.ts';

const LOOK_MS = 200;
/** A line that says nothing, so that a connection that is gone is noticed. */
const SIGN_OF_LIFE_MS = 15 * SECOND_MS;
/** More pages than anybody has open. */
const MAX_LISTENERS = 500;

export interface LiveUpdates {
  /** Sends a line for each change, until the listener goes; false: there are too many. */
  readonly listen: (response: ServerResponse) => boolean;
  /** Tells of a change now. */
  readonly tell: () => void;
  readonly listenerCount: () => number;
  readonly close: () => void;
}

export function liveUpdates(readVersion: () => string): LiveUpdates {
  const listeners = new Set<ServerResponse>();
  let known = '';
  let timer: NodeJS.Timeout | null = null;
  let quietMs = 0;
  const send = (text: string): void => {
    quietMs = 0;
    for (const listener of listeners) {
      // What waits to be read says the same: look again.
      if (!listener.writableNeedDrain && listener.writableLength === 0) listener.write(text);
    }
  };
  const look = (): void => {
    quietMs += LOOK_MS;
    const version = readVersion();
    if (version !== known) {
      known = version;
      send('data: changed\n\n');
    } else if (quietMs >= SIGN_OF_LIFE_MS) send(': still here\n\n');
  };
  const drop = (listener: ServerResponse): void => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
  return {
    listen: (response) => {
      if (listeners.size >= MAX_LISTENERS) return false;
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': listening\n\n');
      listeners.add(response);
      response.once('close', () => drop(response));
      response.once('error', () => drop(response));
      if (timer === null) {
        known = readVersion();
        timer = setInterval(look, LOOK_MS);
      }
      return true;
    },
    tell: () => send('data: changed\n\n'),
    listenerCount: () => listeners.size,
    close: () => {
      for (const listener of [...listeners]) {
        listener.end();
        drop(listener);
      }
    },
  };
}
