import type { Child } from 'hono/jsx';
import { Icon } from './icon.tsx';

export type MessageKind = 'info' | 'success' | 'warning' | 'error';

export interface MessageProps {
  kind: MessageKind;
  children?: Child;
}

/** Something to be told at once; an error interrupts a screen reader, the others wait. */
export function Message({ kind, children }: MessageProps): Child {
  return (
    <div class={`message ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      <Icon name={kind} />
      <div>{children}</div>
    </div>
  );
}

/** A word or two on the state of something, in a table or beside a title. */
export function Status({ kind, children }: { kind?: MessageKind; children?: Child }): Child {
  return <span class={`status ${kind ?? ''}`.trim()}>{children}</span>;
}
