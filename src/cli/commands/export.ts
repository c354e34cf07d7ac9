// `tollgate export`: what this machine's ledger says, as a signed bundle for another machine. Rule: it reads; the one thing that it makes is the key.
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { stateHome } from '../../config/paths.ts';
import { TollgateError } from '../../errors.ts';
import { BUNDLE_SCHEMA, bundleText, fingerprintOf } from '../../exchange/bundle.ts';
import { machineKey } from '../../exchange/machine-key.ts';
import type { ExchangeLine, Store } from '../../stores/store.ts';
import { placeReader } from '../../wire.ts';
import type { CliContext } from '../command.ts';
import { hasLedger, withStore } from '../context.ts';
import { FINE } from '../exit-code.ts';
import { textOf } from '../options.ts';
import { printJson } from '../print-json.ts';
import { writeWhole } from '../write-whole.ts';

export function describe(command: Command): void {
  command
    .option('--out <file>', 'write the bundle to this file; default: to the terminal or pipe')
    .option('--developer <address>', 'who works on this machine; default: git’s own address here')
    .option('--fingerprint', 'print the fingerprint of the key of this machine, and nothing else')
    .option('--json', 'print JSON about it (schema tollgate/export@1)')
    .addHelpText(
      'after',
      `
The bundle is JSON lines: requests with their cost, tokens and labels (repository, branch, developer, client, model …), no
prompt and no answer. It always holds everything: a later one begins as an earlier one, and importing it adds what is new.
The other machine asks a person once whether the key is the right one: compare its fingerprint.

Examples:
  tollgate export --out mia.bundle
  tollgate export --fingerprint
  tollgate export --developer mia@agency.example --out mia.bundle`,
    );
}

/** Entries read at once. */
const ENTRIES_AT_ONCE = 2_000;

export async function run(
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<number> {
  const key = machineKey(keyFile(context));
  const { machineId, publicKey } = key;
  const fingerprint = fingerprintOf(publicKey);
  if (options.fingerprint === true && !options.json) {
    context.print(`${fingerprint}\n`);
    return FINE;
  }
  const developer = textOf(options.developer) ?? placeReader(context.env)(context.cwd).developer;
  const end = { madeAt: context.now, name: hostname(), developer };
  const out = textOf(options.out) ?? null;
  const about = { schema: 'tollgate/export@1', machineId, fingerprint, ...end, out };
  if (options.fingerprint === true) {
    printJson(about, context);
    return FINE;
  }
  if (!hasLedger(context)) throw noLedger();
  return withStore(context, (store) => {
    const head = { schema: BUNDLE_SCHEMA, machineId, publicKey } as const;
    let lineCount = 0;
    const counted = function* (): Generator<ExchangeLine> {
      for (const line of allLines(store)) {
        lineCount += 1;
        yield line;
      }
    };
    const pieces = bundleText(head, counted(), end, key.privateKey);
    if (out !== null) writeWhole(out, pieces);
    else for (const piece of pieces) if (!options.json) context.print(piece);
    if (options.json) printJson({ ...about, lineCount }, context);
    else if (out !== null) {
      context.emit(`tollgate: ${lineCount} lines in ${out}, signed by ${fingerprint}`);
    }
    return FINE;
  });
}

/** Where the key of this machine is. */
export const keyFile = ({ env }: CliContext): string => join(stateHome(env), 'machine-key.json');

function* allLines(store: Pick<Store, 'readExchangeLines'>): Generator<ExchangeLine> {
  for (let after: number | null = 0; after !== null; ) {
    const read: ReturnType<Store['readExchangeLines']> = store.readExchangeLines(
      after,
      ENTRIES_AT_ONCE,
    );
    yield* read.lines;
    after = read.through;
  }
}

const noLedger = (): TollgateError =>
  new TollgateError({
    code: 'NOTHING_SPENT',
    message: 'there is no ledger yet',
    hint: 'work with Claude Code in a repository with Tollgate in it, or read older transcripts with tollgate sync',
  });
