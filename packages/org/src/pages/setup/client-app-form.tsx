/** New and Edit of an app of either kind: one form, its rules and its words. */

import type { Child } from 'hono/jsx';
import { readCertificate } from '../../directory/certificate.ts';
import type { ClientApp, ClientAppChange, ClientAppKind } from '../../directory/client-app.ts';
import { OrgError } from '../../org-error.ts';
import { scopeChoices } from '../../policies/scopes.ts';
import type { ScopeChoice } from '../../policies/scopes.ts';
import { Card } from '../elements/card.tsx';
import { Checkbox, ErrorSummary, FileField, TextField } from '../elements/form.tsx';
import type { FieldErrors } from '../elements/form.tsx';
import { movedValues, TwoLists } from '../elements/two-lists.tsx';
import type { SetupForm } from './setup-form.ts';

/** What the form shows: as it was sent, or as the app is. */
export interface ClientAppFields {
  name: string;
  apiName: string;
  contactEmail: string;
  description: string;
  isOauthEnabled: boolean;
  callbackUrl: string;
  usesDigitalSignatures: boolean;
  /** Names of {@link scopeChoices}. */
  scopes: readonly string[];
  isPkceRequired: boolean;
  isConsumerSecretOptional: boolean;
  isIntrospectAllTokens: boolean;
  jwtAccessTokens: boolean;
}

export function emptyFields(kind: ClientAppKind): ClientAppFields {
  return {
    name: '',
    apiName: '',
    contactEmail: '',
    description: '',
    isOauthEnabled: false,
    callbackUrl: '',
    usesDigitalSignatures: false,
    scopes: [],
    isPkceRequired: kind === 'externalClientApp',
    isConsumerSecretOptional: false,
    isIntrospectAllTokens: false,
    jwtAccessTokens: false,
  };
}

export function fieldsOf(app: ClientApp): ClientAppFields {
  return {
    ...app,
    usesDigitalSignatures: app.certificate !== undefined,
    scopes: scopeChoices.filter((choice) => isChosen(choice, app.scopes)).map(nameOf),
  };
}

export function sentFields(form: SetupForm): ClientAppFields {
  return {
    name: form.text('name'),
    apiName: form.text('apiName'),
    contactEmail: form.text('contactEmail'),
    description: form.text('description'),
    isOauthEnabled: form.has('isOauthEnabled'),
    callbackUrl: form.text('callbackUrl').replace(/\s*\n\s*/g, '\n'),
    usesDigitalSignatures: form.has('usesDigitalSignatures'),
    scopes: movedValues('scopes', form),
    isPkceRequired: form.has('isPkceRequired'),
    isConsumerSecretOptional: form.has('isConsumerSecretOptional'),
    isIntrospectAllTokens: form.has('isIntrospectAllTokens'),
    jwtAccessTokens: form.has('jwtAccessTokens'),
  };
}

function nameOf({ values: [name] }: ScopeChoice): string {
  return name;
}

export function isChosen({ values }: ScopeChoice, scopes: readonly string[]): boolean {
  return values.some((value) => scopes.includes(value));
}

/** The scopes behind the chosen labels. */
function scopesOf({ scopes }: Pick<ClientAppFields, 'scopes'>): string[] {
  return scopeChoices
    .filter((choice) => scopes.includes(nameOf(choice)))
    .flatMap(({ values }) => values);
}

/** What the app is to be, apart from its policies and its certificate. */
export function changeOf(fields: ClientAppFields): Required<ClientAppChange> {
  const { name, apiName, contactEmail, description, callbackUrl } = fields;
  return { name, apiName, contactEmail, description, callbackUrl, scopes: scopesOf(fields) };
}

export function policiesOf(
  fields: ClientAppFields,
): Pick<
  ClientApp,
  | 'isOauthEnabled'
  | 'isPkceRequired'
  | 'isConsumerSecretOptional'
  | 'isIntrospectAllTokens'
  | 'jwtAccessTokens'
> {
  return {
    isOauthEnabled: fields.isOauthEnabled,
    isPkceRequired: fields.isPkceRequired,
    isConsumerSecretOptional: fields.isConsumerSecretOptional,
    isIntrospectAllTokens: fields.isIntrospectAllTokens,
    jwtAccessTokens: fields.jwtAccessTokens,
  };
}

