/**
 * A foreign client in a process of its own: what the test asks for over the channel, the driver does
 * with the client. Arguments: the driver's file, and the folder in which the client is installed.
 */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [driver = '', folder = ''] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));
const { open, refusalOf } = await import(pathToFileURL(driver).href);
/** @param {string} name an installed package, that wants `require` or `import` */
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const client = await open(load);

/** @param {{ number: number, action: string, argument: unknown }} request */
async function act({ number, action, argument }) {
  try {
    return { number, value: await client[action](argument) };
  } catch (error) {
    const text = error instanceof Error ? error.stack : JSON.stringify(error);
    return { number, refusal: { ...refusalOf(error), text } };
  }
}

/** @param {object} message */
const send = (message) => process.send?.(message);

process.on('message', (/** @type {Parameters<typeof act>[0]} */ request) => {
  void act(request).then(send);
});
process.on('disconnect', () => process.exit());
send({ ready: true });
