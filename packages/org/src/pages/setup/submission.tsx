import type { Child } from 'hono/jsx';
import type { SetupCall } from './setup-route.ts';
import { submissionField } from './submissions.ts';

/** In a form that makes something: sent twice, it makes one. */
export function Submission({ call }: { call: Pick<SetupCall, 'submissions'> }): Child {
  return <input type="hidden" name={submissionField} value={call.submissions.next()} />;
}
