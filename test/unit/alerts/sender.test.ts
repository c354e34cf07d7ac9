// The sender over real ledgers: one message for many alerts, one sender of several, what fails, what dies half-way, and clocks that jump.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { enqueueAlert } from '../../../src/alerts/alert.ts';
import { failed, type Message, SENT, type SendResult } from '../../../src/alerts/channel.ts';
import { runSender, type SenderDeps } from '../../../src/alerts/sender.ts';
import { DEFAULT_ALERTS } from '../../../src/config/alert-rules.ts';
import type { AlertSettings } from '../../../src/config/config.ts';
import { openSqliteStore } from '../../../src/stores/sqlite/sqlite.ts';
import type { Store } from '../../../src/stores/store.ts';

const START = Date.UTC(2026, 10, 28, 12, 0);
const NOWHERE = { title: null, repository: null, branch: null, session: null };

let folder: string;
let store: Store;
let now: number;
/** Deliveries as receivers got them: channel, delivery, alerts. */
let got: { channel: string; id: string; at: number; codes: string[]; seqs: number[] }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-sender-'));
  store = openSqliteStore(join(folder, 'ledger.db'));
  now = START;
  got = [];
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const settingsOf = (
  names: readonly string[],
  over: Partial<AlertSettings> = {},
): AlertSettings => ({
  ...DEFAULT_ALERTS,
  channels: names.map((name) => ({ name, type: 'desktop' })),
  ...over,
});

/** What is under way ends before time passes. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

let ownerCount = 0;
let idCount = 0;
/** A sender whose time passes when it waits; `answer` is what a channel says to its n-th message. */
function senderOf(
  settings: AlertSettings,
  answer: (channel: string, nth: number) => SendResult | Error = () => SENT,
  over: Partial<SenderDeps> = {},
): SenderDeps {
  ownerCount += 1;
  return {
    ...{ store, settings, timeZone: 'UTC', owner: `owner-${ownerCount}`, clock: () => now },
    wait: async (ms) => {
      await settled();
      now += ms;
    },
    newId: () => {
      idCount += 1;
      return `d${idCount}`;
    },
    ...{ random: () => 0.5, placeOf: () => NOWHERE },
    send: (channel: string, { deliveryId: id, alerts }: Message) => {
      if (!settings.channels.some(({ name }) => name === channel)) return null;
      const nth = got.filter((each) => each.channel === channel).length;
      const codes = alerts.map(({ alert }) => alert.code);
      got.push({ channel, id, at: now, codes, seqs: alerts.map(({ seq }) => seq) });
      const result = answer(channel, nth);
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    },
    ...over,
  };
}

function raise(count: number, settings: AlertSettings, code: 'TEST' | 'GUARD_LOST' = 'TEST'): void {
  store.immediately(() => {
    for (let n = 0; n < count; n += 1) {
      const alert =
        code === 'TEST' ? ({ code } as const) : ({ code, cause: 'x', detail: null } as const);
      const onceKey = `${code}|${now}|${n}`;
      enqueueAlert({ alert, onceKey }, null, { store, config: { alerts: settings } }, now);
    }
  });
}

/** How often each alert arrived on a channel, a delivery that is repeated counted once. */
function arrivals(channel: string): number[] {
  const unique = new Map(
    got.filter((each) => each.channel === channel).map((each) => [each.id, each]),
  );
  const seqs = [...unique.values()].flatMap((each) => each.seqs);
  return [...new Set(seqs)].map((seq) => seqs.filter((each) => each === seq).length);
}

test('a thousand alerts at once are one message on each channel', async () => {
  const settings = settingsOf(['a', 'b']);
  raise(1_000, settings);
  expect(store.hasAlertsDue(now)).toBe(true);
  await runSender(senderOf(settings));
  expect(got.map(({ channel, seqs }) => [channel, seqs.length])).toEqual([
    ['a', 1_000],
    ['b', 1_000],
  ]);
  expect(now - START).toBeLessThan(5_000);
  expect(store.hasAlertsDue(now)).toBe(false);
});

test('without a channel nothing waits to be sent', async () => {
  raise(3, settingsOf([]));
  expect(store.hasAlertsDue(now)).toBe(false);
  await runSender(senderOf(settingsOf(['a'])));
  expect(got).toEqual([]);
});

