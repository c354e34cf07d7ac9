// `tollgate import`: takes over what other machines have exported. Rule: for people, since statements are made of it; a bundle is checked whole
// before its first line counts.
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { formatUsd } from '../../domain/money.ts';
import { TollgateError } from '../../errors.ts';
import { fingerprintOf, parseBundle } from '../../exchange/bundle.ts';
import { type Imported, importBundle } from '../../exchange/import-bundle.ts';
import { readMachineKey } from '../../exchange/machine-key.ts';
import { plural } from '../../reports/formats/figures.ts';
import { printable } from '../../reports/formats/width.ts';
import type { Store } from '../../stores/store.ts';
import type { CliContext } from '../command.ts';
import { withStore } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { textOf } from '../options.ts';
import { requirePerson } from '../person.ts';
import { printJson } from '../print-json.ts';
import { keyFile } from './export.ts';

export function describe(command: Command): void {
  command
    .argument('[files...]', 'bundles that tollgate export has written on other machines')
    .option('--trust <fingerprint>', 'the key that a bundle must be signed with')
    .option('--machines', 'list the machines that are known, and their keys')
    .option('--json', 'print JSON (schema tollgate/import@1)')
    .addHelpText(
      'after',
      `
The first bundle of a machine makes its key known; another key is refused afterwards. Compare the fingerprint with what
tollgate export --fingerprint says there, or give it with --trust.

A request that this ledger has is not counted again, from wherever it came. What is imported is in reports, projects and
statements; no ceiling of this machine counts it.

Examples:
  tollgate import mia.bundle ben.bundle
  tollgate import mia.bundle --trust '3f1c 90ab 77e0 41d2 5c0f 8a1e 22b7 93cd'
  tollgate import --machines`,
    );
}

export async function run(
  files: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  if (options.machines === true)
    return withStore(context, (store) => list(store, options, context));
  if (files.length === 0) {
    throw new TollgateError({
      code: 'NO_BUNDLE',
      message: 'no bundle is named',
      hint: 'tollgate import mia.bundle; on the other machine: tollgate export --out mia.bundle',
    });
  }
  const bundles = files.map((file) => ({ file, bundle: parseBundle(readText(file), file) }));
  const question = {
    now: context.now,
    ownMachineId: readMachineKey(keyFile(context))?.machineId ?? null,
    trusted: textOf(options.trust) ?? null,
  };
  return withStore(context, (store) => {
    requirePerson('import', context, store.readSessions({}));
    const results = bundles.map(({ file, bundle }) => {
      const imported = importBundle(bundle, question, store);
      const { head, end } = bundle;
      const { machineId, publicKey } = head;
      const { name, developer } = end;
      const fingerprint = fingerprintOf(publicKey);
      return { file, machineId, name, developer, fingerprint, ...imported };
    });
    if (options.json) printJson({ schema: 'tollgate/import@1', bundles: results }, context);
    else for (const result of results) context.print(resultText(result));
    return FINE;
  });
}

function resultText(
  result: Imported & { readonly file: string; readonly name: string; readonly fingerprint: string },
): string {
  const { file, addedRequestCount, addedNanoUsd, duplicateCount, skippedCount, isNew } = result;
  const name = printable(result.name);
  const parts = [
    `${file}, from ${name}: ${plural(addedRequestCount, 'request')} added, ${formatUsd(addedNanoUsd)}`,
    ...(duplicateCount > 0 ? [`${plural(duplicateCount, 'request')} known already`] : []),
    ...(skippedCount > 0
      ? [
          `${plural(skippedCount, 'line')} without a request left to the machine that told them first`,
        ]
      : []),
    ...(result.relabelledCount > 0 ? [`${result.relabelledCount} under other labels`] : []),
  ];
  const key = isNew
    ? `  ${name} is new: its key ${result.fingerprint} is trusted from now on. Compare it: tollgate export --fingerprint there.\n`
    : '';
  return `${parts.join('; ')}.\n${key}`;
}

function list(
  store: Store,
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): number {
  const machines = store.readMachines().map((machine) => {
    return { ...machine, fingerprint: fingerprintOf(machine.publicKey) };
  });
  if (options.json) printJson({ schema: 'tollgate/import@1', machines }, context);
  else if (machines.length === 0) context.print('Nothing was imported yet.\n');
  for (const { name, developer, fingerprint, madeAt } of options.json ? [] : machines) {
    const at = new Date(madeAt).toISOString().slice(0, 16).replace('T', ' ');
    const who = developer === null ? '' : ` (${printable(developer)})`;
    context.print(`${fingerprint}  ${printable(name)}${who}, exported ${at} UTC\n`);
  }
  return FINE;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new TollgateError({
      code: 'BUNDLE_UNREADABLE',
      message: `${file} cannot be read: ${(cause as Error).message}`,
      hint: 'give the path of a file that tollgate export has written',
      cause,
    });
  }
}
