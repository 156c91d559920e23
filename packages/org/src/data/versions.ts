/** API versions: three a year, named after the season. */

import { notFound, RestError } from './rest-error.ts';

export interface ApiVersion {
  label: string;
  url: string;
  version: string;
}

/** 31.0 was Summer '14, the first that still answers; 67.0 is Summer '26. */
const oldest = 31;
export const latestVersion = '67.0';

export const versions: readonly ApiVersion[] = Array.from(
  { length: Number(latestVersion) - oldest + 1 },
  (_, index) => {
    const number = oldest + index;
    const version = `${number}.0`;
    return { label: label(number), url: `/services/data/v${version}`, version };
  },
);

/** Counted from 60.0, Spring '24. */
function label(number: number): string {
  const seasons = ['Spring', 'Summer', 'Winter'];
  const place = number - 60;
  const season = seasons[((place % 3) + 3) % 3] ?? '';
  const year = 24 + Math.floor(place / 3) + (season === 'Winter' ? 1 : 0);
  return `${season} '${year}`;
}

/**
 * The version that a path segment such as `v67.0` names.
 *
 * @throws RestError 410 for a retired one, 404 for one that is not there yet or no version at all
 * (REST API Developer Guide, API End-of-Life Policy)
 */
export function requireVersion(segment: string): ApiVersion {
  const version = versions.find((one) => segment === `v${one.version}`);
  if (version !== undefined) return version;
  const number = Number(/^v(\d{1,2})\.0$/.exec(segment)?.[1] ?? Number.NaN);
  if (number < oldest) {
    throw new RestError(
      410,
      'UNSUPPORTED_API_VERSION',
      `API version ${number}.0 has been retired; use ${oldest}.0 or later`,
    );
  }
  throw notFound();
}
