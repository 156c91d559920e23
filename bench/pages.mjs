// The pages of Setup: what each weighs, what the org spends on it, and when Chromium shows the first
// of it, on loopback, with nothing cached. The first row is a page without style, script or org.
//   npm run bench:pages [-- ROUNDS]
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { staged } from '../docs/staged-org.mjs';
import { publish, table } from './benchmarks-page.mjs';
import { median } from './stopwatch.mjs';

const rounds = Number(process.argv[2] ?? 7);
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError('usage: pages.mjs [ROUNDS]');

/** What is to be reached: see docs/setup-pages.md. */
const mostBytes = 150_000;
const longestPaint = 100;

/**
 * @typedef {object} Visit
 * @property {number} html Bytes, before any compression: the org compresses nothing.
 * @property {number} css
 * @property {number} js
 * @property {number} paint Milliseconds from the click to the first words on the screen.
 */

/** Runs in the page. A paint that is still to come is waited for. */
const measure = `new Promise((resolve) => {
  const size = (end) => performance.getEntriesByType('resource')
    .filter(({ name }) => name.endsWith(end)).reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0);
  const look = () => {
    const paint = performance.getEntriesByName('first-contentful-paint')[0];
    if (paint === undefined) return setTimeout(look, 5);
    const [page] = performance.getEntriesByType('navigation');
    resolve({ html: page.decodedBodySize, css: size('.css'), js: size('.js'), paint: paint.startTime });
  };
  look();
})`;

const { org, pages: found } = await staged();
/** @type {Record<string, string>} */
const pages = { ...found };
const floor = createServer((_, response) => {
  response.setHeader('content-type', 'text/html').end('<!doctype html><title>x</title><p>floor');
});
await new Promise((resolve) => floor.listen(0, '127.0.0.1', () => resolve(undefined)));
const address = floor.address();
const floorUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
});
/** @type {Map<string, Visit[]>} */
const visits = new Map(['nothing', ...Object.keys(pages)].map((name) => [name, []]));
/** @type {Map<string, number>} */
const costs = new Map();
try {
  const context = await browser.newContext({ baseURL: org.url });
  const page = await context.newPage();
  await page.goto(org.setupUrl);
  const cookies = await context.cookies();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  for (const name of Object.keys(pages)) {
    if (name === 'request') pages[name] = newestRequest();
    costs.set(name, await spent(pages[name] ?? '/', cookie));
  }
  const protocol = await context.newCDPSession(page);
  await protocol.send('Network.setCacheDisabled', { cacheDisabled: true });
  for (let round = -1; round < rounds; round++) {
    for (const [name, kept] of visits) {
      // The journal has room for some requests only: the page of one would be gone.
      if (name === 'request') pages[name] = newestRequest();
      const answer = await page.goto(pages[name] ?? floorUrl);
      if (answer?.ok() !== true) throw new Error(`${name} answers ${answer?.status()}`);
      const visit = /** @type {Visit} */ (await page.evaluate(measure));
      if (round >= 0) kept.push(visit);
    }
  }
} finally {
  await browser.close();
  await org.close();
  floor.close();
}

function newestRequest() {
  return `/lightning/setup/LocalOrgRequests/home/${org.requests.list()[0]?.number}`;
}

/**
 * Milliseconds of processor time for one page, which a busy machine does not change.
 *
 * @param {string} path
 * @param {string} cookie
 */
async function spent(path, cookie) {
  const times = 30;
  /** @param {number} count */
  const ask = async (count) => {
    for (let done = 0; done < count; done++) {
      await (await org.fetch(new Request(org.url + path, { headers: { cookie } }))).text();
    }
  };
  await ask(times);
  const before = process.cpuUsage();
  await ask(times);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / times;
}

/** @param {readonly Visit[]} all @param {keyof Visit} of */
const typical = (all, of) => median(all.map((visit) => visit[of]));
const thousands = (/** @type {number} */ bytes) => Math.round(bytes).toLocaleString('en-US');
const least = (/** @type {readonly Visit[]} */ all) => Math.min(...all.map(({ paint }) => paint));
const rows = [...visits].map(([name, all]) => {
  const [html, css, js] = [typical(all, 'html'), typical(all, 'css'), typical(all, 'js')];
  const bytes = html + css + js;
  return { name, html, css, js, bytes, paint: typical(all, 'paint'), quickest: least(all) };
});
publish('The pages of Setup', rounds, [
  [
    'Weight in bytes; processor time of the org, first paint (median, quickest) in milliseconds',
    table(
      ['Page', 'HTML', 'CSS', 'JS', 'together', 'org', 'first paint', 'quickest'],
      rows.map(({ name, html, css, js, bytes, paint, quickest }) => [
        name,
        thousands(html),
        thousands(css),
        thousands(js),
        thousands(bytes),
        costs.get(name)?.toFixed(1) ?? '',
        paint.toFixed(0),
        quickest.toFixed(0),
      ]),
    ),
  ],
]);
for (const { name, bytes, quickest } of rows) {
  if (bytes > mostBytes) console.error(`${name} weighs ${bytes} bytes, more than ${mostBytes}`);
  if (quickest > longestPaint) console.error(`${name} is never painted within ${longestPaint} ms`);
}
