import type { Child } from 'hono/jsx';

export interface Crumb {
  label: string;
  /** Not set for a heading of the navigation, which is no page. */
  href?: string;
}

/** The way down to a page. */
export function Breadcrumbs({ crumbs }: { crumbs: readonly Crumb[] }): Child {
  return (
    <nav class="breadcrumbs" aria-label="Breadcrumbs">
      <ol>
        {crumbs.map(({ label, href }) => (
          <li>{href === undefined ? <bdi>{label}</bdi> : <a href={href}>{label}</a>}</li>
        ))}
      </ol>
    </nav>
  );
}
