/** What the user of a client does with a token, when the client does no more than to fetch one. */

export function bareToken(signIn) {
  let token;
  const call = async (path, init = {}) => {
    const response = await fetch(`${token.instance_url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${token.access_token}`, ...init.headers },
    });
    const text = await response.text();
    if (!response.ok) throw new ApiRefusal(text);
    return text === '' ? undefined : JSON.parse(text);
  };
  return {
    async signIn(settings) {
      token = await signIn(settings);
      return { instanceUrl: token.instance_url, fields: Object.keys(token).sort() };
    },
    query: (soql) => call(`/services/data/v60.0/query?q=${encodeURIComponent(soql)}`),
    async identity() {
      const { preferred_username: username } = await call('/services/oauth2/userinfo');
      return { username };
    },
    async revoke() {
      await call('/services/oauth2/revoke', {
        method: 'POST',
        body: new URLSearchParams({ token: token.access_token }),
      });
    },
  };
}

/** The first error of an answer of the REST API. */
class ApiRefusal extends Error {
  constructor(text) {
    super(text);
    try {
      const [{ errorCode, message }] = JSON.parse(text);
      this.refusal = { error: errorCode, description: message };
    } catch {
      this.refusal = { error: text };
    }
  }
}
