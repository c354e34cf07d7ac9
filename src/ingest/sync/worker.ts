// A door for threads: scans transcripts for `tollgate sync`, and holds no ledger.
import { parentPort } from 'node:worker_threads';
import { scanTranscript } from '../../agents/claude-code/transcript/scan-transcript.ts';
import { answerQuestions } from './threads.ts';

if (parentPort) answerQuestions(parentPort, { scan: scanTranscript });
