// The list of rate cards. Rule: to add a provider, add its folder and one line here.
import { anthropic } from './anthropic/anthropic.ts';
import type { RateCards } from './rate-card.ts';

export const RATE_CARDS: RateCards = [anthropic];
