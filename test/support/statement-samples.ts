// Statements with a little of everything, for tests of how they look: corrections, taxes, discounts, long names, formulas, letters that are rare.
import type { ClientTerms } from '../../src/domain/billing.ts';
import { makeStatement } from '../../src/statements/make-statement.ts';
import type { CostRow, Statement } from '../../src/statements/statement.ts';

const TERMS: ClientTerms = {
  title: 'Łódź & Söhne <GmbH>',
  address: ['Große Straße 1', '10115 Berlin'],
  reference: 'PO-4711',
  language: 'de',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  charge: { kind: 'cost', markUpPpm: 150_000, developers: { 'mia@agency.example': 250_000 } },
  discounts: [{ text: 'Rabatt', sharePpm: 50_000 }],
  taxes: [{ name: 'USt', sharePpm: 190_000 }],
  rounding: 'total',
  lines: 'repository',
};

const RATE = { currency: 'EUR', on: '2026-10-31', rateNano: 921_500_000, source: 'ECB' };

function row(index: number, words: Partial<CostRow> = {}): CostRow {
  return {
    repository: `github.com/acme/shop-${index}`,
    branch: index % 3 === 0 ? null : `feat/A-${index}`,
    ticket: `A-${index % 7}`,
    developer: index % 2 === 0 ? 'mia@agency.example' : 'ben@agency.example',
    model: 'claude-opus-5-5',
    isEstimated: false,
    costNanoUsd: 12_345_678_901 + index * 1_000_003,
    requestCount: 100 + index,
    unknownCount: 0,
    ...words,
  };
}

/** `lineCount`: how many repositories there are. */
export function sampleStatement(lineCount = 3, terms: Partial<ClientTerms> = {}): Statement {
  const rows = Array.from({ length: lineCount }, (_, index) => row(index));
  return makeStatement({
    number: '2026-0007',
    client: 'Łódź',
    sender: {
      name: 'Agence Été',
      address: ['12 rue de l’Œuvre', '75001 Paris'],
      taxId: 'FR00123456789',
      logo: null,
      footer: 'Payable within 14 days.\nIBAN FR00 0000 0000',
    },
    terms: { ...TERMS, ...terms },
    rate: terms.currency === 'USD' ? null : RATE,
    startAt: Date.parse('2026-10-01T00:00:00+02:00'),
    endAt: Date.parse('2026-11-01T00:00:00+01:00'),
    madeAt: Date.parse('2026-11-03T09:00:00Z'),
    rows: [
      ...rows,
      row(1_000, {
        repository: '=HYPERLINK("http://evil.example","click")',
        branch: `feat/${'a-very-long-branch-name-'.repeat(8)}end`,
        isEstimated: true,
        unknownCount: 2,
      }),
      row(1_001, { repository: null, developer: null, ticket: null, branch: '<script>|*x*' }),
    ],
    otherLines: [
      {
        ...{ kind: 'correction', number: '2026-0003', costNanoUsd: -2_000_000_000 },
        ...{
          startAt: Date.parse('2026-08-31T22:00:00Z'),
          endAt: Date.parse('2026-09-30T22:00:00Z'),
        },
        ...{ exact: '-2.12', amount: '-2.12' },
      },
    ],
  });
}
