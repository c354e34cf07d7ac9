// What a person does on a page: halt, resume, raise. Rule: what a page sends is checked here, and the rules of the commands hold.
import type { PageAction } from '../../dashboard/dashboard.ts';
import { type SessionId, sessionId } from '../../domain/ids.ts';
import { parseRaise } from '../../domain/plan-window.ts';
import { TollgateError } from '../../errors.ts';
import type { WatchActions } from '../live/watch-loop.ts';

const LONGEST_TEXT = 500;

type Asked = Parameters<PageAction>[0];

/** By the name that the page calls. `actions` is asked for at each call: the ledger may be another file by then. */
export function pageActions(actions: () => WatchActions): ReadonlyMap<string, PageAction> {
  return new Map<string, PageAction>([
    ['halt', (asked) => actions().halt(sessionIn(asked), textIn(asked, 'reason'))],
    ['resume', (asked) => actions().resume(sessionIn(asked))],
    ['raise', (asked) => actions().grant(sessionIn(asked), grantIn(asked))],
  ]);
}

function grantIn(asked: Asked) {
  const reason = textIn(asked, 'reason');
  if (reason === null) throw unreadable('a raise needs a reason', 'say why, in a few words');
  const amount = textIn(asked, 'amount');
  const raise = amount === null ? null : parseRaise(amount);
  if (raise === null || raise.amount <= 0) {
    throw unreadable(
      `${amount ?? 'nothing'} is not an amount of dollars or percent above zero`,
      'write it like 2, 0.50 or 5%',
    );
  }
  return { raise, reason, budget: textIn(asked, 'budgetId') };
}

function sessionIn(asked: Asked): SessionId {
  const id = textIn(asked, 'sessionId');
  if (id === null) throw unreadable('no session is named', 'reload the page');
  return sessionId(id);
}

/** A text without what would move a terminal's cursor; `null`: none was given. */
function textIn(asked: Asked, name: string): string | null {
  const value = asked[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.length > LONGEST_TEXT) {
    throw unreadable(`${name} is no text, or too long`, 'shorten it');
  }
  const text = value.replace(/\p{Cc}+/gu, ' ').trim();
  return text === '' ? null : text;
}

const unreadable = (message: string, hint: string): TollgateError =>
  new TollgateError({ code: 'REQUEST_UNREADABLE', message, hint });
