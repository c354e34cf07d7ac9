// Who is told what, and that nothing is said twice. Codes and figures are asserted, wording only where it is the command.
import { describe, expect, test } from 'vitest';
import { toPerson } from '../../../src/domain/breach-text.ts';
import type { BreakerName } from '../../../src/domain/breaker-trip.ts';
import { explain, priceTagText, turnLine, uncountedText } from '../../../src/domain/explain.ts';
import { routeText } from '../../../src/domain/explain-route.ts';
import { budgetId, sessionId } from '../../../src/domain/ids.ts';
import type { BudgetStatus } from '../../../src/domain/spend.ts';
import type { Breach, Verdict } from '../../../src/domain/verdict.ts';

const session = sessionId('9f2c');
const figures = {
  budgetId: budgetId('day'),
  windowLabel: 'day 2026-11-21',
  spendNanoUsd: 900_000_000,
  reservedNanoUsd: 0,
  limitNanoUsd: 1_000_000_000,
  ceilingNanoUsd: 1_000_000_000,
  forecastNanoUsd: 200_000_000,
};
const soft: Breach = { code: 'SOFT_LIMIT_REACHED', ...figures };
const wrapUp: Breach = { code: 'WRAP_UP_DUE', ...figures };
const forecast: Breach = { code: 'FORECAST_OVER_CEILING', ...figures };
const before: Breach = {
  code: 'HALTED_BEFORE',
  haltedAt: 1,
  budgetId: budgetId('day'),
  spendNanoUsd: 900_000_000,
  limitNanoUsd: 1_000_000_000,
};
const verdict = (kind: Verdict['kind'], ...breaches: Breach[]): Verdict => ({ kind, breaches });
const none = { forPerson: [], forModel: [] };

describe('who is told', () => {
  test('a halt gives its amount, its ceiling, its budget and the command that helps', () => {
    const { reason, forPerson, forModel } = explain(verdict('halt', forecast), none, session);
    for (const part of [
      '$0.90',
      '$0.20',
      '$1.00',
      'day',
      '/budget raise 2, or in a terminal: tollgate grant 2 --session 9f2c',
    ]) {
      expect(reason).toContain(part);
    }
    expect(forPerson).toBe(reason);
    expect(forModel).toBeNull();
  });

  test('one that was told before is a reason, and no news', () => {
    const said = explain(verdict('halt', before), none, session);
    expect(said.reason).toContain('tollgate grant');
    expect(said.forPerson).toBeNull();
  });

  test('a warning is told to those for whom it is news', () => {
    const said = explain(verdict('warn', soft), { forPerson: [soft], forModel: [soft] }, session);
    expect(said).toMatchObject({ reason: null });
    expect(said.forPerson).toContain('$0.90');
    expect(said.forModel).toContain('$0.10 left');
    expect(explain(verdict('allow'), none, session)).toEqual({
      forPerson: null,
      forModel: null,
      reason: null,
    });
  });

  test('who is told to finish is not told to begin finishing', () => {
    const news = { forPerson: [soft, wrapUp], forModel: [soft, wrapUp] };
    const said = explain(verdict('warn', soft, wrapUp), news, session);
    expect(said.forModel?.split('\n')).toHaveLength(1);
    expect(said.forModel).toContain('hand-off');
    expect(said.forPerson?.split('\n')).toHaveLength(2);
  });

  test('a refused compaction halts nobody, and does not say so', () => {
    const { reason } = explain(verdict('deny', forecast), none, session);
    expect(reason).toContain('refused');
    expect(reason).not.toContain('halted');
  });
});

