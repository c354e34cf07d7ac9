// `tollgate advise`: what would have cost less, with its evidence, and writing the rule that does it. Rule: nothing is written before a person
// has seen it and agreed.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { applyEdits, modify, parse } from 'jsonc-parser';
import { userConfigFile } from '../../config/paths.ts';
import { formatUsd, toUsdNumber } from '../../domain/money.ts';
import { TollgateError } from '../../errors.ts';
import type { EventDeps } from '../../gate/on-event.ts';
import { familyOf, newestModels } from '../../pricing/rate-cards.ts';
import { type Advice, findAdvice } from '../../reports/why/advice.ts';
import type { Store } from '../../stores/store.ts';
import {
  type AdvisedRule,
  evidenceText,
  remedyText,
  ruleOf,
  ruleText,
  sessionIdText,
} from '../advice-text.ts';
import type { CliContext } from '../command.ts';
import { confirmed } from '../confirm.ts';
import { hasLedger, knownSessions, tellBilling, withLedger } from '../context.ts';
import { FAILED, FINE } from '../exit-code.ts';
import { textOf } from '../options.ts';
import { requirePerson } from '../person.ts';
import { printJson } from '../print-json.ts';
import { requireConfig } from '../read-config.ts';
import { readSessionCauses } from '../session-causes.ts';
import { sessionName } from '../session-name.ts';
import { parseSince } from '../since.ts';
import { fitLines } from '../wrap-text.ts';
import { acceptWritten } from './accept.ts';

const SHOWN_COUNT = 10;

export function describe(command: Command): void {
  command
    .option('--since <time>', 'since when: 7d, 2026-11-01, last-month', '30d')
    .option('--apply <number>', 'write the rule of that advice into your own configuration')
    .option('--yes', 'with --apply: do not ask')
    .option('--json', 'print JSON (schema tollgate/advise@1)')
    .addHelpText(
      'after',
      `
Amounts are for the same tokens; another model would have written more or less. What is saved on files that are read again
is what writing them into the context once more cost, at four bytes a token.

Examples:
  tollgate advise
  tollgate advise --since 7d
  tollgate advise --apply 1`,
    );
}

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const config = requireConfig(context);
  const since = textOf(options.since) ?? '30d';
  const sinceAt = parseSince(since, context.now);
  const { advice, nameOf, ...billed } = hasLedger(context)
    ? await withLedger(context, config, (store, deps) => {
        const read = readAdvice(store, deps, sinceAt, context);
        const isPriced = read.advice.length > 0 && options.apply === undefined;
        return { ...read, ...(isPriced && tellBilling(options, config, store, context)) };
      })
    : { advice: [], nameOf: sessionIdText };
  const shown = advice.slice(0, SHOWN_COUNT);
  if (options.apply !== undefined) return apply(String(options.apply), shown, options, context);
  if (options.json) {
    const told = shown.map((each) => ({
      ...each,
      savedUsd: toUsdNumber(each.savedNanoUsd),
      evidence: evidenceText(each, nameOf),
      remedy: remedyText(each),
      rule: ruleOf(each),
    }));
    printJson({ schema: 'tollgate/advise@1', ...billed, sinceAt, advice: told }, context);
    return FINE;
  }
  const lines = shown.flatMap((each, index) => adviceLines(each, index + 1, nameOf));
  const nothing = `Nothing since ${since} would have cost much less otherwise.`;
  context.print(fitLines(lines.length === 0 ? [nothing] : lines, context));
  return FINE;
}

function readAdvice(store: Store, { pricer }: EventDeps, sinceAt: number, context: CliContext) {
  const window = { startAt: sinceAt, endAt: Number.POSITIVE_INFINITY };
  const advice = findAdvice(store.readLines({ window, where: [] }), {
    ...{ rates: pricer.rates, familyOf, newest: newestModels(context.now) },
    habitsOf: (id) => {
      const session = store.readSession(id);
      if (session === null) return null;
      return readSessionCauses(session, store, pricer.rates, window)?.habits ?? null;
    },
  });
  // Titles are read while the ledger is open.
  const names = new Map(
    advice.flatMap((each) => {
      const session = 'sessionId' in each ? store.readSession(each.sessionId) : null;
      return session === null ? [] : [[session.sessionId as string, sessionName(session)] as const];
    }),
  );
  return { advice, nameOf: (id: string) => names.get(id) ?? sessionIdText(id) };
}

function adviceLines(advice: Advice, number: number, nameOf: (id: string) => string): string[] {
  const rule = ruleOf(advice);
  return [
    `${number}  saves ${formatUsd(advice.savedNanoUsd)}: ${remedyText(advice)}`,
    `    ${evidenceText(advice, nameOf)}`,
    ...(rule === null ? [] : [`    ${ruleText(rule)} (tollgate advise --apply ${number})`]),
  ];
}

/** Writes a rule into the person's own file. */
async function apply(
  number: string,
  shown: readonly Advice[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const advice = shown[Number(number) - 1];
  const rule = advice === undefined ? null : ruleOf(advice);
  if (rule === null) {
    throw new TollgateError({
      code: 'ADVICE_UNKNOWN',
      message:
        advice === undefined ? `there is no advice ${number}` : `advice ${number} has no rule`,
      hint: 'tollgate advise lists them; those with a rule can be applied',
    });
  }
  requirePerson('advise --apply', context, knownSessions(context));
  const file = userConfigFile(context.env);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : null;
  const after = editedText(before ?? '{}\n', rule);
  const say = options.json ? context.emit : (line: string) => context.print(`${line}\n`);
  say(`${file}:\n  ${ruleText(rule)}`);
  if (!(await confirmed('Write this?', options, context))) return FAILED;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, after);
  try {
    requireConfig(context);
  } catch (refused) {
    if (before === null) rmSync(file);
    else writeFileSync(file, before);
    throw refused;
  }
  await acceptWritten(context);
  if (options.json) printJson({ schema: 'tollgate/advise-applied@1', file, rule }, context);
  else say('Written: it counts from now on.');
  return FINE;
}

/** The file with the rule in it; a rule of the same id gives way. */
function editedText(before: string, { path, value, id }: AdvisedRule): string {
  const eol = before.includes('\r\n') ? '\r\n' : '\n';
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol };
  const edit = (where: (string | number)[], what: unknown) =>
    applyEdits(before, modify(before, where, what, { formattingOptions }));
  if (id === null) return edit([...path], value);
  const written = parse(before) as Readonly<Record<string, unknown>> | undefined;
  const list = written?.[path[0] ?? ''];
  if (!Array.isArray(list)) return edit([...path], [value]);
  const found = list.findIndex((each: { readonly id?: unknown } | null) => each?.id === id);
  return edit([...path, found < 0 ? list.length : found], value);
}
