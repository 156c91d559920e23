import { ClientError } from '@sfjwt/client';
import type { AccessToken, Renewal } from '@sfjwt/client';
import { accessToken } from './token-store-contract.ts';

export interface ScriptedRenewal extends Renewal {
  readonly warnings: string[];
  readonly logins: () => number;
}

let logins = 0;

/** A login whose every token is another one; `signIn` is called once however often it is asked. */
export function renewal(
  options: {
    /** What was turned away, or is about to end. */
    refused?: AccessToken | undefined;
    signIn?: () => Promise<AccessToken>;
  } = {},
): ScriptedRenewal {
  const warnings: string[] = [];
  let own = 0;
  let login: Promise<AccessToken> | undefined;
  const signIn = options.signIn ?? (() => Promise.resolve(accessToken(`00D!login${++logins}`)));
  return {
    accepts: (token) => options.refused?.equals(token) !== true,
    signIn() {
      if (login === undefined) {
        own += 1;
        login = signIn();
      }
      return login;
    },
    warn: (message) => warnings.push(message),
    warnings,
    logins: () => own,
  };
}

/** Salesforce says no. */
export function plainNo(): ClientError {
  return new ClientError('USER_NOT_APPROVED', 'The user is not approved for this app', {
    hints: ['Assign the profile of the user to the app.'],
    error: 'invalid_grant',
    errorDescription: "user hasn't approved this consumer",
    status: 400,
  });
}

/** Nobody answers. */
export function outage(): ClientError {
  return new ClientError('CONNECTION_REFUSED', 'acme refuses connections', { transient: true });
}

/** A door that opens once. */
export function door(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
