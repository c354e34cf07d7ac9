// What a line of a transcript is read with.
import type { ScanSource, TranscriptFact } from '../../agent.ts';

export type Emit = (fact: TranscriptFact) => void;

/** What a line is read with. */
export interface LineContext {
  readonly emit: Emit;
  readonly source: ScanSource;
  /** Its place in the file. */
  readonly at: number;
  /** The text of the line; `null` where it is not known. */
  readonly text: string | null;
}
