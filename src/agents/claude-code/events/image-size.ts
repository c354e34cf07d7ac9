// The size of an image from its first bytes: PNG, JPEG, GIF and WebP, in base64 as the host hands them over. PURE.
import type { ImageSize } from '../../../domain/token-estimate.ts';

/** A JPEG tells its size behind its preview and profiles; no other format needs as much. */
const HEAD_CHARS = 400_000;

/** `null` for what is no such image, or is cut off before it tells its size. */
export function imageSizeOf(base64: string): ImageSize | null {
  // The short head first: most images tell their size in the first bytes.
  const head = Buffer.from(base64.slice(0, 64), 'base64');
  if (head.length < 10) return null;
  const size = isJpeg(head)
    ? jpegSize(Buffer.from(base64.slice(0, HEAD_CHARS), 'base64'))
    : (pngSize(head) ?? gifSize(head) ?? webpSize(head));
  return size !== null && size.width > 0 && size.height > 0 ? size : null;
}

const startsWith = (bytes: Buffer, text: string, at = 0): boolean =>
  bytes.toString('latin1', at, at + text.length) === text;

const isJpeg = (bytes: Buffer): boolean => startsWith(bytes, '\xff\xd8\xff');

function pngSize(bytes: Buffer): ImageSize | null {
  if (!startsWith(bytes, '\x89PNG\r\n') || !startsWith(bytes, 'IHDR', 12) || bytes.length < 24)
    return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function gifSize(bytes: Buffer): ImageSize | null {
  if (!startsWith(bytes, 'GIF8')) return null;
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

/** Lossy, lossless and extended files keep it in different places. */
function webpSize(bytes: Buffer): ImageSize | null {
  if (!startsWith(bytes, 'RIFF') || !startsWith(bytes, 'WEBPVP8', 8) || bytes.length < 30)
    return null;
  switch (bytes.toString('latin1', 15, 16)) {
    case ' ':
      return {
        width: bytes.readUInt16LE(26) & 0x3fff,
        height: bytes.readUInt16LE(28) & 0x3fff,
      };
    case 'L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return null;
  }
}

/** The first frame header; the segments before it are passed over by their lengths. */
function jpegSize(bytes: Buffer): ImageSize | null {
  for (let at = 2; at + 9 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    // Fill bytes stand alone; C4, C8 and CC are tables, no frames.
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    } else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}