describe('figures', () => {
  const budgetStatus = {
    budget: { id: budgetId('day'), hardNanoUsd: 1_000_000_000 },
    windowLabel: 'day 2026-11-21',
    postedNanoUsd: 900_000_000,
    inheritedNanoUsd: 0,
    reservedNanoUsd: 0,
    grantedNanoUsd: 500_000_000,
  } as BudgetStatus;

  test('a fan-out has its price on it', () => {
    const priceTag = { count: 4, averageNanoUsd: 120_000_000, sampleCount: 9 };
    const start = { count: 4, requiredNanoUsd: 30_000_000 };
    const text = priceTagText({ tool: 'Workflow', agentType: 'explorer', ...start, priceTag }, [
      budgetStatus,
    ]);
    for (const part of ['Workflow', 'explorer', '4 subagents', '$0.48', '$0.12', '$0.60 left']) {
      expect(text).toContain(part);
    }
    expect(
      priceTagText({ tool: 'Agent', agentType: 'x', ...start, count: 1, priceTag: null }, [
        budgetStatus,
      ]),
    ).toBeNull();
    const first = priceTagText({ tool: 'Workflow', agentType: 'x', ...start, priceTag: null }, [
      budgetStatus,
    ]);
    for (const part of ['Workflow', '4 subagents', '$0.12', '$0.60 left']) {
      expect(first).toContain(part);
    }
  });

  test('a turn ends with where the money stands', () => {
    expect(turnLine(budgetStatus, null)).toBe('Tollgate: $0.90 of $1.50 (budget day 2026-11-21)');
    expect(turnLine(budgetStatus, 200_000_000)).toBe(
      'Tollgate: $0.90 of $1.50 (budget day 2026-11-21), about 3 requests left',
    );
    const open = { ...budgetStatus, inheritedNanoUsd: 50_000_000, windowLabel: 'day' };
    expect(turnLine({ ...open, budget: { ...open.budget, hardNanoUsd: null } }, 1)).toBe(
      'Tollgate: $0.95 (budget day)',
    );
    expect(turnLine({ ...budgetStatus, windowLabel: 'days' }, null)).toBe(
      'Tollgate: $0.90 of $1.50 (budget day, days)',
    );
  });

  test('a price tag says what is left under the tightest ceiling, and never less than nothing', () => {
    const tag = (statuses: readonly BudgetStatus[], count = 1) =>
      priceTagText(
        {
          ...{ tool: 'Agent', agentType: 'explorer', count, requiredNanoUsd: 30_000_000 },
          priceTag: { count, averageNanoUsd: 120_000_000, sampleCount: 9 },
        },
        statuses,
      );
    const open = { ...budgetStatus, budget: { ...budgetStatus.budget, hardNanoUsd: null } };
    const over = { ...budgetStatus, postedNanoUsd: 2_000_000_000 };
    const cost = 'explorer has cost $0.12 on average, 9 so far';
    expect(tag([])).toBe(`Tollgate: Agent (${cost})`);
    expect(tag([open])).toBe(`Tollgate: Agent (${cost})`);
    expect(tag([open, budgetStatus])).toBe(`Tollgate: Agent (${cost}; $0.60 left)`);
    expect(tag([budgetStatus, over])).toBe(`Tollgate: Agent (${cost}; $0.00 left)`);
    expect(tag([], 2)).toBe(`Tollgate: Agent (2 subagents, some $0.24: ${cost})`);
  });
});

describe('a ceiling that halts nothing', () => {
  const told = (breach: Breach) =>
    explain(verdict('warn', breach), { forPerson: [breach], forModel: [] }, session).forPerson;
  const hard = { code: 'HARD_LIMIT_REACHED', ...figures, forecastNanoUsd: 0 } as const;

  test('is told as a warning', () => {
    expect(told(hard)).toBe(
      'Tollgate: $0.90 spent, which reaches the ceiling of $1.00 (budget day 2026-11-21); this budget only warns.',
    );
    expect(told(forecast)).toBe(
      'Tollgate: $0.90 spent, and the next request may need $0.20, which would go over the ceiling of $1.00 (budget day 2026-11-21); this budget only warns.',
    );
  });

  test('is told of a team as the team wants it', () => {
    const ofTeam = { ...hard, teamBudgetId: 'day', windowLabel: "your share of the team's day" };
    const spent = "Tollgate: your share of the team's day: $0.90 spent of $1.00;";
    expect(told(ofTeam)).toBe(`${spent} this budget only warns.`);
    expect(told({ ...ofTeam, teamOffline: 'warn' })).toBe(
      `${spent} the session goes on. To end that, see why the team's database cannot be reached: tollgate team status`,
    );
  });
});

