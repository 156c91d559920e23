import { to18 } from '../store/record-id.ts';

/** Id of the OAuth consumer of an app (888…): the id of the app with another prefix. */
export function consumerIdOf(appId: string): string {
  return to18(`888${appId.slice(3, 15)}`);
}
