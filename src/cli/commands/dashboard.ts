// `tollgate dashboard`: what the commands print, in a browser of this machine. Rule: it ends with the terminal it was started in, and what an agent
// starts shows and changes nothing.
import { execFile } from 'node:child_process';
import { type Command, InvalidArgumentError } from 'commander';
import type { DashboardWorld } from '../../dashboard/dashboard.ts';
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
import { TEAM_OPTION, withTeamReads } from '../team/reading.ts';

const LAST_PORT = 65_535;

export function describe(command: Command): void {
  command
    .option('--port <number>', 'the port to listen on; default: a free one', parsePort)
    .option('--open', 'open it in the browser, to look at; the printed address is for changes')
    .option(...TEAM_OPTION)
    .option('--metrics', 'answer GET /metrics for Prometheus, to every program of this machine')
    .option('--json', 'print the address as JSON (schema tollgate/dashboard@1)')
    .addHelpText(
      'after',
      `
Only this machine can reach it, and only with the address that is printed: its part after # is a key that is made
anew at each start. It changes nothing unless a person has started it, and with --team nothing at all. Ctrl+C ends it.

Examples:
  tollgate dashboard
  tollgate dashboard --open
  tollgate dashboard --port 4780
  tollgate dashboard --team`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const { world, close } = options.team
    ? await teamWorld(options, context)
    : machineWorld(options, context);
  const { serveDashboard } = await import('../../dashboard/serve-dashboard.ts');
  const port = Number(options.port ?? 0);
  const running = await serveDashboard(world, port).catch((cause: NodeJS.ErrnoException) => {
    close();
    throw portTaken(port, cause);
  });
  try {
    tell(running, world.readOnlyBecause, options, context);
    await endOfProcess();
  } finally {
    await running.close();
    close();
  }
  return FINE;
}

interface OpenWorld {
  readonly world: DashboardWorld;
  readonly close: () => void;
}

/** This machine's ledger. */
function machineWorld(options: Readonly<Record<string, unknown>>, context: CliContext): OpenWorld {
  const readOnlyBecause = whyReadOnly(context);
  const files = readWebFiles();
  const ledger = keepLedgerOpen(context);
  return {
    close: ledger.close,
    world: {
      sources: pageSources(ledger, readOnlyBecause, context),
      actions: pageActions(() => actionsOn(ledger.store(), context, 'dashboard')),
      readVersion: ledger.readVersion,
      readMetrics: options.metrics ? metricsReader(ledger, context) : null,
      ...{ readOnlyBecause, files },
    },
  };
}

/** The team's; whether it can be read is known before anything is served. */
async function teamWorld(
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<OpenWorld> {
  if (options.metrics) {
    throw new TollgateError({
      code: 'TEAM_WHOLE',
      message: '--metrics are of this machine',
      hint: 'leave --team out, or read the team with SQL (docs/team.md)',
    });
  }
  await withTeamReads(context, async () => {});
  const { TEAM_READ_ONLY, teamPageSources, teamVersion } = await import(
    '../dashboard/team-sources.ts'
  );
  return {
    close: () => {},
    world: {
      ...{ sources: teamPageSources(context), actions: new Map(), readVersion: teamVersion },
      ...{ readMetrics: null, readOnlyBecause: TEAM_READ_ONLY, files: readWebFiles() },
    },
  };
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
