// Objects in text that is not one to a line: which are found, where reading goes on, and what counts as lost.
import { describe, expect, test } from 'vitest';
import {
  mayHaveSpent,
  recoverObjects,
} from '../../../../../src/agents/claude-code/transcript/recover-lines.ts';

const line = (name: string) => JSON.stringify({ type: 'user', sessionId: 's', name });
const response = (name: string) =>
  JSON.stringify({ type: 'assistant', sessionId: 's', name, message: { usage: {} } });

function recover(text: string, { at = 0, isOpen = false } = {}) {
  const buffer = Buffer.from(text);
  const found = recoverObjects(buffer, at, buffer.length, isOpen);
  return {
    ...{ nextAt: found.nextAt, isUnfinished: found.isUnfinished, lost: found.unusableCount },
    places: found.objects.map(({ at: place }) => place),
    names: found.objects.map(({ value }) => (value as { name?: string }).name),
  };
}

describe('a piece', () => {
  test.each([
    ['"usage":{}', true],
    ['x_tokens": 5', true],
    ['"costUSD":1', true],
    ['"totalCostUSD":1', true],
    ['"role":"assistant"', true],
    ['"requestId":"r"', true],
    ['"stop_reason":null', true],
    ['{"parentUuid":null', true],
    ['  \0{"parentUuid":null', true],
    ['{"type":"user","x"', false],
    ['{"role" : "user","x"', false],
    ['"parentUuid":null', false],
    ['usage', false],
    ['', false],
  ])('%j may have spent: %s', (piece, may) => {
    expect(mayHaveSpent(piece)).toBe(may);
  });
});

describe('whole objects', () => {
  test('glued to each other are found, each at its place', () => {
    const text = line('a') + line('b');
    expect(recover(text)).toEqual({
      ...{ names: ['a', 'b'], places: [0, line('a').length], nextAt: text.length },
      ...{ isUnfinished: false, lost: 0 },
    });
  });

  test('over several lines are found', () => {
    const text = `${JSON.stringify(JSON.parse(line('a')), null, 1)}\n`;
    expect(recover(text)).toMatchObject({ names: ['a'], nextAt: text.length, lost: 0 });
  });

  test('with zero bytes before and inside them are found', () => {
    const text = `\0\0${line('a').replace('"name"', '\0"name"')}`;
    expect(recover(text)).toMatchObject({ names: ['a'], places: [2], lost: 0 });
  });

  test('are counted in bytes, not in letters', () => {
    const first = line('日本');
    expect(recover(first + line('b'))).toMatchObject({
      ...{ names: ['日本', 'b'], places: [0, Buffer.byteLength(first)] },
    });
  });

  test('may have braces and quotes in their strings', () => {
    expect(recover(line('}{"\\') + line('b'))).toMatchObject({ names: ['}{"\\', 'b'], lost: 0 });
  });

  test('are read up to the next line that begins with one', () => {
    const text = `x${line('a')}\n \n${line('b')}\n`;
    expect(recover(text)).toMatchObject({ names: ['a'], nextAt: text.lastIndexOf('{"type"') });
    const marked = `x${line('a')}\n\ufeff${line('b')}\n`;
    expect(recover(marked)).toMatchObject({ names: ['a'], nextAt: `x${line('a')}\n`.length });
    expect(recover(text, { at: 1 })).toMatchObject({ places: [1] });
  });

  test('with something else around them that may have spent are found, and it is lost', () => {
    expect(recover(`"usage": ${line('a')}`)).toMatchObject({ names: ['a'], lost: 1 });
    expect(recover(`${line('a')} "usage"`)).toMatchObject({ names: ['a'], lost: 1 });
    expect(recover(`noise ${line('a')} noise`)).toMatchObject({ names: ['a'], lost: 0 });
  });

  test('without any there is only what is left over', () => {
    expect(recover('noise\n')).toMatchObject({ names: [], nextAt: 6, lost: 0 });
    expect(recover('"usage"\n')).toMatchObject({ names: [], nextAt: 8, lost: 1 });
  });
});

describe('a torn line', () => {
  test('with a whole one right behind it costs itself only', () => {
    const torn = response('a').slice(0, -4);
    const text = `${torn}${line('b')}\n`;
    expect(recover(text)).toMatchObject({ names: ['b'], places: [torn.length], lost: 1 });
  });

  test('of another kind loses nothing that was spent', () => {
    expect(recover(`${line('a').slice(0, -4)}${line('b')}\n`)).toMatchObject({
      ...{ names: ['b'], lost: 0 },
    });
  });

  test('inside a string ends with its line', () => {
    const text = `${response('abc').slice(0, 40)}\n${line('b')}\n`;
    const first = recover(text);
    expect(first).toMatchObject({ names: [], isUnfinished: false, lost: 1 });
    expect(recover(text, { at: first.nextAt })).toMatchObject({ names: ['b'] });
  });

  test('keeps the message that stands in it, and is not lost then', () => {
    const message = '{"type":"message","usage":{"input_tokens":1},"name":"m"}';
    expect(recover(`{"x":"torn${message}\n`)).toMatchObject({ names: ['m'], lost: 0 });
    // A line that stands in it may be any other than the one that was torn.
    expect(recover(`{"usage":"torn${line('b')}\n`)).toMatchObject({ names: ['b'], lost: 1 });
  });

  test('keeps no other object', () => {
    const text = `{"x":{"name":"a"},"y":{"type":"t","name":"b"},"z":{"usage":{},"name":"c"}\n{"type":"user"}\n`;
    expect(recover(text)).toMatchObject({ names: [], lost: 1 });
  });

  test('whose braces match and that is no JSON is passed over', () => {
    expect(recover(`{"type":"user",}${line('b')}\n`)).toMatchObject({ names: ['b'], lost: 0 });
    expect(recover(`{"usage":,}${line('b')}\n`)).toMatchObject({ names: ['b'], lost: 1 });
  });
});

