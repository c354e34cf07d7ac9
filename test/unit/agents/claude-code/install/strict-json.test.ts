import { expect, test } from 'vitest';
import {
  isStrictJson,
  toStrictJson,
} from '../../../../../src/agents/claude-code/install/strict-json.ts';

test.each([
  ['{ "a": 1 } // end\n', '{ "a": 1 } \n'],
  ['{\n  /* one\n two */ "a": [1, 2, /* last */ ],\n}', '{\n   "a": [1, 2  ]\n}'],
  ['{"a": "// no /* comment", "b": ",]",}', '{"a": "// no /* comment", "b": ",]"}'],
  ['{ "a": 1 }', '{ "a": 1 }'],
  ['{\r\n\t"a": "\\"//",\r\n\t// b\r\n}\r\n', '{\r\n\t"a": "\\"//"\r\n\t\r\n}\r\n'],
])('%j', (text, strict) => {
  expect(toStrictJson(text)).toBe(strict);
  expect(isStrictJson(strict)).toBe(true);
});

test('an absent or empty file, and one with a byte order mark, are strict', () => {
  for (const text of [null, '', ' \n', '\uFEFF{}']) expect(isStrictJson(text)).toBe(true);
  for (const text of ['{,}', '// a', '{"a":1,}']) expect(isStrictJson(text)).toBe(false);
});
