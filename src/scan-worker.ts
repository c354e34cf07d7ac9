// A door for threads: scans transcripts for `tollgate sync`, and holds no ledger.
import { parentPort } from 'node:worker_threads';
import { scanRoom, scanTranscript } from './agents/claude-code/transcript.ts';
import { answerQuestions } from './gate/sync-threads.ts';

if (parentPort) answerQuestions(parentPort, { scan: scanTranscript, scanRoom });