describe('a torn piece', () => {
  const message = '{"type":"message","usage":{},"name":"m"}';

  test('inside a string ends with its line, whatever stands around the next object', () => {
    expect(recover(`{"a":"torn\nnoise ${line('b')} noise\n`)).toMatchObject({
      ...{ names: ['b'], isUnfinished: false },
    });
  });

  test.each([
    ['as the last line', '{"usage":,}\n', false],
    ['with something behind it', '{"usage":,} "usage"\n', false],
    ['without an end of its line', '{"usage":,} "usage"', true],
    ['over two lines', '{"usage":,\n"usage":1}\n', false],
  ])('whose braces match is one: %s', (_, text, isOpen) => {
    expect(recover(text, { isOpen })).toMatchObject({ lost: 1, isUnfinished: false });
  });

  test.each([['message'], ['sessionId'], ['timestamp']])(
    'keeps a line of a transcript, known by its %s',
    (key) => {
      const inside = JSON.stringify({ type: 'user', [key]: 'x', name: 'b' });
      expect(recover(`{"x":1,${inside}\n`)).toMatchObject({ names: ['b'] });
      expect(recover(`{"x":1,${inside.replace('"type"', '"kind"')}\n{"a":1}\n`).names).toEqual([]);
    },
  );

  test('of a user around a whole response loses nothing', () => {
    const torn = '{"type":"user","x":1,';
    expect(recover(`${torn}${response('a')}\n`)).toMatchObject({ names: ['a'], lost: 0 });
  });

  test('that spent is lost though a whole line with a usage of its own stands in it', () => {
    const whole = JSON.stringify({ type: 'assistant', timestamp: 't', usage: {}, name: 'b' });
    expect(recover(`{"usage":1,${whole}\n`)).toMatchObject({ names: ['b'], lost: 1 });
    expect(recover(`{"usage":1,${message}\n`)).toMatchObject({ names: ['m'], lost: 0 });
  });

  test('is searched at two thousand beginnings', () => {
    const torn = (count: number) => recover(`${'{'.repeat(count)}${line('b')}\n{"a":1}\n`).names;
    expect([torn(1_999), torn(2_000)]).toEqual([['b'], []]);
  });
});

describe('the last line', () => {
  test('may still be written: reading goes on at its beginning', () => {
    const text = `${line('a')}{"type":"assistant","usage`;
    expect(recover(text, { isOpen: true })).toEqual({
      ...{ names: ['a'], places: [0], nextAt: line('a').length, isUnfinished: true, lost: 0 },
    });
    expect(recover(`"usage" ${text}`, { isOpen: true })).toMatchObject({ lost: 1 });
  });

  test('with an end of its own may go on over several lines', () => {
    expect(recover('{"type":"assistant",\n"usage":{\n')).toMatchObject({
      ...{ names: [], nextAt: 0, isUnfinished: true, lost: 0 },
    });
  });

  test('that ends with a whole one is torn, and what follows is read', () => {
    const torn = response('a').slice(0, -4);
    expect(recover(`${torn}${line('b')}\n`)).toMatchObject({ isUnfinished: false, names: ['b'] });
    const message = '{"type":"message","usage":{}}';
    // Over several lines a message may be a part of the object that is being written.
    expect(recover(`{"type":"assistant",\n"message":${message}\n`)).toMatchObject({
      ...{ isUnfinished: true, nextAt: 0 },
    });
    expect(recover(`{"a":1,\n"b":${line('b')} \n`)).toMatchObject({
      ...{ isUnfinished: false, names: ['b'] },
    });
    expect(recover(`{"a":1,\n"m":${message},"b":${line('b')}\n`)).toMatchObject({
      ...{ isUnfinished: false, names: [undefined, 'b'] },
    });
    expect(recover(`{"a":1,${message}\n`)).toMatchObject({ isUnfinished: false });
  });

  test('with a whole one inside that something follows goes on', () => {
    expect(recover(`{"a":1,\n"b":${line('b')}, "c":\n`)).toMatchObject({
      ...{ names: [], isUnfinished: true, nextAt: 0 },
    });
    expect(recover(`{"a":1,"b":${line('b')}, "c":\n`)).toMatchObject({ isUnfinished: true });
    expect(recover('{"a":1,\n\n"c":\n')).toMatchObject({ isUnfinished: true });
  });
});
