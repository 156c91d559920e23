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
