// `tollgate price`: what a usage costs on a model, term by term, so that anyone can check a line by hand.
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { parsePausedResponses, parseUsage } from '../../agents/claude-code/transcript/usage.ts';
import { exactUsd, formatUsd, toUsdNumber } from '../../domain/money.ts';
import { TollgateError } from '../../errors.ts';
import type { PricingPolicy } from '../../pricing/policy.ts';
import { priceRequest } from '../../pricing/price.ts';
import type { Rates } from '../../pricing/rate-card.ts';
import { RATE_CARDS } from '../../pricing/rate-cards.ts';
import { tariffFor } from '../../pricing/resolve.ts';
import { priceTerms, type Term } from '../../pricing/terms.ts';
import type { CliContext } from '../command.ts';
import { FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { requireConfig } from '../read-config.ts';
import { fitLines } from '../wrap-text.ts';

export function describe(command: Command): void {
  command
    .argument('<model>', 'a model in any notation: claude-opus-5-5, opus, us.anthropic.…')
    .option(
      '--usage <file>',
      "the provider's usage object, or a message that holds one (- reads stdin); without it the prices",
    )
    .option('--at <date>', 'the day whose price holds (2026-09-30); default: today')
    .option(
      '--unknown-as <model>',
      'price a model without a price as this one, instead of the most expensive of its family',
    )
    .option('--json', 'print JSON (schema tollgate/price@1)')
    .addHelpText(
      'after',
      `
Examples:
  tollgate price sonnet
  tollgate price claude-opus-5-5 --usage usage.json
  echo '{"input_tokens":1000}' | tollgate price opus --usage -`,
    );
}

export async function run(
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const model = args[0] ?? '';
  if (options.usage === undefined) return showCard(model, options, context);
  const raw = await readUsage(String(options.usage), context);
  const report = parseUsage(raw.usage);
  if (report === null || !Object.keys(Object(raw.usage)).some(isCount)) {
    throw notAUsage(String(options.usage), 'it holds no usage object');
  }
  const policy = policyOf(options, context);
  const request = {
    model,
    report,
    paused: parsePausedResponses(raw.paused),
    occurredAt: instantOf(options.at, context.now),
  };
  const priced = priceRequest(request, policy, RATE_CARDS);
  const terms = priceTerms(request, policy, RATE_CARDS);
  if (options.json) {
    const { costNanoUsd, rateCard, pricedAs, unknownModel } = priced;
    const costUsd = toUsdNumber(costNanoUsd);
    printJson(
      {
        schema: 'tollgate/price@1',
        model,
        costNanoUsd,
        costUsd,
        rateCard,
        pricedAs,
        unknownModel,
        terms,
      },
      context,
    );
    return FINE;
  }
  const sum = `${model}: ${formatUsd(priced.costNanoUsd)} (${priced.costNanoUsd} nano-dollars) by ${priced.rateCard}`;
  context.print(fitLines([...terms.map(termText), sum], context));
  if (priced.unknownModel) {
    context.emit(`tollgate: ${model} has no price; it was counted as ${priced.pricedAs}`);
  }
  return FINE;
}

/** Whether a field of a usage is about what is paid for: an object without one would cost nothing. */
const isCount = (name: string): boolean => /_tokens$|^(server_tool_use|cache_creation)$/.test(name);

/** The person's prices, with another stand-in for unknown models where one is named. */
function policyOf(options: Readonly<Record<string, unknown>>, context: CliContext): PricingPolicy {
  const { pricing } = requireConfig(context);
  const { unknownAs } = options;
  return typeof unknownAs === 'string' ? { ...pricing, unknownModel: unknownAs } : pricing;
}

const CARD: readonly (readonly [string, keyof Rates])[] = [
  ['input', 'input'],
  ['output', 'output'],
  ['cache read', 'cacheRead'],
  ['cache write, 5 min', 'cacheWrite5m'],
  ['cache write, 1 hour', 'cacheWrite1h'],
];

/** The prices of a model, in dollars per million tokens. */
function showCard(
  model: string,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): number {
  const at = instantOf(options.at, context.now);
  const tariff = tariffFor(model, at, policyOf(options, context), RATE_CARDS);
  const { rates, fast, longPrompt, rateCard, pricedAs, unknownModel } = tariff;
  if (options.json) {
    const perMillion = Object.fromEntries(CARD.map(([, key]) => [key, rates[key] / 1e6]));
    const card = { rateCard, pricedAs, unknownModel, usdPerMillionTokens: perMillion };
    printJson({ schema: 'tollgate/price@1', model, ...card, fast, longPrompt }, context);
    return FINE;
  }
  const dollars = (picoUsd: number) => `$${exactUsd(picoUsd * 1_000)}`;
  const both = (other: Rates) => `input ${dollars(other.input)}, output ${dollars(other.output)}.`;
  const lines = [
    `${pricedAs}, dollars per million tokens (${rateCard}):`,
    ...CARD.map(([name, key]) => `  ${name.padEnd(20)} ${dollars(rates[key]).padStart(10)}`),
    ...(fast === null ? [] : [`Fast mode: ${both(fast)}`]),
    ...(longPrompt === null
      ? []
      : [`Prompts of more than ${longPrompt.aboveTokens} tokens: ${both(longPrompt.rates)}`]),
  ];
  context.print(fitLines(lines, context));
  if (unknownModel) context.emit(`tollgate: ${model} has no price; it is counted as ${pricedAs}`);
  return FINE;
}

function termText(term: Term): string {
  const rate = `$${term.ratePicoUsd / 1e6}/M`;
  const factor = term.factor === '1' ? '' : ` × ${term.factor}`;
  const notes = term.notes.length > 0 ? `  (${term.notes.join(', ')})` : '';
  return `  ${term.what.padEnd(16)} ${String(term.count).padStart(12)} × ${rate.padEnd(10)}${factor} = ${term.amountPicoUsd} pico${notes}`;
}

async function readUsage(
  from: string,
  context: CliContext,
): Promise<{ usage: unknown; paused: unknown }> {
  let content: string;
  try {
    content = from === '-' ? await text(context.stdin) : readFileSync(from, 'utf8');
  } catch (cause) {
    throw notAUsage(from, (cause as Error).message, cause);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (cause) {
    throw notAUsage(from, 'it is not JSON', cause);
  }
  if (typeof parsed !== 'object' || parsed === null) throw notAUsage(from, 'it is not an object');
  // A whole transcript line, a message, or the usage alone: whatever is at hand.
  const line = parsed as { message?: unknown; usage?: unknown; pausedResponses?: unknown };
  const message = (
    typeof line.message === 'object' && line.message !== null ? line.message : line
  ) as typeof line;
  return { usage: message.usage ?? message, paused: message.pausedResponses };
}

function instantOf(value: unknown, now: number): number {
  if (typeof value !== 'string') return now;
  const at = Date.parse(value);
  if (!Number.isNaN(at)) return at;
  throw new TollgateError({
    code: 'BAD_DATE',
    message: `--at ${value} is not a date`,
    hint: 'write it like 2026-09-30',
  });
}

function notAUsage(from: string, why: string, cause?: unknown): TollgateError {
  return new TollgateError({
    code: 'BAD_USAGE',
    message: `no usage can be read from ${from === '-' ? 'stdin' : from}: ${why}`,
    hint: 'give a JSON object with input_tokens, output_tokens, … as the provider sends it',
    cause,
  });
}
