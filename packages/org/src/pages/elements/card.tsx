import type { Child } from 'hono/jsx';

export interface CardProps {
  title?: string | undefined;
  /** Buttons at the title. */
  actions?: Child;
  /** The content brings its own edges, as a table does. */
  isFull?: boolean;
  id?: string;
  children?: Child;
}

/** A section of a page. */
export function Card({ title, actions, isFull = false, id, children }: CardProps): Child {
  return (
    <section class="card" id={id}>
      {title === undefined ? null : (
        <header>
          <h2>{title}</h2>
          {actions === undefined ? null : <div class="actions">{actions}</div>}
        </header>
      )}
      {isFull ? children : <div class="card-body">{children}</div>}
    </section>
  );
}

/** What is known of one thing: a label and its value, each. */
export function Details({
  rows,
}: {
  rows: readonly (readonly [label: string, value: Child])[];
}): Child {
  return (
    <dl class="details">
      {rows.map(([label, value]) => (
        <div>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
