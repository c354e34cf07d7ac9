// How a session is called: its title, where it has one, and the beginning of its id.
import { shortId } from '../domain/ids.ts';
import { cutTo, printable } from '../reports/formats/width.ts';
import type { SessionRecord } from '../stores/store.ts';
import { agent } from '../wire.ts';

const LONGEST_TITLE = 48;

type Named = Pick<SessionRecord, 'sessionId' | 'transcriptPath'>;

/** The title; `null` where it has none. */
export function titleOf({ transcriptPath }: Named): string | null {
  return transcriptPath === null ? null : agent.readTitle(transcriptPath);
}

/** `Fix the cart (a1b2c3d4)`, or the id alone. */
export function sessionName(session: Named): string {
  const title = titleOf(session);
  const id = shortId(session.sessionId);
  return title === null ? id : `${cutTo(printable(title), LONGEST_TITLE)} (${id})`;
}
