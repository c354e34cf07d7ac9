// SessionEnd: the session ends. Settles the ledger with the client's own total.
import { runHook } from '../src/hooks/loader.ts';

runHook('SessionEnd');
