// The words of a statement in every language, and how a language writes amounts, dates and counts. Rule: a document has no words but these,
// names, and what people have configured.
import type { Language, LineGroup } from '../domain/billing.ts';
import type { EpochMs } from '../domain/time.ts';

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE', fr: 'fr-FR' };

export interface Words {
  readonly statement: string;
  readonly draft: string;
  readonly draftNote: string;
  readonly from: string;
  readonly to: string;
  readonly taxId: string;
  readonly number: string;
  readonly date: string;
  readonly period: string;
  readonly timeZone: string;
  readonly reference: string;
  readonly rate: (currency: string, rate: string, on: string, source: string | null) => string;
  readonly rateName: string;
  readonly summary: string;
  readonly description: string;
  readonly requests: string;
  readonly cost: string;
  readonly amount: string;
  readonly share: string;
  readonly net: string;
  readonly total: string;
  readonly estimated: string;
  readonly unattributed: string;
  readonly others: (count: string) => string;
  readonly flat: string;
  readonly developer: string;
  readonly correction: (number: string, period: string) => string;
  readonly spread: string;
  readonly page: (page: number, count: number) => string;
  readonly by: Readonly<Record<LineGroup, string>>;
  readonly costNote: (exact: string) => string;
  readonly estimatedNote: (amount: string) => string;
  readonly unattributedNote: (what: string, amount: string) => string;
  readonly unknownNote: (count: string) => string;
  readonly roundedLine: string;
  readonly roundedTotal: string;
}

const EN: Words = {
  statement: 'Statement',
  draft: 'Draft statement',
  draftNote: 'Draft, not issued: it has no number, and its figures may still change.',
  from: 'From',
  to: 'To',
  taxId: 'Tax ID',
  number: 'Number',
  date: 'Date',
  period: 'Period',
  timeZone: 'Time zone',
  reference: 'Reference',
  rateName: 'Exchange rate',
  rate: (currency, rate, on, source) =>
    `1 USD = ${rate} ${currency}, ${on}${source === null ? '' : ` (${source})`}`,
  summary: 'Summary',
  description: 'Description',
  requests: 'Requests',
  cost: 'Cost (USD)',
  amount: 'Amount',
  share: 'Share',
  net: 'Net',
  total: 'Total',
  estimated: 'estimated',
  unattributed: '(unattributed)',
  others: (count) => `${count} others`,
  flat: 'Flat fee',
  developer: 'Developer',
  correction: (number, period) => `Correction of statement ${number} (${period})`,
  spread: 'Share of the difference to the provider’s bill, by cost',
  page: (page, count) => `Page ${page} of ${count}`,
  by: {
    repository: 'By project',
    branch: 'By branch',
    ticket: 'By ticket',
    developer: 'By developer',
    model: 'By model',
  },
  costNote: (exact) => `Cost of the period by the ledger, exactly: ${exact} USD.`,
  estimatedNote: (amount) =>
    `Of this, ${amount} USD is estimated: no usage record confirms it yet. If it turns out otherwise, the difference is on the next statement.`,
  unattributedNote: (what, amount) => `${amount} USD cannot be attributed (${what}).`,
  unknownNote: (count) =>
    `${count} requests went to models without a known price and are counted as the costliest of their family.`,
  roundedLine: 'Each line and each tax is rounded to the smallest unit of the currency.',
  roundedTotal:
    'Lines are exact and shown with four decimals; the net sum is rounded once, and each tax is worked out from it.',
};

const DE: Words = {
  statement: 'Abrechnung',
  draft: 'Entwurf einer Abrechnung',
  draftNote: 'Entwurf, nicht ausgestellt: ohne Nummer, und die Beträge können sich noch ändern.',
  from: 'Von',
  to: 'An',
  taxId: 'USt-IdNr.',
  number: 'Nummer',
  date: 'Datum',
  period: 'Zeitraum',
  timeZone: 'Zeitzone',
  reference: 'Referenz',
  rateName: 'Wechselkurs',
  rate: EN.rate,
  summary: 'Übersicht',
  description: 'Bezeichnung',
  requests: 'Anfragen',
  cost: 'Kosten (USD)',
  amount: 'Betrag',
  share: 'Anteil',
  net: 'Netto',
  total: 'Gesamtbetrag',
  estimated: 'geschätzt',
  unattributed: '(nicht zugeordnet)',
  others: (count) => `${count} weitere`,
  flat: 'Pauschale',
  developer: 'Entwickler',
  correction: (number, period) => `Korrektur der Abrechnung ${number} (${period})`,
  spread: 'Anteil an der Differenz zur Rechnung des Anbieters, nach Kosten',
  page: (page, count) => `Seite ${page} von ${count}`,
  by: {
    repository: 'Nach Projekt',
    branch: 'Nach Branch',
    ticket: 'Nach Ticket',
    developer: 'Nach Entwickler',
    model: 'Nach Modell',
  },
  costNote: (exact) => `Kosten des Zeitraums laut Aufzeichnung, genau: ${exact} USD.`,
  estimatedNote: (amount) =>
    `Davon sind ${amount} USD geschätzt: Noch bestätigt sie kein Verbrauchsbeleg. Ein Unterschied steht auf der nächsten Abrechnung.`,
  unattributedNote: (what, amount) => `${amount} USD sind nicht zuzuordnen (${what}).`,
  unknownNote: (count) =>
    `${count} Anfragen gingen an Modelle ohne bekannten Preis und zählen wie das teuerste ihrer Familie.`,
  roundedLine: 'Jede Zeile und jede Steuer ist auf die kleinste Einheit der Währung gerundet.',
  roundedTotal:
    'Die Zeilen sind genau und mit vier Nachkommastellen gezeigt; gerundet wird einmal, in der Nettosumme, aus der sich jede Steuer errechnet.',
};

