// What helps where a transcript cannot be read: rights, what stands in its place, or a disk that fails. PURE.

const AWAY = 'Its disk does not work, or is not there: mend that first.';
const IN_PLACE = 'Put the file itself in its place.';
const FEWER_FILES = 'Too many files are open: end some programs, or raise the limit (ulimit -n).';
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ...['EIO', 'ENXIO', 'ENODEV', 'ESTALE', 'ETIMEDOUT', 'ENOTCONN', 'EHOSTDOWN'].map(
    (code): [string, string] => [code, AWAY],
  ),
  ...['IS_A_LINK', 'NOT_A_FILE', 'EISDIR', 'ELOOP'].map((code): [string, string] => [
    code,
    IN_PLACE,
  ]),
  ['EMFILE', FEWER_FILES],
  ['ENFILE', FEWER_FILES],
  ['READ_ONLY', 'Make it writable for you.'],
  ['OF_ANOTHER_USER', 'Make it your own (chown).'],
]);

/** What helps against a file that cannot be read, by why it cannot. */
export const remedyFor = (why: string): string => REMEDIES.get(why) ?? 'Make it readable for you.';
