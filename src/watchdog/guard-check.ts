// Whether hooks run: what a transcript shows, held against what hooks have noted. Rule: the order of things decides and never how long
// they take, so that a slow hook, a slow machine or a suspended one is no alarm: a hook notes before the client goes on.
import type { Moment, ToolStep } from '../agents/agent.ts';
import type { EpochMs } from '../domain/time.ts';
import type { EventNote } from '../hooks/event-notes.ts';

/** Moments after which a request follows that no result of a tool led to. */
const OPENS: ReadonlySet<Moment> = new Set<Moment>([
  'session-start',
  'prompt',
  'before-compaction',
  'subagent-start',
]);
/** A response may be broken off and asked for again, once. */
const MAX_UNCHECKED = 2;
/** A client asks a model to go on by itself three times at most. */
const MAX_QUIET = 4;
/** Notes that are kept of one session. */
const KEPT = 2_000;

/** One line of thought: the main loop, or a subagent. */
interface Thread {
  responseId: string | null;
  at: EpochMs;
  calls: Map<string, { readonly isAsked: boolean }>;
  hasRun: boolean;
  /** Responses in a row after whose tools no hook ran. */
  uncheckedCount: number;
  /** Responses in a row with nothing noted between them. */
  quietCount: number;
}

/** Holds one session's transcript against its notes. */
export interface GuardCheck {
  /** Takes notes in. Call before `see` with everything noted until the transcript was read. */
  readonly note: (notes: readonly EventNote[]) => void;
  /** Takes new steps of a thread in; true: something was done without hooks. */
  readonly see: (thread: string, steps: readonly ToolStep[]) => boolean;
}

/** What is known of one session. */
interface State {
  /** By tool call. `hasEnded`: the hook after it ran. */
  readonly noted: Map<string, { readonly hasEnded: boolean }>;
  /** When something was noted. */
  readonly times: EpochMs[];
  readonly threads: Map<string, Thread>;
  openedAt: EpochMs;
  /** Hooks after tools are installed. */
  hasBatches: boolean;
}

/** A check that knows nothing yet; `mainThread` is the name of the session's main loop. */
export function createGuardCheck(mainThread: string): GuardCheck {
  const state: State = {
    ...{ noted: new Map(), times: [], threads: new Map() },
    ...{ openedAt: 0, hasBatches: false },
  };
  return {
    note: (notes) => {
      for (const each of notes) takeNote(state, each);
      state.times.splice(0, state.times.length - KEPT);
      for (const id of state.noted.keys()) {
        if (state.noted.size <= KEPT) break;
        state.noted.delete(id);
      }
    },
    see: (name, steps) => {
      const thread = state.threads.get(name) ?? newThread();
      state.threads.set(name, thread);
      // All of them are taken in, also behind one that tells.
      return steps.map((step) => seeStep(state, thread, name === mainThread, step)).includes(true);
    },
  };
}

function takeNote(state: State, { at, moment, toolUseIds }: EventNote): void {
  const hasEnded = moment === 'after-tool' || moment === 'after-tools';
  state.hasBatches ||= hasEnded;
  for (const id of toolUseIds) {
    state.noted.set(id, { hasEnded: hasEnded || state.noted.get(id)?.hasEnded === true });
  }
  if (OPENS.has(moment)) state.openedAt = Math.max(state.openedAt, at);
  state.times.push(at);
}

function seeStep(state: State, thread: Thread, isMain: boolean, step: ToolStep): boolean {
  if (step.kind === 'result') {
    const call = thread.calls.get(step.useId);
    if (call === undefined || !step.hasRun) return false;
    thread.hasRun = true;
    return call.isAsked && !state.noted.has(step.useId);
  }
  let isLost = false;
  if (step.responseId !== thread.responseId) {
    isLost = wasUnguarded(state, thread);
    begin(state, thread, step);
    isLost ||= isMain && thread.quietCount >= MAX_QUIET;
  }
  if (step.kind === 'call') thread.calls.set(step.useId, { isAsked: step.isAsked });
  return isLost;
}

/** Whether the tools of a thread's last response ran without hooks, now that a request has followed. */
function wasUnguarded({ noted, openedAt, hasBatches }: State, thread: Thread): boolean {
  const ids = [...thread.calls.keys()];
  if (ids.length === 0 || !thread.hasRun) return false;
  const known = ids.flatMap((id) => noted.get(id) ?? []);
  for (const id of ids) noted.delete(id);
  if (known.length === 0) return true;
  const isChecked = known.some(({ hasEnded }) => hasEnded) || openedAt >= thread.at;
  thread.uncheckedCount = isChecked || !hasBatches ? 0 : thread.uncheckedCount + 1;
  return thread.uncheckedCount >= MAX_UNCHECKED;
}

function begin(
  { times }: State,
  thread: Thread,
  { responseId, at }: Extract<ToolStep, { responseId: string }>,
): void {
  const isQuiet =
    thread.responseId !== null && !times.some((time) => time > thread.at && time <= at);
  const quietCount = isQuiet ? thread.quietCount + 1 : 0;
  Object.assign(thread, { responseId, at, quietCount, calls: new Map(), hasRun: false });
}

const newThread = (): Thread => ({
  ...{ responseId: null, at: 0, calls: new Map(), hasRun: false },
  ...{ uncheckedCount: 0, quietCount: 0 },
});