const emailRule = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Everything that is wrong at once, by field. What needs the org is told by the org itself. */
export function errorsOf(
  fields: ClientAppFields,
  form: SetupForm,
  app: ClientApp | undefined,
): Record<string, string> {
  const { name, apiName, contactEmail, description } = fields;
  const errors: Record<string, string> = {};
  if (name === '') errors['name'] = 'Enter a name for the app.';
  else if (name.length > 80) errors['name'] = 'The name can have 80 characters at most.';
  if (apiName === '') {
    errors['apiName'] = 'Enter an API name.';
  } else if (!/^[A-Za-z](?:_?[A-Za-z0-9])*$/.test(apiName) || apiName.length > 80) {
    errors['apiName'] =
      'The API Name can only contain underscores and alphanumeric characters. It must begin with a letter, not include spaces, not end with an underscore, and not contain two consecutive underscores.';
  }
  if (contactEmail === '') errors['contactEmail'] = 'Enter a contact e-mail address.';
  else if (!emailRule.test(contactEmail)) {
    errors['contactEmail'] = 'This is no e-mail address. It has the form ops@example.org.';
  }
  if (description.length > 255) {
    errors['description'] = 'The description can have 255 characters at most.';
  }
  if (!fields.isOauthEnabled) return errors;
  const callback = callbackError(fields.callbackUrl);
  if (callback !== undefined) errors['callbackUrl'] = callback;
  if (fields.usesDigitalSignatures) {
    const certificate = certificateError(form, app);
    if (certificate !== undefined) errors['certificate'] = certificate;
  }
  if (fields.scopes.length === 0) {
    errors['scopes'] = 'Add at least one scope to Selected OAuth Scopes.';
  }
  return errors;
}

function callbackError(callbackUrl: string): string | undefined {
  const urls = callbackUrl.split('\n').filter((line) => line !== '');
  if (urls.length === 0) {
    return 'Enter a callback URL. The JWT bearer flow does not use it; http://localhost/ will do.';
  }
  if (callbackUrl.length > 2000) return 'The callback URLs can have 2,000 characters at most.';
  const wrong = urls.find((url) => !URL.canParse(url));
  if (wrong !== undefined) return `"${wrong.slice(0, 80)}" is no URL. Begin it with https://.`;
  const open = urls.find((url) => /^(?:http|javascript|data):/i.test(url) && !isLocal(url));
  return open === undefined
    ? undefined
    : `"${open.slice(0, 80)}" has to begin with https://, unless its host is localhost.`;
}

function isLocal(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'http:' && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
}

function certificateError(form: SetupForm, app: ClientApp | undefined): string | undefined {
  const upload = form.upload('certificate');
  if (upload === undefined) {
    return app?.certificate === undefined
      ? 'Choose the file of the certificate, such as salesforce.crt.'
      : undefined;
  }
  try {
    readCertificate(upload.bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof OrgError)) throw error;
    return [`${error.message}.`, ...error.hints].join(' ');
  }
}

/** A refusal by the org, put at its field. */
export function errorAtField(error: unknown): Record<string, string> {
  if (!(error instanceof OrgError) || error.field === undefined) throw error;
  return { [error.field]: `${error.message}.` };
}

export interface ClientAppFormProps {
  kind: ClientAppKind;
  fields: ClientAppFields;
  errors: FieldErrors;
  /** A file was sent along, and the browser has forgotten it. */
  lostFile: boolean;
  /** The app that is edited. */
  app?: ClientApp | undefined;
  cancel: string;
  children?: Child;
}

/** The words that the two kinds of app use for the same things. */
const words = {
  connectedApp: {
    name: 'Connected App Name',
    enable: 'Enable OAuth Settings',
    signatures: 'Use digital signatures',
    signaturesHint:
      'The certificate verifies the signature of each assertion. The private key stays with you.',
  },
  externalClientApp: {
    name: 'External Client App Name',
    enable: 'Enable OAuth',
    signatures: 'Enable JWT Bearer Flow',
    signaturesHint:
      'What connected apps call Use digital signatures: the certificate verifies the signature of each assertion. The private key stays with you.',
  },
} as const;

