// `tollgate drill`: fires a halt through the installed hooks and shows whether the gate closes.
import type { Command } from 'commander';
import { type Drill, type DrilledHook, drill } from '../../agents/claude-code/install/drill.ts';
import { inspectSettings } from '../../agents/claude-code/install/inspect-settings.ts';
import { findProjectRoot } from '../../config/paths.ts';
import type { CliContext } from '../command.ts';
import { rehearsalPlace } from '../doctor-world.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { printJson } from '../print-json.ts';
import { fitLines } from '../wrap-text.ts';

export function describe(command: Command): void {
  command.option('--json', 'print JSON (schema tollgate/drill@1)').addHelpText(
    'after',
    `
A session in a folder of its own has spent more than its ceiling, and each hook that Claude Code runs at a gate is
started exactly as its settings have it. Your ledger and your sessions are not touched.
Exit code 0 when every gate closes, 2 when one is open.`,
  );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const { hooksInForce, obstacles, scopes } = inspectSettings(
    findProjectRoot(context.cwd),
    context.env,
  );
  const drilled = await drill(hooksInForce, rehearsalPlace(context));
  const isClosed = drilled.openEvents.length === 0;
  const plugins = scopes.flatMap((scope) => scope.plugins);
  if (options.json) {
    const report = { schema: 'tollgate/drill@1', isClosed, ...drilled, obstacles, plugins };
    printJson(report, context);
  } else {
    context.print(fitLines(linesOf(drilled, isClosed), context));
    for (const { message } of obstacles) context.emit(`tollgate: ${message}`);
  }
  return isClosed ? FINE : FAILED;
}

function linesOf({ hooks, residentEvents, openEvents }: Drill, isClosed: boolean): string[] {
  const lines = hooks.flatMap(hookLines);
  for (const event of residentEvents) {
    lines.push(`  ${event}: answered by the resident gate inside Claude Code; not fired`);
  }
  if (isClosed) lines.push('The gate closes: a session over its ceiling is halted.');
  else {
    lines.push(
      `THE GATE IS OPEN at ${openEvents.join(', ')}: a session over its ceiling would go on.`,
      '  hint: tollgate doctor says why',
    );
  }
  return lines;
}

function hookLines({ scope, event, closes, exitCode, stdout, stderr }: DrilledHook): string[] {
  const ended = exitCode === null ? 'no exit code' : `exit code ${exitCode}`;
  return [
    `${closes ? '✓' : '✗'} ${event} (${scope === 'plugin' ? 'plugin' : `${scope} settings`}): ${ended}`,
    ...[stdout, stderr]
      .flatMap((text) => text.trim().split('\n').filter(Boolean))
      .map((line) => `    ${line}`),
  ];
}
