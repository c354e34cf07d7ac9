// Advice in words, and the rule that follows it.
import { shortId } from '../domain/ids.ts';
import { formatUsd } from '../domain/money.ts';
import { plural } from '../reports/formats/figures.ts';
import { printable } from '../reports/formats/width.ts';
import type { Advice } from '../reports/why/advice.ts';

/** A setting of the configuration. */
export interface AdvisedRule {
  readonly path: readonly string[];
  readonly value: unknown;
  /** Names it in the list at the path; `null`: it is the whole value. */
  readonly id: string | null;
}

/** The evidence: what was paid for what. `nameOf`: a session as people know it. */
export function evidenceText(advice: Advice, nameOf: (id: string) => string): string {
  const paid = formatUsd(advice.paidNanoUsd);
  switch (advice.code) {
    case 'SMALLER_SUBAGENTS':
      return `${plural(advice.count, 'subagent')} ${printable(advice.agentType)} on ${advice.fromFamily} cost ${paid}; the same tokens cost less on ${advice.toFamily}`;
    case 'SMALLER_SESSION':
      return `${nameOf(advice.sessionId)}: its main loop on ${advice.fromFamily} cost ${paid}; the same tokens cost less on ${advice.toFamily}`;
    case 'CACHE_MISSES': {
      const reasons = [
        ...(advice.afterPauseCount > 0 ? [`${advice.afterPauseCount} after a pause`] : []),
        ...(advice.afterModelChangeCount > 0
          ? [`${advice.afterModelChangeCount} with a change of the model`]
          : []),
      ];
      const why = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
      return `${nameOf(advice.sessionId)}: its context was sent again ${plural(advice.count, 'time')}${why}`;
    }
    case 'REPEATED_READS': {
      const more = advice.fileCount - 1;
      const also = more > 0 ? `, ${plural(more, 'other file')} more than once` : '';
      return `${nameOf(advice.sessionId)}: ${printable(advice.file)} was read ${advice.readCount} times without a change${also}`;
    }
  }
}

/** What to do about it. */
export function remedyText(advice: Advice): string {
  switch (advice.code) {
    case 'SMALLER_SUBAGENTS':
      return 'route them';
    case 'SMALLER_SESSION':
      return `begin such work with /model ${advice.toFamily}`;
    case 'CACHE_MISSES':
      return advice.afterModelChangeCount > advice.afterPauseCount
        ? 'change models at the start of a session, not within it'
        : 'after a long pause begin a new session, or /compact before it';
    case 'REPEATED_READS':
      return 'have it said when files are read again and again';
  }
}

/** The rule that does it; `null`: only people can. */
export function ruleOf(advice: Advice): AdvisedRule | null {
  switch (advice.code) {
    case 'SMALLER_SUBAGENTS': {
      const { agentType, fromFamily, toFamily } = advice;
      const id = `advised-${agentType}-${fromFamily}`
        .replace(/[^A-Za-z0-9._-]+/g, '-')
        .slice(0, 64);
      const when = { agentType, model: fromFamily };
      return { path: ['routing'], value: { id, when, action: toFamily }, id };
    }
    case 'REPEATED_READS':
      return { path: ['breakers', 'repeatedReads'], value: 'warn', id: null };
    default:
      return null;
  }
}

/** `routing: {…}`. */
export const ruleText = ({ path, value }: AdvisedRule): string =>
  `${path.join('.')}: ${JSON.stringify(value)}`;

export const sessionIdText = (id: string): string => `session ${shortId(id)}`;
