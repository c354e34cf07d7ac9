// Draws the plugin's icon, a lowered barrier, as a PNG of 512 pixels.
import { crc32, deflateSync } from 'node:zlib';

const SIZE = 512;
type Color = readonly [red: number, green: number, blue: number];
const NIGHT: Color = [24, 32, 48];
const POST: Color = [236, 238, 242];
const RED: Color = [214, 62, 54];
const LAMP: Color = [250, 190, 64];

/** The icon's bytes. */
export function iconPng(): Buffer {
  // A filter byte before each row of three bytes a pixel.
  const rows = Buffer.alloc(SIZE * (1 + 3 * SIZE));
  for (let y = 0; y < SIZE; y += 1) {
    for (let x = 0; x < SIZE; x += 1) {
      rows.set(colorAt(x, y), y * (1 + 3 * SIZE) + 1 + 3 * x);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIZE, 0);
  header.writeUInt32BE(SIZE, 4);
  // Eight bits a channel, three channels.
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A post with a lamp on the left, a striped barrier across, a ground line below. */
function colorAt(x: number, y: number): Color {
  const isIn = (left: number, top: number, width: number, height: number) =>
    x >= left && x < left + width && y >= top && y < top + height;
  if (Math.hypot(x - 128, y - 132) < 34) return LAMP;
  if (isIn(64, 216, 400, 64)) return Math.floor((x - 64 + y - 216) / 50) % 2 === 0 ? RED : POST;
  if (isIn(96, 172, 64, 232)) return POST;
  if (isIn(64, 404, 384, 20)) return POST;
  return NIGHT;
}
