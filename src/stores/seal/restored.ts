// What is noted, told and sealed when a ledger was restored.

export interface Restored {
  /** `gone`: missing or empty. `foreign`: another program's file. `replaced`: another ledger. `older`: an older copy. `changed`: edited. */
  readonly cause: 'gone' | 'foreign' | 'damaged' | 'replaced' | 'older' | 'changed';
  readonly at: number;
  /** Where the file is that was in its place; `null`: there was none. */
  readonly setAside: string | null;
  readonly entryCount: number;
  readonly costNanoUsd: number;
  readonly haltCount: number;
  readonly grantCount: number;
  readonly grantedNanoUsd: number;
  readonly heldFileCount: number;
  readonly statementCount: number;
  /** Lines of the seal that could not be believed, and the money that only they told of. */
  readonly lostLineCount: number;
  readonly missingNanoUsd: number;
}
