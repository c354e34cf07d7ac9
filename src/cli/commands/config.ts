// `tollgate config`: the configuration in force here, and which file each value came from.
import type { Command } from 'commander';
import { readHookObstacles } from '../../agents/claude-code/install/host-settings.ts';
import type { Config } from '../../config/config.ts';
import { findProjectRoot } from '../../config/paths.ts';
import { BREAKER_NAMES } from '../../domain/breaker-trip.ts';
import { type Budget, limitText } from '../../domain/budget.ts';
import { exactUsd } from '../../domain/money.ts';
import { planWindowText } from '../../domain/plan-window.ts';
import { spanText } from '../../domain/time.ts';
import { plural } from '../../reports/formats/figures.ts';
import type { CliContext } from '../command.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { problemText, readConfig } from '../read-config.ts';
import { fitLines } from '../wrap-text.ts';

export function describe(command: Command): void {
  command
    .option('--json', 'print JSON (schema tollgate/config@1)')
    .option('--schema', 'print the JSON Schema of a configuration file')
    .addHelpText('after', '\nExit code 2 when a file has mistakes; they are named on stderr.');
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  if (options.schema) {
    const { configJsonSchema } = await import('../../config/json-schema.ts');
    printJson(configJsonSchema(), context);
    return FINE;
  }
  const { config, problems, files } = readConfig(context);
  for (const problem of problems) context.emit(`tollgate: ${problemText(problem)}`);
  for (const { message } of readHookObstacles(findProjectRoot(context.cwd), context.env)) {
    context.emit(`tollgate: ${message}`);
  }
  if (options.json) {
    printJson({ schema: 'tollgate/config@1', files, problems, config }, context);
  } else {
    context.print(fitLines(linesOf(config, files), context));
  }
  return problems.some(({ kind }) => kind === 'mistake') ? FAILED : FINE;
}

function linesOf(config: Config, files: ReturnType<typeof readConfig>['files']): string[] {
  const { budgets, origins } = config;
  return [
    'Files, the one that binds most first:',
    ...files.map(
      ({ kind, file, present }) => `  ${kind.padEnd(8)}  ${file}${present ? '' : ' (not there)'}`,
    ),
    '',
    budgets.length === 0 ? 'No budget is set: spending is metered, nothing is halted.' : 'Budgets:',
    ...budgets.flatMap((budget) => budgetLines(budget, origins)),
    '',
    'Settings:',
    ...settingsOf(config).map(([key, value]) => {
      const from = origins[key] ? ` (from ${origins[key]})` : '';
      return `  ${key.padEnd(18)}  ${value}${from}`;
    }),
    '',
    `Routing: ${config.routing.length === 0 ? 'no rule' : plural(config.routing.length, 'rule')}`,
    ...config.routing.map(routingLine),
    '',
    'Circuit breakers:',
    ...breakerLines(config),
  ];
}

/** What a budget says, and the files it says it in. */
function budgetLines(budget: Budget, origins: Config['origins']): string[] {
  const where = Object.entries(budget.scope.where).map(([key, pattern]) => `${key} ${pattern}`);
  const per = budget.scope.per.map((key) => `each ${key}`);
  const scope = [...where, ...per].join(', ') || 'everything';
  const { softNanoUsd: soft, hardNanoUsd: hard, mode, period } = budget;
  const by = period.kind === 'plan' ? planWindowText(period.window) : period.kind;
  const days = period.kind === 'dates' ? ` ${period.from} to ${period.until}` : '';
  const zone = 'timeZone' in period ? ` (${period.timeZone})` : '';
  const limits = [
    ...(soft === null ? [] : [`warns at ${limitText(soft, budget)}`]),
    ...(hard === null
      ? []
      : [`${mode === 'enforce' ? 'halts' : 'would halt'} at ${limitText(hard, budget)}`]),
  ].join(', ');
  const own = Object.entries(origins).filter(([key]) => key.startsWith(`budgets.${budget.id}.`));
  return [
    `  ${budget.id}  ${scope}, by ${by}${days}${zone}: ${limits || 'metered only'}`,
    ...[...new Set(own.map(([, file]) => file))].map((file) => `    from ${file}`),
  ];
}

