// The only wording of alerts. Rule: what, how much of what, where, what to do, in this order; it reads well on a phone.
import { digestDocument } from '../digest/document.ts';
import { documentLines } from '../digest/text.ts';
import { requestsText } from '../domain/burn-rate.ts';
import { raiseAmount } from '../domain/explain-ahead.ts';
import { formatUsd } from '../domain/money.ts';
import { amountText, unbilledText } from '../domain/plan-window.ts';
import { spanText } from '../domain/time.ts';
import type { Alert, AlertRecord, BudgetFigures } from './alert.ts';
import type { AlertText, Message, Place } from './channel.ts';

/** Texts in one message; more would not be read. */
const MAX_TEXTS = 10;
const LONGEST_WORD = 80;

/** The most important first. */
const RANK: readonly Alert['code'][] = [
  ...(['GUARD_LOST', 'EVENT_FORGED', 'SESSION_HALTED', 'HALTED_BY_PERSON'] as const),
  ...(['UNKNOWN_MODEL', 'CEILING_CHANGED', 'BREAKER_TRIPPED', 'DRIFT_FOUND'] as const),
  ...(['RUN_OUT_NEAR', 'THRESHOLD_REACHED', 'SOFT_LIMIT_REACHED', 'PACE_HIGH'] as const),
  ...(['BURN_RATE_HIGH', 'SPEND_SPIKE', 'DELIVERY_FAILED', 'DIGEST', 'TEST'] as const),
];

/** How one, and more, of a kind are called. */
const NAMES: Readonly<Record<Alert['code'], readonly [string, string]>> = {
  GUARD_LOST: ['lost guard', 'lost guards'],
  EVENT_FORGED: ['forged event', 'forged events'],
  SESSION_HALTED: ['halt', 'halts'],
  HALTED_BY_PERSON: ['halt by hand', 'halts by hand'],
  CEILING_CHANGED: ['changed ceiling', 'changed ceilings'],
  UNKNOWN_MODEL: ['unknown model', 'unknown models'],
  BREAKER_TRIPPED: ['loop', 'loops'],
  DRIFT_FOUND: ['difference', 'differences'],
  RUN_OUT_NEAR: ['budget that runs out', 'budgets that run out'],
  THRESHOLD_REACHED: ['threshold', 'thresholds'],
  SOFT_LIMIT_REACHED: ['soft limit', 'soft limits'],
  PACE_HIGH: ['budget spent too fast', 'budgets spent too fast'],
  BURN_RATE_HIGH: ['high burn rate', 'high burn rates'],
  SPEND_SPIKE: ['unusual hour', 'unusual hours'],
  DELIVERY_FAILED: ['failing channel', 'failing channels'],
  DIGEST: ['digest', 'digests'],
  TEST: ['test', 'tests'],
};

/** One message about alerts, at least one. `placeOf`: where the session of an alert is at work. */
export function messageOf(
  deliveryId: string,
  alerts: readonly AlertRecord[],
  placeOf: (alert: AlertRecord) => Place,
  sentAt: number,
): Message {
  const ranked = alerts
    .filter(({ alert }) => alert.code !== 'DIGEST')
    .sort((a, b) => RANK.indexOf(a.alert.code) - RANK.indexOf(b.alert.code) || a.seq - b.seq);
  const shown = ranked.slice(0, ranked.length > MAX_TEXTS ? MAX_TEXTS - 1 : MAX_TEXTS);
  const texts = shown.map((each) => alertText(each.alert, placeOf(each), sentAt));
  const moreCount = ranked.length - shown.length;
  if (moreCount > 0) texts.push(moreText(moreCount));
  const documents = alerts.flatMap(({ alert }) =>
    alert.code === 'DIGEST' ? [digestDocument(alert.digest)] : [],
  );
  const first = texts[0]?.what ?? documents[0]?.title ?? '';
  const title = alerts.length === 1 ? `Tollgate: ${first}` : `Tollgate: ${countText(alerts)}`;
  return { deliveryId, sentAt, title, texts, documents, alerts };
}

const moreText = (count: number): AlertText => ({
  what: `${count} more`,
  amount: '',
  where: '',
  action: 'See them all: tollgate alerts list',
});

/** `12 alerts: 2 halts, 10 thresholds`. */
function countText(alerts: readonly AlertRecord[]): string {
  const kinds = RANK.flatMap((code) => {
    const count = alerts.filter(({ alert }) => alert.code === code).length;
    return count === 0 ? [] : [`${count} ${NAMES[code][count === 1 ? 0 : 1]}`];
  });
  return `${alerts.length} alerts: ${kinds.join(', ')}`;
}

