import type { Child } from 'hono/jsx';
import { Icon } from './icon.tsx';

/** The actions of a row behind one button. A `<details>`, so it opens without a script. */
export function RowMenu({
  label,
  actions,
}: {
  /** Of which row, for screen readers. */
  label: string;
  actions: readonly { label: string; href: string }[];
}): Child {
  return (
    <details class="menu row-menu" name="menu">
      <summary aria-label={label} title={label}>
        <Icon name="down" />
      </summary>
      <ul class="menu-list">
        {actions.map((action) => (
          <li>
            <a href={action.href}>{action.label}</a>
          </li>
        ))}
      </ul>
    </details>
  );
}
