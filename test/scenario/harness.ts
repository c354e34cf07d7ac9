// The harness on which scenarios play: the real gate over a real ledger, transcripts written as the client writes
// them, and a clock that the scenario sets. Nothing of Tollgate's own is replaced.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentEvent, Answer } from '../../src/agents/agent.ts';
import { claudeCode } from '../../src/agents/claude-code/claude-code.ts';
import { parseRateLimits } from '../../src/agents/claude-code/events/rate-limits.ts';
import { loadConfig } from '../../src/config/load.ts';
import { agentId, sessionId } from '../../src/domain/ids.ts';
import { amountText } from '../../src/domain/plan-window.ts';
import { planFigures } from '../../src/domain/spend.ts';
import { budgetContextOf, readBudgetStatuses } from '../../src/gate/budget-context.ts';
import { type EventDeps, onEvent } from '../../src/gate/on-event.ts';
import { recordPlanReport } from '../../src/gate/record-plan-reading.ts';
import type { Store } from '../../src/stores/store.ts';
import { openLedger, wireEvents } from '../../src/wire.ts';
import type { Sandbox } from '../support/sandbox.ts';
import { type WrittenTranscript, writeTranscript } from '../support/transcript.ts';

/** Nano-dollars of one output token of the model that scenarios spend with. */
const OUTPUT_NANO_USD = 25_000;
const HOST_PID = 4_711;

/** Where a scenario stands. Lines change it. */
export class ScenarioHarness {
  now = Date.parse('2026-11-21T10:00:00Z');
  session = 's1';
  agent: string | null = null;
  turn = 'turn-1';
  readonly #world: Sandbox;
  readonly #store: Store;
  readonly #budgets = new Map<string, Record<string, unknown>>();
  readonly #settings: Record<string, unknown> = { safety: 'none', timeZone: 'UTC' };
  readonly #transcripts = new Map<string, WrittenTranscript>();
  readonly #env: Record<string, string>;
  #responseCount = 0;

  constructor(sandbox: Sandbox) {
    this.#world = sandbox;
    this.#env = sandbox.env({ CLAUDE_PID: String(HOST_PID) });
    this.#store = openLedger(sandbox.tollgateHome, this.#env);
  }

  close(): void {
    this.#store.close();
  }

  goTo(at: number): void {
    this.now = at;
  }

  /** Whose requests come next; `null`: the main loop's. */
  become(agent: string | null): void {
    this.agent = agent;
  }

  set(key: string, value: unknown): void {
    this.#settings[key] = value;
  }

  budget(id: string, fields: Record<string, unknown>): void {
    this.#budgets.set(id, { id, ...fields });
  }

  run(runId: string): void {
    this.#env.TOLLGATE_RUN_ID = runId;
  }

  branch(name: string): void {
    writeFileSync(join(this.#world.repo, '.git', 'HEAD'), `ref: refs/heads/${name}\n`);
  }

  /** A response that costs so much, and then the hook between it and the next request. */
  usage(nanoUsd: number): Answer {
    const id = this.respond(nanoUsd);
    const tool = { tool_name: 'Bash', tool_input: { command: `ls ${id}` }, tool_use_id: id };
    return this.event('PostToolBatch', { tool_calls: [{ ...tool, tool_response: 'ok' }] });
  }

  /** A response with a tool call, which no hook has seen yet; answers the call's id. */
  respond(nanoUsd: number): string {
    this.#responseCount += 1;
    const id = `t${this.#responseCount}`;
    this.#thread().respond({
      id: `msg_${this.#responseCount}`,
      usage: { output_tokens: Math.round(nanoUsd / OUTPUT_NANO_USD) },
      tools: [{ id, name: 'Bash', input: { command: 'ls' } }],
      text: `step ${this.#responseCount}`,
      at: this.now,
    });
    this.now += 1_000;
    return id;
  }

  prompt(text: string): Answer {
    this.#thread().prompt(this.turn, this.now);
    return this.event('UserPromptSubmit', { prompt: text });
  }

