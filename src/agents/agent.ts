// The contract between Tollgate and a coding agent: the moments at which the agent asks us, the facts
// in its transcript, and the answers it understands. Rule: nothing here belongs to one agent alone.

import type { CallFact } from '../breakers/breaker.ts';
import type { AgentId, RequestId, SessionId, TurnId } from '../domain/ids.ts';
import type { NanoUsd } from '../domain/money.ts';
import type { EpochMs } from '../domain/time.ts';
import type { TokenEstimate } from '../domain/token-estimate.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { UsageReport } from '../pricing/usage-report.ts';
import type { SpawnTools } from './spawn-tools.ts';

/** When the agent asks us. */
export type Moment =
  | 'session-start'
  | 'prompt'
  | 'before-tool'
  | 'after-tool'
  | 'after-tools'
  | 'before-compaction'
  | 'subagent-start'
  | 'subagent-end'
  | 'turn-end'
  | 'session-end';

/** What the agent tells us at a moment. */
export interface AgentEvent {
  readonly moment: Moment;
  readonly sessionId: SessionId;
  /** The main transcript, also inside a subagent; absent when the agent did not name one. */
  readonly transcriptPath: string | null;
  readonly cwd: string;
  /** The subagent that asks; `null` is the main loop. */
  readonly agentId: AgentId | null;
  readonly agentType: string | null;
  readonly turnId: TurnId | null;
  /** The tool about to run, at `before-tool`. */
  readonly tool: { readonly name: string; readonly input: unknown; readonly useId: string } | null;
  /** Tools whose results the next request carries: the response that asked for them is complete. */
  readonly toolUseIds: readonly string[];
  /** The calls of tools that are over, at `after-tools` and `after-tool`: hashes of what they asked for and got. */
  readonly calls: readonly CallFact[];
  /** What the next request will carry anew (prompt, tool results), in tokens; `null` when unknown yet. */
  readonly newTokens: TokenEstimate | null;
  /** How a session began: `startup`, `resume`, `clear`, `compact`, `fork`; `null` elsewhere. */
  readonly source: string | null;
  /** What the person typed, at `prompt`; never stored. */
  readonly prompt: string | null;
  /** At `prompt`: a person gave it, and not the agent itself when something in the background ended. */
  readonly isFromPerson: boolean;
  /** The agent's last words in this turn, at `turn-end`; kept only for a hand-off note. */
  readonly lastWords: string | null;
}

/** One response of a model, from one or several transcript lines; other lines may repeat it. */
export interface RequestFact {
  readonly kind: 'request';
  /** The best name the response has: its message id, else its request id, its line's uuid, or file and offset. */
  readonly requestId: RequestId;
  /** Tells responses apart that share a `requestId`; `null`: it may be any of them. */
  readonly responseKey: number | null;
  readonly sessionId: SessionId;
  /** The fork whose transcript repeats the line; `null` when it is the session's own. */
  readonly copiedInto: SessionId | null;
  readonly agentId: AgentId | null;
  readonly turnId: TurnId | null;
  readonly occurredAt: EpochMs;
  /** The model that was asked for, which is what is paid for. */
  readonly model: string;
  readonly report: UsageReport;
  readonly paused: readonly UsageReport[];
  /** The response was cut off: its output is an estimate. */
  readonly interrupted: boolean;
  /** A cost that the agent itself wrote on the line (old clients); `null` otherwise. */
  readonly writtenCostNanoUsd: NanoUsd | null;
  readonly cwd: string | null;
  readonly branch: string | null;
  readonly toolUseIds: readonly string[];
  readonly toolNames: readonly string[];
  /** The skill or command it was made under, as the agent names it (`polish`, `tools:sweep`); `null`: none. */
  readonly skill: string | null;
  /** The plugin that skill is of; `null`: none. */
  readonly plugin: string | null;
  /** The MCP server whose answer it took in, as in the names of its tools; `null`: none. */
  readonly mcpServer: string | null;
}

