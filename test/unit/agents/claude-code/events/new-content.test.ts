// What the next request carries anew, beside what the real client really sent: each result as the hook after the tool got it, as the
// hook after all tools got it, and as it stood in the request that followed.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { newContentTokens } from '../../../../../src/agents/claude-code/events/new-content.ts';
import { imageTokens } from '../../../../../src/domain/token-estimate.ts';

interface Result {
  readonly tool: string;
  readonly afterTool: unknown;
  readonly afterTools: unknown;
  readonly sent: unknown;
}
const RESULTS: readonly Result[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../fixtures/tool-results.json'), 'utf8'),
);

const afterTool = (response: unknown) =>
  newContentTokens('after-tool', { tool_response: response }, null) ?? { earlier: -1, current: -1 };
const afterTools = (...responses: readonly unknown[]) =>
  newContentTokens(
    'after-tools',
    { tool_calls: responses.map((each) => ({ tool_response: each })) },
    null,
  ) ?? { earlier: -1, current: -1 };

describe('as the real client handed it over and sent it', () => {
  test.each(RESULTS.map((each, index) => ({ ...each, index })))('$index $tool', (result) => {
    const sent = afterTools(result.sent).current;
    expect(Math.abs(afterTools(result.afterTools).current - sent)).toBeLessThan(60);
    const difference = Math.abs(afterTool(result.afterTool).current - sent);
    expect(difference).toBeLessThan(Math.max(150, 0.25 * sent));
  });
});

/** A PNG of a size, with as many bytes of picture as asked for. */
function png(width: number, height: number, bytes: number): string {
  const head = Buffer.from(
    '89504e470d0a1a0a0000000d49484452000000000000000008020000000000000049444154',
    'hex',
  );
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return Buffer.concat([head, Buffer.alloc(bytes, 7)]).toString('base64');
}

const imageBlock = (data: string) => ({
  type: 'image',
  source: { type: 'base64', media_type: 'image/png', data },
});

describe('large contents', () => {
  test('an image costs its pixels, whatever it weighs', () => {
    const data = png(1_600, 900, 2_000_000);
    const expected = imageTokens({ width: 1_600, height: 900 });
    expect(afterTools([imageBlock(data)])).toEqual(expected);
    expect(afterTool([imageBlock(data)])).toEqual(expected);
    expect(afterTool({ type: 'image', file: { base64: data, type: 'image/png' } })).toEqual(
      expected,
    );
    expect(afterTool([{ type: 'image', data, mimeType: 'image/png' }])).toEqual(expected);
    const stdout = `data:image/png;base64,${data}`;
    expect(afterTool({ stdout, stderr: '', isImage: true })).toEqual(expected);
  });

  test('one that cannot be read costs at most a few thousand tokens', () => {
    expect(afterTools([imageBlock(`iVBORw0KGgo${'A'.repeat(2_800_000)}`)])).toEqual(
      imageTokens(null),
    );
    expect(afterTools([{ type: 'image', source: { type: 'url', url: 'https://x' } }])).toEqual(
      imageTokens(null),
    );
  });

  test('of an edit no file is sent', () => {
    const file = 'x = 1\n'.repeat(100_000);
    const edit = {
      filePath: '/a',
      oldString: 'a',
      newString: 'b',
      originalFile: file,
      structuredPatch: [],
    };
    expect(afterTool(edit).current).toBeLessThan(60);
    expect(
      afterTool({ type: 'update', filePath: '/a', content: file, originalFile: file }).current,
    ).toBeLessThan(60);
    expect(
      afterTool({ notebook_path: '/a', original_file: file, updated_file: file }).current,
    ).toBeLessThan(60);
  });

  test('images and PDFs in objects of no known shape are taken by their size', () => {
    const data = png(1_600, 900, 1_000_000);
    const image = imageTokens({ width: 1_600, height: 900 }).current;
    const shapes: readonly unknown[] = [
      { content: [{ type: 'image', data, mimeType: 'image/png' }] },
      { type: 'resource', resource: { uri: 'a', mimeType: 'image/png', blob: data } },
      { type: 'tool_result', content: [{ type: 'image', source: { type: 'base64', data } }] },
      { cells: 1, outputs: { deep: [{ image_data: `data:image/png;base64,${data}` }] } },
    ];
    for (const shape of shapes) {
      expect(afterTool(shape).current).toBeGreaterThanOrEqual(image);
      expect(afterTool(shape).current).toBeLessThan(image + 150);
    }
    expect(afterTool({ type: 'audio', data, mimeType: 'audio/wav' }).current).toBeLessThan(100);
    expect(afterTool({ blob: `JVBERi0${data}` }).current).toBeLessThan(100_000);
    expect(afterTool({ edits: [], originalFileContents: data }).current).toBeLessThan(60);
  });

  test('pages of a PDF that were asked for are images', () => {
    const parts = { type: 'parts', file: { filePath: '/a.pdf', count: 20, outputDir: '/p' } };
    expect(afterTool(parts).current).toBe(20 * imageTokens({ width: 850, height: 1_100 }).current);
    const slide = { base64: png(1_333, 750, 60_000), mediaType: 'image/png' };
    expect(afterTool({ ...parts, pages: [slide, slide] }).current).toBe(
      2 * imageTokens({ width: 1_333, height: 750 }).current,
    );
  });

  test('text is counted whole, and several results are added', () => {
    const text = 'the quick brown fox jumps over the lazy dog. '.repeat(10_000);
    const one = afterTools(text).current;
    expect(one).toBeGreaterThan(100_000);
    expect(one).toBeLessThan(160_000);
    expect(afterTools(text, text).current).toBe(2 * one);
    expect(newContentTokens('prompt', {}, text)?.current).toBe(one);
  });

  test('what nobody knows is counted as the JSON it is; before a tool nothing is known', () => {
    const odd = { strange: Array.from({ length: 100 }, (_, i) => ({ row: i })) };
    expect(afterTool(odd).current).toBe(afterTools(JSON.stringify(odd)).current);
    expect(afterTool(null).current).toBe(0);
    expect(newContentTokens('turn-end', {}, null)).toBeNull();
  });
});
