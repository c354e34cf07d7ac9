// The example of docs/statements-example.md: its commands are run over a ledger of one month, and what they print is what the page says.
// `npx vitest run test/e2e/statements-example.test.ts -u` writes it anew.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openSqliteStore } from '../../src/stores/sqlite/sqlite.ts';
import { runCli } from '../support/in-process-cli.ts';
import { recordAll, request } from '../support/ledger-entries.ts';
import { createSandbox, type Sandbox } from '../support/sandbox.ts';

const PAGE = join(import.meta.dirname, '..', '..', 'docs', 'statements-example.md');
const NOVEMBER = Date.parse('2026-11-03T09:00:00Z');
const DECEMBER = Date.parse('2026-12-02T09:00:00Z');

const CONFIG = {
  timeZone: 'Europe/Berlin',
  clients: [
    { repository: 'github.com/acme/*', client: 'Acme' },
    { repository: 'github.com/bolt/*', client: 'Bolt' },
  ],
  statements: {
    sender: { name: 'Agency Ltd', address: ['1 High Street', 'London'] },
    rates: [{ currency: 'EUR', on: '2026-10-30', rate: '0.92', source: 'ECB' }],
    clients: {
      '*': { taxes: [{ name: 'VAT', share: '20%' }] },
      Acme: { markUp: '15%', reference: 'PO-4711' },
      Bolt: { currency: 'EUR', markUp: '10%', lines: 'developer' },
    },
  },
  projects: {
    relaunch: {
      ...{ title: 'Relaunch of the shop', client: 'Acme', repositories: ['github.com/acme/shop'] },
      ...{ from: '2026-10-01', until: '2026-11-30', price: '9000.00', plannedCost: '90.00' },
      ...{ pullRequests: 30, kinds: { features: 'feat/*', bugs: 'fix/*' } },
    },
  },
};

let sandbox: Sandbox;
const home = (machine: string) => join(sandbox.root, machine);

/** A request a day for each of October's working days, by one developer. */
function work(machine: string, developer: string, repository: string, usd: number): void {
  mkdirSync(home(machine), { recursive: true, mode: 0o700 });
  const store = openSqliteStore(join(home(machine), 'ledger.db'));
  const client = repository.includes('acme') ? 'Acme' : 'Bolt';
  const days = Array.from({ length: 31 }, (_, index) => index + 1);
  const entries = days
    .filter((day) => (day + 2) % 7 > 1)
    .map((day) => {
      const kind = day % 3 === 0 ? 'fix' : 'feat';
      const branch = `${kind}/SHOP-${Math.ceil(day / 3)}`;
      return request({
        id: `${developer}-${repository}-${day}`,
        at: `2026-10-${String(day).padStart(2, '0')}T09:30:00Z`,
        session: `${developer}-${repository.split('/').at(-1)}-${Math.ceil(day / 7)}`,
        cost: Math.round(usd * (0.5 + ((day * 7) % 11) / 10) * 1e9),
        labels: {
          ...{ repository, client, branch, developer: machine === 'mia' ? null : developer },
          ...{ pullRequest: String(100 + Math.ceil(day / 3)), model: 'claude-opus-5-5' },
        },
      });
    });
  recordAll(store, entries);
  store.close();
}

beforeAll(async () => {
  sandbox = await createSandbox();
  const folder = join(sandbox.home, '.config/tollgate');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(CONFIG));
  work('agency', 'ben@agency.example', 'github.com/acme/shop', 2.2);
  work('agency', 'cara@agency.example', 'github.com/bolt/app', 1.4);
  work('mia', 'mia@agency.example', 'github.com/acme/shop', 1.3);
  work('mia', 'mia@agency.example', 'github.com/bolt/app', 0.4);
});
afterAll(() => sandbox.cleanup());

async function shown(now: number, words: string, machine = 'agency'): Promise<string> {
  const parts = words.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", '')) ?? [];
  const env = sandbox.env({ TOLLGATE_HOME: home(machine) });
  const { exitCode, stdout, stderr } = await runCli(sandbox, parts, {
    ...{ env, now, cwd: sandbox.root },
  });
  expect(exitCode, stderr).toBeLessThan(2);
  const said = `${stdout}${stderr}`
    .replaceAll(`${sandbox.root}/`, '')
    .replaceAll(hostname(), 'mias-laptop')
    .replace(/([0-9a-f]{4} ){7}[0-9a-f]{4}/g, '3f1c 90ab 77e0 41d2 5c0f 8a1e 22b7 93cd');
  return `\`\`\`\n$ tollgate ${words.replaceAll(`${sandbox.root}/`, '')}\n${said.trimEnd()}\n\`\`\``;
}

/** The same for what prints Markdown: quoted, so that it is a document within the page. */
async function quoted(now: number, words: string): Promise<string> {
  const text = await shown(now, words);
  const [, command = '', document = ''] = /^```\n(\$ .*)\n([\s\S]*)\n```$/.exec(text) ?? [];
  const lines = document.split('\n').map((line) => `> ${line}`.trimEnd());
  return `\`\`\`\n${command}\n\`\`\`\n\n${lines.join('\n')}`;
}

test('the page is what the commands print', async () => {
  const file = (name: string) => join(sandbox.root, name);
  const parts = [
    '# One month, two clients, three developers',
    'Ben and Cara work on the agency’s machine, Mia on her own. In October they work for Acme, whose shop is a project at a fixed price, and for Bolt. This page is written by [a test](../test/e2e/statements-example.test.ts) that runs every command; the ledger is made up, everything else is what is printed.',
    'The configuration, in the person’s own file:',
    `\`\`\`json\n${JSON.stringify(CONFIG, null, 2)}\n\`\`\``,
    '## Mia’s machine comes in',
    await shown(
      NOVEMBER,
      `export --developer mia@agency.example --out ${file('mia.bundle')}`,
      'mia',
    ),
    await shown(NOVEMBER, `import ${file('mia.bundle')}`),
    await shown(NOVEMBER, 'report --by client,developer --since 2026-10-01 --until 2026-10-31'),
    '## The statements of October',
    'First a draft, then both are issued; `--format pdf` is what is sent.',
    await quoted(NOVEMBER, 'statement --client Acme --month 2026-10'),
    await shown(
      NOVEMBER,
      `statement --all --month 2026-10 --issue --format pdf --out ${file('sent/')}`,
    ),
    await shown(NOVEMBER, 'statement --issued'),
    '## A correction, and a credit',
    'In November it turns out that one of Ben’s sessions was work for Bolt. The ledger is corrected; what was sent is not changed, and no longer holds:',
    await shown(DECEMBER, 'label --session ben@agency.example-shop-2 client=Bolt --yes'),
  ];
  expect(readdirSync(file('sent')).sort()).toEqual(['2026-0001.pdf', '2026-0002.pdf']);
  parts.push(
    await shown(DECEMBER, `statement --verify ${file('sent/2026-0001.pdf')}`),
    'The next statements say so: a credit for Acme, a correction for Bolt.',
    await quoted(DECEMBER, 'statement --client Acme --month 2026-11'),
    await quoted(DECEMBER, 'statement --client Bolt --month 2026-11'),
    '## The project goes over',
    'At the beginning of November, with a little more than half of its days gone, nine of thirty pull requests are merged:',
    await shown(NOVEMBER, 'project relaunch --merged 9'),
    'What features of such a kind cost is what the next quote can rest on; the same table is printed for every repository by `tollgate project --features`.',
  );
  await expect(`${parts.join('\n\n')}\n`).toMatchFileSnapshot(PAGE);
});