describe('the words of each breach', () => {
  const held = { ...figures, reservedNanoUsd: 50_000_000 };
  const late = { ...figures, spendNanoUsd: 1_100_000_000 };
  const session = sessionId('0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b');
  const spawn = { code: 'SPAWN_OVER_HEADROOM', tool: 'Agent' } as const;
  const lines = { code: 'LINES_UNUSABLE', path: '/t/s.jsonl' } as const;
  const unread = { detail: 'it is locked', hint: 'Wait.' };
  const standing = {
    ...{ budgetId: budgetId('team'), windowLabel: 'day 2026-11-21' },
    ...{ spendNanoUsd: 900_000_000, ceilingNanoUsd: 1_000_000_000 },
  };

  test('for the person who pays', () => {
    const breaches: Breach[] = [
      soft,
      { code: 'SOFT_LIMIT_REACHED', ...figures, ceilingNanoUsd: null },
      { code: 'SOFT_LIMIT_REACHED', ...late },
      wrapUp,
      { code: 'HARD_LIMIT_REACHED', ...late },
      forecast,
      { code: 'FORECAST_OVER_CEILING', ...held },
      { ...spawn, ...figures },
      { ...spawn, ...held },
      { code: 'FAN_OUT_OVER_LIMIT', tool: 'Workflow', ...figures },
      before,
      { code: 'HALTED_BY_PERSON', haltedAt: 1, reason: 'lunch' },
      { code: 'HALTED_BY_PERSON', haltedAt: 1, reason: null },
      { code: 'UNKNOWN_MODEL', model: 'x-1', pricedAs: 'y-2' },
      { code: 'GUARDED_FILE', path: '.claude/settings.json', instead: 'git clean -e .claude' },
      { code: 'TRANSCRIPT_MISSING', path: '/t/s.jsonl', why: 'EACCES' },
      { code: 'TRANSCRIPT_MISSING', path: '/t/s.jsonl', why: 'EIO' },
      { code: 'TRANSCRIPT_MISSING', path: '/t/s.jsonl', why: 'IS_A_LINK' },
      { code: 'TRANSCRIPT_MISSING', path: '/t/s.jsonl' },
      { code: 'TRANSCRIPT_MISSING', path: null },
      { ...lines, count: 1 },
      { ...lines, count: 2, path: null },
      { code: 'NO_CEILING', file: '/c.json', path: 'budgets.day', detail: 'It has no amount.' },
      { code: 'NO_CEILING', file: '/c.json', path: '', detail: 'It is no JSON.' },
      { code: 'GUARD_LOST', lost: 'hooks', stoppedPid: 7 },
      { code: 'GUARD_LOST', lost: 'nested-client', stoppedPid: 7 },
      { code: 'GUARD_LOST', lost: 'watchdog', stoppedPid: null },
      { code: 'EVENT_FORGED', eventName: 'Stop' },
      { code: 'FOREIGN_HOST', host: 'Other', isRefused: true },
      { code: 'FOREIGN_HOST', host: 'Other', isRefused: false },
      { code: 'LEDGER_UNAVAILABLE', ...unread },
      { code: 'LEDGER_UNAVAILABLE', ...unread, tightest: standing },
    ];
    expect(
      breaches.map((breach) => `${breach.code}: ${toPerson(breach, session)}`),
    ).toMatchInlineSnapshot(`
      [
        "SOFT_LIMIT_REACHED: Tollgate: $0.90 spent (budget day 2026-11-21); $0.10 left of $1.00; the next few requests may reach the ceiling.",
        "SOFT_LIMIT_REACHED: Tollgate: $0.90 spent (budget day 2026-11-21); the next few requests may reach the ceiling.",
        "SOFT_LIMIT_REACHED: Tollgate: $1.10 spent, past the soft limit of $1.00 (budget day 2026-11-21); $0.00 left of $1.00.",
        "WRAP_UP_DUE: Tollgate: $0.90 spent (budget day 2026-11-21); $0.10 left of $1.00; the agent was told to finish and hand over.",
        "HARD_LIMIT_REACHED: Tollgate halted this session: $1.10 spent reaches the ceiling of $1.00 (budget day 2026-11-21). To go on: /budget raise 2, or in a terminal: tollgate grant 2 --session 0192ab3f",
        "FORECAST_OVER_CEILING: Tollgate halted this session: $0.90 spent, and the next request may need $0.20, which would go over the ceiling of $1.00 (budget day 2026-11-21). To go on: /budget raise 2, or in a terminal: tollgate grant 2 --session 0192ab3f",
        "FORECAST_OVER_CEILING: Tollgate halted this session: $0.90 spent and $0.05 held by others, and the next request may need $0.20, which would go over the ceiling of $1.00 (budget day 2026-11-21). To go on: /budget raise 2, or in a terminal: tollgate grant 2 --session 0192ab3f",
        "SPAWN_OVER_HEADROOM: Tollgate refused Agent: $0.90 of $1.00 spent (budget day 2026-11-21), and its subagents are expected to need $0.20. Do the work without subagents, or: /budget raise 2, or in a terminal: tollgate grant 2 --session 0192ab3f",
        "SPAWN_OVER_HEADROOM: Tollgate refused Agent: $0.90 of $1.00 spent and $0.05 held by others (budget day 2026-11-21), and its subagents are expected to need $0.20. Do the work without subagents, or: /budget raise 2, or in a terminal: tollgate grant 2 --session 0192ab3f",
        "FAN_OUT_OVER_LIMIT: Tollgate refused Workflow: the subagents of this turn have spent $0.90 and are expected to need $0.20 more, over the limit of $1.00 for a fan-out. Do the work without subagents, or raise fanOut in the configuration",
        "HALTED_BEFORE: Tollgate keeps this session halted: $0.90 spent, ceiling $1.00 (budget day). To go on: /budget raise 2, or in a terminal: tollgate grant 2 --session 0192ab3f",
        "HALTED_BY_PERSON: Tollgate keeps this session halted by hand (lunch). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "HALTED_BY_PERSON: Tollgate keeps this session halted by hand. To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "UNKNOWN_MODEL: Tollgate halted this session: the model x-1 has no price (it would be counted as y-2). To go on: give it a price under pricing.models in the configuration, see tollgate config",
        "GUARDED_FILE: Tollgate refused this: only people may change or run .claude/settings.json. To do the rest without it: git clean -e .claude",
        "TRANSCRIPT_MISSING: Tollgate cannot see what session 0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b spends: /t/s.jsonl cannot be read (EACCES). Make it readable for you.",
        "TRANSCRIPT_MISSING: Tollgate cannot see what session 0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b spends: /t/s.jsonl cannot be read (EIO). Its disk does not work, or is not there: mend that first.",
        "TRANSCRIPT_MISSING: Tollgate cannot see what session 0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b spends: /t/s.jsonl cannot be read (IS_A_LINK). Put the file itself in its place.",
        "TRANSCRIPT_MISSING: Tollgate cannot see what this session spends: its transcript /t/s.jsonl is not there. Run the client without --no-session-persistence, and leave its transcripts in place.",
        "TRANSCRIPT_MISSING: Tollgate cannot see what this session spends: its transcript is not there. Run the client without --no-session-persistence, and leave its transcripts in place.",
        "LINES_UNUSABLE: Tollgate cannot see all that session 0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b spends: 1 line of its transcript /t/s.jsonl may have used tokens and cannot be read. To go on without counting them: /budget resume, or in a terminal: tollgate resume --session 0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b",
        "LINES_UNUSABLE: Tollgate cannot see all that session 0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b spends: 2 lines of its transcript may have used tokens and cannot be read. To go on without counting them: /budget resume, or in a terminal: tollgate resume --session 0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b",
        "NO_CEILING: Tollgate: no ceiling can be enforced for this session: /c.json budgets.day: It has no amount. Nothing goes on until that is mended; tollgate config shows what is in force.",
        "NO_CEILING: Tollgate: no ceiling can be enforced for this session: /c.json: It is no JSON. Nothing goes on until that is mended; tollgate config shows what is in force.",
        "GUARD_LOST: Tollgate: the guard of session 0192ab3f was off: tools of it ran, or requests were made, without a hook of Tollgate (were settings changed or removed?). Claude Code (process 7) was interrupted. tollgate doctor shows what is missing, tollgate init puts hooks back.",
        "GUARD_LOST: Tollgate: the guard of session 0192ab3f was off: a Claude Code that runs without the hooks of Tollgate was started inside of it. That one (process 7) was interrupted. tollgate doctor shows what is missing, tollgate init puts hooks back.",
        "GUARD_LOST: Tollgate: the guard of session 0192ab3f was off: its watchdog, which sees whether hooks run, was ended more than once. tollgate doctor shows what is missing, tollgate init puts hooks back.",
        "EVENT_FORGED: Tollgate refused this event (Stop) of session 0192ab3f: it was sent by a program inside of the session, and not by Claude Code. Nothing was done.",
        "FOREIGN_HOST: Tollgate: Other runs the hooks of Claude Code's settings. Tollgate counts Claude Code only, so nothing this program spends is counted or limited. It is refused, because foreignHosts is "refuse" in the configuration.",
        "FOREIGN_HOST: Tollgate: Other runs the hooks of Claude Code's settings. Tollgate counts Claude Code only, so nothing this program spends is counted or limited. To refuse it instead, set foreignHosts to "refuse" in the configuration. This is said once.",
        "LEDGER_UNAVAILABLE: Tollgate cannot know what this session has spent: it is locked. Wait.",
        "LEDGER_UNAVAILABLE: Tollgate decides without its ledger: it is locked. Wait. By the transcript $0.90 of $1.00 are spent (budget team, day 2026-11-21); nothing is lost, and close to the ceiling it halts.",
      ]
    `);
  });

  test('of loops, routing and what guards a session', () => {
    const found = { costNanoUsd: 420_000_000, sinceAt: 1, subject: null };
    const trip = (breaker: BreakerName, count: number, subject: string | null = null): Breach => ({
      ...{ code: 'BREAKER_TRIPPED', ...found, breaker, count, subject },
    });
    const routed = { tool: 'Agent', agentType: 'Explore', rule: 'cheap' };
    const breaches: Breach[] = [
      trip('repeatedCalls', 8, 'Bash'),
      trip('failingCalls', 5, 'Bash'),
      trip('failingCalls', 5),
      trip('repeatedReads', 9, 'Read a.ts'),
      trip('requestsWithoutTools', 6),
      trip('requestsWithoutTools', 6, 'Stop hook'),
      trip('spendRate', 10),
      trip('unattended', 90),
      trip('growingContext', 12),
      { code: 'HALTED_BY_BREAKER', haltedAt: 1, breaker: 'spendRate', evidence: 'much' },
      { code: 'SPAWN_REFUSED', ...routed, expectedNanoUsd: 500_000_000 },
      { code: 'SPAWN_REFUSED', ...routed, expectedNanoUsd: 0 },
      { code: 'RESPONSES_MISSING', path: '/t/s.jsonl', count: 2 },
      { code: 'RESPONSES_MISSING', path: null, count: 2 },
      { code: 'TRANSCRIPT_REWRITTEN', path: '/t/s.jsonl' },
      { code: 'INSTALLATION_CHANGED', files: ['a'], faults: [] },
      { code: 'INSTALLATION_CHANGED', files: ['a', 'b', 'c', 'd', 'e'], faults: ['no hooks'] },
      { code: 'INSTALLATION_CHANGED', files: [], faults: ['no hooks', 'no node'] },
    ];
    expect(breaches.map((breach) => toPerson(breach, session))).toMatchInlineSnapshot(`
      [
        "Tollgate halted this session: Bash 8 times with the same input and result, and no change between ($0.42) (breaker repeatedCalls). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "Tollgate halted this session: 5 failing calls, Bash the last ($0.42) (breaker failingCalls). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "Tollgate halted this session: 5 failing calls, tools the last ($0.42) (breaker failingCalls). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "Tollgate halted this session: files read again 9 times with no edit between, Read a.ts the last ($0.42) (breaker repeatedReads). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "Tollgate halted this session: 6 requests in a row without a tool and without a person ($0.42) (breaker requestsWithoutTools). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "Tollgate halted this session: Stop hook 6 times, and sent on each time without a prompt ($0.42) (breaker requestsWithoutTools). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "Tollgate halted this session: too much spent within 10 min ($0.42) (breaker spendRate). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "Tollgate halted this session: nobody there for 1h30m ($0.42) (breaker unattended). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "Tollgate halted this session: 12 requests with a growing context and no edit ($0.42) (breaker growingContext). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "Tollgate keeps this session halted: much (breaker spendRate). To go on: /budget resume, or in a terminal: tollgate resume --session 0192ab3f",
        "Tollgate refused Agent (Explore): routing rule cheap; at the model asked for it is expected to cost $0.50. Do the work without it, or change routing in the configuration.",
        "Tollgate refused Agent (Explore): routing rule cheap. Do the work without it, or change routing in the configuration.",
        "Tollgate cannot see all that session 0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b spends: 2 responses whose tools have run are not in its transcript /t/s.jsonl (was it changed?). They are charged at their forecast. Go on in a new session, or set onFailure to "warn" in the configuration.",
        "Tollgate cannot see all that session 0192ab3f-4c5d-7e6f-8a9b-0c1d2e3f4a5b spends: 2 responses whose tools have run are not in its transcript (was it changed?). They are charged at their forecast. Go on in a new session, or set onFailure to "warn" in the configuration.",
        "Tollgate: a transcript of session 0192ab3f was changed where it had been read: /t/s.jsonl. It was read anew; nothing that was counted is taken back. tollgate why shows what ran.",
        "Tollgate: what guards this session is not what was installed: a changed without an upgrade. If it was not you: install Tollgate (or Node) anew, and run tollgate init.",
        "Tollgate: what guards this session is not what was installed: a, b, c and 2 more changed without an upgrade; no hooks. If it was not you: install Tollgate (or Node) anew, and run tollgate init. To put the settings back: tollgate init --repair.",
        "Tollgate: what guards this session is not what was installed: no hooks; no node. To put the settings back: tollgate init --repair.",
      ]
    `);
  });

  test('of the team', () => {
    const day = { windowLabel: "your share of the team's day", teamBudgetId: 'day' };
    const ofTeam = { code: 'FORECAST_OVER_CEILING', ...figures, ...day } as const;
    const closed = { ...ofTeam, teamBudgetId: null, windowLabel: 'stopped for the team by Ann' };
    const breaches: Breach[] = [
      ofTeam,
      { ...ofTeam, reservedNanoUsd: 50_000_000 },
      { ...ofTeam, isTeamSilent: true },
      { ...ofTeam, teamOffline: 'lease' },
      { ...ofTeam, teamOffline: 'halt' },
      closed,
      { ...ofTeam, code: 'HARD_LIMIT_REACHED', forecastNanoUsd: 0 },
      { ...spawn, ...figures, ...day },
    ];
    expect(breaches.map((breach) => toPerson(breach, session))).toMatchInlineSnapshot(`
      [
        "Tollgate halted this session: your share of the team's day: $0.90 spent of $1.00, and the next request may need $0.20. To go on, have a manager give more: tollgate team grant day 5",
        "Tollgate halted this session: your share of the team's day: $0.90 spent and $0.05 held by others of $1.00, and the next request may need $0.20. To go on, have a manager give more: tollgate team grant day 5",
        "Tollgate halted this session: your share of the team's day: $0.90 spent of $1.00, and the next request may need $0.20. To go on, ask again in a moment: the team's database has not answered in time (tollgate team status)",
        "Tollgate halted this session: your share of the team's day: $0.90 spent of $1.00, and the next request may need $0.20. To go on, see why the team's database cannot be reached: tollgate team status",
        "Tollgate halted this session: your share of the team's day: the team wants nothing spent meanwhile. To go on, see why the team's database cannot be reached: tollgate team status",
        "Tollgate halted this session: stopped for the team by Ann. To go on, ask a manager of the team.",
        "Tollgate halted this session: your share of the team's day: $0.90 spent of $1.00. To go on, have a manager give more: tollgate team grant day 5",
        "Tollgate refused Agent: $0.90 of $1.00 spent (budget day, your share of the team's day), and its subagents are expected to need $0.20. Do the work without subagents, or: have a manager give more: tollgate team grant day 5",
      ]
    `);
  });

  test('of a plan', () => {
    const share = { fullNanoUsd: 10_000_000_000, ceilingNanoUsd: 9_000_000_000 };
    const ofPlan = { ...figures, ...share, limitNanoUsd: 9_000_000_000, windowLabel: 'five-hour' };
    const breaches: Breach[] = [
      { code: 'SOFT_LIMIT_REACHED', ...ofPlan, spendNanoUsd: 7_000_000_000 },
      { code: 'FORECAST_OVER_CEILING', ...ofPlan, spendNanoUsd: 8_900_000_000 },
      { code: 'HARD_LIMIT_REACHED', ...figures, isListPrice: true },
    ];
    expect(breaches.map((breach) => toPerson(breach, session))).toMatchInlineSnapshot(`
      [
        "Tollgate: 70% used (budget day, five-hour); 20% left of 90%; the next few requests may reach the ceiling.",
        "Tollgate halted this session: 89% used, and the next request may need 2%, which would go over the ceiling of 90% (budget day, five-hour). To go on: /budget raise 5%, or in a terminal: tollgate grant 5% --session 0192ab3f",
        "Tollgate halted this session: $0.90 spent (list price, not billed) reaches the ceiling of $1.00 (budget day 2026-11-21). To go on: /budget raise 2, or in a terminal: tollgate grant 2 --session 0192ab3f",
      ]
    `);
  });

  test('of a loop, for the model', () => {
    const looping: Breach = {
      ...{ code: 'BREAKER_TRIPPED', breaker: 'repeatedCalls', count: 8, subject: 'Bash' },
      ...{ costNanoUsd: 420_000_000, sinceAt: 1 },
    };
    const news = { forPerson: [looping], forModel: [looping] };
    const { forModel, forPerson } = explain(verdict('warn', looping), news, session);
    expect([forModel, forPerson]).toMatchInlineSnapshot(`
      [
        "Loop notice: Bash 8 times with the same input and result, and no change between ($0.42). Do not repeat it: change the approach, or stop and say what is missing.",
        "Tollgate: this session may go in circles: Bash 8 times with the same input and result, and no change between ($0.42) (breaker repeatedCalls). The agent was told.",
      ]
    `);
  });

  test('of a subagent that was routed', () => {
    const spawned = { tool: 'Agent', agentType: 'Explore', rule: 'cheap', askedModel: 'opus' };
    const texts = [
      { ...spawned, expectedNanoUsd: 500_000_000, action: { kind: 'model', model: 'haiku' } },
      { ...spawned, askedModel: '', expectedNanoUsd: 0, action: { kind: 'model', model: 'haiku' } },
      { ...spawned, expectedNanoUsd: 500_000_000, action: { kind: 'ask' } },
    ].map(routeText);
    expect(texts).toMatchInlineSnapshot(`
      [
        "Tollgate: Explore runs on haiku instead of opus (routing rule cheap); at the model asked for it is expected to cost $0.50.",
        "Tollgate: Explore runs on haiku instead of its own model (routing rule cheap).",
        "Tollgate: start Explore? (routing rule cheap); at the model asked for it is expected to cost $0.50.",
      ]
    `);
  });

  test('for the model', () => {
    const toModel = (breach: Breach) =>
      explain(verdict('warn', breach), { forPerson: [], forModel: [breach] }, session).forModel;
    const breaches: Breach[] = [soft, { code: 'SOFT_LIMIT_REACHED', ...late }, wrapUp, forecast];
    expect(breaches.map(toModel)).toMatchInlineSnapshot(`
      [
        "Budget notice: $0.90 spent (budget day 2026-11-21); $0.10 left of $1.00. The next few requests may reach the ceiling. Start to wrap up: finish what is begun, begin nothing large, prefer few and small steps.",
        "Budget notice: $1.10 spent (budget day 2026-11-21); $0.00 left of $1.00. Start to wrap up: finish what is begun, begin nothing large, prefer few and small steps.",
        "Budget notice: $0.90 spent (budget day 2026-11-21); $0.10 left of $1.00. Finish now: leave the work in a consistent state and write a short hand-off note as your last message (done, open, files touched). You will be halted soon.",
        null,
      ]
    `);
  });

  test('for the person whose tool call is refused', () => {
    const refused: Breach[] = [forecast, { code: 'FORECAST_OVER_CEILING', ...held }];
    expect(
      refused.map((breach) => explain(verdict('deny', breach), none, session).reason),
    ).toMatchInlineSnapshot(`
        [
          "Tollgate refused this: $0.90 spent, and it may need $0.20, which would go over the ceiling of $1.00 (budget day 2026-11-21). To have it: /budget raise 2, or in a terminal: tollgate grant 2 --session 0192ab3f",
          "Tollgate refused this: $0.90 spent and $0.05 held by others, and it may need $0.20, which would go over the ceiling of $1.00 (budget day 2026-11-21). To have it: /budget raise 2, or in a terminal: tollgate grant 2 --session 0192ab3f",
        ]
      `);
    // Refusals of other kinds have words of their own.
    const fanOut: Breach = { ...spawn, ...figures };
    const { reason } = explain(verdict('deny', fanOut), none, session);
    expect(reason).toBe(toPerson(fanOut, session));
  });

  test.each([
    [0, ''],
    [1, ' 1 line of its transcript could not be read: what they spent is not counted.'],
    [3, ' 3 lines of its transcript could not be read: what they spent is not counted.'],
  ])('for %d lines that go uncounted', (count, text) => {
    expect(uncountedText(count)).toBe(text);
  });
});

