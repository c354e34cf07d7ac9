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
    await page.coverage.startJSCoverage();
    pages.push(page);
    const goto = page.goto.bind(page);
    // What a page has run goes with it.
    page.goto = async (...words) => {
      await writeCoverage(page, folder);
      await page.coverage.startJSCoverage();
      return goto(...words);
    };
    return page;
  };
  browser.close = async (options) => {
    for (const page of pages.filter((each) => !each.isClosed())) await writeCoverage(page, folder);
    await close(options);
  };
}

async function writeCoverage(page: Page, folder: string): Promise<void> {
  const result = await page.coverage.stopJSCoverage();
  const file = `browser-${process.pid}-${performance.now()}.json`;
  writeFileSync(join(folder, file), JSON.stringify({ result }));
}
