// `tollgate doctor`: looks at everything the guard depends on, says what is wrong, and mends what is safe to mend.
import type { Command } from 'commander';
import { CHECKS } from '../../doctor/checks.ts';
import { type Examined, examine } from '../../doctor/examine.ts';
import type { ToldFinding } from '../../doctor/findings.ts';
import { VERSION } from '../../runtime/version.ts';
import type { CliContext } from '../command.ts';
import { doctorWorld } from '../doctor-world.ts';
import { FINDINGS, FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { fitLines } from '../wrap-text.ts';

export function describe(command: Command): void {
  command
    .option('--fix', 'mend what is safe: permissions, hooks that are gone, caches nobody uses')
    .option('--json', 'print JSON (schema tollgate/doctor@1)')
    .addHelpText(
      'after',
      `
Nothing is changed without --fix. Hooks are run in a folder of their own, never against your ledger.
Exit code 1 when there is an error or a warning; notes do not count.

Examples:
  tollgate doctor
  tollgate doctor --fix
  tollgate doctor --json | jq '.checks[].findings[].code'`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const examined = await examine(CHECKS, doctorWorld(context), options.fix === true);
  const findings = examined.flatMap((each) => each.findings);
  const isFine = findings.every(({ severity }) => severity === 'note');
  if (options.json) {
    const report = { schema: 'tollgate/doctor@1', version: VERSION, isFine, checks: examined };
    printJson(report, context);
  } else {
    context.print(fitLines([...examined.flatMap(linesOf), '', closing(findings)], context));
  }
  return isFine ? FINE : FINDINGS;
}

const MARKS = { error: '✗', warning: '!', note: '·' } as const;

function linesOf({ name, summary, findings, fixed }: Examined): string[] {
  const worst = (['error', 'warning'] as const).find((severity) =>
    findings.some((finding) => finding.severity === severity),
  );
  const lines = [`${worst === undefined ? '✓' : MARKS[worst]} ${name.padEnd(13)}  ${summary}`];
  for (const what of fixed) lines.push(`    fixed: ${what}`);
  for (const { severity, message, hint } of findings) {
    lines.push(`    ${severity}: ${message}`, `      hint: ${hint}`);
  }
  return lines;
}

function closing(findings: readonly ToldFinding[]): string {
  const count = (severity: ToldFinding['severity'], word: string) => {
    const found = findings.filter((finding) => finding.severity === severity).length;
    return found === 0 ? [] : [`${found} ${word}${found === 1 ? '' : 's'}`];
  };
  const counts = [...count('error', 'error'), ...count('warning', 'warning')];
  return counts.length === 0 ? 'All is well.' : `${counts.join(', ')}.`;
}
