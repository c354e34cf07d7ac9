// What a scanning thread runs: it scans transcripts for `tollgate sync` and holds no ledger.
import { parentPort } from 'node:worker_threads';
import {
  mayHaveSpent,
  scanTranscript,
} from '../../agents/claude-code/transcript/scan-transcript.ts';
import { answerScanRequests } from './threads.ts';

if (parentPort) answerScanRequests(parentPort, { scan: scanTranscript, mayHaveSpent });
