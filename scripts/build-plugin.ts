// Builds `dist.plugin`: the Claude Code plugin, ready to run and to be published as the npm package `tollgate-plugin`, with
// the compiled addon of every platform inside. `npm run build:plugin`, after `npm run build`.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import {
  PLUGIN_SERVER_ENTRY,
  pluginHookEntries,
} from '../src/agents/claude-code/install/plugin-files.ts';
import { iconPng } from './plugin-icon.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = join(ROOT, 'plugin');
const CACHE = join(ROOT, 'node_modules', '.cache', 'tollgate');
/** The one with an addon for each platform in its package. */
const ADDON = 'better-sqlite3';
const ADDON_VERSION = '13.2.0';
const ADDON_INTEGRITY =
  'sha512-Z8Q/9x/uNyKxA1v4FNodyItRVRw1TeKBrmj32JhxhR0ceNcBY+wMobt/Bv7M7TzwPAXjnZRtNaEsATnUZSKWZQ==';
/** What of it runs; its sources and those of SQLite stay away. */
const ADDON_FILES = ['package.json', 'LICENSE', 'lib', 'prebuilds'];

const own = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const { name, version, description, license, author, homepage, repository, bugs } = own;
const about = { version, author, homepage, license };

// Built aside and moved into place: a session that runs the one before finds whole files.
const aside = join(ROOT, `dist.plugin-${process.pid}`);
const write = (path: string, content: string | Buffer) => {
  mkdirSync(join(aside, path, '..'), { recursive: true });
  writeFileSync(join(aside, path), content);
};
const writeJson = (path: string, value: object) =>
  write(path, `${JSON.stringify(value, null, 2)}\n`);

cpSync(join(ROOT, 'dist'), join(aside, 'dist'), {
  recursive: true,
  filter: (path) => basename(path) !== 'code-cache',
});
for (const path of ['skills', 'default-config.json', 'README.md']) {
  cpSync(join(SOURCES, path), join(aside, path), { recursive: true });
}
cpSync(join(ROOT, 'LICENSE'), join(aside, 'LICENSE'));
writeJson('.claude-plugin/plugin.json', {
  ...JSON.parse(readFileSync(join(SOURCES, 'plugin.json'), 'utf8')),
  ...{ ...about, author: { name: author }, repository: repository.url.replace(/^git\+/, '') },
  mcpServers: { [name]: PLUGIN_SERVER_ENTRY },
});
write('.claude-plugin/icon.png', iconPng());
writeJson('hooks/hooks.json', {
  hooks: Object.fromEntries(pluginHookEntries().map(({ event, group }) => [event, [group]])),
});
writeJson('package.json', {
  ...{ name: `${name}-plugin`, ...about, description: `${description} (Claude Code plugin)` },
  ...{ repository, bugs, type: 'commonjs', engines: { node: '>=22.14.0' } },
  dependencies: { [ADDON]: ADDON_VERSION },
  bundleDependencies: [ADDON],
  publishConfig: own.publishConfig,
});
const addon = fetchAddon();
for (const path of ADDON_FILES) {
  cpSync(join(addon, path), join(aside, 'node_modules', ADDON, path), { recursive: true });
}

const target = join(ROOT, 'dist.plugin');
rmSync(target, { recursive: true, force: true });
renameSync(aside, target);
console.log(`built the plugin ${version} in ${target}`);

/** The folder of the package, fetched from the registry once; only these very bytes. */
function fetchAddon(): string {
  const folder = join(CACHE, `${ADDON}-${ADDON_VERSION}-plugin`);
  if (!existsSync(folder)) {
    mkdirSync(CACHE, { recursive: true });
    const incoming = mkdtempSync(join(CACHE, `incoming-${process.pid}-`));
    const words = ['pack', `${ADDON}@${ADDON_VERSION}`, '--json', '--pack-destination', incoming];
    const [packed] = JSON.parse(
      execFileSync('npm', words, { cwd: incoming, encoding: 'utf8', timeout: 120_000 }),
    );
    if (packed.integrity !== ADDON_INTEGRITY) {
      throw new Error(`the registry's ${ADDON} ${ADDON_VERSION} is not the one that was checked`);
    }
    execFileSync('tar', ['-xzf', packed.filename], { cwd: incoming });
    renameSync(incoming, folder);
  }
  return join(folder, 'package');
}
