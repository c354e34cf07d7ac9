// A real browser without a screen. A coverage run is told what its pages ran of our script.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';
import { coverageFolder } from './sandbox.ts';

/** Opens one; whoever opens it closes it. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await chromium.executablePath();
  const browser = await driver.launch({ executablePath, args: chromium.args });
  if (coverageFolder !== undefined) recordCoverage(browser, coverageFolder);
  return browser;
}

function recordCoverage(browser: Browser, folder: string): void {
  const pages: Page[] = [];
  const [newPage, close] = [browser.newPage.bind(browser), browser.close.bind(browser)];
  browser.newPage = async (options) => {
    const page = await newPage(options);
    await page.coverage.startJSCoverage({ resetOnNavigation: false });
    pages.push(page);
    return page;
  };
  browser.close = async (options) => {
    for (const page of pages.filter((each) => !each.isClosed())) {
      const result = await page.coverage.stopJSCoverage();
      const file = `browser-${process.pid}-${performance.now()}.json`;
      writeFileSync(join(folder, file), JSON.stringify({ result }));
    }
    await close(options);
  };
}
