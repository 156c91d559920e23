import type { Child } from 'hono/jsx';
import { Message } from './message.tsx';

/** Name of a field -> what is wrong with it. */
export type FieldErrors = Readonly<Record<string, string>>;

export interface FieldProps {
  /** Of the field in the form; its id too. */
  name: string;
  label: string;
  hint?: Child;
  isRequired?: boolean;
  /** Required as long as the part of the form it stands in is open: see {@link Checkbox}. */
  isRequiredWhenOpen?: boolean;
  errors?: FieldErrors | undefined;
}

/** What ties an input to its label, its hint and its error. */
function attributes(props: FieldProps) {
  const { name, hint, isRequired = false, errors = {} } = props;
  const described = [
    ...(Object.hasOwn(errors, name) ? [`${name}-error`] : []),
    ...(hint === undefined ? [] : [`${name}-hint`]),
  ];
  return {
    id: name,
    name,
    required: isRequired ? true : undefined,
    'data-required': props.isRequiredWhenOpen === true ? 'yes' : undefined,
    'aria-invalid': Object.hasOwn(errors, name) ? ('true' as const) : undefined,
    'aria-describedby': described.length === 0 ? undefined : described.join(' '),
  };
}

function Label({ name, label, isRequired = false, isRequiredWhenOpen = false }: FieldProps): Child {
  return (
    <label for={name}>
      {isRequired || isRequiredWhenOpen ? (
        <span class="required" aria-hidden="true">
          *{' '}
        </span>
      ) : null}
      {label}
    </label>
  );
}

/** The error and the hint under an input. */
function Notes({ name, hint, errors = {} }: FieldProps): Child {
  return (
    <>
      {Object.hasOwn(errors, name) ? (
        <p class="field-error" id={`${name}-error`}>
          {errors[name]}
        </p>
      ) : null}
      {hint === undefined ? null : (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
    </>
  );
}

export interface TextFieldProps extends FieldProps {
  value?: string | undefined;
  type?: 'text' | 'email' | 'password' | 'number' | 'search' | 'time' | 'tel' | 'url';
  maxLength?: number;
  autocomplete?: string;
  /** Several lines. */
  isLong?: boolean;
  /** Selector of a field that follows what is typed here, until it is typed in itself. */
  fills?: string;
  list?: string;
  minimum?: number;
  maximum?: number;
}

export function TextField(props: TextFieldProps): Child {
  const { value = '', type = 'text', maxLength, autocomplete = 'off', isLong = false } = props;
  return (
    <div class="field">
      <Label {...props} />
      {isLong ? (
        <textarea {...attributes(props)} maxlength={maxLength} dir="auto">
          {value}
        </textarea>
      ) : (
        <input
          {...attributes(props)}
          type={type}
          value={value}
          maxlength={maxLength}
          autocomplete={autocomplete}
          data-fills={props.fills}
          list={props.list}
          min={props.minimum}
          max={props.maximum}
          dir={type === 'text' ? 'auto' : undefined}
        />
      )}
      <Notes {...props} />
    </div>
  );
}

export interface FileFieldProps extends FieldProps {
  accept: string;
}

export function FileField(props: FileFieldProps): Child {
  return (
    <div class="field">
      <Label {...props} />
      <input {...attributes(props)} type="file" accept={props.accept} />
      <Notes {...props} />
    </div>
  );
}

export interface SelectFieldProps extends FieldProps {
  value?: string | undefined;
  /** Value -> label. */
  choices: Readonly<Record<string, string>> | readonly (readonly [value: string, label: string])[];
}

export function SelectField(props: SelectFieldProps): Child {
  const choices: readonly (readonly [string, string])[] = Array.isArray(props.choices)
    ? (props.choices as readonly (readonly [string, string])[])
    : Object.entries(props.choices as Readonly<Record<string, string>>);
  return (
    <div class="field">
      <Label {...props} />
      <select {...attributes(props)}>
        {choices.map(([value, label]) => (
          <option value={value} selected={value === props.value}>
            {label}
          </option>
        ))}
      </select>
      <Notes {...props} />
    </div>
  );
}

export interface CheckboxProps extends FieldProps {
  isChecked?: boolean;
  value?: string;
  /** Several boxes may share a name; then each needs its own id. */
  id?: string;
  /** Selector of the part of the form that shows while the box is checked. */
  opens?: string;
}

export function Checkbox(props: CheckboxProps): Child {
  const { label, isChecked = false, value = 'on', opens } = props;
  const id = props.id ?? props.name;
  return (
    <div class="field">
      <div class="choice">
        <input
          {...attributes(props)}
          id={id}
          type="checkbox"
          value={value}
          checked={isChecked}
          data-opens={opens}
        />
        <label for={id}>{label}</label>
      </div>
      <Notes {...props} />
    </div>
  );
}

/** Over a form that was sent back: what has to be put right, with a link to each field. */
export function ErrorSummary({
  errors,
  children,
}: {
  errors: FieldErrors;
  children?: Child;
}): Child {
  const entries = Object.entries(errors);
  if (entries.length === 0) return null;
  return (
    <Message kind="error">
      <strong>Review the errors on this page.</strong>
      <ul>
        {entries.map(([name, error]) => (
          <li>
            <a href={`#${name}`}>{error}</a>
          </li>
        ))}
      </ul>
      {children}
    </Message>
  );
}

/** Under a form that fills a page: Save, and the way back. */
export function FormEnd({ cancel }: { cancel: string }): Child {
  return (
    <div class="form-end">
      <button class="button primary" type="submit">
        Save
      </button>
      <a class="button" href={cancel}>
        Cancel
      </a>
    </div>
  );
}
