import type { Child } from 'hono/jsx';
import { Icon } from './icon.tsx';

/** Says on every page what this is, and what it is not. */
export function Brand(): Child {
  return (
    <>
      <a class="brand" href="/">
        <Icon name="cloud" />
        <span>sfjwt</span>
      </a>
      <span class="stand-in">
        Local stand-in<span class="more">, not Salesforce</span>
      </span>
    </>
  );
}
