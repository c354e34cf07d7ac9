// `tollgate config`: the configuration in force here, and which file each value came from.
import type { Command } from 'commander';
import { readHookObstacles } from '../../agents/claude-code/install/host-settings.ts';
import { findProjectRoot } from '../../config/paths.ts';
import type { Budget } from '../../domain/budget.ts';
import { exactUsd, type NanoUsd } from '../../domain/money.ts';
import type { CliContext } from '../command.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { problemText, readConfig } from '../read-config.ts';

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
    const lines = files.map(
      ({ kind, file, present }) => `  ${kind.padEnd(8)} ${file}${present ? '' : '  (not there)'}`,
    );
    context.print(`Files, the one that binds most first:\n${lines.join('\n')}\n\n`);
    const { budgets, origins, pricing, labels, clients, ...plain } = config;
    context.print(
      budgets.length === 0
        ? 'No budget is set: spending is metered, nothing is halted.\n'
        : 'Budgets:\n',
    );
    for (const budget of budgets) {
      context.print(`  ${budgetText(budget)}\n`);
      for (const [key, file] of Object.entries(origins)) {
        const part = key.startsWith(`budgets.${budget.id}.`) ? key.split('.').pop() : null;
        if (part) context.print(`    ${part} <- ${file}\n`);
      }
    }
    context.print('\nSettings:\n');
    for (const [key, value] of Object.entries({
      ...plain,
      clients: clients.length,
      pricing,
      labels,
    })) {
      context.print(
        `  ${key.padEnd(20)} ${valueText(value)}${origins[key] ? `  <- ${origins[key]}` : ''}\n`,
      );
    }
  }
  return problems.some(({ kind }) => kind === 'mistake') ? FAILED : FINE;
}

function budgetText(budget: Budget): string {
  const where = Object.entries(budget.scope.where).map(([key, pattern]) => `${key}=${pattern}`);
  const per = budget.scope.per.map((key) => `per ${key}`);
  const scope = [...where, ...per].join(', ') || 'everything';
  const zone = 'timeZone' in budget.period ? ` (${budget.period.timeZone})` : '';
  return `${budget.id}: ${scope}, by ${budget.period.kind}${zone}, soft ${limitText(budget.softNanoUsd)}, hard ${limitText(budget.hardNanoUsd)}, ${budget.mode}`;
}

const limitText = (limit: NanoUsd | null): string =>
  limit === null ? 'none' : `$${exactUsd(limit)}`;

const valueText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? 'none');
