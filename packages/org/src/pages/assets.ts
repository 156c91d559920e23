/** The style sheet and the script of the pages: two files of this package, for nobody else's. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const types = {
  'setup.css': 'text/css;charset=UTF-8',
  'setup.js': 'text/javascript;charset=UTF-8',
} as const;

export type AssetName = keyof typeof types;

interface Asset {
  text: string;
  /** Part of its address, so that a browser may keep it for good. */
  print: string;
}

const assets = new Map<AssetName, Asset>();

/** Read when the first page wants it: most orgs never show one. */
function asset(name: AssetName): Asset {
  let found = assets.get(name);
  if (found === undefined) {
    const text = readFileSync(new URL(`../../assets/${name}`, import.meta.url), 'utf8');
    found = { text, print: createHash('sha256').update(text).digest('base64url').slice(0, 12) };
    assets.set(name, found);
  }
  return found;
}

export function assetUrl(name: AssetName): string {
  return `/resource/${asset(name).print}/${name}`;
}

/** GET /resource/:print/:name; static resources have this path in Salesforce too. */
export function serveAsset({ print, name }: { print: string; name: string }): Response {
  const known = Object.hasOwn(types, name) ? (name as AssetName) : undefined;
  if (known === undefined || asset(known).print !== print) {
    return new Response('Not Found', { status: 404 });
  }
  return new Response(asset(known).text, {
    headers: {
      'content-type': types[known],
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    },
  });
}
