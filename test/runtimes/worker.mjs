// @ts-check
/** The conformance module as a Worker: one request runs it, one shares a connection. */

import { connect } from '@sfjwt/client';
import { conformance } from './conformance.mjs';

/** Made outside of any request, as people do. @type {import('@sfjwt/client').Connection | undefined} */
let shared;

export default {
  /** @param {Request} request */
  async fetch(request) {
    const given = /** @type {never} */ (await request.json());
    if (new URL(request.url).pathname === '/conformance') {
      return Response.json(await conformance(given));
    }
    shared ??= connect(given);
    const token = await shared.token();
    const response = await shared.fetch(new URL(request.url).pathname);
    await response.text();
    return Response.json({ status: response.status, instanceUrl: token.instanceUrl });
  },
};
