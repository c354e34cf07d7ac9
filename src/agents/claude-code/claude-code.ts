// Claude Code as an agent Tollgate can stand in front of.
import type { Agent } from '../agent.ts';
import { parseEvent } from './event.ts';
import { mainTranscripts, readAgentType, siblingTranscript, transcriptFiles } from './paths.ts';
import { formatReply } from './reply.ts';
import { scanRoom, scanTranscript } from './transcript.ts';
import { readWork } from './work.ts';

export const claudeCode: Agent = {
  parseEvent,
  transcriptFiles,
  mainTranscripts,
  scan: scanTranscript,
  scanRoom,
  readAgentType,
  siblingTranscript,
  readWork,
  formatReply,
};