/** One alert in words. */
export function alertText(alert: Alert, place: Place, now: number): AlertText {
  return { ...wordsOf(alert, place, now), where: whereText(place) };
}

/** The title, the repository and the branch; a session without any by its id. */
function whereText({ title, repository, branch, session }: Place): string {
  const at = [repository, branch].filter((each) => each !== null).map(oneLine);
  const parts = [
    ...(title === null ? [] : [oneLine(title)]),
    ...(at.length > 0 ? [at.join(' @ ')] : []),
  ];
  if (parts.length > 0) return parts.join(', ');
  return session === null ? '' : `session ${oneLine(session)}`;
}

type Words = Omit<AlertText, 'where'>;

function wordsOf(alert: Alert, place: Place, now: number): Words {
  switch (alert.code) {
    case 'THRESHOLD_REACHED':
    case 'SOFT_LIMIT_REACHED':
    case 'SESSION_HALTED':
    case 'RUN_OUT_NEAR':
    case 'PACE_HIGH':
      return budgetWords(alert, place, now);
    case 'CEILING_CHANGED':
      return ceilingWords(alert, place);
    case 'HALTED_BY_PERSON': {
      const why = alert.reason === null ? '' : `: ${oneLine(alert.reason)}`;
      return {
        what: 'session halted by hand',
        amount: `${formatUsd(alert.spendNanoUsd)} spent so far${why}`,
        action: `Let it go on: tollgate resume${sessionOption(place)}`,
      };
    }
    case 'UNKNOWN_MODEL':
      return {
        what: 'session halted: its model has no price',
        amount: oneLine(alert.model),
        action: 'Give it a price under pricing.models: tollgate config',
      };
    case 'BURN_RATE_HIGH':
      return {
        what: 'high burn rate',
        amount: `${formatUsd(alert.burnNanoUsdPerHour)} an hour, over ${formatUsd(alert.limitNanoUsdPerHour)}`,
        action: 'See what runs, and halt it: tollgate watch',
      };
    case 'SPEND_SPIKE':
      return {
        what: 'unusual hour',
        amount: `${formatUsd(alert.spendNanoUsd)}, usually ${formatUsd(alert.usualNanoUsd)} at this hour of the week`,
        action: 'See what runs, and halt it: tollgate watch',
      };
    case 'BREAKER_TRIPPED':
      return {
        what: `${alert.isHalted ? 'session halted, ' : ''}loop found (${oneLine(alert.breaker)})`,
        amount: oneLine(alert.evidence),
        action: alert.isHalted
          ? `Let it go on: tollgate resume${sessionOption(place)}`
          : `Stop it: tollgate halt${sessionOption(place)}`,
      };
    default:
      return otherWords(alert);
  }
}

function ceilingWords(
  alert: Extract<Alert, { readonly code: 'CEILING_CHANGED' }>,
  place: Place,
): Words {
  const { amountNanoUsd, author, reason, limitNanoUsd } = alert;
  const isRaised = amountNanoUsd > 0;
  const why = reason === null || !isRaised ? '' : `: ${oneLine(reason)}`;
  return {
    what: isRaised ? 'ceiling raised' : 'raised ceiling taken back',
    amount: `${amountText(Math.abs(amountNanoUsd), alert)} by ${oneLine(author)}${why}; now ${amountText(limitNanoUsd, alert)} (${budgetName(alert)})`,
    action: isRaised ? `If nobody wanted that: ${revokeCommand(place)}` : 'Nothing to do.',
  };
}

const revokeCommand = (place: Place): string => `tollgate grant --revoke${sessionOption(place)}`;

type BudgetAlert = Exclude<Extract<Alert, BudgetFigures>, { readonly code: 'CEILING_CHANGED' }>;

function budgetWords(alert: BudgetAlert, place: Place, now: number): Words {
  const count = alert.code === 'SESSION_HALTED' ? null : (alert.requestsLeft ?? null);
  const left = count === null ? '' : `, ${requestsText(count)} left`;
  const amount = `${amountText(alert.spendNanoUsd, alert)} of ${amountText(alert.limitNanoUsd, alert)}${unbilledText(alert)} (${budgetName(alert)})${left}`;
  const raise = `tollgate grant ${raiseAmount(alert)}${sessionOption(place)}`;
  switch (alert.code) {
    case 'THRESHOLD_REACHED':
      return {
        what: `${Math.round(alert.ratio * 100)} % spent`,
        amount,
        action: `Raise it: ${raise}`,
      };
    case 'SOFT_LIMIT_REACHED':
      return {
        what: alert.spendNanoUsd < alert.softNanoUsd ? 'ceiling near' : 'soft limit reached',
        amount,
        action: `Raise it: ${raise}`,
      };
    case 'SESSION_HALTED': {
      const next =
        alert.forecastNanoUsd > 0
          ? `; the next request may need ${amountText(alert.forecastNanoUsd, alert)}`
          : '';
      return {
        what: 'session halted',
        amount: `${amount}${next}`,
        action: `Let it go on: ${raise}`,
      };
    }
    case 'RUN_OUT_NEAR':
      return {
        what: `runs out in ${spanText(Math.max(0, alert.runOutAt - now))}`,
        amount: `${amount}, ${formatUsd(alert.burnNanoUsdPerHour)} an hour`,
        action: `Raise it: ${raise}`,
      };
    case 'PACE_HIGH':
      return {
        what: `spending ${alert.paceRatio.toFixed(1)} times too fast`,
        amount,
        action: 'See where it goes: tollgate report --by session',
      };
  }
}

