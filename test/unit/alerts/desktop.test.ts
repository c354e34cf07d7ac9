import { expect, test } from 'vitest';
import { desktopProgram } from '../../../src/alerts/desktop.ts';
import { messageOf } from '../../../src/alerts/wording.ts';

const place = {
  ...{ title: '"; do shell script "x" --$(id)`id`<b>', repository: null, branch: null },
  session: 'a1',
};
const message = messageOf(
  'd',
  [
    {
      ...{ seq: 1, alertId: 'a', alert: { code: 'TEST' }, sessionId: null },
      ...{ raisedAt: 0, acknowledgedAt: null },
    },
  ],
  () => place,
  0,
);

test.each([
  ['linux', 'notify-send'],
  ['darwin', 'osascript'],
  ['win32', 'powershell.exe'],
] as const)('%s: %s, with what an agent wrote as data alone', (platform, file) => {
  const program = desktopProgram(message, platform);
  expect(program.file).toBe(file);
  const data = [program.words.at(-1), program.variables?.TOLLGATE_TEXT].join();
  expect(data).toContain('do shell script');
  const code = platform === 'linux' ? program.words.slice(0, 2) : program.words.slice(0, -2);
  expect(code.join()).not.toContain('do shell script');
});
