// What a session's tool calls say about its cost: files read again and again, and calls tried again after they
// failed. Rule: pure; a repeated reading is one that no change of the file lies between.

/** One call, as the agent's transcript has it; see `agents/claude-code/tool-calls.ts`. */
export interface Call {
  readonly tool: string;
  readonly file: string | null;
  readonly asked: string;
  readonly failed: boolean | null;
  readonly resultBytes: number;
}

export interface ToolHabits {
  readonly callCount: number;
  /** Files that were read more than once without a change, the most often read first. */
  readonly rereads: readonly {
    readonly file: string;
    readonly readCount: number;
    readonly resultBytes: number;
  }[];
  readonly failedCount: number;
  /** Failed calls that were followed by the very same call, or by another of the same tool. */
  readonly retryCount: number;
  /** The tool that failed most often; `null` when none did. */
  readonly worstTool: string | null;
}

const READING = 'Read';

export function findToolHabits(calls: readonly Call[]): ToolHabits {
  const reads = new Map<string, { file: string; readCount: number }>();
  const failures = new Map<string, number>();
  const repeated = new Map<string, { readCount: number; resultBytes: number }>();
  let retryCount = 0;
  for (const [index, call] of calls.entries()) {
    if (call.failed) {
      failures.set(call.tool, (failures.get(call.tool) ?? 0) + 1);
      if (calls[index + 1]?.tool === call.tool) retryCount += 1;
      continue;
    }
    if (call.file === null) continue;
    if (call.tool !== READING) {
      // It has changed: reading it again is needed.
      for (const [asked, { file }] of reads) if (file === call.file) reads.delete(asked);
      continue;
    }
    // Another part of the same file is not the same reading.
    const known = reads.get(call.asked) ?? { file: call.file, readCount: 0 };
    known.readCount += 1;
    reads.set(call.asked, known);
    if (known.readCount > 1) {
      const file = repeated.get(call.file) ?? { readCount: 1, resultBytes: 0 };
      file.readCount += 1;
      file.resultBytes += call.resultBytes;
      repeated.set(call.file, file);
    }
  }
  const worst = [...failures].sort((a, b) => b[1] - a[1])[0];
  return {
    callCount: calls.length,
    rereads: [...repeated]
      .map(([file, each]) => ({ file, ...each }))
      .sort((a, b) => b.readCount - a.readCount || b.resultBytes - a.resultBytes),
    failedCount: [...failures.values()].reduce((sum, count) => sum + count, 0),
    retryCount,
    worstTool: worst?.[0] ?? null,
  };
}