/** What a transcript line can hold. */
export type TranscriptFact =
  | RequestFact
  | {
      readonly kind: 'turn';
      readonly turnId: TurnId;
      readonly sessionId: SessionId;
      readonly occurredAt: EpochMs;
      /** How many client totals the file has before this line. */
      readonly afterTotalCount: number;
    }
  /** The context was summarised by a request that no line shows. */
  | {
      readonly kind: 'compaction';
      readonly id: string;
      readonly sessionId: SessionId;
      readonly occurredAt: EpochMs;
      readonly contextTokens: number;
      /** How many client totals the file has before this line. */
      readonly afterTotalCount: number;
    }
  /** Searches that a side request made; the request itself is on no line. */
  | {
      readonly kind: 'search';
      readonly id: string;
      readonly sessionId: SessionId;
      readonly occurredAt: EpochMs;
      readonly count: number;
    }
  /** The agent's own total of the session so far, what it inherited included. */
  | {
      readonly kind: 'client-total';
      readonly sessionId: SessionId;
      /** Its place among the totals of the file, from 1. */
      readonly ordinal: number;
      readonly totalNanoUsd: NanoUsd;
      readonly hasUnknownModel: boolean;
    };

/** What a scan must remember from one read of a file to the next. Plain JSON. */
export interface ScanCarry {
  readonly turnId: string | null;
  /** A message being cut off: its lines come one by one, and their lengths (by line) add up. */
  readonly cutOff: {
    readonly id: string;
    readonly lengths: Readonly<Record<string, number>>;
  } | null;
  /** Client totals read so far. */
  readonly totalCount: number;
  /** The response of the last line that was of one; more lines of it may follow. */
  readonly response: OpenResponse | null;
  /** Time of the last line that gives one; 0 before that. */
  readonly lastAt: EpochMs;
  /** Lines so far that may have used tokens and could not be read. */
  readonly unusableCount: number;
  /** The file ends in the middle of such a line, and has for a while. */
  readonly hasTornEnd: boolean;
}

/** A response as far as its lines have been read: what the next line is compared with. */
export interface OpenResponse {
  readonly name: string;
  readonly key: number;
  readonly messageId: string | null;
  readonly requestId: string | null;
  /** Of its last line. */
  readonly uuid: string | null;
  readonly block: number | null;
  readonly promptTokens: number;
  readonly outputTokens: number;
  /** Whether one of its lines had a usage. */
  readonly hasUsage: boolean;
  /** A user's line has followed it. */
  readonly isOver: boolean;
}

export const NO_CARRY: ScanCarry = {
  ...{ turnId: null, cutOff: null, totalCount: 0, response: null, lastAt: 0 },
  ...{ unusableCount: 0, hasTornEnd: false },
};

/** Where the bytes of a scan come from: stands in for what a line does not say. */
export interface ScanSource {
  /** The session whose file it is, by the file's name; empty: not known. */
  readonly sessionId: string;
  /** The subagent whose file it is. */
  readonly agentId: string | null;
  /** Where in the file the bytes begin. */
  readonly offset: number;
  /** When the file was written last; 0: not known. */
  readonly writtenAt: EpochMs;
}

export const NO_SOURCE: ScanSource = { sessionId: '', agentId: null, offset: 0, writtenAt: 0 };

/** A file of a session and whose it is. */
export interface TranscriptFile {
  readonly path: string;
  readonly agentId: AgentId | null;
}

/** A file or folder among the transcripts that could not be read. */
export interface Unreadable {
  readonly path: string;
  /** The system's code (`EACCES`, `ELOOP`, `EIO`, …), `NOT_A_FILE` for a pipe, a socket or the like, or `PACKED_OR_RENAMED`. */
  readonly code: string;
}

export type OnUnreadable = (found: Unreadable) => void;

/** Where the work of a session stands, by its transcript's last lines. */
export interface Work {
  /** The agent's own last words; `null` when it has said none. */
  readonly lastWords: string | null;
  /** Its list of things to do, without those that are done. */
  readonly openTodos: readonly string[];
  /** Files it has written, newest last. */
  readonly filesTouched: readonly string[];
}

/** What we answer at a moment; `text` fields are for people, `forModel` is for the model. */
export interface Answer {
  readonly verdict: Verdict;
  /** Shown to the person; `null`: nothing to say. */
  readonly forPerson: string | null;
  /** Given to the model as context; `null`: nothing to say. */
  readonly forModel: string | null;
  /** Why the agent is halted or a tool refused; `null` when it goes on. */
  readonly reason: string | null;
  /** Before a tool: what the person is asked; and the whole input it runs with instead. Absent: neither. */
  readonly asks?: string;
  readonly updatedInput?: unknown;
}

