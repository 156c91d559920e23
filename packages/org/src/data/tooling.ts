/** The objects of the Tooling API that this org has: those of Setup. */

import { Catalogue } from './catalogue.ts';

const views = new WeakMap<Catalogue, Catalogue>();

/** Business records are not there: `Account` is answered as an unknown type, as in Salesforce. */
export function toolingObjects(catalogue: Catalogue): Catalogue {
  let view = views.get(catalogue);
  if (view === undefined) {
    view = new Catalogue(catalogue.list().filter(({ setup }) => setup));
    views.set(catalogue, view);
  }
  return view;
}
