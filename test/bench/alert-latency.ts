// What a channel that nobody answers on costs a hook: beside the same hook without a channel, while alerts wait for it and are tried again.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { enqueueAlert } from '../../src/alerts/alert.ts';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import type { Sandbox } from '../support/sandbox.ts';
import { type Built, scene } from './hook-latency.ts';
import { interleave, type Ratio, ratioOf, type Variant } from './measure.ts';

/** Nothing listens there, so each try fails at once and is made again, more and more slowly. */
const DEAD = {
  ...{ type: 'webhook', url: 'http://127.0.0.1:1/', allowPrivate: true, secret: { env: 'HOME' } },
};

/** Times the hook after each batch of tools, where the gate decides. */
export async function measureDeadChannel(
  sandbox: Sandbox,
  built: Built,
  rounds: number,
): Promise<Ratio> {
  const [none, dead] = [{}, { dead: DEAD }].map((channels, index): Variant => {
    const name = index === 0 ? 'no-channel' : 'dead-channel';
    const { variant, ledgerPath } = scene(sandbox, built, name);
    const config = join(sandbox.root, `config-${name}`);
    mkdirSync(join(config, 'tollgate'), { recursive: true });
    const file = join(config, 'tollgate', 'config.json');
    writeFileSync(file, JSON.stringify({ alerts: { channels } }));
    raise(ledgerPath, index);
    const event = { ...JSON.parse(variant.stdin?.() ?? '{}'), hook_event_name: 'PostToolBatch' };
    return {
      ...variant,
      args: [join(built.hooks, 'post-tool-batch.cjs')],
      env: { ...variant.env, XDG_CONFIG_HOME: config },
      stdin: () => JSON.stringify({ ...event, tool_calls: [] }),
    };
  }) as [Variant, Variant];
  const timings = await interleave([none, dead], rounds);
  return ratioOf(timings, dead.name, none.name);
}

/** Puts an alert into the outbox; where there is no channel nobody is told. */
function raise(ledgerPath: string, channelCount: number): void {
  const store = openSqliteStore(ledgerPath);
  const config = { alerts: { channels: Array.from({ length: channelCount }) } };
  store.immediately(() =>
    enqueueAlert({ alert: { code: 'TEST' }, onceKey: 'TEST' }, null, { store, config }, Date.now()),
  );
  store.close();
}
