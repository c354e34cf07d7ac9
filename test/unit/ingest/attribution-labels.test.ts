// From where and how a request was made to its labels: clients, tickets, free labels, servers and plugins.
import { describe, expect, test } from 'vitest';
import { claudeCodeTools } from '../../../src/agents/claude-code/tools/tools.ts';
import {
  labelsOf,
  requestLabels,
  withBuild,
  withLabels,
} from '../../../src/ingest/attribution-labels.ts';

const RULES = {
  clients: [
    { repository: 'github.com/Acme/*', client: 'Acme', costCentre: '4711' },
    { repository: '*', client: 'Others', costCentre: null },
  ],
  ticketPattern: '([A-Z]+-\\d+)',
  labels: { team: 'core' },
};
const PLACE = {
  repository: 'github.com/Acme/Shop',
  subPath: 'packages/a',
  worktree: null,
  branch: 'feat/ABC-7-checkout',
  developer: 'dana@acme.example',
};

describe('labels of a place', () => {
  test('the first client rule that matches counts, and the branch names the ticket', () => {
    expect(labelsOf(PLACE, RULES)).toMatchObject({
      client: 'Acme',
      costCentre: '4711',
      ticket: 'ABC-7',
      labels: 'team=core',
    });
    expect(labelsOf({ ...PLACE, repository: 'github.com/Web/Site' }, RULES).client).toBe('Others');
  });

  test('a detached head has no ticket, and no repository no client', () => {
    expect(labelsOf({ ...PLACE, branch: null }, RULES).ticket).toBeNull();
    expect(labelsOf({ ...PLACE, repository: null }, RULES).client).toBeNull();
    expect(labelsOf({ ...PLACE, branch: 'main' }, RULES).ticket).toBeNull();
  });
});

describe('TOLLGATE_LABELS', () => {
  test('goes on top of the configured labels, sorted', () => {
    const rules = withLabels(RULES, 'phase=2, team=web');
    expect(labelsOf(PLACE, rules).labels).toBe('phase=2,team=web');
  });

  test.each([undefined, '', ' ', 'nonsense', '=x', 'a='])('%j changes nothing', (text) => {
    expect(withLabels(RULES, text)).toBe(RULES);
  });

  test('what cannot be read is left out, the rest counts', () => {
    expect(withLabels(RULES, 'x,phase=2').labels).toEqual({ team: 'core', phase: '2' });
  });
});

test.each([
  ['refs/pull/42/merge', '42'],
  ['refs/heads/main', null],
  [undefined, null],
])('a build of %s belongs to pull request %s', (ref, pullRequest) => {
  expect(labelsOf(PLACE, withBuild(RULES, ref)).pullRequest).toBe(pullRequest);
});

describe('where a tool comes from', () => {
  test('is a label of the request', () => {
    const label = requestLabels(RULES, 'tools:reviewer', claudeCodeTools);
    const model = 'claude-opus-5-5';
    const asking = { model, toolNames: ['mcp__github__search', 'Bash'] };
    expect(label(PLACE, 'main', asking)).toMatchObject({
      ...{ branch: 'main', mcpServer: 'github', tool: 'mcp__github__search' },
      ...{ plugin: 'tools', skill: null },
    });
    // What the client says of a request goes before what a name lets us guess; what it asks for goes before both.
    const said = { skill: 'deck:sweep', plugin: 'deck', mcpServer: 'box' };
    expect(label(PLACE, 'main', { ...asking, ...said })).toMatchObject({
      ...{ skill: 'deck:sweep', plugin: 'deck', mcpServer: 'github' },
    });
    expect(label(PLACE, 'main', { model, toolNames: [], ...said })).toMatchObject({
      ...{ skill: 'deck:sweep', plugin: 'deck', mcpServer: 'box', tool: null },
    });
  });
});
