// Every kind of mail in a real browser, at the width of a phone and of a desk, light and dark: nothing runs out of the page, nothing is too small or
// too pale to read, and what, how much, where and what to do stand below each other in this order.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { MAILS, SCHEMES, showMails, VIEWS } from '../support/mails.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SMALLEST_PX = 13;
/** Mails that have every part between them; their colours are those of all, at any width. */
const COLOURED: ReadonlySet<string> = new Set(['several', 'digest']);

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

interface Seen {
  /** How far the page goes beyond the screen. */
  readonly overflowPx: number;
  /** Parts of each card from top to bottom, without those that digests add. */
  readonly orders: readonly string[];
  readonly smallestPx: number;
  readonly background: string;
  /** What axe finds, where it was loaded: rule and element. */
  readonly findings: readonly string[];
}

/** Runs in the page, and comes to a `Seen`. */
const SEE = `(async () => {
  const cards = [...document.querySelectorAll('.card')];
  const sizeOf = (each) => Number.parseFloat(getComputedStyle(each).fontSize);
  const topOf = (each) => each.getBoundingClientRect().top;
  const { axe } = globalThis;
  delete globalThis.axe;
  const { violations } = (await axe?.run({ runOnly: ['wcag2a', 'wcag2aa'] })) ?? { violations: [] };
  return {
    overflowPx: document.documentElement.scrollWidth - window.innerWidth,
    orders: cards.map((card) =>
      [...card.children]
        .sort((a, b) => topOf(a) - topOf(b))
        .map(({ className }) => className)
        .filter((part) => part !== 'heading' && part !== 'row')
        .join(' '),
    ),
    smallestPx: Math.min(...[...document.querySelectorAll('p, span')].map(sizeOf)),
    background: getComputedStyle(document.body).backgroundColor,
    findings: violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)),
  };
})()`;

test('every kind of mail reads well on a phone and on a desk, light and dark', async () => {
  const backgrounds = new Map<string, string>();
  let count = 0;
  await showMails(browser, async (page, mail, view) => {
    if (COLOURED.has(mail) && view.startsWith('phone')) await page.evaluate(AXE);
    const seen = await page.evaluate<Seen>(SEE);
    const at = `${mail} ${view}`;
    expect([at, seen.overflowPx, seen.findings]).toEqual([at, 0, []]);
    expect(seen.smallestPx).toBeGreaterThanOrEqual(SMALLEST_PX);
    for (const order of seen.orders) expect(order).toMatch(/^what( amount)?( where)?( action)?$/);
    expect(seen.orders.length).toBeGreaterThan(0);
    backgrounds.set(view, seen.background);
    count += 1;
  });
  expect(count).toBe(MAILS.size * VIEWS.length * SCHEMES.length);
  expect(backgrounds.get('phone-dark')).not.toBe(backgrounds.get('phone-light'));
});
