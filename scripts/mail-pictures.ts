// Takes pictures of mails as a browser shows them. `npm run mail-pictures` writes those that the documentation shows to docs/images/*.png;
// with a folder behind it, every kind of mail in every view.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openBrowser } from '../test/support/browser.ts';
import { showMails } from '../test/support/mails.ts';

const KEPT: ReadonlySet<string> = new Set([
  '3-session-halted-phone-light',
  '3-session-halted-phone-dark',
  'digest-phone-light',
]);

const given = process.argv[2];
const folder = given ?? join(process.env.TOLLGATE_CHECKOUT ?? process.cwd(), 'docs', 'images');
mkdirSync(folder, { recursive: true });
const browser = await openBrowser();
try {
  await showMails(browser, async (page, mail, view) => {
    if (given === undefined && !KEPT.has(`${mail}-${view}`)) return;
    const name = `${given === undefined ? `mail-${mail.replace(/^\d+-/, '')}` : mail}-${view}.png`;
    await page.locator('body').screenshot({ path: join(folder, name) });
  });
} finally {
  await browser.close();
}
