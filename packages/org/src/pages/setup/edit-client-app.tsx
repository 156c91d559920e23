/** Edit, and Delete, of an app. */

import type { ClientApp } from '../../directory/client-app.ts';
import { Card } from '../elements/card.tsx';
import type { FieldErrors } from '../elements/form.tsx';
import {
  ClientAppForm,
  changeOf,
  errorAtField,
  errorsOf,
  fieldsOf,
  policiesOf,
  sentFields,
} from './client-app-form.tsx';
import type { ClientAppFields } from './client-app-form.tsx';
import { appPath, paths } from './navigation.ts';
import { lostFileMessage } from './new-client-app.tsx';
import { FormToken, setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';

interface Form {
  fields: ClientAppFields;
  errors?: FieldErrors;
  lostFile?: boolean;
}

function appOf({ context, parameters }: SetupCall): ClientApp {
  return context.clientApps.getById(parameters['id'] ?? '');
}

function show(call: SetupCall, app: ClientApp, form: Form): Response {
  const { fields, errors = {}, lostFile = false } = form;
  const hasErrors = Object.keys(errors).length > 0;
  return setupPage(
    call,
    {
      title: `Edit ${app.name}`,
      section: paths.appManager,
      crumbs: [{ label: app.name, href: appPath(app.id, 'view') }],
      status: hasErrors ? 422 : 200,
      message: lostFile && !hasErrors ? lostFileMessage : undefined,
    },
    <ClientAppForm
      kind={app.kind}
      fields={fields}
      errors={errors}
      lostFile={lostFile}
      app={app}
      cancel={appPath(app.id, 'view')}
    >
      <FormToken call={call} />
    </ClientAppForm>,
  );
}

function save(call: SetupPost): Response {
  const { context, form } = call;
  const { clientApps } = context;
  const app = appOf(call);
  const fields = sentFields(form);
  const upload = form.upload('certificate');
  const again = { fields, lostFile: upload !== undefined };
  if (form.has('move')) return show(call, app, again);
  const errors = errorsOf(fields, form, app);
  if (Object.keys(errors).length > 0) return show(call, app, { ...again, errors });
  try {
    context.database.transaction(() => {
      clientApps.change(app, changeOf(fields));
      clientApps.setPolicies(app, policiesOf(fields));
      if (!fields.usesDigitalSignatures) clientApps.removeCertificate(app);
      else if (upload !== undefined) clientApps.uploadCertificate(app, upload.bytes);
    });
  } catch (error) {
    return show(call, app, { ...again, errors: errorAtField(error) });
  }
  return seeOther(`${appPath(app.id, 'view')}?saved=app`);
}

/** Asked once more, since nothing brings an app back. */
function confirmDelete(call: SetupCall): Response {
  const app = appOf(call);
  return setupPage(
    call,
    {
      title: `Delete ${app.name}?`,
      section: paths.appManager,
      crumbs: [{ label: app.name, href: appPath(app.id, 'view') }],
    },
    <Card>
      <p>
        Its consumer key is not accepted any more, and all sessions that were opened through it end.
        This cannot be undone.
      </p>
      <form class="actions" method="post">
        <FormToken call={call} />
        <button class="button danger" type="submit">
          Delete
        </button>
        <a class="button" href={appPath(app.id, 'view')}>
          Cancel
        </a>
      </form>
    </Card>,
  );
}

function remove(call: SetupPost): Response {
  const app = appOf(call);
  call.context.database.transaction(() => call.context.clientApps.delete(app));
  return seeOther(`${paths.appManager}?deleted`);
}

const editPath = appPath(':id', 'edit');
const deletePath = appPath(':id', 'delete');

export const routes: readonly SetupRoute[] = [
  {
    method: 'GET',
    path: editPath,
    handle: (call) => show(call, appOf(call), { fields: fieldsOf(appOf(call)) }),
  },
  { method: 'POST', path: editPath, handle: save },
  { method: 'GET', path: deletePath, handle: confirmDelete },
  { method: 'POST', path: deletePath, handle: remove },
];
