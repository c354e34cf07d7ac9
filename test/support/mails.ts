// Every kind of mail as a browser shows it: on a phone and on a desk, light and dark.
import type { Browser, Page } from 'playwright-core';
import { htmlText } from '../../src/alerts/html.ts';
import { ALERTS, DIGEST, messageAbout } from './alert-samples.ts';

/** Mails by the name of their kind: one alert of each, several at once, a digest. */
export const MAILS: ReadonlyMap<string, string> = new Map([
  ...ALERTS.map((alert, index): [string, string] => [
    `${index}-${alert.code.toLowerCase().replaceAll('_', '-')}`,
    htmlText(messageAbout([alert])),
  ]),
  ['several', htmlText(messageAbout(ALERTS))],
  ['digest', htmlText(messageAbout([{ code: 'DIGEST', channel: 'mail', digest: DIGEST }]))],
]);

export const VIEWS = [
  { name: 'phone', width: 360, height: 640 },
  { name: 'desk', width: 1_280, height: 800 },
] as const;
export const SCHEMES = ['light', 'dark'] as const;

/** Shows each mail in each view; `look` gets the page as it stands then. */
export async function showMails(
  browser: Browser,
  look: (page: Page, mail: string, view: string) => Promise<void>,
): Promise<void> {
  // One page for all: this browser ends with the first page that is closed.
  const page = await browser.newPage();
  for (const { name, width, height } of VIEWS) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme });
      for (const [mail, html] of MAILS) {
        await page.setContent(html);
        await look(page, mail, `${name}-${colorScheme}`);
      }
    }
  }
}
