/**
 * `npm run docs:images`: pictures of the pages of Setup for docs/setup-pages.md, light, dark and on a
 * narrow screen, Needs Chromium: CHROMIUM=/path, or Debian's.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { staged } from './staged-org.mjs';

const images = new URL('images/', import.meta.url);
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-sync',
];

const { org, pages } = await staged();

/**
 * Suffix of the picture -> screen.
 *
 * @type {Record<string, import('playwright-core').BrowserContextOptions>}
 */
const screens = {
  light: { colorScheme: 'light', viewport: { width: 1100, height: 720 } },
  dark: { colorScheme: 'dark', viewport: { width: 1100, height: 720 } },
  narrow: { colorScheme: 'light', viewport: { width: 360, height: 720 } },
};

/**
 * WebP is half the size of PNG, which is all that the method of the page can. Chromium at times
 * cannot capture a page that it has only just drawn.
 *
 * @param {import('playwright-core').CDPSession} protocol
 * @returns {Promise<string>}
 */
async function capture(protocol, tries = 5) {
  try {
    const options = { format: /** @type {const} */ ('webp'), quality: 60 };
    return (await protocol.send('Page.captureScreenshot', options)).data;
  } catch (error) {
    if (tries === 1) throw error;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return capture(protocol, tries - 1);
  }
}

mkdirSync(images, { recursive: true });
const browser = await chromium.launch({ executablePath, args: flags });
try {
  for (const [screen, options] of Object.entries(screens)) {
    const context = await browser.newContext({
      baseURL: org.url,
      reducedMotion: 'reduce',
      ...options,
    });
    const page = await context.newPage();
    await page.goto(org.setupUrl);
    const protocol = await context.newCDPSession(page);
    for (const [name, path] of Object.entries(pages)) {
      const answer = await page.goto(path);
      if (answer?.ok() !== true) throw new Error(`${path} answers ${answer?.status()}`);
      const data = await capture(protocol);
      writeFileSync(new URL(`${name}-${screen}.webp`, images), Buffer.from(data, 'base64'));
    }
    await context.close();
  }
} finally {
  await browser.close();
  await org.close();
}
