// Which tool calls would change Tollgate's own files. Rule: refuse what plainly aims at them; what slips
// through a shell's many tricks is found by the transcript, which the agent cannot make cheaper.
import { resolve } from 'node:path';

const WRITING_TOOLS: ReadonlySet<string> = new Set(['Write', 'Edit', 'MultiEdit', 'NotebookEdit']);

/** The guarded file a tool call aims at, or `null`. */
export function guardedPath(
  tool: { readonly name: string; readonly input: unknown },
  guarded: readonly string[],
  cwd: string,
): string | null {
  const input = (typeof tool.input === 'object' && tool.input !== null ? tool.input : {}) as Record<
    string,
    unknown
  >;
  if (WRITING_TOOLS.has(tool.name)) {
    const named = input.file_path ?? input.notebook_path;
    if (typeof named !== 'string') return null;
    const path = resolve(cwd, named);
    return guarded.find((each) => path === each || path.startsWith(`${each}/`)) ?? null;
  }
  if (tool.name !== 'Bash' || typeof input.command !== 'string') return null;
  const { command } = input;
  if (isRaisingOwnCeiling(command)) return 'tollgate grant';
  if (!isWriting(command)) return null;
  return guarded.find((each) => namesOf(each, cwd).some((name) => command.includes(name))) ?? null;
}

/** Commands of ours that only a person may give. */
const isRaisingOwnCeiling = (command: string): boolean =>
  /\btollgate\b[^|;&\n]*\b(grant|uninstall|resume)\b/.test(command);

const isWriting = (command: string): boolean =>
  /(^|[\s;&|(])(rm|mv|cp|tee|dd|ln|chmod|chown|truncate|sqlite3|sed\s+-\S*i|perl\s+-\S*i|python3?|node|ruby|git\s+(checkout|restore|clean|stash))\b|>/.test(
    command,
  );

function namesOf(path: string, cwd: string): string[] {
  const inside = path.startsWith(`${cwd}/`) ? [path.slice(cwd.length + 1)] : [];
  return [path, ...inside];
}
