import { Browser } from './browser.ts';
import { orgSetting } from './org-setting.ts';
import type { OrgSetting } from './org-setting.ts';
import type { NewClientApp, OrgOptions } from '../src/index.ts';

/** Where the pages are. */
export const pages = {
  users: '/lightning/setup/ManageUsers/home',
  profiles: '/lightning/setup/EnhancedProfiles/home',
  permissionSets: '/lightning/setup/PermSets/home',
  sessionManagement: '/lightning/setup/SessionManagement/home',
  loginHistory: '/lightning/setup/OrgLoginHistory/home',
  connectedAppsOauthUsage: '/lightning/setup/ConnectedAppsUsage/home',
  certificatesInUse: '/lightning/setup/CertificatesAndKeysManagement/home',
  setupAuditTrail: '/lightning/setup/SecurityEvents/home',
  requestMonitor: '/lightning/setup/LocalOrgRequests/home',
  clockAndFaults: '/lightning/setup/LocalOrgControl/home',
} as const;

export interface SetupSetting extends OrgSetting {
  browser: Browser;
  /** The page, which has to be there. */
  open: (path: string) => Promise<string>;
  /**
   * Fills in the form of a page that has this button, sends it, and returns the page that follows.
   * What is not filled in goes as the page shows it, as from a browser; `null` clears a box.
   */
  submit: (path: string, button: string, fill?: Filling) => Promise<string>;
  /** What the token endpoint answers now: `ok`, or the sentence of the refusal. */
  answer: () => Promise<string>;
}

export type Filling = Readonly<Record<string, string | readonly string[] | null>>;

/** An org with an administrator who is signed in. */
export async function setupSetting(
  options: OrgOptions = {},
  appChange: Partial<NewClientApp> = {},
): Promise<SetupSetting> {
  const setting = await orgSetting(options, appChange);
  const browser = new Browser(setting.org);
  await browser.enter(setting.org.administrator);
  const open: SetupSetting['open'] = async (path) => {
    const response = await browser.get(path);
    if (response.status !== 200) throw new Error(`${path} is answered with ${response.status}`);
    return response.text();
  };
  return {
    ...setting,
    browser,
    open,
    submit: async (path, button, fill = {}) => {
      const { action, fields } = formOf(await open(path), button);
      for (const [name, value] of Object.entries(fill)) {
        fields.delete(name);
        for (const one of value === null ? [] : [value].flat()) fields.append(name, one);
      }
      // A form without an action goes to the page it is on.
      const response = await browser.post(action ?? path, fields);
      const location = response.headers.get('location');
      return location === null ? response.text() : open(location);
    },
    answer: async () => {
      const response = await setting.ask();
      const body = (await response.json()) as { error_description?: string };
      return body.error_description ?? 'ok';
    },
  };
}

function unescape(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

const attribute = (tag: string, name: string): string | undefined => {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`).exec(tag) ?? [];
  return value === undefined ? undefined : unescape(value);
};

/** Where the form with this button goes, and what a browser sends of it. */
function formOf(
  html: string,
  button: string,
): {
  action: string | undefined;
  fields: URLSearchParams;
} {
  for (const [, tag = '', content = ''] of html.matchAll(/(<form[^>]*>)(.*?)<\/form>/gs)) {
    const buttons = [...content.matchAll(/(<button[^>]*>)(.*?)<\/button>/gs)];
    const pressed = buttons.find(
      ([, start = '', label = '']) =>
        attribute(start, 'aria-label') === button || unescape(label.trim()) === button,
    );
    if (pressed === undefined) continue;
    const fields = new URLSearchParams();
    const named = attribute(pressed[1] ?? '', 'name');
    if (named !== undefined) fields.append(named, attribute(pressed[1] ?? '', 'value') ?? '');
    for (const [input] of content.matchAll(/<input[^>]*>/g)) {
      const type = attribute(input, 'type');
      const name = attribute(input, 'name');
      const isBox = type === 'checkbox' || type === 'radio';
      if (name === undefined || (isBox && !/\schecked/.test(input))) continue;
      fields.append(name, attribute(input, 'value') ?? '');
    }
    for (const [, start = '', options = ''] of content.matchAll(
      /(<select[^>]*>)(.*?)<\/select>/gs,
    )) {
      const all = [...options.matchAll(/<option[^>]*>/g)].map(([option]) => option);
      const chosen = all.find((option) => /\sselected/.test(option)) ?? all[0] ?? '';
      fields.append(attribute(start, 'name') ?? '', attribute(chosen, 'value') ?? '');
    }
    for (const [, start = '', text = ''] of content.matchAll(
      /(<textarea[^>]*>)(.*?)<\/textarea>/gs,
    )) {
      fields.append(attribute(start, 'name') ?? '', unescape(text));
    }
    return { action: attribute(tag, 'action'), fields };
  }
  throw new Error(`The page has no button "${button}"`);
}
