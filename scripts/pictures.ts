// Draws the README's pictures from the real Claude Code: a halt and the status line, as they stand on its screen. The model is
// a loopback stub. `npm run pictures` writes docs/images/*.svg.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openClaudeTty } from '../test/support/claude-tty.ts';
import { noonZone } from '../test/support/guarded.ts';
import { startMessagesApiStub } from '../test/support/messages-api-stub.ts';
import { createSandbox } from '../test/support/sandbox.ts';
import { ordinaryUsage, toolLoop } from '../test/support/scenarios.ts';
import { tollgateOk } from '../test/support/tollgate.ts';

const FOLDER = join(process.env.TOLLGATE_CHECKOUT ?? process.cwd(), 'docs', 'images');
const CHARACTER_WIDTH = 8.4;
const LINE_HEIGHT = 19;
const PADDING = 18;
const COLUMNS = 108;

const sandbox = await createSandbox();
try {
  await tollgateOk(sandbox, [
    'init',
    ...[
      '--yes',
      '--scope',
      'user',
      '--statusline',
      '--session-soft',
      '0.40',
      '--session-hard',
      '0.50',
    ],
  ]);
  const usage = (step: number) => ({
    ...ordinaryUsage,
    output_tokens: 300 + 40 * step,
    cache_read_input_tokens: 20_000 + 1_200 * step,
  });
  const stub = await startMessagesApiStub(
    toolLoop({ turns: 25, usage, command: () => 'npm test', pace: { delayMs: 400 } }),
  );
  const tty = await openClaudeTty({
    ...{ home: sandbox.home, cwd: sandbox.repo, stub, model: 'claude-opus-4-7' },
    extraEnv: { TOLLGATE_HOME: sandbox.tollgateHome, TZ: noonZone() },
  });
  try {
    await tty.submit('Fix the build. Do not stop until it is green.');
    await tty.waitFor(/\$0\.2\d \/ \$0\.50/, 60_000);
    const line =
      tty
        .screen()
        .split('\n')
        .find((each) => each.includes('/ $0.50')) ?? '';
    write('status-line', [line.trim()]);
    await tty.waitFor(/hook stopped|halted/, 90_000);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    write('halt', lastPart(tty.screen().split('\n')));
  } finally {
    await tty.close();
    await stub.close();
  }
} finally {
  await sandbox.cleanup();
}

/** The last tool calls and everything below them, without the frame of the input box. */
function lastPart(lines: readonly string[]): string[] {
  const kept = lines.filter((line) => line.trim() !== '');
  return kept.slice(-22);
}

/** Writes lines of a terminal as an SVG that shows the same in light and dark pages. */
function write(name: string, lines: readonly string[]): void {
  mkdirSync(FOLDER, { recursive: true });
  const wide = Math.max(COLUMNS, ...lines.map((line) => line.length));
  const width = Math.ceil(wide * CHARACTER_WIDTH) + 2 * PADDING;
  const height = lines.length * LINE_HEIGHT + 2 * PADDING;
  const text = lines.map((line, row) => {
    const y = PADDING + (row + 0.75) * LINE_HEIGHT;
    return `  <text x="${PADDING}" y="${y}" fill="${colourOf(line)}" xml:space="preserve">${escaped(line)}</text>`;
  });
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(lines.join(' ').replace(/\s+/g, ' ').slice(0, 300))}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14">`,
    `  <rect width="100%" height="100%" rx="8" fill="#1b1f27"/>`,
    ...text,
    '</svg>',
    '',
  ];
  writeFileSync(join(FOLDER, `${name}.svg`), svg.join('\n'));
  console.log(`docs/images/${name}.svg\n${lines.join('\n')}`);
}

/** Tollgate's own lines stand out. */
function colourOf(line: string): string {
  if (/halted|hook stopped|ceiling/.test(line)) return '#ffb454';
  return /^\s*[⎿└]/.test(line) ? '#8b95a5' : '#e6e6e6';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