const FR: Words = {
  statement: 'Relevé',
  draft: 'Projet de relevé',
  draftNote: 'Projet, non émis : sans numéro, et les montants peuvent encore changer.',
  from: 'De',
  to: 'À',
  taxId: 'N° de TVA',
  number: 'Numéro',
  date: 'Date',
  period: 'Période',
  timeZone: 'Fuseau horaire',
  reference: 'Référence',
  rateName: 'Taux de change',
  rate: EN.rate,
  summary: 'Récapitulatif',
  description: 'Désignation',
  requests: 'Requêtes',
  cost: 'Coût (USD)',
  amount: 'Montant',
  share: 'Part',
  net: 'Montant net',
  total: 'Total',
  estimated: 'estimé',
  unattributed: '(non attribué)',
  others: (count) => `${count} autres`,
  flat: 'Forfait',
  developer: 'Développeur',
  correction: (number, period) => `Correction du relevé ${number} (${period})`,
  spread: 'Part de l’écart avec la facture du fournisseur, selon le coût',
  page: (page, count) => `Page ${page} sur ${count}`,
  by: {
    repository: 'Par projet',
    branch: 'Par branche',
    ticket: 'Par ticket',
    developer: 'Par développeur',
    model: 'Par modèle',
  },
  costNote: (exact) => `Coût de la période selon le registre, exactement : ${exact} USD.`,
  estimatedNote: (amount) =>
    `Dont ${amount} USD estimés : aucun relevé d’usage ne les confirme encore. Un écart figurera sur le prochain relevé.`,
  unattributedNote: (what, amount) => `${amount} USD ne peuvent être attribués (${what}).`,
  unknownNote: (count) =>
    `${count} requêtes sont allées à des modèles sans prix connu et comptent comme le plus cher de leur famille.`,
  roundedLine: 'Chaque ligne et chaque taxe est arrondie à la plus petite unité de la monnaie.',
  roundedTotal:
    'Les lignes sont exactes et montrées avec quatre décimales ; le montant net est arrondi une fois, et chaque taxe est calculée sur lui.',
};

export const WORDS: Readonly<Record<Language, Words>> = { en: EN, de: DE, fr: FR };

/** How a language writes figures. */
export interface Figures {
  /** Decimal text with so many decimals; with a currency, an amount of it. */
  readonly decimal: (text: string, least: number, most: number, currency?: string) => string;
  readonly count: (count: number) => string;
  /** With so many decimals; where that is not said, with as many as it has, at most three. */
  readonly percent: (ratio: number, least?: number) => string;
  readonly date: (at: EpochMs, timeZone: string) => string;
}

export function figuresOf(language: Language): Figures {
  const locale = LOCALES[language];
  return {
    decimal: (text, least, most, currency) =>
      // As decimal text, which no float holds; versions of Node write different narrow blanks.
      steady(
        new Intl.NumberFormat(locale, {
          ...(currency === undefined ? {} : { style: 'currency', currency }),
          ...{ minimumFractionDigits: least, maximumFractionDigits: most },
        }).format(text as `${number}`),
      ),
    count: (count) => steady(new Intl.NumberFormat(locale).format(count)),
    percent: (ratio, least = 0) =>
      steady(
        new Intl.NumberFormat(locale, {
          ...{ style: 'percent', minimumFractionDigits: least },
          maximumFractionDigits: least || 3,
        }).format(ratio),
      ),
    date: (at, timeZone) =>
      steady(new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone }).format(at)),
  };
}

const steady = (text: string): string => text.replace(/[\u202f\u2009]/g, '\u00a0');
