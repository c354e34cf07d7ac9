// Plays a scenario: one line, one step, in the product's own words, with what must come of it behind the arrow.
// `test/scenario/README.md` lists the words.
import { parseUsd } from '../../src/domain/money.ts';
import type { Stage } from './harness.ts';

/** What a line gave, as the arrow spells it; `null` for lines that ask nothing. */
type Outcome = string | null;

/** Plays one line; answers what came of it. */
export function runStep(line: string, stage: Stage): Outcome {
  const [step = ''] = line.split('->');
  const words = step.trim().split(/\s+/);
  const [verb = '', ...rest] = words;
  const play = VERBS[verb];
  if (!play) throw new Error(`nobody knows the word ${verb}`);
  return play(rest, stage);
}

/** What a line expects; `null` when it does not say. */
export function expectedOf(line: string): string | null {
  const expected = line.split('->')[1];
  return expected === undefined ? null : expected.trim().replace(/\s+/g, ' ');
}

const VERBS: Readonly<Record<string, (words: readonly string[], stage: Stage) => Outcome>> = {
  budget: ([id = '', ...fields], stage) => {
    const pairs = new Map<string, unknown>();
    for (let at = 0; at < fields.length; at += 2) {
      pairs.set(fields[at] ?? '', writtenOf(fields[at + 1] ?? ''));
    }
    stage.budget(id, Object.fromEntries(pairs));
    return null;
  },
  setting: ([key = '', value = ''], stage) => quiet(stage.set(key, writtenOf(value))),
  time: ([at = ''], stage) => quiet(stage.goTo(Date.parse(at))),
  wait: ([span = ''], stage) => quiet(stage.goTo(stage.now + spanOf(span))),
  branch: ([name = ''], stage) => quiet(stage.branch(name)),
  run: ([id = ''], stage) => quiet(stage.run(id)),
  agent: ([name = ''], stage) => quiet(stage.become(name === 'main' ? null : name)),
  session: ([id = ''], stage) => enter(id, 'startup', stage),
  clear: ([id = ''], stage) => enter(id, 'clear', stage),
  resume: ([id = ''], stage) => enter(id, 'resume', stage),
  turn: ([id = ''], stage) => {
    stage.turn = id;
    return told(stage.prompt('do it'));
  },
  notice: ([id = ''], stage) => {
    stage.turn = id;
    return told(stage.prompt('<task-notification>\n<task-id>a</task-id>'));
  },
  usage: ([usd = ''], stage) => told(stage.usage(amountOf(usd))),
  tool: ([name = 'Bash', usd], stage) => {
    const id = usd === undefined ? 'unseen' : stage.respond(amountOf(usd));
    const input = name === 'Agent' ? { prompt: 'x', description: 'x' } : { command: 'ls' };
    const fields = { tool_name: name, tool_input: input, tool_use_id: id };
    return told(stage.event('PreToolUse', fields));
  },
  compact: (_, stage) => told(stage.event('PreCompact', { trigger: 'manual' })),
  begin: ([agent = ''], stage) => {
    stage.agent = agent;
    return told(stage.event('SubagentStart'));
  },
  end: (_, stage) => told(stage.event(stage.agent === null ? 'Stop' : 'SubagentStop')),
  grant: ([usd = '', , budget = '', , span], stage) =>
    quiet(stage.grant(amountOf(usd), budget, span === undefined ? null : spanOf(span))),
  spend: ([budget = ''], stage) => `$${(stage.spend(budget).posted / 1e9).toFixed(2)}`,
  held: ([budget = ''], stage) => (stage.spend(budget).reserved > 0 ? 'something' : 'nothing'),
};

function enter(id: string, source: string, stage: Stage): Outcome {
  stage.session = id;
  stage.agent = null;
  const answer = stage.event('SessionStart', { source });
  return answer.forModel === null ? 'quiet' : 'hand-off';
}

function told({ verdict }: ReturnType<Stage['event']>): string {
  return [verdict.kind, ...verdict.breaches.map(({ code }) => code)].join(' ');
}

const quiet = (_: unknown): null => null;

function amountOf(text: string): number {
  const amount = parseUsd(text);
  if (amount === null) throw new Error(`${text} is no amount`);
  return amount;
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
