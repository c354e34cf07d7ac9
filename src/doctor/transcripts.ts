// Transcripts with lines that may have used tokens and could not be read, and those of the same person's other system.
import type { Check } from './check.ts';

export const transcripts: Check = {
  name: 'transcripts',
  run: ({ readUnusable, readOtherHomes }) => {
    const files = readUnusable();
    const [worst] = files.toSorted((a, b) => b.lineCount - a.lineCount);
    const count = files.reduce((sum, { lineCount }) => sum + lineCount, 0);
    return {
      summary: count === 0 ? 'all lines could be used' : `lines that could not be used: ${count}`,
      facts: { unusableLineCount: count, files },
      findings: [
        ...(worst === undefined
          ? []
          : [
              {
                code: 'LINES_UNUSABLE' as const,
                path: worst.path,
                values: { count, files: files.length },
              },
            ]),
        ...readOtherHomes().map((path) => ({ code: 'OTHER_HOME' as const, path })),
      ],
    };
  },
};
