/** A real browser: Debian's Chromium, driven by playwright-core. */

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished, test } from 'vitest';

const executables = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

const executablePath = executables.find((path) => path !== undefined && existsSync(path));

/** On a laptop without Chromium these tests are skipped by name; on CI that is a failure. */
export const browserTest =
  executablePath === undefined && process.env['CI'] === undefined ? test.skip : test;

/** It talks to nobody but the page: nothing of it may leave this machine. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-domain-reliability',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

export interface Window {
  page: Page;
  context: BrowserContext;
  /** Errors of scripts, refusals by the content security policy, requests to other hosts. */
  complaints: string[];
}

/** Starts one Chromium for the tests of a file; each gets a window of its own, with no cookies. */
export function openChromium(): (options?: BrowserContextOptions) => Promise<Window> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (executablePath === undefined) {
      if (process.env['CI'] === undefined) return;
      throw new Error('There is no Chromium on this machine: apt-get install chromium');
    }
    browser = await chromium.launch({ executablePath, args: flags });
  });
  afterAll(async () => {
    await browser?.close();
  });
  return async (options = {}) => {
    if (browser === undefined) throw new Error('Chromium was not started');
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      // A colour on its way to another one is nothing to judge.
      reducedMotion: 'reduce',
      ...options,
    });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // A page that answers 4xx is what some tests are about.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== 'data:' && hostname !== '127.0.0.1') complaints.push(request.url());
    });
    return { page, context, complaints };
  };
}
