import { useLocaleState } from 'react-admin';
import { useMaybeMeta } from '../meta/store';

type Amount = string | number | null | undefined;
const given = (v: Amount): v is string | number => v !== null && v !== undefined && v !== '';
/** Intl takes decimals as text and prints every digit of them. */
const exact = (v: string | number) => String(v) as unknown as number;

export type Format = {
  locale: string;
  currency: string;
  zone: string;
  money: (v: Amount, currency?: string) => string;
  quantity: (v: Amount) => string;
  percent: (v: Amount) => string;
  integer: (v: Amount) => string;
  /** Of a plain date: 2026-01-15. */
  date: (v: string | null | undefined) => string;
  /** Of an instant, in the organization's time zone. */
  datetime: (v: string | null | undefined) => string;
  /** 2 hours ago. */
  ago: (v: string) => string;
};

function make(locale: string, currency: string, zone: string): Format {
  const currencies = new Map<string, Intl.NumberFormat>();
  const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options);
  const ofCurrency = (c: string) => {
    let format = currencies.get(c);
    if (!format) {
      format = /^[A-Z]{3}$/.test(c) ? number({ style: 'currency', currency: c, currencyDisplay: 'narrowSymbol', maximumFractionDigits: 4 }) : number({ minimumFractionDigits: 2, maximumFractionDigits: 4 });
      currencies.set(c, format);
    }
    return format;
  };
  const decimals = number({ maximumFractionDigits: 4 });
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  const times = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const valid = (v: string | null | undefined): v is string => !!v && !Number.isNaN(Date.parse(v));
  return {
    locale,
    currency,
    zone,
    money: (v, c = currency) => (given(v) ? ofCurrency(c || currency).format(exact(v)) : ''),
    quantity: (v) => (given(v) ? decimals.format(exact(v)) : ''),
    percent: (v) => (given(v) ? `${decimals.format(exact(v))} %` : ''),
    integer: (v) => (given(v) ? decimals.format(exact(v)) : ''),
    date: (v) => (valid(v) ? dates.format(new Date(`${v.slice(0, 10)}T00:00:00Z`)) : (v ?? '')),
    datetime: (v) => (valid(v) ? times.format(new Date(v)) : (v ?? '')),
    ago: (v) => {
      const minutes = Math.round((Date.parse(v) - Date.now()) / 60_000);
      if (Math.abs(minutes) < 60) return relative.format(minutes, 'minute');
      if (Math.abs(minutes) < 48 * 60) return relative.format(Math.round(minutes / 60), 'hour');
      return relative.format(Math.round(minutes / 1440), 'day');
    },
  };
}

/** Today where the organization is. */
export const todayIn = (zone: string, at = new Date()) => new Intl.DateTimeFormat('sv-SE', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);

const made = new Map<string, Format>();

/** One for all who ask: what Intl makes is dear, and every cell of a list asks. */
function formatOf(locale: string, currency: string, zone: string): Format {
  const key = `${locale} ${currency} ${zone}`;
  const format = made.get(key) ?? make(locale, currency, zone);
  made.set(key, format);
  return format;
}

/** Numbers, dates and amounts as the person's language writes them. */
export function useFormat(): Format {
  const [locale] = useLocaleState();
  const organization = useMaybeMeta()?.caller.organization;
  const { currency = 'EUR', time_zone: zone = 'UTC' } = organization ?? {};
  return formatOf(locale, currency, zone);
}
