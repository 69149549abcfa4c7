import { useCallback } from 'react';
import { useFormat } from '../../i18n/format';

/** The last day of a month: 2026-02 → 2026-02-28. */
export function monthEnd(month: string): string {
  const [year = 0, m = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, m, 0)).toISOString().slice(0, 10);
}

/** Amounts along an axis: 1.2 M. */
export function useShort(): (v: number) => string {
  const { locale } = useFormat();
  return useCallback((v: number) => new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(v), [locale]);
}
