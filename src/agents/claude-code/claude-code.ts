// Claude Code as an agent Tollgate can stand in front of.
import type { Agent } from '../agent.ts';
import { parseEvent } from './event.ts';
import { readAgentType, transcriptFiles } from './paths.ts';
import { formatReply } from './reply.ts';
import { scanTranscript } from './transcript.ts';

export const claudeCode: Agent = {
  parseEvent,
  transcriptFiles,
  scan: scanTranscript,
  readAgentType,
  formatReply,
};
