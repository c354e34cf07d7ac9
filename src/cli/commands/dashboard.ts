// `tollgate dashboard`: what the commands print, in a browser of this machine. Rule: it ends with the terminal it was started in, and what an agent
// starts shows and changes nothing.
import { execFile } from 'node:child_process';
import { type Command, InvalidArgumentError } from 'commander';
import type { RunningDashboard } from '../../dashboard/serve-dashboard.ts';
import { TollgateError } from '../../errors.ts';
import type { CliContext } from '../command.ts';
import { knownSessions, readQuickConfig } from '../context.ts';
import { pageActions } from '../dashboard/actions.ts';
import { silent } from '../dashboard/command-source.ts';
import { keepLedgerOpen, type OpenLedger } from '../dashboard/open-ledger.ts';
import { pageSources } from '../dashboard/sources.ts';
import { readWebFiles } from '../dashboard/web-files.ts';
import { FINE } from '../exit-code.ts';
import { actionsOn } from '../live/watch-actions.ts';
import { requirePerson } from '../person.ts';
import { printJson } from '../print-json.ts';

const LAST_PORT = 65_535;

export function describe(command: Command): void {
  command
    .option('--port <number>', 'the port to listen on; default: a free one', parsePort)
    .option('--open', 'open it in the browser, to look at; the printed address is for changes')
    .option('--metrics', 'answer GET /metrics for Prometheus, to every program of this machine')
    .option('--json', 'print the address as JSON (schema tollgate/dashboard@1)')
    .addHelpText(
      'after',
      `
Only this machine can reach it, and only with the address that is printed: its part after # is a key that is made
anew at each start. It changes nothing unless a person has started it. Ctrl+C ends it.

Examples:
  tollgate dashboard
  tollgate dashboard --open
  tollgate dashboard --port 4780`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const readOnlyBecause = whyReadOnly(context);
  const files = readWebFiles();
  const ledger = keepLedgerOpen(context);
  const { serveDashboard } = await import('../../dashboard/serve-dashboard.ts');
  const port = Number(options.port ?? 0);
  const running = await serveDashboard(
    {
      sources: pageSources(ledger, readOnlyBecause, context),
      actions: pageActions(() => actionsOn(ledger.store(), context, 'dashboard')),
      readVersion: ledger.readVersion,
      readMetrics: options.metrics ? metricsReader(ledger, context) : null,
      ...{ readOnlyBecause, files },
    },
    port,
  ).catch((cause: NodeJS.ErrnoException) => {
    ledger.close();
    throw portTaken(port, cause);
  });
  try {
    tell(running, readOnlyBecause, options, context);
    await endOfProcess();
  } finally {
    await running.close();
    ledger.close();
  }
  return FINE;
}

/** The figures for Prometheus. */
function metricsReader(ledger: OpenLedger, context: CliContext): () => Promise<string> {
  return async () => {
    const [{ readMetrics }, { prometheusText }] = await Promise.all([
      import('../read-metrics.ts'),
      import('../../metrics/prometheus.ts'),
    ]);
    const config = await readQuickConfig(silent(context));
    return prometheusText(readMetrics(config, ledger.store(), silent(context), Date.now()));
  };
}

const portTaken = (port: number, cause: NodeJS.ErrnoException): TollgateError =>
  new TollgateError({
    code: 'PORT_TAKEN',
    message: `the dashboard cannot listen on port ${port}: ${cause.code ?? cause.message}`,
    hint: 'give another one with --port, or none for a free one',
    cause,
  });

/** Why whoever starts it may not change anything; `null`: a person does. */
function whyReadOnly(context: CliContext): string | null {
  try {
    requirePerson('dashboard', context, knownSessions(context));
    return null;
  } catch (refused) {
    if (refused instanceof TollgateError && refused.code === 'NOT_A_PERSON') return refused.message;
    throw refused;
  }
}

function tell(
  { address, token, viewToken, port }: RunningDashboard,
  readOnlyBecause: string | null,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): void {
  const url = `${address}#${token}`;
  if (options.json) {
    printJson(
      { schema: 'tollgate/dashboard@1', url, port, pid: process.pid, readOnlyBecause },
      context,
    );
  } else {
    context.print(`Dashboard: ${url}\n`);
    if (readOnlyBecause !== null) context.print(`It changes nothing: ${readOnlyBecause}.\n`);
    context.print('Ctrl+C ends it.\n');
  }
  // What a program is started with, every program of this user can read.
  if (options.open) openInBrowser(`${address}#${viewToken}`, context);
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

function openInBrowser(url: string, { emit }: CliContext): void {
  const [program = '', ...words] = OPENERS[process.platform] ?? ['xdg-open'];
  execFile(program, [...words, url], (error) => {
    if (error)
      emit(`tollgate: no browser could be started (${program}): open the address yourself`);
  });
}

function endOfProcess(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => resolve());
    }
  });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= LAST_PORT) return port;
  throw new InvalidArgumentError('Give a number from 0 to 65535.');
}
