// How Claude Code is paid, by its own words. Rule: reads what it keeps of its account and which variables are set, never a key or a token.
// Source: client 2.1.330 (`oauthAccount` in its state file; a key in the environment goes before a login), read 2026-11-29.
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { claudeStateFile } from '../paths.ts';

const Account = z.looseObject({
  oauthAccount: z
    .looseObject({
      billingType: z.string().nullish(),
      planDisplayName: z.string().nullish(),
      subscriptionCreatedAt: z.string().nullish(),
    })
    .nullish(),
});

/** Variables with which each request is billed, by Anthropic or by a cloud. */
const BILLED = [
  ...['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'],
  ...['CLAUDE_CODE_USE_BEDROCK', 'CLAUDE_CODE_USE_VERTEX', 'CLAUDE_CODE_USE_FOUNDRY'],
];

/** `plan` for a login with a subscription, `api` where each request is billed; `null`: that cannot be told. */
export function readBilling(env: NodeJS.ProcessEnv): 'plan' | 'api' | null {
  if (BILLED.some((name) => env[name])) return 'api';
  if (env.CLAUDE_CODE_OAUTH_TOKEN) return 'plan';
  const account = readAccount(claudeStateFile(env));
  if (!account) return null;
  const { billingType, planDisplayName, subscriptionCreatedAt } = account;
  const isPlan = planDisplayName || subscriptionCreatedAt || /subscription/.test(billingType ?? '');
  return isPlan ? 'plan' : null;
}

function readAccount(file: string): z.output<typeof Account>['oauthAccount'] | null {
  try {
    return Account.parse(JSON.parse(readFileSync(file, 'utf8'))).oauthAccount ?? null;
  } catch {
    return null; // not there, or of a form that says nothing
  }
}
