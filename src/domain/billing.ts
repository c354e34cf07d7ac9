// What people settle about bills to their clients: who pays, in which currency, and how cost becomes an amount. Rule: money is whole
// billionths of a currency's unit (as nano-dollars are), shares are millionths.

export const LANGUAGES = ['en', 'de', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** What the lines of a statement are: one for each of these. */
export const LINE_GROUPS = ['repository', 'branch', 'ticket', 'developer', 'model'] as const;
export type LineGroup = (typeof LINE_GROUPS)[number];

/** Who sends statements. */
export interface Sender {
  readonly name: string;
  readonly address: readonly string[];
  readonly taxId: string | null;
  /** Absolute path of a PNG or JPEG file. */
  readonly logo: string | null;
  /** Terms of payment and the like, at the end. */
  readonly footer: string | null;
}

/** What one dollar costs in a currency from a day on. */
export interface DatedRate {
  readonly currency: string;
  /** `2026-10-31` */
  readonly on: string;
  /** Billionths of the currency's unit for one dollar. */
  readonly rateNano: number;
  /** Who says so. */
  readonly source: string | null;
}

/** How cost becomes an amount. */
export type Charge =
  /** Cost and a share on top, for some developers another one. */
  | {
      readonly kind: 'cost';
      readonly markUpPpm: number;
      readonly developers: Readonly<Record<string, number>>;
    }
  /** One amount, whatever it has cost. */
  | { readonly kind: 'flat'; readonly amountNano: number }
  /** An amount for each developer who has cost something; `*`: those not named. */
  | { readonly kind: 'developer'; readonly amountsNano: Readonly<Record<string, number>> };

/** Taken off the sum of the lines: a share of it, or an amount. */
export type Discount =
  | { readonly text: string; readonly sharePpm: number }
  | { readonly text: string; readonly amountNano: number };

/** Added to what is to be paid. */
export interface Tax {
  readonly name: string;
  readonly sharePpm: number;
}

/** How one client is billed. */
export interface ClientTerms {
  /** The name on the document; `null`: the client's label. */
  readonly title: string | null;
  readonly address: readonly string[];
  /** An order number or the like. */
  readonly reference: string | null;
  readonly language: Language;
  /** IANA zone of its months and days. */
  readonly timeZone: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly charge: Charge;
  readonly discounts: readonly Discount[];
  readonly taxes: readonly Tax[];
  /** Where amounts are rounded: each line, or the sum alone. */
  readonly rounding: 'line' | 'total';
  readonly lines: LineGroup;
}

/** Everything about statements. */
export interface StatementSettings {
  readonly sender: Sender | null;
  /** `{year}`, `{month}`, `{client}`, and `{sequence}` or `{sequence:4}`. */
  readonly numberPattern: string;
  readonly rates: readonly DatedRate[];
  /** By client; `*`: what holds for those that say nothing else. */
  readonly clients: Readonly<Record<string, Partial<ClientTerms>>>;
}
