// What a person is to know of the ledger and its seal, kept until somebody has told it: whoever finds it out may have nobody to tell.
import { appendFileSync, readFileSync, unlinkSync } from 'node:fs';
import { formatUsd } from '../../domain/money.ts';
import type { Restored } from './restored.ts';

export type SealNews =
  | ({ readonly kind: 'restored' } & Restored)
  /** The ledger lacked what its seal held last. */
  | { readonly kind: 'put-back' }
  /** Both files of the seal were gone or older than the ledger. */
  | { readonly kind: 'unproved'; readonly files: readonly string[] }
  /** One of them was missing or had been changed. */
  | { readonly kind: 'copied'; readonly file: string }
  | { readonly kind: 'unwritable'; readonly file: string; readonly reason: string };

const newsFile = (ledgerPath: string): string => `${ledgerPath}.news`;

/** Keeps it for the next who tells; a folder that cannot be written to has other witnesses. */
export function addNews(ledgerPath: string, news: SealNews): void {
  try {
    appendFileSync(newsFile(ledgerPath), `${JSON.stringify(news)}\n`, { mode: 0o600 });
  } catch {
    // The ledger itself cannot be written either, which is said.
  }
}

/** Takes what nobody has been told of yet, in words. */
export function takeNews(ledgerPath: string): readonly string[] {
  try {
    const text = readFileSync(newsFile(ledgerPath), 'utf8');
    unlinkSync(newsFile(ledgerPath));
    return text.split('\n').flatMap((line) => {
      const news = parsed(line);
      return news === null ? [] : [newsText(news)];
    });
  } catch {
    return []; // nothing is new
  }
}

function parsed(line: string): SealNews | null {
  try {
    return JSON.parse(line) as SealNews;
  } catch {
    return null;
  }
}

function newsText(news: SealNews): string {
  switch (news.kind) {
    case 'restored':
      return `Tollgate: ${restoredText(news)}`;
    case 'put-back':
      return 'Tollgate: the ledger lacked what was sealed last (a process was ended, or an older copy was put back); it was put back.';
    case 'unproved':
      return `Tollgate: the ledger's seal was missing or too old in both places (${news.files.join(', ')}). The ledger is as it was; its seal was written anew.`;
    case 'copied':
      return `Tollgate: the ledger's seal in ${news.file} was missing or had been changed; it was copied from the other place.`;
    case 'unwritable':
      return `Tollgate: the ledger's seal cannot be written to ${news.file} (${news.reason}); it is kept in one place only.`;
  }
}

const CAUSES: Readonly<Record<Restored['cause'], string>> = {
  gone: 'the ledger was missing or empty',
  foreign: "another program's file was in the ledger's place",
  damaged: 'the ledger was damaged',
  replaced: "another ledger was in the ledger's place",
  older: "an older copy was in the ledger's place",
  changed: 'the ledger had been changed by something else than Tollgate',
};

/** What happened and what came back, in words. */
export function restoredText(restored: Restored): string {
  const { cause, setAside, costNanoUsd, missingNanoUsd, lostLineCount, grantedNanoUsd } = restored;
  const came = [
    `${formatUsd(costNanoUsd)} of spend`,
    counted(restored.haltCount, 'halt'),
    `${counted(restored.grantCount, 'grant')} of ${formatUsd(grantedNanoUsd)}`,
    counted(restored.heldFileCount, 'accepted configuration file'),
    counted(restored.statementCount, 'statement'),
  ].join(', ');
  const lost =
    lostLineCount === 0
      ? ''
      : ` ${counted(lostLineCount, 'line')} of the seal could not be read: ${formatUsd(missingNanoUsd)} is missing as far as transcripts do not tell it.`;
  const kept = setAside === null ? '' : ` What was there is kept in ${setAside}.`;
  return `${CAUSES[cause]}; it was restored from its seal (${came}), and transcripts tell the rest.${lost}${kept}`;
}

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;
