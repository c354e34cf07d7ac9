// Names of things as branded strings, so that one cannot be given where another is meant.
// Rule: foreign ids are kept exactly as they come.

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** One run of an agent, by the agent's own id. */
export type SessionId = Id<'session'>;
/** One call to a model: the provider's `message.id`. */
export type RequestId = Id<'request'>;
/** One ledger line; derived from the request, so recording twice is recording once, on any machine. */
export type EntryId = Id<'entry'>;
/** One prompt and all that follows, by the agent's own id. */
export type TurnId = Id<'turn'>;
/** A subagent, by the agent's own id. */
export type AgentId = Id<'agent'>;
/** A budget, by the name a person gave it. */
export type BudgetId = Id<'budget'>;

export const sessionId = (text: string): SessionId => text as SessionId;
/** How people call a session: the first eight letters of an id that is a UUID; any other id as it is. */
export const shortId = (id: string): string => (/^[0-9a-f]{8}-/i.test(id) ? id.slice(0, 8) : id);
export const requestId = (text: string): RequestId => text as RequestId;
export const entryId = (text: string): EntryId => text as EntryId;
export const turnId = (text: string): TurnId => text as TurnId;
export const agentId = (text: string): AgentId => text as AgentId;
export const budgetId = (text: string): BudgetId => text as BudgetId;
