// Which pull request a branch belongs to: said by the build it runs in, else asked of GitHub's `gh` where it is
// installed. Rule: for commands only, and never waited for longer than five seconds.
import { execFile } from 'node:child_process';
import { findGh } from './pull-request-list.ts';

const PATIENCE_MS = 5_000;

/** The number of the branch's pull request as text; `null` when nothing says so. */
export async function readPullRequest(
  cwd: string,
  branch: string,
  env: NodeJS.ProcessEnv,
): Promise<string | null> {
  return fromBuild(env) ?? (await fromGh(cwd, branch, env));
}

/** GitHub Actions names it in the ref of a pull request's builds. */
function fromBuild(env: NodeJS.ProcessEnv): string | null {
  return /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? '')?.[1] ?? null;
}

function fromGh(cwd: string, branch: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  const gh = findGh(env);
  if (gh === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    const words = ['pr', 'view', branch, '--json', 'number', '--jq', '.number'];
    execFile(gh, words, { cwd, env, timeout: PATIENCE_MS }, (error, stdout) => {
      const number = /^\d+$/.exec(stdout.trim())?.[0];
      // Not signed in, no such pull request: all the same to us.
      resolve(error ? null : (number ?? null));
    });
  });
}
