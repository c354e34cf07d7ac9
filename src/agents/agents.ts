// All agents that Tollgate can guard. To add one: a folder beside this file, and a line here.
import type { Agent } from './agent.ts';
import { claudeCode } from './claude-code/claude-code.ts';

export const AGENTS = { 'claude-code': claudeCode } satisfies Readonly<Record<string, Agent>>;
