// Real processes: what an agent may do to look like a person.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agentBehind } from '../../../src/cli/person.ts';
import { ancestorsOf } from '../../../src/runtime/processes.ts';

const PATH = '/usr/bin:/bin';
let folder: string;
let started: ReturnType<typeof spawn>[];
let pids: number[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-person-'));
  started = [];
  pids = [];
});
afterEach(async () => {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended with its terminal.
    }
  }
  for (const child of started) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a script whose last process writes its id into `$F` and waits; that id, and the id of the shell it began in. */
async function begin(script: string, env: Record<string, string> = {}) {
  const file = join(folder, 'pid');
  const child = spawn('sh', ['-c', script], {
    env: { PATH, F: file, ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  started.push(child);
  for (let tries = 0; tries < 400; tries += 1) {
    const pid = Number(tried(() => readFileSync(file, 'utf8')) ?? 0);
    if (pid > 0) {
      pids.push(pid);
      await sleep(100); // what started it may still be ending
      return { pid, shell: child.pid as number };
    }
    await sleep(25);
  }
  throw new Error('the script wrote no id');
}
const tried = <T>(work: () => T): T | null => {
  try {
    return work();
  } catch {
    return null;
  }
};

const WAIT = 'echo $$ > "$F"; exec sleep 60';

describe.runIf(process.platform === 'linux')('an agent', () => {
  test('that hides its variables is known by what is above it', async () => {
    const script = `env -i PATH=${PATH} F="$F" sh -c '${WAIT}'; true`;
    const { pid, shell } = await begin(script, { CLAUDECODE: '1' });
    expect(agentBehind(pid, [])).toContain("agent's shell");
    expect(agentBehind(pid, [shell])).toContain("agent's shell");
  });

  test('that cuts the command off is refused while its Claude Code runs', async () => {
    const script = `(setsid env -i PATH=${PATH} F="$F" sh -c '(${WAIT}) & sleep 0' &) ; sleep 60`;
    const { pid, shell } = await begin(script);
    expect(agentBehind(pid, [shell])).not.toBeNull();
  });

  test('that opens a terminal is known by who holds its other end', async () => {
    const python = `import os,pty,time
pid,fd=pty.fork()
if pid==0: os.execve("/bin/sh",["sh","-c",os.environ["S"]],{"PATH":"${PATH}","F":os.environ["F"]})
time.sleep(60)`;
    const { pid } = await begin(`exec python3 -c '${python}'`, {
      CLAUDECODE: '1',
      S: `(sh -c '${WAIT}' &); sleep 60`,
    });
    expect(agentBehind(pid, [])).toContain('terminal was opened by an agent');
  });
});

describe.runIf(process.platform === 'linux')('a terminal of its own', () => {
  const python = `import os,pty,time
pid,fd=pty.fork()
if pid==0: os.execve("/bin/sh",["sh","-c",os.environ["S"]],{"PATH":"${PATH}","F":os.environ["F"]})
time.sleep(60)`;
  const cutOff = `env -i PATH=${PATH} F="$F" S='sh -c "echo $$ > \\"$F\\"; sleep 60"' P="$P" setsid sh -c 'python3 -c "$P" &' & sleep 60`;

  test('that an agent has cut off from itself is refused while its Claude Code runs', async () => {
    const { pid, shell } = await begin(cutOff, { P: python });
    expect(ancestorsOf(pid)).not.toContain(shell);
    expect(agentBehind(pid, [shell])).toContain('started after a Claude Code');
    expect(agentBehind(pid, [])).toBeNull();
  });

  test('that is older than the Claude Code is a person’s', async () => {
    const { pid } = await begin(cutOff, { P: python });
    await sleep(50); // the system's clock of processes ticks so often
    const other = spawn('sleep', ['60'], { env: { PATH }, stdio: 'ignore' });
    started.push(other);
    expect(agentBehind(pid, [other.pid as number])).toBeNull();
  });
});

describe.runIf(process.platform === 'linux')('a person', () => {
  const inTerminal = (more = '') => `exec python3 -c 'import os,pty,time
pid,fd=pty.fork()
if pid==0: os.execve("/bin/sh",["sh","-c",os.environ["S"]],{"PATH":"${PATH}","F":os.environ["F"]})
time.sleep(60)'${more}`;

  test('at a terminal, also while a Claude Code runs elsewhere', async () => {
    const { pid } = await begin(inTerminal(), { S: `sh -c '${WAIT}'; true` });
    expect(agentBehind(pid, [process.pid + 1_000_000])).toBeNull();
    expect(agentBehind(pid, [1])).toContain("agent's shell"); // above everything
    const other = spawn('sleep', ['60'], { env: { PATH }, stdio: 'ignore' });
    started.push(other);
    expect(agentBehind(pid, [other.pid as number])).toBeNull();
  });

  test('without a terminal where no Claude Code runs, as in CI; not while one runs', async () => {
    const { pid } = await begin(WAIT);
    expect(agentBehind(pid, [])).toBeNull();
    const other = spawn('sleep', ['60'], { env: { PATH }, stdio: 'ignore' });
    started.push(other);
    expect(agentBehind(pid, [other.pid as number])).toContain('no terminal');
  });
});
