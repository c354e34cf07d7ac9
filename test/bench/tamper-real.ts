// Every shape of tampering with the real client, as a table. `node scripts/run-ts.mjs test/bench/tamper-real.ts [shape …] [--json FILE]
// [--terminal] [--hidden]`, after `npm run build`; `--terminal`: in a terminal that somebody sits at, instead of `claude -p`; `--hidden`: the shell
// guard cannot read what is run. Rule: loopback only, each run in a world of its own.
import { writeFileSync } from 'node:fs';
import { CEILING_USD, runTamperShape, type TamperOutcome } from '../support/tamper-run.ts';
import { TAMPER_SHAPES } from '../support/tamper-shapes.ts';
import { MORE_SHAPES } from '../support/tamper-shapes-more.ts';

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const file = args.includes('--json') ? args[args.indexOf('--json') + 1] : undefined;
  const names = args.filter((word, at) => !word.startsWith('--') && args[at - 1] !== '--json');
  const mode = args.includes('--terminal') ? 'terminal' : 'print';
  const isHidden = args.includes('--hidden');
  const outcomes: TamperOutcome[] = [];
  for (const shape of [...TAMPER_SHAPES, ...MORE_SHAPES]) {
    if (names.length > 0 && !names.includes(shape.id)) continue;
    const each = await runTamperShape(shape, mode, isHidden || shape.isHidden).catch(
      (error: unknown): TamperOutcome => ({
        ...{ id: shape.id, outcome: 'OVER', spentUsd: Number.NaN, overCount: 0 },
        note: String(error).slice(0, 300),
      }),
    );
    outcomes.push(each);
    const cells = [
      each.id.padEnd(20),
      each.outcome.padEnd(5),
      `$${each.spentUsd.toFixed(2)}`,
      `+${each.overCount}`,
    ];
    console.log(`${cells.join('  ')}  ${each.note}`);
  }
  const count = (outcome: TamperOutcome['outcome']) =>
    outcomes.filter((one) => one.outcome === outcome).length;
  console.log(
    `${outcomes.length} shapes: ${count('held')} held, ${count('told')} told, ${count('OVER')} over without a word (ceiling $${CEILING_USD.toFixed(2)})`,
  );
  if (file) writeFileSync(file, `${JSON.stringify(outcomes, null, 2)}\n`);
}

await main();
