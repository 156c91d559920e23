import type { Child } from 'hono/jsx';
import { renderToString } from 'hono/jsx/dom/server';
import { assetUrl } from './assets.ts';
import { Brand } from './elements/brand.tsx';
import { Message } from './elements/message.tsx';
import type { Theme } from './theme.ts';

export interface PageOptions {
  title: string;
  status?: number;
  /** `Set-Cookie` values. */
  cookies?: readonly (string | undefined)[];
  /** Origins to which a form of the page may lead in the end, besides this org. */
  formTargets?: readonly string[];
  /** What the person chose; the choice of the system when left out. */
  theme?: Theme | undefined;
  /** Where people enter secrets there is no script at all. */
  hasScript?: boolean;
}

/**
 * A page of the org, rendered here. Its style and its script come from this org, none is allowed in
 * the page itself, and nothing at all from elsewhere.
 */
export function page(content: Child, options: PageOptions): Response {
  const { title, status = 200, cookies = [], formTargets = [], theme, hasScript = false } = options;
  const text = renderToString(
    <html lang="en" data-theme={theme}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title} | Local stand-in, not Salesforce</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={assetUrl('setup.css')} />
        {hasScript ? <script src={assetUrl('setup.js')} defer /> : null}
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
        "style-src 'self'",
        ...(hasScript ? ["script-src 'self'", "connect-src 'self'"] : []),
        'img-src data:',
        ["form-action 'self'", ...formTargets].join(' '),
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
    },
  });
  for (const cookie of cookies) {
    if (cookie !== undefined) response.headers.append('set-cookie', cookie);
  }
  return response;
}

/** A page that stands alone: one card under the bar that says what this is. */
export function lonePage(
  content: Child,
  { isWide = false, ...options }: PageOptions & { isWide?: boolean },
): Response {
  return page(
    <>
      <header class="bar">
        <Brand />
      </header>
      <main class="alone">
        <div class={isWide ? 'card wide' : 'card'}>{content}</div>
      </main>
    </>,
    options,
  );
}

export interface RefusalOptions {
  /** Where to go from here. */
  next?: { label: string; href: string };
  theme?: Theme | undefined;
}

/** Something cannot be done. */
export function refusalPage(
  title: string,
  sentence: string,
  status: number,
  { next, theme }: RefusalOptions = {},
): Response {
  return lonePage(
    <>
      <h1>{title}</h1>
      <Message kind={status < 400 ? 'info' : 'error'}>{sentence}</Message>
      {next === undefined ? null : (
        <a class="button" href={next.href}>
          {next.label}
        </a>
      )}
    </>,
    { title, status, theme },
  );
}
