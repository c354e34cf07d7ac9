// Pushes metrics to a collector. Rule: only by the process that nobody waits for, or because a person asked; what a header holds is never told.
import { httpPost } from '../alerts/http-post.ts';
import { readSecret } from '../alerts/secrets.ts';
import type { Config, OtlpSettings } from '../config/config.ts';
import { SECOND_MS } from '../domain/time.ts';
import { TollgateError } from '../errors.ts';
import { otlpAddress, otlpBody } from '../metrics/otlp.ts';
import { VERSION } from '../runtime/version.ts';
import type { Store } from '../stores/store.ts';
import type { CliContext } from './command.ts';
import { readMetrics } from './read-metrics.ts';

const ATTEMPT_MS = 8 * SECOND_MS;
/** Waits before the second and the third attempt. */
const WAITS_MS = [1, 4].map((seconds) => seconds * SECOND_MS);
const LONGEST_WAIT_MS = 10 * SECOND_MS;

/** `null`: the collector took them, else why not. `waits`: before each further attempt; by default a second and four. */
export async function pushMetrics(
  config: Config & { readonly otlp: OtlpSettings },
  store: Store,
  context: CliContext,
  waits: readonly number[] = WAITS_MS,
): Promise<string | null> {
  const { endpoint, headers, allowPrivate } = config.otlp;
  try {
    const secrets = await headersOf(headers, context.env);
    const now = Date.now();
    const metrics = readMetrics(config, store, context, now);
    const post = {
      url: otlpAddress(endpoint),
      headers: { ...secrets, 'content-type': 'application/json' },
      body: otlpBody(metrics, resourceOf(), now),
      allowPrivate,
    };
    return await postAll(post, waits);
  } catch (error) {
    if (error instanceof TollgateError) return `${error.message}; ${error.hint}`;
    throw error;
  }
}

async function postAll(
  post: Omit<Parameters<typeof httpPost>[0], 'signal'>,
  waits: readonly number[],
): Promise<string | null> {
  for (let count = 0; ; count++) {
    const result = await httpPost({ ...post, signal: AbortSignal.timeout(ATTEMPT_MS) });
    if (result.kind === 'sent') return null;
    const wait = waits[count];
    if (result.isLasting || wait === undefined) return result.error;
    const asked = Math.min(result.retryAfterMs ?? 0, LONGEST_WAIT_MS);
    await new Promise((resolve) => setTimeout(resolve, Math.max(wait, asked)));
  }
}

const resourceOf = (): Parameters<typeof otlpBody>[1] => ({
  'service.name': 'tollgate',
  'service.version': VERSION,
});

async function headersOf(
  headers: OtlpSettings['headers'],
  env: NodeJS.ProcessEnv,
): Promise<Readonly<Record<string, string>>> {
  const read = Object.entries(headers).map(
    async ([name, place]) => [name.toLowerCase(), await readSecret(place, env)] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}
