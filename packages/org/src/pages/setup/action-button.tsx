import type { Child } from 'hono/jsx';
import { FormToken } from './setup-page.tsx';
import type { SetupCall } from './setup-route.ts';

export interface ActionButtonProps {
  call: Pick<SetupCall, 'formToken'>;
  /** Where the form goes. */
  action: string;
  label: string;
  /** Of which row, for screen readers. */
  of?: string;
  kind?: 'primary' | 'danger';
  /** Hidden fields. */
  fields?: Readonly<Record<string, string>>;
}

/** One thing to do, at once: a form of a button alone. */
export function ActionButton(props: ActionButtonProps): Child {
  const { call, action, label, of, kind, fields = {} } = props;
  return (
    <form method="post" action={action}>
      <FormToken call={call} />
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button
        class={`button ${kind ?? ''}`.trim()}
        aria-label={of === undefined ? undefined : `${label} ${of}`}
      >
        {label}
      </button>
    </form>
  );
}
