// A ledger that stays open from event to event. Rule: no lock is held between events, and what lies at the path
// now is what is written to: a ledger that was replaced or upgraded meanwhile is opened anew.
import type { LedgerUse } from '../hooks/answer-event.ts';
import type { Store } from '../stores/store.ts';
import { fitsSeal, ledgerIdentity, openLedger } from '../wire.ts';

/** The use of the ledger, and how to end it. */
export interface OpenLedger extends LedgerUse {
  readonly end: () => void;
}

export function keepLedgerOpen(): OpenLedger {
  let kept: { readonly store: Store; readonly identity: string } | null = null;
  const end = () => {
    const { store } = kept ?? {};
    kept = null;
    store?.close();
  };
  return {
    open: (stateHome, env, isCompared) => {
      const identity = ledgerIdentity(stateHome);
      // A ledger in use has the version it was opened with; another program's upgrade changes it.
      if (
        kept !== null &&
        (identity === null ||
          kept.identity !== identity ||
          !kept.store.isCurrent() ||
          (isCompared && !fitsSeal(kept.store, stateHome, env)))
      ) {
        end();
      }
      if (kept === null) {
        const store = openLedger(stateHome, env, { isCompared, isBrief: true });
        kept = { store, identity: ledgerIdentity(stateHome) ?? '' };
      }
      return kept.store;
    },
    close: () => {},
    storesLeases: false,
    isOneEvent: false,
    end,
  };
}
