/** Days are texts, 2026-01-31; their arithmetic is in UTC, where every day has 24 hours. */
const DAY_MS = 86_400_000;
const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

export const addDays = (day: string, n: number) => dayOf(at(day) + n * DAY_MS);
export const daysBetween = (from: string, to: string) => Math.round((at(to) - at(from)) / DAY_MS);
export const isDay = (text: string | null): text is string => !!text && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(at(text)) && dayOf(at(text)) === text;

export function addMonths(day: string, n: number): string {
  const [year = 0, month = 1, d = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(year, month + n, 0)).getUTCDate();
  return dayOf(Date.UTC(year, month - 1 + n, Math.min(d, last)));
}

/** 1 is Monday, 7 Sunday. */
export function firstWeekday(locale: string): number {
  const l = new Intl.Locale(locale) as Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
  return (l.getWeekInfo?.() ?? l.weekInfo)?.firstDay ?? 1;
}

export const weekStart = (day: string, first: number) => addDays(day, -((new Date(at(day)).getUTCDay() + 7 - (first % 7)) % 7));

export type View = 'month' | 'week';
/** The days that are shown: a week, or the whole weeks of a month. */
export function shownDays(view: View, day: string, first: number): string[] {
  const begin = view === 'week' ? weekStart(day, first) : weekStart(`${day.slice(0, 8)}01`, first);
  const end = view === 'week' ? addDays(begin, 6) : addDays(weekStart(addDays(addMonths(`${day.slice(0, 8)}01`, 1), -1), first), 6);
  return Array.from({ length: daysBetween(begin, end) + 1 }, (_, i) => addDays(begin, i));
}

/** What a clock on the wall says at an instant: 2026-01-31T14:30:00. */
const wall = (ms: number, zone: string) => new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(ms).replace(' ', 'T');
export const dayIn = (instant: string, zone: string) => wall(Date.parse(instant), zone).slice(0, 10);
export const timeIn = (instant: string, zone: string) => wall(Date.parse(instant), zone).slice(11, 16);

/** The instant at which a clock there says so. */
export function instantIn(day: string, time: string, zone: string): string {
  const wanted = Date.parse(`${day}T${time}Z`);
  let ms = wanted;
  for (let i = 0; i < 2; i += 1) ms += wanted - Date.parse(`${wall(ms, zone)}Z`); // twice: a clock may be set between
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The same time of day on another day. */
export const moveInstant = (instant: string, to: string, zone: string) => instantIn(to, wall(Date.parse(instant), zone).slice(11), zone);
