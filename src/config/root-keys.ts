// The settings at the root of a configuration file. Rule: hooks load this, so it imports nothing.

/** In the order in which messages name them. */
export const ROOT_KEYS = [
  '$schema',
  'budgets',
  'safety',
  'timeZone',
  'onFailure',
  'onGuardLost',
  'grants',
  'handOffs',
  'foreignHosts',
  'billing',
  'waitMs',
  'reservationMs',
  'reservation',
  'unknownModel',
  'fanOut',
  'pricing',
  'clients',
  'ticketPattern',
  'labels',
  'alerts',
  'breakers',
  'routing',
  'statements',
  'projects',
  'otlp',
] as const;

/** Those that hold limits. */
const LIMIT_KEYS: readonly string[] = ['budgets', 'fanOut', 'projects'];

/** Whether a mistake in a root setting leaves every ceiling in force. An unknown name may have meant a limit. */
export const isNoLimit = (key: string): boolean =>
  !LIMIT_KEYS.includes(key) && (ROOT_KEYS as readonly string[]).includes(key);
