// RESULTS.md: one section a topic, one table a section. Running one topic writes only its section anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** One row of a table. */
export interface Row {
  readonly what: string;
  /** `null`: only for comparison. */
  readonly asked: string | null;
  readonly reached: string;
  readonly isMet: boolean;
}

/** What one topic found. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

const times = (ratio: number): string => `${ratio.toFixed(2)} ×`;

export const atMost = (what: string, limit: number, ratio: number, note = ''): Row => ({
  what,
  asked: `≤ ${times(limit)}`,
  reached: `${times(ratio)}${note}`,
  isMet: ratio <= limit,
});

export const atLeast = (what: string, limit: number, ratio: number): Row => ({
  what,
  asked: `≥ ${times(limit)}`,
  reached: times(ratio),
  isMet: ratio >= limit,
});

/** A row that nothing is asked of. */
export const compared = (what: string, reached: string | number): Row => ({
  what,
  asked: null,
  reached: typeof reached === 'number' ? times(reached) : reached,
  isMet: true,
});

/** `49–140`, or one number where both are the same. */
export function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(0));
  return low === high ? `${low}` : `${low}–${high}`;
}

/** Puts a section in the place of the one with its title, or at the end. */
export function writeSection(file: string, section: Section, now: Date): void {
  const [head = '', ...sections] = readFileSync(file, 'utf8').split(/^(?=## )/m);
  const text = sectionText(section, now);
  const at = sections.findIndex((each) => each.startsWith(`## ${section.title}\n`));
  if (at === -1) sections.push(text);
  else sections[at] = text;
  writeFileSync(
    file,
    [head, ...sections]
      .map((each) => each.trimEnd())
      .join('\n\n')
      .concat('\n'),
  );
}

function sectionText({ title, rows }: Section, now: Date): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown';
  const machine = `${cpus().length} × ${processor}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release()}, Node ${process.versions.node}`;
  const lines = rows.map(({ what, asked, reached, isMet }) => {
    const verdict = asked === null ? '' : isMet ? 'met' : '**not met**';
    return `| ${what} | ${asked ?? '–'} | ${reached} | ${verdict} |`;
  });
  return `## ${title}

${now.toISOString().slice(0, 10)}, ${machine}.

| what | asked | reached | |
| --- | --- | --- | --- |
${lines.join('\n')}
`;
}
