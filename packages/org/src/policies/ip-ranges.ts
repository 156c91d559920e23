/** Login IP Ranges of a profile, and how far an app relaxes them. */

import { BlockList, isIP } from 'node:net';
import { OrgError } from '../org-error.ts';

/** As in the metadata of a profile; both ends belong to the range. */
export interface IpRange {
  startAddress: string;
  endAddress: string;
}

/** OAuth policies > IP Relaxation. */
export type IpRelaxation = 'enforce' | 'enforceRelaxRefresh' | 'bypass2factor' | 'bypass';

export const ipRelaxationLabels: Readonly<Record<IpRelaxation, string>> = {
  enforce: 'Enforce IP restrictions',
  enforceRelaxRefresh: 'Enforce IP restrictions, but relax for refresh tokens',
  bypass2factor: 'Relax IP restrictions with second factor',
  bypass: 'Relax IP restrictions',
};

/** @throws OrgError FIELD_INVALID */
export function requireIpRanges(ranges: readonly IpRange[]): void {
  for (const { startAddress, endAddress } of ranges) {
    try {
      toBlockList([{ startAddress, endAddress }]);
    } catch (cause) {
      throw new OrgError(
        'FIELD_INVALID',
        `${startAddress} to ${endAddress} is not a range of IP addresses`,
        { cause, hints: ['Both ends are IPv4 or both IPv6, and the start is not above the end.'] },
      );
    }
  }
}

/** Whether an address is in one of the ranges; a profile without ranges allows all addresses. */
export function isInRanges(address: string, ranges: readonly IpRange[]): boolean {
  if (ranges.length === 0) return true;
  const version = isIP(address);
  return version !== 0 && toBlockList(ranges).check(address, version === 6 ? 'ipv6' : 'ipv4');
}

function toBlockList(ranges: readonly IpRange[]): BlockList {
  const list = new BlockList();
  for (const { startAddress, endAddress } of ranges) {
    list.addRange(startAddress, endAddress, isIP(startAddress) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
