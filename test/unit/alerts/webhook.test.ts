// What a webhook gets: JSON with an id for each alert, signed.
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import type { ChannelDeps } from '../../../src/alerts/channel.ts';
import { webhook } from '../../../src/alerts/webhook.ts';
import { messageOf } from '../../../src/alerts/wording.ts';

test('the signature covers the time stamp and the bytes of the body', async () => {
  let got: { headers: NodeJS.Dict<string | string[]>; body: string } | null = null;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    request.on('end', () => {
      got = { headers: request.headers, body };
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const place = { title: 'Grün', repository: null, branch: null, session: 's' };
  const alert = { code: 'DELIVERY_FAILED', channel: 'x', attemptCount: 3, error: 'é' } as const;
  const record = {
    seq: 1,
    alertId: 'a1',
    alert,
    sessionId: null,
    raisedAt: 5,
    acknowledgedAt: null,
  };
  const message = messageOf('d1', [record], () => place, 1_700_000_000_999);
  const deps: ChannelDeps = {
    ...{ env: {}, readSecret: async () => 'key', terminalsOf: () => [] },
    signal: AbortSignal.timeout(5_000),
  };
  const result = await webhook(
    message,
    {
      ...{ name: 'w', type: 'webhook', url: `http://127.0.0.1:${port}/`, allowPrivate: true },
      secret: { env: 'X' },
    },
    deps,
  );
  server.close();
  expect(result).toEqual({ kind: 'sent' });
  const { headers, body } = got as unknown as { headers: NodeJS.Dict<string>; body: string };
  expect(headers['tollgate-delivery']).toBe('d1');
  expect(headers['tollgate-timestamp']).toBe('1700000000');
  expect(headers['tollgate-signature']).toBe(
    `v1=${createHmac('sha256', 'key').update(`1700000000.${body}`).digest('hex')}`,
  );
  expect(JSON.parse(body)).toMatchObject({
    ...{ schema: 'tollgate/alert-message@1', deliveryId: 'd1' },
    alerts: [{ id: 'a1', raisedAt: 5, sessionId: null, ...alert }],
  });
});
