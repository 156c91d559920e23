import type { Org, User } from '../src/index.ts';

/** Keeps cookies, follows nothing, and says where a form was on, as a browser does. */
export class Browser {
  readonly #cookies = new Map<string, string>();
  readonly #org: Org;

  constructor(org: Org) {
    this.#org = org;
  }

  async get(path: string): Promise<Response> {
    return this.#send(new Request(new URL(path, this.#org.url)));
  }

  async post(
    path: string,
    form: Record<string, string> | FormData | URLSearchParams,
    origin = this.#org.url,
  ): Promise<Response> {
    const body =
      form instanceof FormData || form instanceof URLSearchParams
        ? form
        : new URLSearchParams(form);
    return this.#send(
      new Request(new URL(path, this.#org.url), { method: 'POST', body, headers: { origin } }),
    );
  }

  async #send(request: Request): Promise<Response> {
    const cookies = [...this.#cookies].map(([name, value]) => `${name}=${value}`);
    request.headers.set('cookie', cookies.join('; '));
    const response = await this.#org.fetch(request);
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';');
      const [name = '', value = ''] = pair.split('=');
      this.#cookies.set(name, value);
    }
    return response;
  }

  /** Signs in with a session instead of a password, whose check takes its time. */
  async enter(user: User): Promise<void> {
    await this.get(`/secur/frontdoor.jsp?sid=${encodeURIComponent(this.#org.openSession(user))}`);
  }

  async logIn(username: string, password: string, startUrl = '/'): Promise<Response> {
    const page = await this.get(`/login?startURL=${encodeURIComponent(startUrl)}`);
    const fields = hiddenFields(await page.text());
    return this.post('/login', { ...fields, un: username, pw: password });
  }
}

/** What a browser sends of a form beside what is typed. */
export function hiddenFields(html: string): Record<string, string> {
  return Object.fromEntries(
    [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [
        name,
        value.replaceAll('&amp;', '&').replaceAll('&quot;', '"'),
      ],
    ),
  );
}
