import { createHash } from 'node:crypto';
import type { Child } from 'hono/jsx';
import { renderToString } from 'hono/jsx/dom/server';

const style = `
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; }
  main.narrow { max-width: 24rem; margin: 0 auto; }
  dt { font-weight: 600; margin-top: .75rem; } dd { margin: 0; }
  code { font: 14px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
  label { display: block; margin-top: 1rem; font-weight: 600; }
  input { box-sizing: border-box; width: 100%; padding: .5rem; font: inherit; }
  button { margin: 1.5rem .5rem 0 0; padding: .5rem 1.5rem; font: inherit; cursor: pointer; }
  button.primary { background: #0b5cab; color: #fff; border: 1px solid #0b5cab; border-radius: .25rem; }
  [role=alert] { border-left: .25rem solid #ba0517; padding: .5rem 1rem; }
`;

const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;

export interface PageOptions {
  title: string;
  status?: number;
  /** `Set-Cookie` values. */
  cookies?: readonly (string | undefined)[];
  /** Origins to which a form of the page may lead in the end, besides this org. */
  formTargets?: readonly string[];
}

/** A page of the org: rendered here, with no script in it and none allowed. */
export function page(content: Child, options: PageOptions): Response {
  const { title, status = 200, cookies = [], formTargets = [] } = options;
  const text = renderToString(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>{title} - sfjwt</title>
        <style>{style}</style>
      </head>
      <body>{content}</body>
    </html>,
  );
  const response = new Response(`<!doctype html>${text}`, {
    status,
    headers: {
      'content-type': 'text/html;charset=UTF-8',
      'cache-control': 'no-cache,must-revalidate,max-age=0,no-store,private',
      'content-security-policy': [
        "default-src 'none'",
        `style-src ${styleHash}`,
        ["form-action 'self'", ...formTargets].join(' '),
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
  });
  for (const cookie of cookies) {
    if (cookie !== undefined) response.headers.append('set-cookie', cookie);
  }
  return response;
}

/** Something cannot be done, and there is nowhere to go from here. */
export function refusalPage(title: string, sentence: string, status: number): Response {
  return page(
    <main>
      <h1>{title}</h1>
      <p role="alert">{sentence}</p>
    </main>,
    { title, status },
  );
}
