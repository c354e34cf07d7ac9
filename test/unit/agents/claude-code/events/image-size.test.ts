// Sizes in the headers of images as encoders write them: the first bytes of each kind, made by hand after its specification.
import { expect, test } from 'vitest';
import { imageSizeOf } from '../../../../../src/agents/claude-code/events/image-size.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex').toString('base64');
const pad = '00'.repeat(32);

/** A JPEG whose frame stands behind a profile of so many bytes. */
function jpeg(profileBytes: number): string {
  const parts = [Buffer.from('ffd8ffe000104a46494600010101004800480000', 'hex')];
  for (let left = profileBytes; left > 0; left -= 60_000) {
    const length = Math.min(left, 60_000);
    const segment = Buffer.alloc(length + 4, 1);
    segment.writeUInt16BE(0xffe2, 0);
    segment.writeUInt16BE(length + 2, 2);
    parts.push(segment);
  }
  parts.push(
    Buffer.from(
      'ffc4000401 02 ffc2001108 0258 0320 03012200021101031101'.replaceAll(' ', ''),
      'hex',
    ),
  );
  return Buffer.concat(parts).toString('base64');
}

test.each([
  [
    'PNG',
    hex(`89504e470d0a1a0a 0000000d 49484452 00000780 00000438 0802000000${pad}`),
    1_920,
    1_080,
  ],
  ['GIF', hex(`474946383961 4001 c800 f00000${pad}`), 320, 200],
  [
    'WebP, lossy',
    hex(`52494646 24000000 57454250 56503820 18000000 300100 9d012a 2003 5802 ${pad}`),
    800,
    600,
  ],
  [
    'WebP, lossless',
    hex(`52494646 24000000 57454250 5650384c 18000000 2f 1fc39500 ${pad}`),
    800,
    600,
  ],
  [
    'WebP, extended',
    hex(`52494646 24000000 57454250 56503858 0a000000 10000000 1f0300 570200 ${pad}`),
    800,
    600,
  ],
  ['JPEG', jpeg(0), 800, 600],
  ['JPEG with a large profile', jpeg(200_000), 800, 600],
])('%s', (_, data, width, height) => {
  expect(imageSizeOf(data)).toEqual({ width, height });
});

test.each([
  ['nothing', ''],
  ['text', Buffer.from('not an image at all, only words').toString('base64')],
  ['a PNG without a size', `iVBORw0KGgo${'A'.repeat(100)}`],
  ['a JPEG cut off', jpeg(600_000)],
  ['a JPEG that goes wrong', hex(`ffd8ffe0 0002 0000 ${pad}`)],
])('%s has no size', (_, data) => {
  expect(imageSizeOf(data)).toBeNull();
});