  event(name: string, fields: Record<string, unknown> = {}): Answer {
    const event = claudeCode.parseEvent(
      JSON.stringify({
        hook_event_name: name,
        session_id: this.session,
        transcript_path: this.#transcript().path,
        cwd: this.#world.repo,
        prompt_id: this.turn,
        ...(this.agent === null ? {} : { agent_id: this.agent, agent_type: 'general-purpose' }),
        ...fields,
      }),
    );
    return onEvent(event, this.#deps(), this.now);
  }

  grant(amount: number, budget: string, spanMs: number | null): void {
    const deps = this.#deps();
    this.#store.immediately(() => {
      const budgetStatus = this.#readings(deps).find((each) => each.budget.id === budget);
      if (!budgetStatus) throw new Error(`no budget ${budget} has a say here`);
      this.#store.addGrant({
        grantId: `grant-${this.now}`,
        budgetId: budgetStatus.budget.id,
        poolKey: budgetStatus.windowKey,
        amountNanoUsd: amount,
        reason: 'scenario',
        author: 'dana',
        grantedAt: this.now,
        expiresAt: spanMs === null ? null : this.now + spanMs,
      });
    });
  }

  /** What Claude Code's status line is given of a plan's window; answers how many readings were new. */
  reading(window: string, percent: string, resetsAt: number): number {
    const field = { used_percentage: Number(percent), resets_at: resetsAt / 1_000 };
    const { limits, problems } = parseRateLimits({ [window.replace('-', '_')]: field }, this.now);
    this.#responseCount += 1;
    const report = {
      ...{ sessionId: sessionId(this.session), totalNanoUsd: this.#responseCount },
      ...{ limits, problems },
    };
    return this.#store.immediately(() => recordPlanReport(report, this.#store, this.now));
  }

  /** The share of its window that a budget stands at, and how that is known. */
  share(budget: string): string {
    const deps = this.#deps();
    const status = this.#store.immediately(() =>
      this.#readings(deps).find((each) => each.budget.id === budget),
    );
    if (status?.plan === undefined) throw new Error(`budget ${budget} is of no plan`);
    return `${amountText(status.postedNanoUsd, planFigures(status))} ${status.plan.basis}`;
  }

  /** What a budget has posted and holds here, in nano-dollars. */
  spend(budget: string): { posted: number; reserved: number } {
    const deps = this.#deps();
    const budgetStatus = this.#store.immediately(() =>
      this.#readings(deps).find((each) => each.budget.id === budget),
    );
    if (!budgetStatus) throw new Error(`no budget ${budget} has a say here`);
    return {
      posted: budgetStatus.postedNanoUsd + budgetStatus.inheritedNanoUsd,
      reserved: budgetStatus.reservedNanoUsd,
    };
  }

  #readings(deps: EventDeps) {
    const id = sessionId(this.session);
    const session = this.#store.readSession(id);
    if (session === null) throw new Error(`session ${this.session} has not begun`);
    const at: Pick<AgentEvent, 'sessionId' | 'agentId' | 'agentType' | 'turnId' | 'cwd'> = {
      sessionId: id,
      agentId: this.agent === null ? null : agentId(this.agent),
      agentType: null,
      turnId: this.turn as NonNullable<AgentEvent['turnId']>,
      cwd: this.#world.repo,
    };
    const thread = this.#store.readThread(id, at.agentId);
    return readBudgetStatuses(budgetContextOf(at, session, thread, deps, this.now), session, deps);
  }

  #transcript(): WrittenTranscript {
    let transcript = this.#transcripts.get(this.session);
    if (!transcript) {
      transcript = writeTranscript(this.#world, this.session);
      this.#transcripts.set(this.session, transcript);
      transcript.prompt(this.turn, this.now);
    }
    return transcript;
  }

  #thread(): Pick<WrittenTranscript, 'prompt' | 'respond'> {
    const transcript = this.#transcript();
    if (this.agent === null) return transcript;
    const key = `${this.session}/${this.agent}`;
    const known = this.#transcripts.get(key);
    if (known) return known;
    const agent = transcript.agent(this.agent);
    agent.prompt(this.turn, this.now);
    this.#transcripts.set(key, { ...transcript, ...agent });
    return agent;
  }

  #deps(): EventDeps {
    const text = JSON.stringify({ ...this.#settings, budgets: [...this.#budgets.values()] });
    mkdirSync(this.#world.tollgateHome, { recursive: true });
    const file = 'scenario.json';
    const { config, problems } = loadConfig([{ kind: 'user', file }], {
      texts: [{ file, text, code: null }],
      timeZone: 'UTC',
    });
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    return {
      ...wireEvents(this.#store, config, this.#env, this.#world.repo),
      clock: () => this.now,
      wait: (ms) => {
        this.now += ms;
      },
    };
  }
}
