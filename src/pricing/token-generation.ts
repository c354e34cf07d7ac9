// Which models count tokens alike. Source: Anthropic's notes for Opus 4.7 (another tokenizer, larger images) and published counts of the models
// since; Haiku 4.5 counts like Sonnet 4.6, Sonnet 5.5 like Opus 4.7. Read 2026-11-28.
import type { TokenGeneration } from '../domain/token-estimate.ts';

/** The first version of each family that counts in the current way. */
const FIRST_CURRENT: Readonly<Record<string, readonly [major: number, minor: number]>> = {
  opus: [4, 7],
  sonnet: [5, 0],
  haiku: [5, 0],
};
const VERSION = /(opus|sonnet|haiku)-(\d+)(?:-(\d{1,2})(?!\d))?/;

/** A model's generation, in any spelling of its id; what is not known is taken to be current, which counts more. */
export function tokenGenerationOf(model: string): TokenGeneration {
  const name = model.toLowerCase().replaceAll('.', '-');
  if (name.includes('claude-3')) return 'earlier';
  const [, family = '', major, minor = 0] = VERSION.exec(name) ?? [];
  const first = FIRST_CURRENT[family];
  if (first === undefined) return 'current';
  const isEarlier =
    Number(major) < first[0] || (Number(major) === first[0] && Number(minor) < first[1]);
  return isEarlier ? 'earlier' : 'current';
}
