import type { Child } from 'hono/jsx';
import { Message } from '../elements/message.tsx';

/** Over pages that Salesforce does not have. */
export function StandInNote(): Child {
  return (
    <Message kind="warning">
      This page belongs to the local stand-in. <strong>Salesforce has none like it.</strong>
    </Message>
  );
}
