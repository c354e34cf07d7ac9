// Laws of patterns: `*` and `?` mean what a regular expression with `.*` and `.` means.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesPattern } from '../../src/domain/pattern.ts';

test('a pattern matches what the regular expression of it matches', () => {
  const char = fc.constantFrom('a', 'b', '/', '.', '*', '?');
  fc.assert(
    fc.property(
      fc.string({ unit: char, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '\n'), maxLength: 10 }),
      (pattern, text) => {
        const source = pattern.replace(/\./g, '\\.').replace(/\*/g, '.*').replace(/\?/g, '.');
        expect(matchesPattern(pattern, text)).toBe(new RegExp(`^${source}$`, 's').test(text));
      },
    ),
    { numRuns: 5_000 },
  );
});
