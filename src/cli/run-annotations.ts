// What a pipeline shows of a `tollgate run`: an annotation of GitHub Actions, or a JUnit report.
import { writeFileSync } from 'node:fs';
import { formatUsd } from '../domain/money.ts';
import { TollgateError } from '../errors.ts';
import type { CliContext } from './command.ts';

/** What is told of a run. */
interface ToldRun {
  readonly runId: string;
  readonly cause: string;
  readonly costNanoUsd: number;
  readonly runExitCode: number;
  readonly startedAt: number;
  readonly startedAtIso: string;
  readonly endedAt: number;
}

type Annotate = (run: ToldRun, reason: string | null, context: CliContext) => void;

/** The way to tell that an option names. Throws `TollgateError` for one that is not known. */
export function annotatorOf(option: unknown): Annotate {
  if (option === undefined) return () => undefined;
  if (option === 'github') return annotateGithub;
  const file = /^junit=(.+)$/s.exec(String(option))?.[1];
  if (file !== undefined) return (run, reason) => writeFileSync(file, junitText(run, reason));
  throw new TollgateError({
    code: 'BAD_OPTION',
    message: `--annotations ${String(option)} is not known`,
    hint: 'give github, or junit=FILE',
  });
}

/** On stderr: the runner reads both, and stdout belongs to the command. */
const annotateGithub: Annotate = (run, reason, { emit }) => {
  const text = (reason ?? `Tollgate: ${formatUsd(run.costNanoUsd)} spent`)
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
  emit(`::${reason === null ? 'notice' : 'error'} title=Tollgate (${run.cause})::${text}`);
};

/** A suite of one test case, which fails when the run was halted or not seen. */
export function junitText(run: ToldRun, reason: string | null): string {
  const seconds = ((run.endedAt - run.startedAt) / 1_000).toFixed(3);
  const failure =
    reason === null
      ? ''
      : `\n      <failure type="${run.cause}" message="${escaped(reason)}"></failure>`;
  const failures = reason === null ? 0 : 1;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="tollgate" tests="1" failures="${failures}" timestamp="${run.startedAtIso}" time="${seconds}">
    <testcase classname="tollgate.run" name="${escaped(run.runId)}" time="${seconds}">${failure}
      <system-out>${formatUsd(run.costNanoUsd)} spent</system-out>
    </testcase>
  </testsuite>
</testsuites>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"\n]/g, (letter) => ENTITIES[letter] ?? letter);
}
