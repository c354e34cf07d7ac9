// Anthropic's rate card: the first-party list price, which the client also uses on Bedrock and Vertex.
// Rule: the numbers live in `rows.ts`, the spellings in `spelling.ts`; this is their door.
import type { RateCard } from '../rate-card.ts';
import { rows } from './rows.ts';
import { identify, isOfficial } from './spelling.ts';

export const anthropic: RateCard = {
  id: 'anthropic@2026-11-21',
  rows,
  // $10 per thousand, every model. Web fetch, code execution and tool search cost nothing extra.
  webSearchPicoUsd: 10_000_000_000,
  // `inference_geo: "us"` multiplies tokens by 1.1 on every model (measured, client 2.1.330).
  usGeographyTenths: 11,
  identify,
  isOfficial,
};
