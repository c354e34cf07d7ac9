// The configuration where there is no file, as on most machines. Rule: found out without parser, schema or cache.
import { RATE_CARDS } from '../pricing/rate-cards.ts';
import type { Config } from './config.ts';
import type { ConfigSource } from './paths.ts';
import { readSources } from './read-sources.ts';
import { mergeLayers } from './rules.ts';

/** The defaults; `null` where one of the files is there, or cannot be asked for. */
export function defaultConfig(sources: readonly ConfigSource[], timeZone: string): Config | null {
  if (readSources(sources).some(({ text, code }) => text !== null || code !== null)) return null;
  return mergeLayers([], { timeZone, cards: RATE_CARDS, at: 0 }).config;
}
