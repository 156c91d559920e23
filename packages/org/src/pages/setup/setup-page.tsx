import type { Child } from 'hono/jsx';
import { Breadcrumbs } from '../elements/breadcrumbs.tsx';
import type { Crumb } from '../elements/breadcrumbs.tsx';
import { Brand } from '../elements/brand.tsx';
import { Icon } from '../elements/icon.tsx';
import { Message } from '../elements/message.tsx';
import type { MessageProps } from '../elements/message.tsx';
import { page } from '../page.tsx';
import { themeOf } from '../theme.ts';
import { navigation, quickFind, setupHome, wordsOf } from './navigation.ts';
import type { SetupCall } from './setup-route.ts';

export interface SetupPageOptions {
  /** Heading of the page, and of the window. */
  title: string;
  /** What the page is for, under the heading. */
  lead?: Child;
  /** Address in the navigation under which the page is found; its own when left out. */
  section?: string;
  /** The way down to this page, below the section. */
  crumbs?: readonly Crumb[];
  /** Buttons beside the heading. */
  actions?: Child;
  /** What became of the last action. */
  message?: MessageProps | undefined;
  status?: number;
}

/** A page of Setup: header, navigation, and the content under its heading. */
export function setupPage(call: SetupCall, options: SetupPageOptions, content: Child): Response {
  const { title, lead, crumbs = [], actions, message, status = 200 } = options;
  const section = options.section ?? call.url.pathname;
  const way = wayTo(section, [...crumbs, { label: title }]);
  return page(
    <>
      <a class="hidden-text" href="#main">
        Skip to the page
      </a>
      <Header call={call} />
      <div class="layout">
        <Navigation section={section} typed={call.url.searchParams.get('find') ?? ''} />
        <main class="page" id="main" tabindex={-1}>
          <Breadcrumbs crumbs={way} />
          <div class="page-head">
            <div>
              <h1>
                <bdi>{title}</bdi>
              </h1>
              {lead === undefined ? null : <p>{lead}</p>}
            </div>
            {actions === undefined ? null : <div class="actions">{actions}</div>}
          </div>
          {message === undefined ? null : <Message {...message} />}
          {content}
        </main>
      </div>
    </>,
    {
      title: status >= 400 ? `Error: ${title}` : title,
      status,
      theme: themeOf(call.request),
      hasScript: true,
    },
  );
}

/** Setup, the heading in the navigation, the page there, and the way below it. */
function wayTo(section: string, below: readonly Crumb[]): Crumb[] {
  const home: Crumb = { label: 'Setup', href: setupHome };
  for (const { label, items } of navigation.slice(1)) {
    const item = items.find(({ href }) => href === section);
    if (item === undefined) continue;
    const isItself = below.length === 1 && below[0]?.label === item.label;
    return [
      home,
      { label },
      ...(isItself ? below : [{ label: item.label, href: item.href }, ...below]),
    ];
  }
  return section === setupHome ? [{ label: 'Setup' }] : [home, ...below];
}

function Header({ call }: { call: SetupCall }): Child {
  const { user, url } = call;
  const theme = themeOf(call.request);
  return (
    <header class="bar">
      <button
        class="bar-button navigation-opener"
        type="button"
        popovertarget="navigation"
        aria-label="Setup navigation"
      >
        <Icon name="list" />
      </button>
      <Brand />
      <span class="space" />
      <form method="post" action="/lightning/setup/theme">
        <FormToken call={call} />
        <input type="hidden" name="back" value={url.pathname + url.search} />
        <button
          class="bar-button theme-dark"
          name="theme"
          value="light"
          aria-label="Light colours"
          title="Light colours"
        >
          <Icon name="sun" />
        </button>
        <button
          class="bar-button theme-light"
          name="theme"
          value="dark"
          aria-label="Dark colours"
          title="Dark colours"
        >
          <Icon name="moon" />
        </button>
        {theme === undefined ? null : (
          <button class="hidden-text" name="theme" value="">
            Colours of the system
          </button>
        )}
      </form>
      <GearMenu />
      <UserMenu call={call} name={user.name} username={user.username} />
    </header>
  );
}

/** The gear in the top right corner. */
export function GearMenu(): Child {
  return (
    <details class="menu" name="menu">
      <summary class="bar-button" aria-label="Setup" title="Setup">
        <Icon name="gear" />
      </summary>
      <ul class="menu-list">
        <li>
          <a href={setupHome}>
            <Icon name="gear" />
            Setup
          </a>
        </li>
      </ul>
    </details>
  );
}

export function UserMenu({
  call,
  name,
  username,
}: {
  call: Pick<SetupCall, 'formToken'>;
  name: string;
  username: string;
}): Child {
  return (
    <details class="menu" name="menu">
      <summary class="bar-button" aria-label={`User ${name}`} title={name}>
        <Icon name="person" />
      </summary>
      <ul class="menu-list">
        <li class="note">
          <strong>
            <bdi>{name}</bdi>
          </strong>
          <br />
          <bdi>{username}</bdi>
        </li>
        <li>
          <form method="post" action="/secur/logout.jsp">
            <FormToken call={call} />
            <button type="submit">Log Out</button>
          </form>
        </li>
      </ul>
    </details>
  );
}

function Navigation({ section, typed }: { section: string; typed: string }): Child {
  const groups = quickFind(typed);
  return (
    <nav class="navigation" id="navigation" popover="auto" aria-label="Setup">
      <form class="quick-find" role="search" action={setupHome}>
        <Icon name="search" />
        <label class="hidden-text" for="find">
          Quick Find
        </label>
        <input id="find" name="find" type="search" placeholder="Quick Find" value={typed} />
      </form>
      {groups.length === 0 ? <p class="nothing">No page of Setup has these words.</p> : null}
      {groups.map(({ label, items }) => (
        <section data-words={label.toLowerCase()}>
          <h2>{label}</h2>
          <ul>
            {items.map((item) => (
              <li data-words={wordsOf(item)}>
                <a href={item.href} aria-current={item.href === section ? 'page' : undefined}>
                  {item.label}
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

/** Belongs into every form: proves that the form came from this org, to this session. */
export function FormToken({ call }: { call: Pick<SetupCall, 'formToken'> }): Child {
  return <input type="hidden" name="formToken" value={call.formToken} />;
}