test('of two senders one sends; when it has ended the other may', async () => {
  const settings = settingsOf(['a']);
  raise(1, settings);
  const second = openSqliteStore(join(folder, 'ledger.db'));
  const first = senderOf(settings);
  let others = 0;
  const other = senderOf(settings, undefined, { store: second });
  await runSender({
    ...first,
    wait: async (ms) => {
      others += 1;
      expect(second.hasAlertsDue(now)).toBe(false);
      await runSender(other);
      await settled();
      now += ms;
    },
  });
  expect(others).toBeGreaterThan(0);
  expect(got).toHaveLength(1);
  raise(1, settings);
  await runSender(other);
  expect(got).toHaveLength(2);
  second.close();
});

test('what fails is tried again under the same id, alone, and more slowly', async () => {
  const settings = settingsOf(['a', 'b']);
  raise(1, settings);
  await runSender(
    senderOf(settings, (channel, nth) => (channel === 'a' && nth < 2 ? failed('down') : SENT)),
  );
  const a = got.filter(({ channel }) => channel === 'a');
  expect(new Set(a.map(({ id }) => id)).size).toBe(1);
  expect(a.map(({ at }) => at - START)).toEqual([1_000, 2_000, 4_000]);
  expect(got.filter(({ channel }) => channel === 'b')).toHaveLength(1);
});

test('a sender waits a minute for what fails, then leaves it to the next', async () => {
  const settings = settingsOf(['a']);
  raise(1, settings);
  await runSender(senderOf(settings, () => failed('down')));
  expect(got.length).toBeGreaterThan(5);
  expect(store.hasAlertsDue(now)).toBe(false);
  expect(store.readChannelHealth()).toMatchObject([
    { channel: 'a', failingCount: 1, failingSince: START, error: 'down', lastSentAt: null },
  ]);
  const next = store.nextDeliveryAt() ?? 0;
  expect(next - now).toBeGreaterThan(50_000);
  now = next;
  expect(store.hasAlertsDue(now)).toBe(true);
  await runSender(senderOf(settings));
  expect(arrivals('a')).toEqual([1]);
  expect(store.readChannelHealth()).toMatchObject([{ failingCount: 0, error: null }]);
});

test('a channel that keeps failing is told on the others, once until it works again', async () => {
  const settings = settingsOf(['a', 'b']);
  let isDown = true;
  const send = (channel: string) =>
    channel === 'a' && isDown ? failed('answered 404', true) : SENT;
  raise(1, settings);
  await runSender(senderOf(settings, send));
  raise(1, settings);
  await runSender(senderOf(settings, send));
  const told = () => got.filter(({ codes }) => codes.includes('DELIVERY_FAILED'));
  expect(told().map(({ channel }) => channel)).toEqual(['b']);
  isDown = false;
  now += 600_000;
  await runSender(senderOf(settings, send));
  isDown = true;
  now += 10_000;
  raise(1, settings);
  await runSender(senderOf(settings, send));
  expect(told().map(({ channel }) => channel)).toEqual(['b', 'b']);
});

test('given up after a day of trying, with its error', async () => {
  const settings = settingsOf(['a']);
  raise(1, settings);
  for (let n = 0; n < 60; n += 1) {
    await runSender(senderOf(settings, () => failed('down')));
    now += 3_600_000;
  }
  expect(store.nextDeliveryAt()).toBe(null);
  expect(now - START).toBeGreaterThan(86_400_000);
  expect(store.readChannelHealth()).toMatchObject([{ failingCount: 1, error: 'down' }]);
});

test('a channel that throws, and one that is gone', async () => {
  const settings = settingsOf(['a']);
  raise(1, settings);
  await runSender(senderOf(settings, (_, nth) => (nth === 0 ? new Error('odd') : SENT)));
  expect(got).toHaveLength(2);
  raise(1, settings);
  await runSender({ ...senderOf(settings), send: () => null });
  expect(store.readChannelHealth()).toMatchObject([
    { error: 'the channel is not configured any more' },
  ]);
});

