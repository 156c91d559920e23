/** New Connected App, and New External Client App. */

import { orgSettings } from '../../directory/organization.ts';
import { clientAppLabels } from '../../directory/client-app.ts';
import type { ClientAppKind } from '../../directory/client-app.ts';
import type { FieldErrors } from '../elements/form.tsx';
import { Message } from '../elements/message.tsx';
import {
  ClientAppForm,
  changeOf,
  emptyFields,
  errorAtField,
  errorsOf,
  policiesOf,
  sentFields,
} from './client-app-form.tsx';
import type { ClientAppFields } from './client-app-form.tsx';
import { appPath, paths } from './navigation.ts';
import { FormToken, setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';
import { submissionField } from './submissions.ts';

interface Form {
  fields: ClientAppFields;
  errors?: FieldErrors;
  lostFile?: boolean;
  submission?: string;
}

function show(kind: ClientAppKind, call: SetupCall, form: Form): Response {
  const { fields, errors = {}, lostFile = false, submission = call.submissions.next() } = form;
  const hasErrors = Object.keys(errors).length > 0;
  const section = kind === 'connectedApp' ? paths.appManager : paths.externalClientAppManager;
  return setupPage(
    call,
    {
      title: `New ${clientAppLabels[kind]}`,
      section,
      status: hasErrors ? 422 : 200,
      message: lostFile && !hasErrors ? lostFileMessage : undefined,
    },
    isBlocked(kind, call) ? (
      <Message kind="error">
        You can't create a connected app. Since Spring '26 new connected apps are blocked by
        default. <a href={paths.newExternalClientApp}>Create an external client app</a>, or allow
        new connected apps in the <a href={paths.appManager}>App Manager</a>.
      </Message>
    ) : (
      <ClientAppForm
        kind={kind}
        fields={fields}
        errors={errors}
        lostFile={lostFile}
        cancel={section}
      >
        <FormToken call={call} />
        <input type="hidden" name={submissionField} value={submission} />
      </ClientAppForm>
    ),
  );
}

export const lostFileMessage = {
  kind: 'warning',
  children: 'Choose the file of the certificate again: it was not kept.',
} as const;

function isBlocked(kind: ClientAppKind, { context }: SetupCall): boolean {
  return kind === 'connectedApp' && orgSettings(context.database).newConnectedAppsBlocked;
}

function create(kind: ClientAppKind, call: SetupPost): Response {
  const { context, form, submissions } = call;
  const made = submissions.answerTo(form);
  if (made !== undefined) return seeOther(made);
  const fields = sentFields(form);
  const upload = form.upload('certificate');
  const again = {
    fields,
    lostFile: upload !== undefined,
    submission: form.text(submissionField),
  };
  if (isBlocked(kind, call) || form.has('move')) return show(kind, call, again);
  const errors = errorsOf(fields, form, undefined);
  if (Object.keys(errors).length > 0) return show(kind, call, { ...again, errors });
  try {
    return context.database.transaction(() => {
      const { clientApps } = context;
      const app = clientApps.create({ kind, ...changeOf(fields), ...policiesOf(fields) });
      if (fields.isOauthEnabled && fields.usesDigitalSignatures && upload !== undefined) {
        clientApps.uploadCertificate(app, upload.bytes);
      }
      const location = `${appPath(app.id, 'view')}?saved=new`;
      submissions.remember(form, location);
      return seeOther(location);
    });
  } catch (error) {
    return show(kind, call, { ...again, errors: errorAtField(error) });
  }
}

function routesOf(kind: ClientAppKind, path: string): SetupRoute[] {
  return [
    { method: 'GET', path, handle: (call) => show(kind, call, { fields: emptyFields(kind) }) },
    { method: 'POST', path, handle: (call) => create(kind, call) },
  ];
}

export const routes: readonly SetupRoute[] = [
  ...routesOf('connectedApp', paths.newConnectedApp),
  ...routesOf('externalClientApp', paths.newExternalClientApp),
];