/** What was seen, by the causes that the watchdog has. */
const LOST: Readonly<Record<string, string>> = {
  hooks: 'tools ran, or requests were made, without a hook of Tollgate',
  'nested-client': 'a Claude Code without hooks was started inside of the session',
  state: 'the transcript and the state folder were taken away while it ran',
  watchdog: 'its watchdog was ended more than once',
};

type OtherAlert = Extract<
  Alert,
  {
    readonly code:
      | ('GUARD_LOST' | 'EVENT_FORGED' | 'DRIFT_FOUND')
      | ('DELIVERY_FAILED' | 'DIGEST' | 'TEST');
  }
>;

function otherWords(alert: OtherAlert): Words {
  switch (alert.code) {
    case 'GUARD_LOST':
      return {
        what: 'guard lost, spending is not limited',
        amount: [LOST[alert.cause] ?? alert.cause, alert.detail]
          .flatMap((each) => (each === null ? [] : oneLine(each)))
          .join(': '),
        action: 'Find out why: tollgate doctor',
      };
    case 'EVENT_FORGED':
      return {
        what: 'forged event refused',
        amount: `${oneLine(alert.eventName)}, sent by a program inside of the session and not by Claude Code`,
        action: 'See what it runs: tollgate why',
      };
    case 'DRIFT_FOUND':
      return {
        what: `ledger differs from ${oneLine(alert.source)}`,
        amount: `${formatUsd(alert.ledgerNanoUsd)} here, ${formatUsd(alert.otherNanoUsd)} there`,
        action: 'Compare them: tollgate reconcile',
      };
    case 'DELIVERY_FAILED':
      return {
        what: `channel ${oneLine(alert.channel)} fails`,
        amount: `${alert.attemptCount} times: ${oneLine(alert.error)}`,
        action: `Mend it, then: tollgate alerts test ${oneLine(alert.channel)}`,
      };
    case 'DIGEST': {
      const { title, summary, action } = digestDocument(alert.digest);
      return { what: title, amount: summary, action };
    }
    case 'TEST':
      return { what: 'this is a test', amount: '', action: 'Nothing to do.' };
  }
}

const sessionOption = ({ session }: Place): string =>
  session === null ? '' : ` --session ${oneLine(session)}`;

/** What both are called is said once. */
const budgetName = ({ budgetId, windowLabel }: BudgetFigures): string =>
  windowLabel === budgetId || windowLabel.startsWith(`${budgetId} `)
    ? `budget ${windowLabel}`
    : `budget ${budgetId}, ${windowLabel}`;

/** Words of others on one line, without what would control a terminal or turn text around, and not longer than a line. */
function oneLine(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const letters = [...clean];
  return letters.length <= LONGEST_WORD ? clean : `${letters.slice(0, LONGEST_WORD - 1).join('')}…`;
}

type Worded = Pick<Message, 'title' | 'texts' | 'documents'>;

/** A message as lines: its title, each alert in a paragraph, and the digests. */
export function plainText({ title, texts, documents }: Worded): string {
  const isOne = texts.length + documents.length === 1;
  const paragraphs = texts.map(({ what, amount, where, action }) =>
    [isOne ? '' : capital(what), amount, where, action].filter(Boolean).join('\n'),
  );
  const whole = documents.map((document) =>
    [...(isOne ? [] : [document.title]), ...documentLines(document)].join('\n'),
  );
  return [title, ...paragraphs, ...whole].join(isOne ? '\n' : '\n\n');
}

/** What follows the title, on its own. */
export function bodyText(message: Worded): string {
  return plainText(message).slice(message.title.length).trimStart();
}

/** The same for a place that shows a few lines: digests without their sections. */
export function shortText(message: Worded): string {
  const documents = message.documents.map((each) => ({ ...each, sections: [] }));
  return bodyText({ ...message, documents });
}

/** A text of at most so many characters. */
export const cutText = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length - 1)}…`;

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
