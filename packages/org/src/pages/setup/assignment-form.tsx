import type { Child } from 'hono/jsx';
import { Card } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Checkbox } from '../elements/form.tsx';
import { FormToken } from './setup-page.tsx';
import type { SetupCall } from './setup-route.ts';

export interface AssignmentFormProps {
  call: SetupCall;
  /** What is assigned: Profiles, Permission Sets. */
  title: string;
  choices: readonly { id: string; label: string; isAssigned: boolean }[];
  cancel: string;
  /** What to do when there is none to assign. */
  whenEmpty: Child;
}

/** A box for each profile or permission set: the ones that are checked may use the app. */
export function AssignmentForm(props: AssignmentFormProps): Child {
  const { call, title, choices, cancel, whenEmpty } = props;
  return (
    <form method="post">
      <FormToken call={call} />
      <Card title={title} isFull={choices.length === 0}>
        {choices.length === 0 ? (
          <EmptyState title={`This org has no ${title.toLowerCase()}`}>{whenEmpty}</EmptyState>
        ) : (
          <fieldset>
            <legend class="hidden-text">{title}</legend>
            {choices.map(({ id, label, isAssigned }) => (
              <Checkbox
                name="assigned"
                id={`assigned-${id}`}
                value={id}
                label={label}
                isChecked={isAssigned}
              />
            ))}
          </fieldset>
        )}
      </Card>
      <div class="form-end">
        <button class="button primary" type="submit">
          Save
        </button>
        <a class="button" href={cancel}>
          Cancel
        </a>
      </div>
    </form>
  );
}
