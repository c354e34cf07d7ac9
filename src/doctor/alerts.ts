// Channels that alerts do not get through: whoever relies on being told is not.
import { spanText } from '../domain/time.ts';
import type { Check } from './check.ts';
import type { Finding } from './findings.ts';

export const alerts: Check = {
  name: 'alerts',
  run: ({ now, stateHome: path, readConfig, readChannelHealth }) => {
    const names = readConfig().config.alerts.channels.map(({ name }) => name);
    const failing = readChannelHealth().filter(
      ({ channel, failingSince }) => failingSince !== null && names.includes(channel),
    );
    const findings = failing.map(({ channel, failingSince, error }): Finding => {
      const span = spanText(now - (failingSince ?? now));
      return { code: 'CHANNEL_FAILING', path, values: { channel, span, error: error ?? '' } };
    });
    return {
      summary: summaryOf(names.length, failing.length),
      facts: { channels: names, failing: failing.map(({ channel }) => channel) },
      findings,
    };
  },
};

function summaryOf(count: number, failingCount: number): string {
  if (count === 0) return 'no channel is configured';
  return failingCount === 0 ? `${count} configured` : `${failingCount} of ${count} fail`;
}
