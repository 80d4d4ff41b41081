const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const dayFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric'
})

/** `09:05`, in the user's time zone. */
export function clockText(at: number): string {
  return clockFormat.format(at)
}

/** As wide as a time and a space: before the later lines of what begins with them. */
export const CLOCK_MARGIN = '      '

/** `Tuesday, 14 May 2024`, in the user's time zone: the heading of a day. */
export function dayText(at: number): string {
  return dayFormat.format(at)
}

/** How long ago, as people say it. */
export function agoText(at: number, now: number): string {
  const age = now - at
  if (age < MINUTE) return 'just now'
  if (age < HOUR) return `${String(Math.floor(age / MINUTE))} min ago`
  if (age < DAY) return `${String(Math.floor(age / HOUR))} h ago`
  if (age < 14 * DAY) return age < 2 * DAY ? 'yesterday' : `${String(Math.floor(age / DAY))} days ago`
  return `on ${dayText(at)}`
}