/** The other settings in words. */
function settingsOf(config: Config): readonly (readonly [string, string])[] {
  const { pricing, labels, clients, fanOutNanoUsd, ticketPattern } = config;
  const own = Object.keys({ ...pricing.managed, ...pricing.overrides });
  const prices = [
    own.length === 0 ? 'list price' : `own prices of ${own.join(', ')}`,
    ...(pricing.multiplierPpm === 1_000_000 ? [] : [`times ${pricing.multiplierPpm / 1e6}`]),
    `unknown models as ${pricing.unknownModel === 'dearest' ? 'the most expensive of their family' : pricing.unknownModel}`,
  ];
  const { channels } = config.alerts;
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [
    ['safety', config.safety],
    ['timeZone', config.timeZone],
    ['onFailure', config.onFailure],
    ['onGuardLost', config.onGuardLost],
    ['foreignHosts', config.foreignHosts],
    ['handOffs', config.handOffs],
    ['grants', config.grants],
    ['billing', config.billing ?? 'as Claude Code tells of a plan'],
    ['waitMs', `${config.waitMs} ms`],
    ['reservationMs', spanText(config.reservationMs)],
    ['haltOnUnknownModel', config.haltOnUnknownModel ? 'yes' : 'no'],
    ['fanOut', fanOutNanoUsd === null ? 'no limit of its own' : `$${exactUsd(fanOutNanoUsd)}`],
    ['ticketPattern', ticketPattern ?? 'none'],
    ['clients', clients.length === 0 ? 'none' : plural(clients.length, 'rule')],
    ['pricing', prices.join('; ')],
    ['labels', pairs.join(', ') || 'none'],
    ['alerts', channels.map(({ name }) => name).join(', ') || 'no channel'],
    ['otlp', config.otlp?.endpoint ?? 'no collector'],
  ];
}

/** One rule in words. */
function routingLine({ id, when, action }: Config['routing'][number]): string {
  const parts = [
    ...(when.agentType === null ? [] : [`agent type ${when.agentType}`]),
    ...(when.work === null ? [] : [`work ${when.work}`]),
    ...(when.model === null ? [] : [`on ${when.model}`]),
    ...(when.background === null
      ? []
      : [when.background ? 'in the background' : 'in the foreground']),
    ...(when.batch === null ? [] : [when.batch ? 'nobody there' : 'somebody there']),
    ...(when.spentRatio === null ? [] : [`${when.spentRatio * 100} % spent`]),
    ...(when.expectedNanoUsd === null ? [] : [`$${exactUsd(when.expectedNanoUsd)} expected`]),
  ];
  const what = action.kind === 'model' ? action.model : action.kind;
  return `  ${id}  ${parts.join(', ') || 'every subagent'}: ${what}`;
}

/** Each circuit breaker with its mode and limits, and the files that set any of them. */
function breakerLines({ breakers, origins }: Config): string[] {
  return BREAKER_NAMES.flatMap((name) => {
    const { mode, times, costNanoUsd, overMs, perMinuteNanoUsd, tokens } = breakers[name];
    const limits = [
      ...(times === null ? [] : [`${times} times`]),
      ...(tokens === null ? [] : [`${tokens} tokens`]),
      ...(costNanoUsd === null ? [] : [`or $${exactUsd(costNanoUsd)}`]),
      ...(perMinuteNanoUsd === null ? [] : [`$${exactUsd(perMinuteNanoUsd)} a minute`]),
      ...(overMs === null ? [] : [`over ${spanText(overMs)}`]),
    ].join(' ');
    const files = Object.entries(origins).flatMap(([path, file]) =>
      path.startsWith(`breakers.${name}.`) ? [file] : [],
    );
    const from = files.length === 0 ? '' : ` (from ${[...new Set(files)].join(', ')})`;
    return [`  ${name.padEnd(20)}  ${mode === 'off' ? 'off' : `${mode}: ${limits}`}${from}`];
  });
}