describe('quiet hours', () => {
  const quietHours = { fromMinute: 11 * 60, toMinute: 13 * 60 };

  test('what comes meanwhile is one message when they end; a lost guard is told at once', async () => {
    const settings = settingsOf(['a'], { quietHours });
    for (let n = 0; n < 3; n += 1) {
      raise(2, settings);
      now += 60_000;
      await runSender(senderOf(settings));
      expect(store.hasAlertsDue(now)).toBe(false);
    }
    expect(got).toEqual([]);
    raise(1, settings, 'GUARD_LOST');
    await runSender(senderOf(settings));
    expect(got.map(({ codes }) => codes)).toEqual([['GUARD_LOST']]);
    now = Date.UTC(2026, 10, 28, 13, 0);
    expect(store.hasAlertsDue(now)).toBe(true);
    await runSender(senderOf(settings));
    expect(got.map(({ codes }) => codes.length)).toEqual([1, 6]);
  });
});

describe('a sender that dies', () => {
  class Killed extends Error {}

  test.each(['before it sends', 'after it has sent'])(
    '%s: the next one sends, under the same id',
    async (when) => {
      const settings = settingsOf(['a']);
      raise(5, settings);
      const sends = senderOf(settings);
      let isAlive = true;
      const dead: Store = new Proxy(store, {
        get: (target, key) => {
          if (!isAlive) throw new Killed();
          return Reflect.get(target, key);
        },
      });
      const dying: SenderDeps = {
        ...sends,
        store: dead,
        send: (channel, message) => {
          const result =
            when === 'after it has sent' ? sends.send(channel, message) : Promise.resolve(SENT);
          isAlive = false;
          return result;
        },
      };
      await expect(runSender(dying)).rejects.toThrow(Killed);
      const left = store.hasAlertsDue(now);
      expect(left).toBe(false);
      now += 5_000;
      expect(store.hasAlertsDue(now)).toBe(true);
      await runSender(senderOf(settings));
      expect(arrivals('a')).toEqual([1, 1, 1, 1, 1]);
      expect(store.hasAlertsDue(now)).toBe(false);
    },
  );
});

test('a sender that dies at any of its steps loses and doubles nothing', async () => {
  const settings = settingsOf(['a', 'b']);
  const steps = async (lastStep: number): Promise<number> => {
    raise(3, settings);
    const sends = senderOf(settings);
    let step = 0;
    /** One more step: of the ledger or of a receiver. */
    const live = () => {
      step += 1;
      if (step > lastStep) throw new Error('killed');
    };
    const mortal: Store = new Proxy(store, {
      get: (target, key) => {
        const value = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return (...words: unknown[]) => {
          live();
          return value.apply(target, words);
        };
      },
    });
    const send: SenderDeps['send'] = (channel, message) => {
      live();
      const sent = sends.send(channel, message);
      live();
      return sent;
    };
    await runSender({ ...sends, store: mortal, send }).catch(() => {});
    for (let n = 0; n < 3; n += 1) {
      now += 70_000;
      await runSender(senderOf(settings));
    }
    return step;
  };
  const stepCount = await steps(Infinity);
  expect(stepCount).toBeGreaterThan(15);
  for (let lastStep = 0; lastStep < stepCount; lastStep += 1) await steps(lastStep);
  for (const channel of ['a', 'b'])
    expect(arrivals(channel)).toEqual(Array(3 * (stepCount + 1)).fill(1));
  expect(store.nextDeliveryAt()).toBe(null);
});

describe('a clock that jumps', () => {
  test.each([-3 * 86_400_000, -10_000, 10_000, 3 * 86_400_000])(
    'by %d ms loses and repeats nothing',
    async (jump) => {
      const settings = settingsOf(['a']);
      raise(2, settings);
      const deps = senderOf(settings, (_, nth) => (nth < 2 ? failed('down') : SENT));
      let hasJumped = false;
      await runSender({
        ...deps,
        wait: async (ms) => {
          if (!hasJumped && got.length === 1) {
            hasJumped = true;
            now += jump;
          }
          now += ms;
        },
      });
      // A sender that took itself for another's may have left the rest.
      for (let n = 0; n < 3 && store.nextDeliveryAt() !== null; n += 1) {
        now += 6_000;
        await runSender(deps);
      }
      expect(hasJumped).toBe(true);
      expect(arrivals('a')).toEqual([1, 1]);
      expect(store.nextDeliveryAt()).toBe(null);
    },
  );
});
