/** What the name of a host tells of the org behind it. */

export interface HostKind {
  readonly kind: 'production' | 'sandbox' | 'unknown';
  /** Of a sandbox, when the name tells it. */
  readonly sandbox?: string | undefined;
  /** `login.` and `test.`, which find an org by the username. */
  readonly isGeneric: boolean;
  /** In words. */
  readonly says: string;
}

/** @param loginUrl as somebody typed it */
export function kindOfHost(loginUrl: string): HostKind {
  const host = loginUrl
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/[/:?#][^]*$/, '')
    .toLowerCase();
  if (/^login\.(?:salesforce\.com|localhost)$/.test(host)) {
    return { kind: 'production', isGeneric: true, says: 'the login host of production orgs' };
  }
  if (/^test\.(?:salesforce\.com|localhost)$/.test(host)) {
    return { kind: 'sandbox', isGeneric: true, says: 'the login host of sandboxes' };
  }
  const [, org = '', sandbox, place = ''] =
    /^([\w-]+?)(?:--([\w-]+))?((?:\.[\w-]+)?)\.my\.(?:salesforce\.(?:com|mil)|sfcrmproducts\.cn)$/.exec(
      host,
    ) ?? [];
  if (org !== '') {
    if (sandbox !== undefined || place === '.sandbox') {
      return {
        kind: 'sandbox',
        sandbox,
        isGeneric: false,
        says: `My Domain of the sandbox ${sandbox ?? ''} of ${org}`.replace('  ', ' '),
      };
    }
    const kind = place === '' || place === '.develop' ? 'production' : 'unknown';
    return { kind, isGeneric: false, says: `My Domain of ${org}` };
  }
  if (/\.my\.site\.(?:com|mil)$|\.force\.com$/.test(host)) {
    return { kind: 'unknown', isGeneric: false, says: 'a site of Experience Cloud' };
  }
  if (/^(?:localhost|127(?:\.\d+){3}|\[?::1\]?|.+\.localhost)$/.test(host)) {
    return { kind: 'unknown', isGeneric: false, says: 'a local org on this machine' };
  }
  return { kind: 'unknown', isGeneric: false, says: 'no address of Salesforce' };
}
