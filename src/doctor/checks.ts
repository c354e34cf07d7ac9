// All checks of `tollgate doctor`, in the order in which they are run. To add one: a file, and a line here.
// Rule: the ledger comes before whatever opens it through the store, which mends its permissions.
import { alerts } from './alerts.ts';
import { caches } from './caches.ts';
import type { Check } from './check.ts';
import { clock } from './clock.ts';
import { configuration } from './configuration.ts';
import { driver } from './driver.ts';
import { guard } from './guard.ts';
import { hooks } from './hooks.ts';
import { host } from './host.ts';
import { latency } from './latency.ts';
import { ledger } from './ledger.ts';
import { node } from './node.ts';
import { plan } from './plan.ts';
import { prices } from './prices.ts';
import { sessions } from './sessions.ts';
import { settings } from './settings.ts';
import { transcripts } from './transcripts.ts';

/** What is known at once, without running a hook: enough to say that something is wrong. */
export const QUICK_CHECKS: readonly Check[] = [
  driver,
  configuration,
  settings,
  hooks,
  guard,
  sessions,
  plan,
  alerts,
];

export const CHECKS: readonly Check[] = [
  node,
  driver,
  ledger,
  configuration,
  host,
  settings,
  hooks,
  latency,
  guard,
  sessions,
  transcripts,
  clock,
  prices,
  plan,
  alerts,
  caches,
];
