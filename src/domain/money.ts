// Money as whole nano-dollars. Rule: dollars enter as text and are parsed digit by digit; no float
// ever holds an amount that is added, compared or stored.

/** Whole nano-dollars (10⁻⁹ USD). Safe up to $9 007 199; the ledger refuses more. */
export type NanoUsd = number;

export const NANO_PER_USD = 1_000_000_000;
const DECIMALS = 9;
const ZERO = 0x30;

/**
 * Parses dollars written as text: `5`, `5.00`, `$0.10`, `1,250.5`.
 * Absence of a value and anything that is not a plain amount give `null`; more than nine decimals too,
 * because rounding somebody's ceiling in silence is worse than asking again.
 */
export function parseUsd(text: string): NanoUsd | null {
  const match = /^\s*(-?)\$?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,9}))?\s*$/.exec(text);
  if (!match) return null;
  const whole = Number((match[2] ?? '').replaceAll(',', ''));
  const fraction = Number((match[3] ?? '').padEnd(DECIMALS, '0'));
  const nano = whole * NANO_PER_USD + fraction;
  if (!Number.isSafeInteger(nano)) return null;
  return match[1] === '-' && nano !== 0 ? -nano : nano;
}

/** Exact dollars as text, without trailing zeros below the cent: `0.10`, `12.345678901`. */
export function exactUsd(nano: NanoUsd): string {
  const sign = nano < 0 ? '-' : '';
  const amount = Math.abs(nano);
  const whole = Math.floor(amount / NANO_PER_USD);
  const fraction = String(NANO_PER_USD + (amount - whole * NANO_PER_USD));
  let end = fraction.length;
  while (end > 3 && fraction.charCodeAt(end - 1) === ZERO) end -= 1;
  return `${sign}${whole}.${fraction.slice(1, end)}`;
}

/**
 * Dollars for people: cents; four decimals below ten cents, where cents would say little.
 * Amounts below $0.0001 show as `$0.0000…` digits rather than as zero.
 */
export function formatUsd(nano: NanoUsd): string {
  const sign = nano < 0 ? '-' : '';
  const amount = Math.abs(nano);
  if (amount >= NANO_PER_USD / 10 || amount % 10_000_000 === 0) {
    return `${sign}$${roundedText(amount, 2)}`;
  }
  if (amount !== 0 && amount < 100_000) return `${sign}$${exactUsd(amount)}`;
  return `${sign}$${roundedText(amount, 4)}`;
}

/** Dollars as a JSON number, for people's scripts only; `costNanoUsd` beside it is the truth. */
export function toUsdNumber(nano: NanoUsd): number {
  // One division of two whole numbers that are exact rounds as reading the decimals would.
  return nano / NANO_PER_USD;
}

function roundedText(amount: NanoUsd, decimals: number): string {
  const unit = 10 ** (DECIMALS - decimals);
  const units = Math.floor((amount + unit / 2) / unit);
  const digits = String(units).padStart(decimals + 1, '0');
  const whole = digits.slice(0, -decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${whole}.${digits.slice(-decimals)}`;
}

/** Divides an amount in proportion, without losing a nano-dollar: what is left over goes to the largest remainders, the first of equal ones. */
export function divide(amount: NanoUsd, weights: readonly NanoUsd[]): readonly NanoUsd[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total <= 0) return weights.map(() => 0);
  const parts = weights.map((weight) => {
    const product = BigInt(amount) * BigInt(weight);
    const share = product / BigInt(total);
    return { share: Number(share), rest: Math.abs(Number(product - share * BigInt(total))) };
  });
  const left = amount - parts.reduce((sum, { share }) => sum + share, 0);
  const order = parts
    .map((_, index) => index)
    .sort((a, b) => (parts[b]?.rest ?? 0) - (parts[a]?.rest ?? 0) || a - b);
  const lucky = new Set(order.slice(0, Math.abs(left)));
  return parts.map(({ share }, index) => share + (lucky.has(index) ? Math.sign(left) : 0));
}
