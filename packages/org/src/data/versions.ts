/** API versions: three a year, named after the season. */

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

/** The version of a path segment such as `v67.0`, if it is served. */
export function findVersion(segment: string): ApiVersion | undefined {
  return versions.find(({ version }) => segment === `v${version}`);
}
