// What to do about a failure is decided by its code, never by its words.
import { ClientError, connect } from '@sfjwt/client';

const salesforce = connect();
try {
  await salesforce.token();
  console.log('signed in');
} catch (error) {
  if (!(error instanceof ClientError)) throw error;
  console.error(verdict(error));
  for (const hint of error.hints) console.error(`- ${hint}`);
  process.exitCode = error.transient ? 75 : 78;
}

function verdict(error: ClientError): string {
  switch (error.code) {
    case 'USER_NOT_APPROVED':
    case 'USER_NOT_ADMIN_APPROVED': {
      return `Ask an administrator to admit ${error.sent?.username ?? 'the user'} to the app`;
    }
    case 'LOGIN_RATE_EXCEEDED': {
      return `Come back in ${error.retryAfterSeconds ?? 600} s`;
    }
    case 'TIMED_OUT':
    case 'HOST_NOT_FOUND':
    case 'CONNECTION_REFUSED':
    case 'CONNECTION_LOST': {
      return `Salesforce is out of reach: ${error.message}`;
    }
    default: {
      // Salesforce's own words are in `error` and `errorDescription`.
      return `${error.code}: ${error.message}`;
    }
  }
}
