// Plays a scenario: one line, one step, in the product's own words, with what must come of it behind the arrow.
// `test/scenario/README.md` lists the words.
import { parseUsd } from '../../src/domain/money.ts';
import { parseRaise } from '../../src/domain/plan-window.ts';
import type { ScenarioHarness } from './harness.ts';

/** What a line gave, as the arrow spells it; `null` for lines that ask nothing. */
type Outcome = string | null;

/** Plays one line; answers what came of it. */
export function runStep(line: string, harness: ScenarioHarness): Outcome {
  const [step = ''] = line.split('->');
  const words = step.trim().split(/\s+/);
  const [verb = '', ...rest] = words;
  const play = VERBS[verb];
  if (!play) throw new Error(`nobody knows the word ${verb}`);
  return play(rest, harness);
}

/** What a line expects; `null` when it does not say. */
export function expectedOf(line: string): string | null {
  const expected = line.split('->')[1];
  return expected === undefined ? null : expected.trim().replace(/\s+/g, ' ');
}

const VERBS: Readonly<
  Record<string, (words: readonly string[], harness: ScenarioHarness) => Outcome>
> = {
  budget: ([id = '', ...fields], harness) => {
    const pairs = new Map<string, unknown>();
    for (let at = 0; at < fields.length; at += 2) {
      pairs.set(fields[at] ?? '', writtenOf(fields[at + 1] ?? ''));
    }
    harness.budget(id, Object.fromEntries(pairs));
    return null;
  },
  setting: ([key = '', value = ''], harness) => quiet(harness.set(key, writtenOf(value))),
  time: ([at = ''], harness) => quiet(harness.goTo(Date.parse(at))),
  wait: ([span = ''], harness) => quiet(harness.goTo(harness.now + spanOf(span))),
  branch: ([name = ''], harness) => quiet(harness.branch(name)),
  run: ([id = ''], harness) => quiet(harness.run(id)),
  agent: ([name = ''], harness) => quiet(harness.become(name === 'main' ? null : name)),
  session: ([id = ''], harness) => enter(id, 'startup', harness),
  clear: ([id = ''], harness) => enter(id, 'clear', harness),
  resume: ([id = ''], harness) => enter(id, 'resume', harness),
  turn: ([id = ''], harness) => {
    harness.turn = id;
    return told(harness.prompt('do it'));
  },
  notice: ([id = ''], harness) => {
    harness.turn = id;
    return told(harness.prompt('<task-notification>\n<task-id>a</task-id>'));
  },
  usage: ([usd = ''], harness) => told(harness.usage(amountOf(usd))),
  tool: ([name = 'Bash', usd], harness) => {
    const id = usd === undefined ? 'unseen' : harness.respond(amountOf(usd));
    const input = name === 'Agent' ? { prompt: 'x', description: 'x' } : { command: 'ls' };
    const fields = { tool_name: name, tool_input: input, tool_use_id: id };
    return told(harness.event('PreToolUse', fields));
  },
  compact: (_, harness) => told(harness.event('PreCompact', { trigger: 'manual' })),
  begin: ([agent = ''], harness) => {
    harness.agent = agent;
    return told(harness.event('SubagentStart'));
  },
  end: (_, harness) => told(harness.event(harness.agent === null ? 'Stop' : 'SubagentStop')),
  reading: ([window = '', share = '', , resets = ''], harness) =>
    `${harness.reading(window, share.replace('%', ''), Date.parse(resets))} new`,
  share: ([budget = ''], harness) => harness.share(budget),
  grant: ([amount = '', , budget = '', , span], harness) =>
    quiet(harness.grant(raiseOf(amount), budget, span === undefined ? null : spanOf(span))),
  spend: ([budget = ''], harness) => `$${(harness.spend(budget).posted / 1e9).toFixed(2)}`,
  held: ([budget = ''], harness) => (harness.spend(budget).reserved > 0 ? 'something' : 'nothing'),
};

function enter(id: string, source: string, harness: ScenarioHarness): Outcome {
  harness.session = id;
  harness.agent = null;
  const answer = harness.event('SessionStart', { source });
  return answer.forModel === null ? 'quiet' : 'hand-off';
}

function told({ verdict }: ReturnType<ScenarioHarness['event']>): string {
  return [verdict.kind, ...verdict.breaches.map(({ code }) => code)].join(' ');
}

const quiet = (_: unknown): null => null;

function amountOf(text: string): number {
  const amount = parseUsd(text);
  if (amount === null) throw new Error(`${text} is no amount`);
  return amount;
}

function raiseOf(text: string): number {
  const raise = parseRaise(text);
  if (raise === null) throw new Error(`${text} is no amount`);
  return raise.amount;
}

function spanOf(text: string): number {
  const [, count, unit] = /^(-?\d+)(s|m|h|d)$/.exec(text) ?? [];
  const ms = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit ?? ''];
  if (ms === undefined) throw new Error(`${text} is no span`);
  return Number(count) * ms;
}

function writtenOf(text: string): unknown {
  if (text === 'chain') return { session: { followChain: true } };
  return text;
}
