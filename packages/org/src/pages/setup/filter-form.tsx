import type { Child } from 'hono/jsx';

export interface Filter {
  name: string;
  label: string;
  value: string;
  /** Value -> label; typed when left out. */
  choices?: Readonly<Record<string, string>>;
}

/** Over a list: what of it is shown. A GET, so that an address holds the view. */
export function FilterForm({
  action,
  filters,
}: {
  action: string;
  filters: readonly Filter[];
}): Child {
  return (
    <form class="filters" method="get" action={action}>
      {filters.map(({ name, label, value, choices }) => (
        <div>
          <label for={name}>{label}</label>
          {choices === undefined ? (
            <input id={name} name={name} type="search" value={value} autocomplete="off" />
          ) : (
            <select id={name} name={name}>
              {Object.entries(choices).map(([choice, text]) => (
                <option value={choice} selected={choice === value}>
                  {text}
                </option>
              ))}
            </select>
          )}
        </div>
      ))}
      <button class="button">Apply</button>
    </form>
  );
}
