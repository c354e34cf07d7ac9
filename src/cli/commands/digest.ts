// `tollgate digest`: what a day or a week has cost, to read or to send. Rule: what is sent is a finished period, once for each channel.
import { type Command, Option } from 'commander';
import { enqueueAlert } from '../../alerts/alert.ts';
import { htmlText } from '../../alerts/html.ts';
import { alertText } from '../../alerts/wording.ts';
import type { Digest, DigestPeriod } from '../../digest/digest.ts';
import { type Document, digestDocument } from '../../digest/document.ts';
import { documentMarkdown } from '../../digest/markdown.ts';
import { type DigestSpan, readDigest } from '../../digest/read-digest.ts';
import { documentLines } from '../../digest/text.ts';
import { toUsdNumber } from '../../domain/money.ts';
import { TollgateError } from '../../errors.ts';
import { isOnPlan } from '../../gate/billing.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { unusableFiles } from '../../ingest/torn-end.ts';
import { newestModels } from '../../pricing/rate-cards.ts';
import { bold, paintOf } from '../../reports/formats/paint.ts';
import { parseSpan, periodAt } from '../../reports/time-range.ts';
import { habitSentences, weightiestCauses } from '../../reports/why/text.ts';
import type { Store } from '../../stores/store.ts';
import { chosenChannels, placeReaderOf, sendOutbox } from '../alert-sending.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, withLedger } from '../context.ts';
import { installTimer, uninstallTimers } from '../digest-timer.ts';
import { FINDINGS, FINE } from '../exit-code.ts';
import { textOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { requireConfig } from '../read-config.ts';
import { readSessionCauses } from '../session-causes.ts';
import { titleOf } from '../session-name.ts';
import { parseZone } from '../time-zone.ts';
import { fitLines } from '../wrap-text.ts';

const FORMATS = ['text', 'html', 'markdown', 'json'] as const;
/** So many causes of a session's cost are told. */
const REASON_COUNT = 2;

export function describe(command: Command): void {
  command
    .option('--day [date]', 'of one day; without a date: yesterday. This is the default')
    .option('--week [date]', 'of the week, from Monday, that a date is in; without one: last week')
    .option('--to <channel>', 'send it, once, instead of printing it')
    .addOption(
      new Option('--format <format>', 'how it is printed').choices(FORMATS).default('text'),
    )
    .option('--json', 'the same as --format json (schema tollgate/digest@1)')
    .option('--timezone <zone>', 'days of this IANA zone instead of the configured one')
    .option('--install', 'have the system send it to --to each day or week, at seven')
    .option('--uninstall', 'take that away again')
    .option('--yes', 'with --install: do not ask')
    .addHelpText(
      'after',
      `
Channels are those of alerts, see docs/alerts.md. --install uses launchd, your own systemd, or crontab.

Exit codes:
  0  printed, or sent now or before
  1  it could not be sent yet, or --install was declined

Examples:
  tollgate digest
  tollgate digest --week
  tollgate digest --day 2026-11-20 --format markdown
  tollgate digest --week --to team
  tollgate digest --week --to mail --install`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const period: DigestPeriod = options.week === undefined ? 'day' : 'week';
  if (options.uninstall) {
    const isNamed = options.week !== undefined || options.day !== undefined;
    return uninstallTimers(isNamed ? [period] : ['day', 'week'], options, context);
  }
  const config = requireConfig(context);
  const to = textOf(options.to);
  const [channel] = to === undefined ? [] : chosenChannels(config.alerts.channels, [to]);
  if (options.install) {
    if (channel === undefined) throw channelMissing();
    return installTimer(period, channel, options, context);
  }
  const timeZone = parseZone(options.timezone, config.timeZone);
  const span = spanOf(period, options[period], timeZone, context.now);
  if (channel !== undefined && span.now < span.window.endAt) throw notOver(period);
  if (!hasLedger(context)) throw noLedger();
  return withLedger(context, config, async (store, deps) => {
    const read = readFrom(store, span, deps);
    const digest: Digest = isOnPlan(config, store, context.now)
      ? { ...read, billing: 'plan' }
      : read;
    if (channel !== undefined) {
      return sendDigest(digest, channel.name, options, store, deps, context);
    }
    print(digest, options, context);
    return FINE;
  });
}

/** The period that a date names, or the last that is over, and the one before it. */
function spanOf(period: DigestPeriod, date: unknown, timeZone: string, now: number): DigestSpan {
  const word = textOf(date);
  const at =
    word === undefined
      ? periodAt(period, now, timeZone).startAt - 1
      : parseSpan(word, undefined, now, timeZone).startAt;
  const window = periodAt(period, at, timeZone);
  return { period, window, before: periodAt(period, window.startAt - 1, timeZone), timeZone, now };
}

function readFrom(store: Store, span: DigestSpan, { pricer }: EventDeps): Digest {
  const placeOf = placeReaderOf(store);
  return readDigest(span, {
    ...{ store, rates: pricer.rates, titleOf, otherModels: newestModels(span.now) },
    countUnusable: (sinceAt) => {
      const recent = [...store.readCheckpoints()].filter(
        ([, { writtenAt }]) => writtenAt !== null && writtenAt >= sinceAt,
      );
      return unusableFiles(new Map(recent)).reduce((sum, { lineCount }) => sum + lineCount, 0);
    },
    reasonsOf: (session, window) => {
      const found = readSessionCauses(session, store, pricer.rates, window);
      if (found === null) return [];
      const habits = found.habits === null ? [] : habitSentences(found.habits);
      return [...weightiestCauses(found.causes).slice(0, REASON_COUNT), ...habits];
    },
    eventOf: (alert) => {
      const { what, amount, where } = alertText(alert.alert, placeOf(alert), alert.raisedAt);
      return { at: alert.raisedAt, sessionId: alert.sessionId, what, amount, where };
    },
  });
}

/** Sends a digest, unless that was done before. */
async function sendDigest(
  digest: Digest,
  channel: string,
  { json }: Readonly<Record<string, unknown>>,
  store: Store,
  { config }: EventDeps,
  context: CliContext,
): Promise<number> {
  const { period, date } = digest;
  const onceKey = `DIGEST|${period}|${date}|${channel}`;
  const alert = { code: 'DIGEST', channel, digest } as const;
  const isNew = store.immediately(() =>
    enqueueAlert({ alert, onceKey }, null, { store, config }, context.now),
  );
  await sendOutbox(store, config, context);
  const health = store.readChannelHealth().find((each) => each.channel === channel);
  const error = health?.failingSince == null ? null : health.error;
  if (json) {
    printJson({ schema: 'tollgate/digest-sent@1', period, date, channel, isNew, error }, context);
  } else {
    const name = `digest of ${period} ${date}`;
    context.print(
      error === null
        ? `${channel}: ${name} ${isNew ? 'sent' : 'was sent before'}\n`
        : `${channel}: ${name} NOT SENT yet, it is tried again: ${error}\n`,
    );
  }
  return error === null ? FINE : FINDINGS;
}

function print(
  digest: Digest,
  { json, format }: Readonly<Record<string, unknown>>,
  context: CliContext,
): void {
  if (json || format === 'json') printJson(jsonOf(digest), context);
  else context.print(textOfFormat(String(format), digestDocument(digest), context));
}

function textOfFormat(format: string, document: Document, context: CliContext): string {
  const { title } = document;
  if (format === 'html') return htmlText({ title, texts: [], documents: [document] });
  if (format === 'markdown') return documentMarkdown(document);
  return fitLines([paintOf(context)(bold)(title), ...documentLines(document)], context);
}

function jsonOf(digest: Digest) {
  return {
    schema: 'tollgate/digest@1',
    ...digest,
    costUsd: toUsdNumber(digest.costNanoUsd),
    beforeUsd: toUsdNumber(digest.beforeNanoUsd),
  };
}

const channelMissing = (): TollgateError =>
  new TollgateError({
    code: 'NO_CHANNELS',
    message: 'to which channel?',
    hint: 'name it: tollgate digest --day --to <channel> --install; docs/alerts.md has how to add one',
  });

const notOver = (period: DigestPeriod): TollgateError =>
  new TollgateError({
    code: 'DIGEST_OPEN',
    message: `this ${period} is not over, and its digest is sent once`,
    hint: `leave --to out to read it now, or name an earlier ${period}`,
  });

const noLedger = (): TollgateError =>
  new TollgateError({
    code: 'NOTHING_SPENT',
    message: 'there is no ledger yet',
    hint: 'work with Claude Code in a repository with Tollgate in it, or read older transcripts with tollgate sync',
  });