describe('of several breaches', () => {
  const soonest: Breach = { code: 'HARD_LIMIT_REACHED', ...figures };

  test('the first that halts is the reason, and warnings that are news follow it', () => {
    const said = explain(
      verdict('halt', soft, soonest, forecast),
      { forPerson: [soft, soonest, forecast], forModel: [] },
      session,
    );
    expect(said.reason).toBe(toPerson(soonest, session));
    expect(said.forPerson).toBe(`${toPerson(soonest, session)}\n${toPerson(soft, session)}`);
  });

  test('a warning is the reason where nothing else is', () => {
    expect(explain(verdict('deny', wrapUp), none, session).reason).toBe(toPerson(wrapUp, session));
  });

  test('a halt without any says that it is one', () => {
    const said = explain(verdict('halt'), none, session);
    expect(said.reason).toBe('Tollgate halted this session.');
    expect(said.forPerson).toBe(said.reason);
  });

  test('the one that is the reason is not told a second time', () => {
    const news = { forPerson: [soft], forModel: [] };
    expect(explain(verdict('deny', soft), news, session).forPerson).toBe(toPerson(soft, session));
  });

  test('at the soft limit itself a warning is no early one', () => {
    const at = { code: 'SOFT_LIMIT_REACHED', ...figures, limitNanoUsd: 900_000_000 } as const;
    expect(toPerson(at, session)).toContain('past the soft limit of $0.90');
  });

  test('a halt by hand is no news, and what else is news is told', () => {
    const byHand: Breach = { code: 'HALTED_BY_PERSON', haltedAt: 1, reason: null };
    const said = explain(verdict('halt', byHand), { forPerson: [soft], forModel: [] }, session);
    expect(said.forPerson).toBe(toPerson(soft, session));
  });

  test('warnings are told one to a line, each to whom it is news', () => {
    const said = explain(
      verdict('warn', soft, wrapUp),
      { forPerson: [soft, wrapUp], forModel: [] },
      session,
    );
    expect(said.forPerson).toBe(`${toPerson(soft, session)}\n${toPerson(wrapUp, session)}`);
    expect(said.forModel).toBeNull();
  });
});
