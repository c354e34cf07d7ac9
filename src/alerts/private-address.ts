// Which addresses are not of the public internet. Rule: what is not clearly public is private.
// Source: IANA special-purpose address registries (RFC 6890 and its updates), read 2026-11-28.
import { BlockList, isIPv4, isIPv6 } from 'node:net';

const V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/** The one block that is public, without what is special inside it. */
const PUBLIC_V6: readonly [string, number] = ['2000::', 3];
const V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const special = new BlockList();
for (const [net, bits] of V4) special.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of V6) special.addSubnet(net, bits, 'ipv6');
const publicV6 = new BlockList();
publicV6.addSubnet(...PUBLIC_V6, 'ipv6');

/** Whether an IP address is of this machine, of a network around it, or of nobody; an IPv4 address inside an IPv6 one included. */
export function isPrivateAddress(address: string): boolean {
  if (!isIPv6(address)) return !isIPv4(address) || special.check(address, 'ipv4');
  return !publicV6.check(address, 'ipv6') || special.check(address, 'ipv6');
}