export function ClientAppForm(props: ClientAppFormProps): Child {
  const { kind, fields, errors, lostFile, app, cancel, children } = props;
  const word = words[kind];
  return (
    <form method="post" enctype="multipart/form-data">
      {children}
      {/* What Enter presses in a field: the first button of a form, which would be Add. */}
      <button class="hidden-text" type="submit" tabindex={-1} aria-hidden="true">
        Save
      </button>
      <ErrorSummary errors={errors}>
        {lostFile ? <p>Choose the file of the certificate again: it was not kept.</p> : null}
      </ErrorSummary>
      <Card title="Basic Information">
        <TextField
          name="name"
          label={word.name}
          value={fields.name}
          errors={errors}
          maxLength={80}
          fills="#apiName"
          isRequired
        />
        <TextField
          name="apiName"
          label="API Name"
          value={fields.apiName}
          errors={errors}
          maxLength={80}
          hint="Begins with a letter; letters, digits and single underscores. Filled in from the name."
          isRequired
        />
        <TextField
          name="contactEmail"
          label="Contact Email"
          type="email"
          value={fields.contactEmail}
          errors={errors}
          maxLength={80}
          autocomplete="email"
          isRequired
        />
        <TextField
          name="description"
          label="Description"
          value={fields.description}
          errors={errors}
          maxLength={255}
          isLong
        />
      </Card>
      <Card title="API (Enable OAuth Settings)">
        <Checkbox
          name="isOauthEnabled"
          label={word.enable}
          isChecked={fields.isOauthEnabled}
          opens="#oauth"
        />
        <div id="oauth">
          <TextField
            name="callbackUrl"
            label="Callback URL"
            value={fields.callbackUrl}
            errors={errors}
            hint="Required, though the JWT bearer flow does not use it: http://localhost/ will do. One in each line."
            isRequiredWhenOpen
            isLong
          />
          <Checkbox
            name="usesDigitalSignatures"
            label={word.signatures}
            isChecked={fields.usesDigitalSignatures}
            hint={word.signaturesHint}
            opens="#signatures"
          />
          <div id="signatures">
            <FileField
              name="certificate"
              label="Certificate"
              errors={errors}
              accept=".crt,.cer,.cert,.pem,.der"
              hint={certificateHint(app, lostFile)}
            />
          </div>
          <fieldset id="scopes-field">
            <legend>
              <span class="required" aria-hidden="true">
                *{' '}
              </span>
              OAuth Scopes
            </legend>
            <TwoLists
              name="scopes"
              availableLabel="Available OAuth Scopes"
              selectedLabel="Selected OAuth Scopes"
              error={errors['scopes']}
              choices={scopeChoices.map((choice) => ({
                value: nameOf(choice),
                label: labelOf(choice),
                isSelected: fields.scopes.includes(nameOf(choice)),
              }))}
            />
          </fieldset>
          <Checkbox
            name="isPkceRequired"
            label="Require Proof Key for Code Exchange (PKCE) extension for Supported Authorization Flows"
            isChecked={fields.isPkceRequired}
          />
          <Checkbox
            name="isConsumerSecretOptional"
            label="Do without the consumer secret in the web server flow and the refresh token flow"
            isChecked={fields.isConsumerSecretOptional}
          />
          <Checkbox
            name="isIntrospectAllTokens"
            label="Introspect All Tokens"
            isChecked={fields.isIntrospectAllTokens}
          />
          <Checkbox
            name="jwtAccessTokens"
            label="Issue JSON Web Token (JWT)-based access tokens for named users"
            isChecked={fields.jwtAccessTokens}
          />
        </div>
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

function certificateHint(app: ClientApp | undefined, lostFile: boolean): string {
  const rule = 'An X.509 certificate with an RSA key, PEM or DER, 4 KB or less.';
  if (lostFile) return `Choose the file again. ${rule}`;
  return app?.certificate === undefined
    ? rule
    : `The app has a certificate; a file that is chosen here replaces it. ${rule}`;
}

/** Today's label, and the one of older instructions beside it. */
export function labelOf({ label, formerLabel }: ScopeChoice): string {
  return formerLabel === undefined ? label : `${label}, formerly: ${formerLabel}`;
}
