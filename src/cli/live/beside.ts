// Runs the status line that was there before ours, with the same input. Rule: whatever it does (fail, hang, say
// nothing) it does to itself only; its words are passed on as they are.
import { spawn } from 'node:child_process';

/** How long the other status line may take; Claude Code gives a status line five seconds. */
const PATIENCE_MS = 4_000;

/** What it printed, without the line break at its end; empty when it failed or took too long. */
export function runBeside(command: string, input: string, env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, env, stdio: ['pipe', 'pipe', 'ignore'] });
    let text = '';
    const finish = (said: string) => {
      clearTimeout(timer);
      process.off('SIGTERM', onTerm);
      resolve(said.replace(/\s+$/, ''));
    };
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      finish('');
    }, PATIENCE_MS);
    // Claude Code ends an outdated line by a signal, which is meant for both.
    const onTerm = () => {
      child.kill('SIGTERM');
      process.exit(143);
    };
    process.once('SIGTERM', onTerm);
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    child.on('error', () => finish(''));
    child.on('close', (code) => finish(code === 0 ? text : ''));
    // A line that does not read its input closes the pipe: that is its right.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
