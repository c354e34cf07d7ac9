// `tollgate alerts`: what was told, whether it arrives, and sending it. Rule: every channel is tried by itself; one that fails keeps no other back.
import { Argument, type Command } from 'commander';
import type { AlertRecord } from '../../alerts/alert.ts';
import { alertText, messageOf } from '../../alerts/wording.ts';
import type { ChannelSettings, Config } from '../../config/config.ts';
import { findProjectRoot, stateHome } from '../../config/paths.ts';
import { RECENT_MS } from '../../domain/burn-rate.ts';
import { MINUTE_MS, spanText } from '../../domain/time.ts';
import { TollgateError } from '../../errors.ts';
import { observeMachine, observeSession } from '../../gate/observe-spend.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import type { ChannelHealth, Store } from '../../stores/store.ts';
import {
  chosenChannels,
  newDeliveryId,
  placeReaderOf,
  sendOn,
  sendOutbox,
} from '../alert-sending.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, readHookConfig, withLedger, withStore } from '../context.ts';
import { FINDINGS, FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { requireConfig } from '../read-config.ts';
import { fitLines } from '../wrap-text.ts';

const SHOWN_COUNT = 20;

export function describe(command: Command): void {
  command
    .addArgument(
      new Argument('[action]', 'what to do; default: list').choices([...Object.keys(ACTIONS)]),
    )
    .argument('[name...]', 'test: the channel, default all; ack: numbers of alerts')
    .option('--all', `list: every alert, not only the ${SHOWN_COUNT} newest; ack: all of them`)
    .option('--json', 'print JSON (schemas tollgate/alerts@1, -test@1, -ack@1, -push@1)')
    .addHelpText(
      'after',
      `
Channels are configured under "alerts" in your own configuration file, see docs/alerts.md. Alerts are put into an
outbox when they become due and sent by a process that hooks and commands start by themselves (send).

push sends metrics to the collector under "otlp" now, see docs/metrics.md.

Exit codes of test:
  0  every channel took the message
  1  one of them did not

Examples:
  tollgate alerts
  tollgate alerts test
  tollgate alerts test team
  tollgate alerts ack 12 13`,
    );
}

interface Request {
  readonly names: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly context: CliContext;
}

const ACTIONS: Readonly<Record<string, (request: Request) => Promise<number>>> = {
  list,
  test,
  ack,
  send,
  push,
};

export function run(
  [action = 'list', ...names]: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  return (ACTIONS[action] ?? list)({ names, options, context });
}

async function list({ options, context }: Request): Promise<number> {
  const { channels } = requireConfig(context).alerts;
  const read = (store: Store) => {
    const placeOf = placeReaderOf(store);
    const alerts = store.readAlerts(options.all ? undefined : SHOWN_COUNT);
    return {
      alerts: alerts.map((each) => ({ ...each, place: placeOf(each) })),
      health: store.readChannelHealth(),
    };
  };
  const { alerts, health } = hasLedger(context)
    ? await withStore(context, read)
    : { alerts: [], health: [] };
  if (options.json) {
    const told = alerts.map(({ alert, place, ...rest }) => ({
      ...rest,
      ...place,
      ...alert,
    }));
    const named = channels.map(({ name, type }) => ({ name, type, ...healthOf(name, health) }));
    printJson({ schema: 'tollgate/alerts@1', channels: named, alerts: told }, context);
    return FINE;
  }
  const lines = [
    ...(alerts.length === 0 ? ['No alert has become due yet.'] : alerts.flatMap(alertLines)),
    '',
    ...channelLines(channels, health, context.now),
  ];
  context.print(fitLines(lines, context));
  return FINE;

  function alertLines(each: AlertRecord & { place: ReturnType<ReturnType<typeof placeReaderOf>> }) {
    const { what, amount, where } = alertText(each.alert, each.place, each.raisedAt);
    const seen = each.acknowledgedAt === null ? '' : ', seen';
    return [
      `${each.seq}  ${what}${amount === '' ? '' : `: ${amount}`}`,
      `    ${[where, agoText(context.now - each.raisedAt)].filter(Boolean).join(', ')}${seen}`,
    ];
  }
}

const healthOf = (name: string, health: readonly ChannelHealth[]) => {
  const known = health.find(({ channel }) => channel === name);
  const { lastSentAt = null, failingCount = 0, failingSince = null, error = null } = known ?? {};
  return { lastSentAt, failingCount, failingSince, error };
};

function channelLines(
  channels: readonly ChannelSettings[],
  health: readonly ChannelHealth[],
  now: number,
): string[] {
  if (channels.length === 0) {
    return ['No channel is configured, so nobody is told. How to: docs/alerts.md'];
  }
  return channels.map(({ name, type }) => {
    const { lastSentAt, failingSince, error } = healthOf(name, health);
    const kind = name === type ? name : `${name} (${type})`;
    if (failingSince !== null) {
      return `channel ${kind}: FAILING since ${agoText(now - failingSince)}: ${error}`;
    }
    const last =
      lastSentAt === null ? 'nothing sent yet' : `last sent ${agoText(now - lastSentAt)}`;
    return `channel ${kind}: ${last}`;
  });
}

const agoText = (ms: number): string => (ms < MINUTE_MS ? 'just now' : `${spanText(ms)} ago`);

async function test({ names, options, context }: Request): Promise<number> {
  const chosen = chosenChannels(requireConfig(context).alerts.channels, names);
  const alert: AlertRecord = {
    ...{ seq: 0, alertId: newDeliveryId(), alert: { code: 'TEST' }, sessionId: null },
    ...{ raisedAt: context.now, acknowledgedAt: null },
  };
  const nowhere = { title: null, repository: null, branch: null, session: null };
  const message = messageOf(newDeliveryId(), [alert], () => nowhere, context.now);
  const results = await Promise.all(
    chosen.map(async (settings) => {
      const error = await sendOn(settings, message, null, context).then(
        (result) => (result.kind === 'sent' ? null : result.error),
        (refused: Error) =>
          refused instanceof TollgateError
            ? `${refused.message}; ${refused.hint}`
            : String(refused),
      );
      return { channel: settings.name, type: settings.type, isSent: error === null, error };
    }),
  );
  if (options.json) printJson({ schema: 'tollgate/alerts-test@1', results }, context);
  else {
    for (const { channel, error } of results) {
      context.print(`${channel}: ${error === null ? 'sent' : `NOT SENT: ${error}`}\n`);
    }
  }
  return results.every(({ isSent }) => isSent) ? FINE : FINDINGS;
}

async function ack({ names, options, context }: Request): Promise<number> {
  const seqs = names.map(Number);
  if (seqs.some((seq) => !Number.isInteger(seq)) || (seqs.length === 0 && options.all !== true)) {
    throw new TollgateError({
      code: 'ALERT_UNKNOWN',
      message: 'which alerts were seen?',
      hint: 'name their numbers, or --all; tollgate alerts list shows them',
    });
  }
  const acknowledge = (store: Store) =>
    store.immediately(() => {
      const open = store.readAlerts().filter(({ acknowledgedAt }) => acknowledgedAt === null);
      const chosen = options.all === true ? open.map(({ seq }) => seq) : seqs;
      return store.acknowledgeAlerts(chosen, context.now);
    });
  const count = hasLedger(context) ? await withStore(context, acknowledge) : 0;
  if (options.json) printJson({ schema: 'tollgate/alerts-ack@1', count }, context);
  else context.print(`${count} marked as seen\n`);
  return FINE;
}

/** What hooks and commands start by themselves. */
async function send({ context }: Request): Promise<number> {
  if (!hasLedger(context)) return FINE;
  const { config } = await readHookConfig(findProjectRoot(context.cwd), context);
  await withLedger(context, config, async (store, deps) => {
    await observe(store, deps, context);
    await sendOutbox(store, config, context);
    await pushQuietly(store, config, context);
  });
  return FINE;
}

/** Metrics go out with the process that sends; what keeps them is in the log, and a person asks with `push`. */
async function pushQuietly(store: Store, config: Config, context: CliContext): Promise<void> {
  const { otlp } = config;
  // What is held of an older configuration does not have it.
  if (!otlp) return;
  const { pushMetrics } = await import('../push-metrics.ts');
  const refused = await pushMetrics({ ...config, otlp }, store, context);
  if (refused === null) return;
  const { logFailure } = await import('../../runtime/log.ts');
  logFailure(stateHome(context.env), new Error(refused), { command: 'metrics' });
}

async function push({ options, context }: Request): Promise<number> {
  const config = requireConfig(context);
  const { otlp } = config;
  if (otlp === null) {
    throw new TollgateError({
      code: 'NO_COLLECTOR',
      message: 'no collector is configured',
      hint: 'add "otlp" to your own configuration file, see docs/metrics.md',
    });
  }
  const { pushMetrics } = await import('../push-metrics.ts');
  const error = await withStore(context, (store) =>
    pushMetrics({ ...config, otlp }, store, context),
  );
  if (options.json) {
    printJson({ schema: 'tollgate/alerts-push@1', isTaken: error === null, error }, context);
  } else
    context.print(error === null ? 'The collector took the metrics.\n' : `NOT TAKEN: ${error}\n`);
  return error === null ? FINE : FINDINGS;
}

/** Raises what follows from how fast money goes now, in the sessions at work and on this machine. */
async function observe(store: Store, deps: EventDeps, context: CliContext): Promise<void> {
  const sinceAt = context.now - RECENT_MS;
  for (const session of store.readSessions({ sinceAt })) {
    const root = findProjectRoot(session.cwd ?? context.cwd);
    const { config } = await readHookConfig(root, context);
    const own = { ...deps, config, labels: config };
    store.immediately(() => observeSession(session, own, context.now));
  }
  store.immediately(() => observeMachine(deps, context.now));
}
