// The causes of a session's cost in words: one paragraph, the weightiest first. Rule: every statement has its
// figure, and what weighs nothing is not mentioned.
import { formatUsd, type NanoUsd } from '../../domain/money.ts';
import { HOUR_MS, MINUTE_MS } from '../../domain/time.ts';
import { countText, plural } from '../formats/figures.ts';
import { printable } from '../formats/width.ts';
import type { Causes } from './causes.ts';
import type { ToolHabits } from './tool-habits.ts';

/** A statement and the money it explains. */
interface Statement {
  readonly weight: NanoUsd;
  readonly text: string;
}

/** Below this share of the cost a cause is not worth a sentence. */
const LEAST_RATIO = 0.03;

/** `medianNanoUsd`: what half of all sessions cost less than; `null` with too few to compare. */
export function explainCauses(
  causes: Causes,
  habits: ToolHabits | null,
  medianNanoUsd: NanoUsd | null,
): string {
  const { costNanoUsd, requestCount } = causes;
  const times = medianNanoUsd && medianNanoUsd > 0 ? costNanoUsd / medianNanoUsd : null;
  const than = times === null ? '' : `, ${timesText(times)} the median session`;
  const opening = `${formatUsd(costNanoUsd)} for ${plural(requestCount, 'request')} in ${spanText(causes.lastAt - causes.firstAt)}${than}.`;
  const statements = [...moneyStatements(causes), ...modelStatements(causes)];
  return [opening, ...sentences(statements, causes), ...habitSentences(habits)].join(' ');
}

/** A sentence for each cause that is worth one, the weightiest first; which models were used is not said. */
export const weightiestCauses = (causes: Causes): string[] =>
  sentences([...moneyStatements(causes)], causes);

const sentences = (statements: readonly Statement[], { costNanoUsd }: Causes): string[] =>
  statements
    .filter(({ weight }) => weight >= costNanoUsd * LEAST_RATIO && weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ text }) => text);

function* moneyStatements(causes: Causes): Generator<Statement> {
  const { costNanoUsd, classes, context, cacheMisses, subagents, hiddenNanoUsd } = causes;
  const share = (part: NanoUsd) => `${formatUsd(part)} (${percent(part, costNanoUsd)})`;
  const grew =
    context.largestTokens > context.firstTokens * 1.5
      ? `: the context grew from ${countText(context.firstTokens)} to ${countText(context.largestTokens)} tokens, ${countText(context.meanTokens)} on average over ${plural(context.requestCount, 'request')}`
      : '';
  yield {
    weight: classes.cacheRead,
    text: `Reading the context from the cache took ${share(classes.cacheRead)}${grew}.`,
  };
  yield {
    weight: classes.output,
    text: `What the models wrote took ${share(classes.output)}, ${countText(causes.usage.outputTokens)} tokens.`,
  };
  yield {
    weight: classes.cacheWrite,
    text: `Writing new context into the cache took ${share(classes.cacheWrite)}.`,
  };
  yield { weight: classes.input, text: `Input past the cache took ${share(classes.input)}.` };
  if (cacheMisses.count > 0) {
    yield {
      weight: cacheMisses.extraNanoUsd,
      text: `${plural(cacheMisses.count, 'cache miss').replace('misss', 'misses')} sent ${countText(cacheMisses.tokens)} tokens again, ${formatUsd(cacheMisses.extraNanoUsd)} more than reading them${missReason(causes)}.`,
    };
  }
  if (subagents.length > 0) {
    const cost = subagents.reduce((sum, part) => sum + part.costNanoUsd, 0);
    const mostExpensive = subagents[0];
    const most =
      mostExpensive && subagents.length > 1
        ? `, the most expensive (${printable(mostExpensive.name)}) ${formatUsd(mostExpensive.costNanoUsd)}`
        : '';
    yield {
      weight: cost,
      text: `${plural(subagents.length, 'subagent')} spent ${share(cost)}${most}.`,
    };
  }
  yield {
    weight: hiddenNanoUsd,
    text: `${share(hiddenNanoUsd)} is on no line of the transcript: Claude Code's side requests, or estimates.`,
  };
}

function* modelStatements({ models, costNanoUsd }: Causes): Generator<Statement> {
  const [first, second] = models;
  if (first && second) {
    yield {
      weight: first.costNanoUsd,
      text: `${printable(first.name)} made ${percent(first.costNanoUsd, costNanoUsd)} of the cost, ${printable(second.name)} ${percent(second.costNanoUsd, costNanoUsd)}.`,
    };
  } else if (first) {
    yield { weight: first.costNanoUsd, text: `All of it was ${printable(first.name)}.` };
  }
}

function missReason({ cacheMisses }: Causes): string {
  const { count, afterPauseCount, afterModelChangeCount } = cacheMisses;
  const reasons = [
    afterPauseCount > 0
      ? `${afterPauseCount === count ? 'after pauses' : `${afterPauseCount} after a pause`} longer than the cache lives`
      : '',
    afterModelChangeCount > 0 ? `${afterModelChangeCount} with a change of the model` : '',
  ].filter(Boolean);
  return reasons.length > 0 ? ` (${reasons.join(', ')})` : '';
}

/** What its tool calls say, in sentences. */
export function* habitSentences(habits: ToolHabits | null): Generator<string> {
  if (habits === null) {
    yield 'Its transcript is not on this machine, so nothing can be said about its tool calls.';
    return;
  }
  const [worst] = habits.rereads;
  if (worst) {
    const others = habits.rereads.length - 1;
    const also = others > 0 ? `, and ${plural(others, 'other file')} more than once` : '';
    yield `${printable(worst.file)} was read ${worst.readCount} times without a change${also}.`;
  }
  if (habits.failedCount > 0) {
    const most = habits.worstTool ? `, most of them ${printable(habits.worstTool)}` : '';
    const again =
      habits.retryCount > 0
        ? `; ${habits.retryCount} ${habits.retryCount === 1 ? 'was' : 'were'} tried again at once`
        : '';
    yield `${habits.failedCount} of ${plural(habits.callCount, 'tool call')} failed${habits.failedCount > 1 ? most : ''}${again}.`;
  }
}

/** `12 %`; something never shows as nothing. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '0 %';
  const ratio = (part / whole) * 100;
  return ratio > 0 && ratio < 1 ? '<1 %' : `${Math.round(ratio)} %`;
}

function timesText(times: number): string {
  return times >= 1.05 || times <= 0.95 ? `${times.toFixed(times < 10 ? 1 : 0)} ×` : 'about';
}

function spanText(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.round(ms / 1_000)} s`;
  const minutes = Math.round(ms / MINUTE_MS);
  if (ms < HOUR_MS) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
