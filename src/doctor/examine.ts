// Runs checks one after the other, mends what they allow, and adds the words. Rule: a check that cannot be made is a
// finding, and the others are made all the same.
import { TollgateError } from '../errors.ts';
import type { Check, CheckResult, DoctorWorld } from './check.ts';
import { type Finding, type ToldFinding, tellFinding } from './findings.ts';

/** What came of one check. */
export interface Examined {
  readonly name: string;
  readonly summary: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** What is still so, after `fixed`. */
  readonly findings: readonly ToldFinding[];
  /** What was done, one sentence each. */
  readonly fixed: readonly string[];
}

export async function examine(
  checks: readonly Check[],
  world: DoctorWorld,
  fixes: boolean,
): Promise<readonly Examined[]> {
  const examined: Examined[] = [];
  for (const check of checks) {
    let result = await runCheck(check, world);
    const fixed = fixes ? await fixAll(check, result.findings, world) : [];
    if (fixed.length > 0) result = await runCheck(check, world);
    const { summary, facts, findings } = result;
    examined.push({ name: check.name, summary, facts, findings: findings.map(tellFinding), fixed });
  }
  return examined;
}

async function runCheck(check: Check, world: DoctorWorld): Promise<CheckResult> {
  try {
    return await check.run(world);
  } catch (error) {
    if (!(error instanceof TollgateError)) throw error;
    const values = { check: check.name, reason: error.message, remedy: error.hint };
    return { summary: 'not checked', facts: {}, findings: [{ code: 'CHECK_FAILED', values }] };
  }
}

/** What was done. One repair of a settings scope mends all that was found in it. */
async function fixAll(
  { fix }: Check,
  findings: readonly Finding[],
  world: DoctorWorld,
): Promise<readonly string[]> {
  const done: string[] = [];
  const mended = new Set<string | number>();
  for (const finding of findings) {
    const scope = finding.values?.scope;
    if (scope !== undefined && mended.has(scope)) continue;
    const what = await fix?.(finding, world);
    if (!what) continue;
    done.push(what);
    if (scope !== undefined) mended.add(scope);
  }
  return done;
}
