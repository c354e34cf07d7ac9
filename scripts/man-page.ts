// Writes the man page: `node scripts/run-ts.mjs scripts/man-page.ts FILE`. The build calls it.
import { readFileSync, writeFileSync } from 'node:fs';
import { COMMANDS } from '../src/cli/commands/commands.ts';
import { manPage } from '../src/cli/man-page.ts';
import { describeProgram } from '../src/cli/program.ts';

const [file = ''] = process.argv.slice(2);
const root = process.env.TOLLGATE_CHECKOUT ?? '.';
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { version: string };
writeFileSync(file, manPage(await describeProgram(COMMANDS), version));
