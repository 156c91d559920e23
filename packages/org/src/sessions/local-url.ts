/** A path of this org; anything else leads home, lest a link to the org leads elsewhere. */
export function localUrl(request: Request, wanted: string | null): string {
  if (wanted === null || !URL.canParse(wanted, request.url)) return '/';
  const { origin, pathname, search } = new URL(wanted, request.url);
  if (origin !== new URL(request.url).origin) return '/';
  // Two slashes in front would name a host.
  return pathname.replace(/^\/+/, '/') + search;
}
