// Exact amounts of any currency. Rule: everything before rounding is a whole number of 10⁻³⁰ units, so that cost × share × rate × share
// loses nothing; rounding happens where a statement says so, and nowhere else.

/** Whole 10⁻³⁰ units of a currency. */
export type Exact = bigint;

const DECIMALS = 30;
const PPM = 1_000_000n;
/** 10⁻⁹ → 10⁻³⁰ */
const FROM_NANO = 10n ** 21n;

/** What nano-dollars come to at a factor (millionths) and a rate (billionths of a unit for a dollar). */
export const converted = (nanoUsd: number, factorPpm: number, rateNano: number): Exact =>
  BigInt(nanoUsd) * BigInt(factorPpm) * BigInt(rateNano) * PPM;

/** An amount that is written in the configuration. */
export const exactOf = (nano: number): Exact => BigInt(nano) * FROM_NANO;

/** A share of an amount; shares of converted and of written amounts are whole. */
export const shareOf = (amount: Exact, sharePpm: number): Exact =>
  roundedQuotient(amount * BigInt(sharePpm), PPM);

/** How many decimals a currency has: 2 for EUR, 0 for JPY. */
export const decimalsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
    .maximumFractionDigits ?? 2;

/** To so many decimals, half away from zero. */
export function rounded(amount: Exact, decimals: number): Exact {
  const unit = 10n ** BigInt(DECIMALS - decimals);
  return roundedQuotient(amount, unit) * unit;
}

function roundedQuotient(amount: bigint, unit: bigint): bigint {
  const half = unit / 2n;
  return (amount < 0n ? amount - half : amount + half) / unit;
}

/** Decimal text without trailing zeros beyond `least` decimals: `12.50`, `0.123456`. */
export function decimalText(amount: Exact, least = 0): string {
  const digits = String(amount < 0n ? -amount : amount).padStart(DECIMALS + 1, '0');
  const whole = digits.slice(0, -DECIMALS);
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, '').padEnd(least, '0');
  return `${amount < 0n ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

/** The other way round. Throws `SyntaxError` for what is no such text. */
export function parseDecimal(text: string): Exact {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const amount = BigInt(whole + fraction.padEnd(DECIMALS, '0'));
  return text.startsWith('-') ? -amount : amount;
}
