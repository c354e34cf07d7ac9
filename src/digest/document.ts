// The only wording of digests, as a document that mails, chats and terminals lay out each in their way. Rule: what has nothing to tell is left out.
import { shortId } from '../domain/ids.ts';
import { formatUsd, type NanoUsd } from '../domain/money.ts';
import { plural, UNBILLED_NOTE } from '../reports/formats/figures.ts';
import { printable } from '../reports/formats/width.ts';
import type { Digest, DigestEvents, DigestSession } from './digest.ts';

/** A digest in words. */
export interface Document {
  /** One line: the period, and what it cost. */
  readonly title: string;
  /** How that compares. */
  readonly summary: string;
  readonly sections: readonly Section[];
  /** The one thing to do. */
  readonly action: string;
}

export interface Section {
  readonly heading: string;
  readonly rows: readonly Row[];
}

export interface Row {
  /** Empty where there is none. */
  readonly amount: string;
  readonly name: string;
  readonly details: readonly string[];
}

/** The document. */
export function digestDocument(digest: Digest): Document {
  const { date, period, isOpen, costNanoUsd } = digest;
  const soFar = isOpen ? ' so far' : '';
  const sections: readonly Section[] = [
    { heading: 'Models', rows: digest.models.map((each) => modelRow(each, digest)) },
    { heading: 'Costliest sessions', rows: sessionRows(digest) },
    { heading: headingOf('Loops', digest.loops), rows: eventRows(digest.loops) },
    { heading: headingOf('Halted', digest.halts), rows: eventRows(digest.halts) },
    { heading: 'The same tokens on other models', rows: cheaperRows(digest) },
    { heading: 'Not seen in full', rows: unseenRows(digest) },
  ];
  return {
    title: `${dateName(digest)}: ${formatUsd(costNanoUsd)}${soFar}`,
    summary: `${summaryOf(digest)}${digest.billing === 'plan' ? ` ${UNBILLED_NOTE}` : ''}`,
    sections: sections.filter(({ rows }) => rows.length > 0),
    action: `All of it: tollgate digest --${period} ${date}`,
  };
}

/** `Friday 27 Nov 2026`, `Week of 23 Nov 2026`. */
function dateName({ date, period }: Pick<Digest, 'date' | 'period'>): string {
  const at = new Date(`${date}T00:00:00Z`);
  const part = (options: Intl.DateTimeFormatOptions) =>
    at.toLocaleDateString('en-GB', { timeZone: 'UTC', ...options });
  const day = part({ day: 'numeric', month: 'short', year: 'numeric' });
  return period === 'week' ? `Week of ${day}` : `${part({ weekday: 'long' })} ${day}`;
}

function summaryOf({ costNanoUsd, beforeNanoUsd, requestCount, period }: Digest): string {
  const before = `the ${period} before`;
  if (beforeNanoUsd === 0) {
    return costNanoUsd === 0
      ? `Nothing was spent, nor ${before}.`
      : `${plural(requestCount, 'request')}; nothing was spent ${before}.`;
  }
  const change = changeText(costNanoUsd, beforeNanoUsd);
  return `${plural(requestCount, 'request')}, ${change} than ${before} (${formatUsd(beforeNanoUsd)}).`;
}

/** `18 % more`, `3 % less`, `2.4 times more`; to be followed by `than`. */
function changeText(now: NanoUsd, before: NanoUsd): string {
  const ratio = now / before;
  if (ratio >= 3) return `${(ratio - 1).toFixed(1)} times more`;
  const change = Math.round((ratio - 1) * 100);
  return change >= 0 ? `${change} % more` : `${-change} % less`;
}

function modelRow(
  { model, costNanoUsd, beforeNanoUsd, requestCount }: Digest['models'][number],
  { period }: Digest,
): Row {
  const change =
    beforeNanoUsd === 0 ? `not used the ${period} before` : changeText(costNanoUsd, beforeNanoUsd);
  return {
    amount: formatUsd(costNanoUsd),
    name: `${printable(model)}, ${plural(requestCount, 'request')}, ${change}`,
    details: [],
  };
}

function sessionRows({ sessions, otherSessions }: Digest): Row[] {
  const rows = sessions.map(sessionRow);
  const { count, costNanoUsd } = otherSessions;
  if (count === 0) return rows;
  return [
    ...rows,
    { amount: formatUsd(costNanoUsd), name: plural(count, 'other session'), details: [] },
  ];
}

function sessionRow(session: DigestSession): Row {
  const { sessionId, title, repository, branch, costNanoUsd, reasons } = session;
  const where = [repository, branch].filter((each) => each !== null).map(printable);
  const id = shortId(sessionId);
  return {
    amount: formatUsd(costNanoUsd),
    name: title === null ? id : `${printable(title)} (${id})`,
    details: [...(where.length > 0 ? [where.join(' @ ')] : []), ...reasons],
  };
}

const headingOf = (word: string, { count, newest }: DigestEvents): string =>
  count > newest.length ? `${word}: ${count}, of these the newest` : word;

const eventRows = ({ newest }: DigestEvents): Row[] =>
  newest.map(({ what, amount, where }) => ({
    amount: '',
    name: what.charAt(0).toUpperCase() + what.slice(1),
    details: [amount, where].filter(Boolean),
  }));

const cheaperRows = ({ cheaper }: Digest): Row[] =>
  cheaper.map(({ model, costNanoUsd, savedNanoUsd }) => ({
    amount: formatUsd(costNanoUsd),
    name: `on ${printable(model)}, ${formatUsd(savedNanoUsd)} less`,
    details: [],
  }));

function unseenRows({ unseen }: Digest): Row[] {
  const { unusableLineCount, sessionCount, guardLossCount, estimatedNanoUsd } = unseen;
  const row = (count: number, name: string): Row[] =>
    count === 0 ? [] : [{ amount: '', name, details: [] }];
  return [
    ...row(
      unusableLineCount,
      `${plural(unusableLineCount, 'transcript line')} may have used tokens and could not be read`,
    ),
    ...row(sessionCount, `${plural(sessionCount, 'session')} without a transcript`),
    ...row(
      guardLossCount,
      `the guard was lost ${guardLossCount === 1 ? 'once' : `${guardLossCount} times`}`,
    ),
    ...row(estimatedNanoUsd, `${formatUsd(estimatedNanoUsd)} of the cost is estimated`),
    ...row(
      unseen.unpricedRequestCount,
      `${plural(unseen.unpricedRequestCount, 'request')} to models without a price, counted as the costliest of their family`,
    ),
  ];
}
