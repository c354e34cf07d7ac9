// The log of alerts, breakers and halts as pages show it: the words of `tollgate alerts` with the code they stand for.
import type { AlertRecord } from '../../alerts/alert.ts';
import { alertText } from '../../alerts/wording.ts';
import type { Store } from '../../stores/store.ts';
import { placeReaderOf } from '../alert-sending.ts';

type Told = AlertRecord & { readonly text: ReturnType<typeof alertText> };

/** Alerts that `isWanted` chooses, newest first. */
export function alertsOf(
  store: Store,
  isWanted: (alert: AlertRecord) => boolean,
  limit?: number,
): readonly Told[] {
  const placeOf = placeReaderOf(store);
  return store
    .readAlerts(limit)
    .filter(isWanted)
    .map((each) => ({ ...each, text: alertText(each.alert, placeOf(each), each.raisedAt) }));
}

/** One alert for a page. */
export const alertJson = ({ seq, alert, sessionId, raisedAt, acknowledgedAt, text }: Told) => ({
  ...{ seq, code: alert.code, sessionId, raisedAt, acknowledgedAt },
  ...{ what: text.what, amount: text.amount, where: text.where },
});
