// What Windows, WSL and macOS write of one thing: folders, remotes, git's configuration and settings, in any spelling of theirs.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planInstall, planUninstall } from '../../src/agents/claude-code/install/settings-text.ts';
import { parseGitConfig } from '../../src/attribution/git-config.ts';
import { nameRemote } from '../../src/attribution/remote.ts';
import { localPath } from '../../src/runtime/local-path.ts';
import { runs } from '../support/runs.ts';

const options = { numRuns: runs(500) };

/** A name that both systems can have. */
const name = fc
  .stringMatching(/^[A-Za-z0-9äß東é&' ()_.-]{1,12}$/u)
  .map((text) => `n${text.trim()}`)
  .filter((text) => !/[. ]$/.test(text) && !/\.git$/i.test(text));
const names = fc.array(name, { minLength: 1, maxLength: 5 });
const drive = fc.constantFrom(...'cdezCDEZ');

/** Every way to write a folder on a drive; `native` is the plain one. */
const spellings = (letter: string, parts: readonly string[]) => {
  const [back, slashed] = [parts.join('\\'), parts.join('/')];
  const native = `${letter}:\\${back}`;
  return {
    native,
    all: [
      ...[native, `${letter}:/${slashed}`, `${letter}:\\${slashed}`, `\\\\?\\${native}`],
      ...[`\\\\.\\${native}`, `/${letter}/${slashed}`, `/mnt/${letter}/${slashed}`],
      ...[`/cygdrive/${letter}/${slashed}`, `${letter}:\\x\\..\\${back}`],
    ],
  };
};

describe('folders', () => {
  const system = (platform: NodeJS.Platform, wslName: string | null = null) => ({
    platform,
    wslName,
  });

  test('are one on Windows, and one in WSL', () => {
    fc.assert(
      fc.property(drive, names, (letter, parts) => {
        const { native, all } = spellings(letter, parts);
        for (const spelling of all) {
          expect(localPath(spelling, system('win32'))).toBe(native);
        }
        const inWsl = `/mnt/${letter.toLowerCase()}/${parts.join('/')}`;
        expect(localPath(native, system('linux', 'Debian'))).toBe(inWsl);
      }),
      options,
    );
  });

  test('of another system are none here', () => {
    fc.assert(
      fc.property(drive, names, (letter, parts) => {
        const { native } = spellings(letter, parts);
        const ofMac = `/Users/${parts.join('/')}`;
        expect(localPath(native, system('darwin'))).toBeNull();
        expect(localPath(native, system('linux'))).toBeNull();
        expect(localPath(ofMac, system('darwin'))).toBe(ofMac);
        expect(localPath(parts.join('\\'), system('win32'))).toBeNull();
      }),
      options,
    );
  });
});

test('remotes that are folders of Windows have one name', () => {
  fc.assert(
    fc.property(drive, names, (letter, parts) => {
      const { native } = spellings(letter.toUpperCase(), parts);
      const slashed = `${letter}:/${parts.join('/')}`;
      for (const url of [
        native,
        slashed,
        `${slashed}.git`,
        `${slashed}/.git/`,
        `\\\\?\\${native}`,
      ]) {
        expect(nameRemote(url)?.name).toBe(native);
      }
      const share = `//server/${parts.join('/')}`;
      expect(nameRemote(share.replaceAll('/', '\\'))?.name).toBe(nameRemote(share)?.name);
    }),
    options,
  );
});

test('git’s configuration says the same with the line ends of Windows', () => {
  fc.assert(
    fc.property(names, fc.boolean(), (parts, isQuoted) => {
      const url = `https://host.example/${parts.join('/')}`;
      const value = isQuoted ? `"${url}"` : url;
      const text = `[remote "origin"]\n\turl = ${value} ; ours\n[user]\n\tname = ${parts[0]}\n`;
      expect(parseGitConfig(text.replaceAll('\n', '\r\n'))).toEqual(parseGitConfig(text));
      expect(parseGitConfig(`\uFEFF${text}`)).toEqual(parseGitConfig(text));
    }),
    options,
  );
});

test('settings of any line end, with and without a byte order mark, come back as they were', () => {
  const hook = {
    ...({ type: 'command', command: 'C:\\n\\node.exe', timeout: 10 } as const),
    args: ['C:\\t\\dist\\hooks\\stop.cjs', '--tollgate'],
  };
  const hookEntries = [
    {
      event: 'Stop',
      group: { hooks: [hook] as const },
    },
  ];
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.jsonValue(), { minKeys: 1 }),
      fc.constantFrom('\n', '\r\n'),
      fc.constantFrom('', '\uFEFF'),
      fc.constantFrom<string | number>(2, 4, '\t'),
      (settings, lineEnd, mark, indent) => {
        const { hooks: _, ...rest } = settings as { readonly hooks?: unknown };
        const text = mark + `${JSON.stringify(rest, null, indent)}\n`.replaceAll('\n', lineEnd);
        const settingsPath = 'C:\\shop\\.claude\\settings.json';
        const planned = planInstall({ settingsPath, text, hookEntries });
        expect(planned).toMatchObject({ ok: true, changed: true });
        const nextText = planned.ok ? planned.nextText : '';
        expect(/(?<!\r)\n/.test(nextText)).toBe(lineEnd === '\n');
        expect(planUninstall({ settingsPath, text: nextText })).toMatchObject({ nextText: text });
      },
    ),
    options,
  );
});
