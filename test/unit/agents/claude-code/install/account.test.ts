import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBilling } from '../../../../../src/agents/claude-code/install/account.ts';
import { createSandbox, type Sandbox } from '../../../../support/sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await createSandbox();
});
afterEach(() => sandbox.cleanup());

const env = (more: NodeJS.ProcessEnv = {}) => ({ HOME: sandbox.home, ...more });
const account = (state: unknown) =>
  writeFileSync(join(sandbox.home, '.claude.json'), JSON.stringify(state));

test('a login with a subscription is a plan, and a key in the environment goes before it', () => {
  expect(readBilling(env())).toBeNull();
  account({ oauthAccount: { emailAddress: 'a@b.example' } });
  expect(readBilling(env())).toBeNull();
  account({ oauthAccount: { billingType: 'stripe_subscription' } });
  expect(readBilling(env())).toBe('plan');
  account({ oauthAccount: { planDisplayName: 'Max', billingType: null } });
  expect(readBilling(env())).toBe('plan');
  expect(readBilling(env({ ANTHROPIC_API_KEY: 'x' }))).toBe('api');
  expect(readBilling(env({ CLAUDE_CODE_USE_BEDROCK: '1' }))).toBe('api');
});

test('what cannot be read says nothing', () => {
  account({ oauthAccount: 'text' });
  expect(readBilling(env())).toBeNull();
  writeFileSync(join(sandbox.home, '.claude.json'), '{');
  expect(readBilling(env())).toBeNull();
  expect(readBilling(env({ CLAUDE_CODE_OAUTH_TOKEN: 'x' }))).toBe('plan');
});
