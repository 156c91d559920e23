/** New and Edit of an app of either kind: one form, its rules and its words. */

import type { Child } from 'hono/jsx';
import { readCertificate } from '../../directory/certificate.ts';
import { detailErrors, detailNames, noDetails } from '../../directory/client-app-details.ts';
import type { ClientAppDetails } from '../../directory/client-app-details.ts';
import type { ClientApp, ClientAppChange, ClientAppKind } from '../../directory/client-app.ts';
import { OrgError } from '../../org-error.ts';
import { scopeChoices } from '../../policies/scopes.ts';
import type { ScopeChoice } from '../../policies/scopes.ts';
import { Card } from '../elements/card.tsx';
import { Checkbox, ErrorSummary, FileField, FormEnd, TextField } from '../elements/form.tsx';
import type { FieldErrors } from '../elements/form.tsx';
import { movedValues, TwoLists } from '../elements/two-lists.tsx';
import type { SetupForm } from './setup-form.ts';

/** What the form shows: as it was sent, or as the app is. */
export interface ClientAppFields extends ClientAppDetails, Pick<ClientApp, Box> {
  name: string;
  apiName: string;
  contactEmail: string;
  callbackUrl: string;
  usesDigitalSignatures: boolean;
  /** Names of {@link scopeChoices}. */
  scopes: readonly string[];
}

/** Policies that are boxes of this form; Edit Policies has the others. */
const boxes = [
  'isOauthEnabled',
  'isPkceRequired',
  'isConsumerSecretOptional',
  'isIntrospectAllTokens',
  'jwtAccessTokens',
] as const;

type Box = (typeof boxes)[number];

/** One value for each of these names. */
function each<Name extends string, Value>(
  names: readonly Name[],
  valueOf: (name: Name) => Value,
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<Name, Value>;
}

export function emptyFields(kind: ClientAppKind): ClientAppFields {
  return {
    ...noDetails,
    ...each(boxes, () => false),
    name: '',
    apiName: '',
    contactEmail: '',
    callbackUrl: '',
    usesDigitalSignatures: false,
    scopes: [],
    isPkceRequired: kind === 'externalClientApp',
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
    ...each(detailNames, (name) => form.text(name)),
    ...each(boxes, (name) => form.has(name)),
    name: form.text('name'),
    apiName: form.text('apiName'),
    contactEmail: form.text('contactEmail'),
    callbackUrl: form
      .text('callbackUrl')
      .split('\n')
      .map((line) => line.trim())
      .join('\n'),
    usesDigitalSignatures: form.has('usesDigitalSignatures'),
    scopes: movedValues('scopes', form),
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
  const { name, apiName, contactEmail, callbackUrl } = fields;
  const details = each(detailNames, (detail) => fields[detail]);
  return { ...details, name, apiName, contactEmail, callbackUrl, scopes: scopesOf(fields) };
}

export function policiesOf(fields: ClientAppFields): Pick<ClientApp, Box> {
  return each(boxes, (name) => fields[name]);
}

const emailRule = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** Everything that is wrong at once, by field. What needs the org is told by the org itself. */
export function errorsOf(
  fields: ClientAppFields,
  form: SetupForm,
  app: ClientApp | undefined,
): Record<string, string> {
  const { name, apiName, contactEmail } = fields;
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
  else if (contactEmail.length > 255 || !emailRule.test(contactEmail)) {
    errors['contactEmail'] = 'This is no e-mail address. It has the form ops@example.org.';
  }
  for (const [detail, error] of Object.entries(detailErrors(fields))) errors[detail] = `${error}.`;
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
  /** What a field of this name is given, of whatever shape it is. */
  const text = <
    Name extends 'name' | 'apiName' | 'contactEmail' | 'callbackUrl' | keyof ClientAppDetails,
  >(
    name: Name,
    label: string,
  ) => ({ name, label, errors, value: fields[name] });
  const box = (name: Box | 'usesDigitalSignatures', label: string) => ({
    name,
    label,
    isChecked: fields[name],
  });
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
        <TextField {...text('name', word.name)} maxLength={80} fills="#apiName" isRequired />
        <TextField
          {...text('apiName', 'API Name')}
          maxLength={80}
          hint="Begins with a letter; letters, digits and single underscores. Filled in from the name."
          isRequired
        />
        <TextField
          {...text('contactEmail', 'Contact Email')}
          type="email"
          maxLength={80}
          autocomplete="email"
          isRequired
        />
        <TextField {...text('contactPhone', 'Contact Phone')} type="tel" maxLength={40} />
        <TextField
          {...text('logoUrl', 'Logo Image URL')}
          type="url"
          maxLength={255}
          hint="Begins with https://. Only kept here: no picture is fetched from elsewhere."
        />
        <TextField {...text('iconUrl', 'Icon URL')} type="url" maxLength={255} />
        <TextField {...text('infoUrl', 'Info URL')} type="url" maxLength={255} />
        <TextField {...text('description', 'Description')} maxLength={255} isLong />
      </Card>
      <Card title="API (Enable OAuth Settings)">
        <Checkbox {...box('isOauthEnabled', word.enable)} opens="#oauth" />
        <div id="oauth">
          <TextField
            {...text('callbackUrl', 'Callback URL')}
            hint="Required, though the JWT bearer flow does not use it: http://localhost/ will do. One in each line."
            isRequiredWhenOpen
            isLong
          />
          <Checkbox
            {...box('usesDigitalSignatures', word.signatures)}
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
            {...box(
              'isPkceRequired',
              'Require Proof Key for Code Exchange (PKCE) extension for Supported Authorization Flows',
            )}
          />
          <Checkbox
            {...box(
              'isConsumerSecretOptional',
              'Do without the consumer secret in the web server flow and the refresh token flow',
            )}
          />
          <Checkbox {...box('isIntrospectAllTokens', 'Introspect All Tokens')} />
          <Checkbox
            {...box(
              'jwtAccessTokens',
              'Issue JSON Web Token (JWT)-based access tokens for named users',
            )}
          />
        </div>
      </Card>
      <Card title="Web App Settings">
        <TextField
          {...text('startUrl', 'Start URL')}
          type="url"
          maxLength={255}
          hint="Where the App Launcher would lead. The JWT bearer flow does not use it."
        />
      </Card>
      <FormEnd cancel={cancel} />
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