/** What the process prints and how it exits. */
export interface Reply {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** A tool and its input. */
export interface ToolCall {
  readonly name: string;
  readonly input: unknown;
}

/** A command that a tool call gives to a shell. */
export type ToolCommand = { readonly text: string; readonly shell: 'bash' | 'powershell' | 'cmd' };

/** What a tool call does, by its name and input; `null`: it changes nothing. */
export type ToolEffect = {
  readonly commands: readonly ToolCommand[];
  /** Files it changes; `isWhole`: they may be folders, with everything in them. */
  readonly paths: readonly string[];
  readonly isWhole: boolean;
} | null;

/** A shell command as it is run: its program, its operands, and the variables set for it alone. */
export interface RunCommand {
  readonly program: string;
  readonly operands: readonly string[];
  readonly assigned: readonly string[];
}

/** What an agent's tools mean for spending and for protection. PURE. */
export interface AgentTools extends SpawnTools {
  /** The subagents that a tool call starts; `null`: none. */
  readonly subagentsOf: (
    tool: ToolCall,
  ) => { readonly agentType: string; readonly count: number } | null;
  /** The kind of a subagent whose kind nobody named. */
  readonly usualAgentType: string;
  readonly effectOf: (tool: ToolCall) => ToolEffect;
  /** Whether a call would have somebody else type a command that only a person may. */
  readonly forgesPrompt: (tool: ToolCall) => boolean;
  /** Why a command would run the agent without its hooks, or remove them; `null` for any other command. */
  readonly unguards: (command: RunCommand) => string | null;
  /** The MCP server and the plugin that a tool or a subagent belongs to, by its name. */
  readonly originOf: (
    tool: string | null,
    agentType: string | null,
  ) => { readonly mcpServer: string | null; readonly plugin: string | null };
  /** The folder of a repository that holds the agent's settings and nothing else. */
  readonly settingsFolder: string;
}

/** What a transcript's new lines show of tools, in order. `at`: when by the agent's clock; not a number where no line says so. */
export type ToolStep =
  /** A response asks for a tool. `isAsked`: the agent's hooks are asked before this tool runs; else that is not known. */
  | {
      readonly kind: 'call';
      readonly at: EpochMs;
      readonly responseId: string;
      readonly useId: string;
      readonly isAsked: boolean;
    }
  /** A response, or a part of one, without tools. */
  | { readonly kind: 'response'; readonly at: EpochMs; readonly responseId: string }
  /** A tool's result. `hasRun`: false where it was refused, mistaken or interrupted. */
  | {
      readonly kind: 'result';
      readonly at: EpochMs;
      readonly useId: string;
      readonly hasRun: boolean;
    };

/** A coding agent Tollgate can stand in front of. */
export interface Agent {
  /** Reads what the agent sent; throws `TollgateError` when it is no event of this agent. */
  readonly parseEvent: (text: string) => AgentEvent;
  /** All transcript files of a session that exist now, the main one first. Tells what could not be looked into. */
  readonly transcriptFiles: (
    mainPath: string,
    onUnreadable?: OnUnreadable,
  ) => readonly TranscriptFile[];
  /** The main transcripts of all sessions kept below a folder, in no particular order. Tells what could not be looked into. */
  readonly mainTranscripts: (folder: string, onUnreadable?: OnUnreadable) => readonly string[];
  /** The session whose main transcript has this path. */
  readonly sessionIdOf: (mainPath: string) => SessionId;
  /** Where another session's main transcript would be, beside this one; `null` when nowhere. */
  readonly siblingTranscript: (mainPath: string, id: SessionId) => string | null;
  /** Emits the facts of the complete lines in `bytes`; torn and foreign lines have none, and are counted in the carry. */
  readonly scan: (
    bytes: Uint8Array,
    carry: ScanCarry,
    emit: (fact: TranscriptFact) => void,
    source: ScanSource,
  ) => { readonly consumedBytes: number; readonly carry: ScanCarry };
  /** The tools that responses of a session have asked for, by all of its transcripts; read whole, so asked for seldom. */
  readonly readToolUseIds: (mainPath: string) => ReadonlySet<string>;
  /** Whether the bytes after the last complete line may be the beginning of one that used tokens. */
  readonly mayHaveSpent: (bytes: Uint8Array) => boolean;
  /** Kind of a subagent, from beside its transcript; `null` when nothing says so. */
  readonly readAgentType: (file: TranscriptFile) => string | null;
  /** Reads the end of a transcript; never throws. */
  readonly readWork: (mainPath: string) => Work;
  /** What people call the session; `null` where it has no title. Never throws. */
  readonly readTitle: (mainPath: string) => string | null;
  readonly formatReply: (moment: Moment, answer: Answer) => Reply;
  readonly tools: AgentTools;
}
