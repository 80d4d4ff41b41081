/** How far an address reaches, nearest last: what to dial first, whom to trust with how many connections. */
export type Reach = 'private' | 'public' | 'link-local' | 'loopback'

/** The reach of a textual IPv4 or IPv6 address. Carrier NAT (100.64/10) and unique local IPv6 count as private. */
export function reachOf(ip: string): Reach {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1]
  return ip.includes(':') && mapped === undefined ? reachOf6(ip.toLowerCase()) : reachOf4(mapped ?? ip)
}

/** Whether an address is that of one host on the internet; of IPv6 only what is global unicast (2000::/3) is. */
export function isPublicUnicast(ip: string): boolean {
  if (ip.includes(':')) return /^[23][0-9a-f]{3}:/i.test(ip)
  return reachOf(ip) === 'public' && Number(ip.split('.')[0]) < 224
}

/** Who an address stands for when connections are shared: whoever has one public IPv6 address has as many as fit into 64 bits. */
export function hostOf(ip: string | undefined): string {
  if (ip === undefined) return ''
  if (!ip.includes(':') || reachOf(ip) !== 'public' || ip.includes('.')) return ip
  const [head = '', tail = ''] = ip.toLowerCase().split('::')
  const groups = [head, tail].map((part) => (part === '' ? [] : part.split(':')))
  const [front = [], back = []] = groups
  const between = new Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  return `${[...front, ...between, ...back].slice(0, 4).join(':')}::/64`
}

function reachOf4(ip: string): Reach {
  const [a = 0, b = 0] = ip.split('.').map(Number)
  if (a === 127 || a === 0) return 'loopback'
  if (a === 169 && b === 254) return 'link-local'
  const isPrivate =
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128)
  return isPrivate ? 'private' : 'public'
}

function reachOf6(ip: string): Reach {
  if (ip === '::1' || ip === '::') return 'loopback'
  if (/^fe[89ab]/.test(ip)) return 'link-local'
  return /^f[cd]/.test(ip) ? 'private' : 'public'
}
