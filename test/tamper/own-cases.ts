import type { TamperCase } from './case.ts';
export const OWN_CASES: readonly TamperCase[] = [];
