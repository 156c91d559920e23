/** The side navigation of Setup: every page under the heading and the name it has in Setup. */

export interface NavigationItem {
  label: string;
  href: string;
  /** More words by which Quick Find knows it. */
  words?: string;
}

export interface NavigationGroup {
  label: string;
  items: readonly NavigationItem[];
}

export const setupHome = '/lightning/setup/SetupOneHome/home';

export const paths = {
  appManager: '/lightning/setup/NavigationMenus/home',
  externalClientAppManager: '/lightning/setup/ManageExternalClientApplication/home',
  newConnectedApp: '/lightning/setup/NavigationMenus/new',
  newExternalClientApp: '/lightning/setup/ManageExternalClientApplication/new',
  connectedAppsOauthUsage: '/lightning/setup/ConnectedAppsUsage/home',
  users: '/lightning/setup/ManageUsers/home',
  profiles: '/lightning/setup/EnhancedProfiles/home',
  permissionSets: '/lightning/setup/PermSets/home',
  sessionManagement: '/lightning/setup/SessionManagement/home',
  loginHistory: '/lightning/setup/OrgLoginHistory/home',
  certificatesInUse: '/lightning/setup/CertificatesAndKeysManagement/home',
  setupAuditTrail: '/lightning/setup/SecurityEvents/home',
  requestMonitor: '/lightning/setup/LocalOrgRequests/home',
  clockAndFaults: '/lightning/setup/LocalOrgControl/home',
} as const;

type AppPage = 'view' | 'edit' | 'manage' | 'policies' | 'profiles' | 'permission-sets' | 'delete';

/** A page of one app; with `:id` the pattern of its route. */
export function appPath(id: string, page: AppPage): string {
  return `/lightning/setup/ConnectedApplication/${id}/${page}`;
}

export const navigation: readonly NavigationGroup[] = [
  { label: 'Setup', items: [{ label: 'Setup Home', href: setupHome }] },
  {
    label: 'Apps',
    items: [
      {
        label: 'App Manager',
        href: paths.appManager,
        words: 'connected app consumer key oauth digital signatures certificate view edit manage',
      },
      {
        label: 'External Client App Manager',
        href: paths.externalClientAppManager,
        words: 'jwt bearer flow oauth policies settings',
      },
      {
        label: 'Connected Apps OAuth Usage',
        href: paths.connectedAppsOauthUsage,
        words: 'block unblock install uninstall user count revoke',
      },
    ],
  },
  {
    label: 'Users',
    items: [
      {
        label: 'Users',
        href: paths.users,
        words: 'username active inactive freeze unfreeze unlock password',
      },
      {
        label: 'Profiles',
        href: paths.profiles,
        words: 'api enabled api only user login ip ranges login hours session timeout',
      },
      {
        label: 'Permission Sets',
        href: paths.permissionSets,
        words: 'api enabled manage assignments',
      },
    ],
  },
  {
    label: 'Security',
    items: [
      { label: 'Session Management', href: paths.sessionManagement, words: 'access token remove' },
      {
        label: 'Login History',
        href: paths.loginHistory,
        words: 'refused trace why failed status',
      },
      {
        label: 'Certificates in Use',
        href: paths.certificatesInUse,
        words: 'fingerprint expiry days left',
      },
      { label: 'Setup Audit Trail', href: paths.setupAuditTrail, words: 'view who changed' },
    ],
  },
  {
    label: 'Stand-In, not Salesforce',
    items: [
      {
        label: 'Request Monitor',
        href: paths.requestMonitor,
        words: 'local org journal assertion claims live',
      },
      {
        label: 'Clock and Faults',
        href: paths.clockAndFaults,
        words: 'local org time advance freeze error limits',
      },
    ],
  },
];

/** Items whose words hold what was typed, under their headings. */
export function quickFind(typed: string): NavigationGroup[] {
  const wanted = typed.trim().toLowerCase();
  return navigation.flatMap((group) => {
    const items = group.items.filter((item) =>
      `${group.label.toLowerCase()} ${wordsOf(item)}`.includes(wanted),
    );
    return items.length === 0 ? [] : [{ ...group, items }];
  });
}

export function wordsOf({ label, words = '' }: NavigationItem): string {
  return `${label} ${words}`.toLowerCase();
}
