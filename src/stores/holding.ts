// What the ledger keeps of the configuration: what each file was last accepted to say, what is in force by that, and what
// a session began under.
import type { Attribution } from '../domain/attribution.ts';
import type { SessionId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';

/** What a configuration file says, as far as it counts. */
export interface HeldFile {
  /** Absolute path. */
  readonly file: string;
  /** Whose file it is; see `LayerKind`. */
  readonly kind: string;
  /** `LayerSettings` as JSON. */
  readonly settings: string;
  /** When the file was last seen to say the same. */
  readonly confirmedAt: EpochMs;
  /** Who let it count. */
  readonly acceptedBy: string;
}

export interface HoldOperations {
  /** Those of these files that are held, in the order of `files`. */
  readonly readHeldFiles: (files: readonly string[]) => readonly HeldFile[];
  readonly writeHeldFile: (held: HeldFile) => void;
  readonly removeHeldFile: (file: string) => void;
  /** Notes that files were seen to say what is held of them. */
  readonly confirmHeldFiles: (files: readonly string[], at: EpochMs) => void;
  /** What was found to be in force for some files, and the texts that was found for; `null`: nothing yet. */
  readonly readInForce: (
    place: string,
  ) => { readonly fingerprint: string; readonly answer: string } | null;
  readonly writeInForce: (place: string, fingerprint: string, answer: string) => void;
  /** Forgets what was found to be in force, everywhere. */
  readonly forgetInForce: () => void;
  /** The files a session has been under. */
  readonly readSessionFiles: (id: SessionId) => readonly string[];
  readonly addSessionFile: (id: SessionId, file: string) => void;
  /** The labels a session began under; `null`: it is new. */
  readonly readStartLabels: (id: SessionId) => Partial<Attribution> | null;
  readonly writeStartLabels: (id: SessionId, labels: Partial<Attribution>) => void;
  /** Has the pools of a scope count everything a session spends, wherever it goes. */
  readonly bindSession: (scopeKey: string, id: SessionId) => void;
}
