// How much a test tries: full numbers in `npm test`, a tenth in `npm run test:fast`.

/** The full number times `TOLLGATE_RUNS` (absent: 1; 0.1 is a tenth, 10 ten times), at least 5. */
export function runs(fullCount: number): number {
  return Math.max(5, Math.round(fullCount * Number(process.env.TOLLGATE_RUNS ?? 1)));
}
