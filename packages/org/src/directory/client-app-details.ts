/** What an app says of itself in Basic Information beside its name; no answer depends on it. */

/** Empty where nothing was entered. */
export interface ClientAppDetails {
  description: string;
  contactPhone: string;
  logoUrl: string;
  iconUrl: string;
  infoUrl: string;
  startUrl: string;
}

/** Each field may be left out. */
export type Maybe<Fields> = { [Name in keyof Fields]?: Fields[Name] | undefined };

export const noDetails: Readonly<ClientAppDetails> = {
  description: '',
  contactPhone: '',
  logoUrl: '',
  iconUrl: '',
  infoUrl: '',
  startUrl: '',
};

export const detailNames = Object.keys(noDetails) as (keyof ClientAppDetails)[];

/** Metadata API Developer Guide, ConnectedApp: images come over HTTPS, links over HTTP too. */
const detailRules: Readonly<Record<keyof ClientAppDetails, (value: string) => string | undefined>> =
  {
    description: ({ length }) =>
      length > 255 ? 'The description can have 255 characters at most' : undefined,
    contactPhone: (value) =>
      value.length <= 40 && /^[\d+(][\d\s().+/-]*(?:(?:x|ext\.?)\s*\d+)?$/i.test(value)
        ? undefined
        : 'The contact phone is a number of 40 characters at most, such as +1 (555) 010-0100',
    logoUrl: (value) => urlError('logo image URL', value, ['https:']),
    iconUrl: (value) => urlError('icon URL', value, ['https:']),
    infoUrl: (value) => urlError('info URL', value, ['https:', 'http:']),
    startUrl: (value) => urlError('start URL', value, ['https:', 'http:']),
  };

function urlError(label: string, value: string, schemes: readonly string[]): string | undefined {
  if (value.length > 255) return `The ${label} can have 255 characters at most`;
  return URL.canParse(value) && schemes.includes(new URL(value).protocol)
    ? undefined
    : `The ${label} begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}`;
}

/** Name of a field -> what is wrong with it. */
export function detailErrors(
  details: ClientAppDetails,
): Partial<Record<keyof ClientAppDetails, string>> {
  return Object.fromEntries(
    detailNames.flatMap((name) => {
      const error = details[name] === '' ? undefined : detailRules[name](details[name]);
      return error === undefined ? [] : [[name, error]];
    }),
  );
}
