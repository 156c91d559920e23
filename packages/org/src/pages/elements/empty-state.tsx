import type { Child } from 'hono/jsx';

export interface EmptyStateProps {
  title: string;
  /** The next step, in words; buttons go into `actions`. */
  children?: Child;
  actions?: Child;
}

/** Nothing is here yet: says what to do about it. */
export function EmptyState({ title, children, actions }: EmptyStateProps): Child {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {actions === undefined ? null : <div class="actions">{actions}</div>}
    </div>
  );
}
