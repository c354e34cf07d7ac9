// Claude Code as an agent Tollgate can stand in front of.
import type { Agent } from '../agent.ts';
import { parseEvent } from './events/event.ts';
import { formatReply } from './events/reply.ts';
import {
  mainTranscripts,
  readAgentType,
  sessionIdOf,
  siblingTranscript,
  transcriptFiles,
} from './paths.ts';
import { claudeCodeTools } from './tools/tools.ts';
import { mayHaveSpent, scanTranscript } from './transcript/scan-transcript.ts';
import { readSessionTitle } from './transcript/session-title.ts';
import { readToolUseIds } from './transcript/tool-use-ids.ts';
import { readWork } from './transcript/work.ts';

export const claudeCode: Agent = {
  parseEvent,
  transcriptFiles,
  mainTranscripts,
  scan: scanTranscript,
  mayHaveSpent,
  readToolUseIds,
  readAgentType,
  sessionIdOf,
  siblingTranscript,
  readWork,
  readTitle: readSessionTitle,
  formatReply,
  tools: claudeCodeTools,
};
