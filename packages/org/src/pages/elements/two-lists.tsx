import type { Child } from 'hono/jsx';

export interface TwoListsChoice {
  value: string;
  label: string;
  isSelected: boolean;
}

export interface TwoListsProps {
  /** Field that carries the selected values. */
  name: string;
  availableLabel: string;
  selectedLabel: string;
  choices: readonly TwoListsChoice[];
  error?: string | undefined;
}

/**
 * Two lists, and buttons that move choices between them. Without a script the buttons send the form
 * with `move`, and the page comes back with the choices moved.
 */
export function TwoLists(props: TwoListsProps): Child {
  const { name, availableLabel, selectedLabel, choices, error } = props;
  const options = (isSelected: boolean): Child =>
    choices.map((choice, order) =>
      choice.isSelected === isSelected ? (
        <option value={choice.value} data-order={order}>
          {choice.label}
        </option>
      ) : null,
    );
  return (
    <>
      <div class="two-lists" data-name={name}>
        <div>
          <label class="label" for={`${name}-available`}>
            {availableLabel}
          </label>
          <select id={`${name}-available`} name={`${name}-available`} multiple>
            {options(false)}
          </select>
        </div>
        <div class="between">
          <button class="button" name="move" value={`${name}-add`} formnovalidate>
            Add <span aria-hidden="true">▸</span>
          </button>
          <button class="button" name="move" value={`${name}-remove`} formnovalidate>
            <span aria-hidden="true">◂</span> Remove
          </button>
        </div>
        <div>
          <label class="label" for={name}>
            {selectedLabel}
          </label>
          <select
            id={name}
            name={`${name}-selected`}
            multiple
            aria-invalid={error === undefined ? undefined : 'true'}
            aria-describedby={error === undefined ? undefined : `${name}-error`}
          >
            {options(true)}
          </select>
        </div>
        {choices
          .filter(({ isSelected }) => isSelected)
          .map(({ value }) => (
            <input type="hidden" name={name} value={value} />
          ))}
      </div>
      {error === undefined ? null : (
        <p class="field-error" id={`${name}-error`}>
          {error}
        </p>
      )}
    </>
  );
}

/** The selected values of a form that was sent, with what its `move` asks for done. */
export function movedValues(
  name: string,
  form: { all(name: string): readonly string[]; text(name: string): string },
): string[] {
  const selected = form.all(name);
  if (form.text('move') === `${name}-add`) return [...selected, ...form.all(`${name}-available`)];
  if (form.text('move') === `${name}-remove`) {
    const marked = form.all(`${name}-selected`);
    return selected.filter((value) => !marked.includes(value));
  }
  return [...selected];
}
