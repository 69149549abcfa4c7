import polyglotI18nProvider from 'ra-i18n-polyglot';
import en from 'ra-language-english';
import { useMemo } from 'react';
import { useLocaleState, useTranslate, type TranslationMessages } from 'react-admin';

export const LOCALES = [
  { locale: 'en', name: 'English' },
  { locale: 'de', name: 'Deutsch' },
];

const KEY = 'millwright.locale';
type Messages = Record<string, unknown>;
const loaded: Record<string, Messages> = { en: en as unknown as Messages };

async function load(locale: string): Promise<Messages> {
  if (!loaded[locale]) loaded[locale] = (await import('./de')).default;
  return loaded[locale] ?? {};
}

function wanted(): string {
  const known = (l: string | null | undefined) => LOCALES.find(({ locale }) => locale === l?.slice(0, 2))?.locale;
  return known(localStorage.getItem(KEY)) ?? navigator.languages.map(known).find(Boolean) ?? 'en';
}

let initial = 'en';

/** Reads the texts of the person's language before anything is shown. */
export async function startLocale(): Promise<void> {
  initial = wanted();
  document.documentElement.lang = initial;
  await load(initial);
}

export const makeI18nProvider = () =>
  polyglotI18nProvider(
    (locale) => {
      document.documentElement.lang = locale;
      if (locale !== initial || localStorage.getItem(KEY)) localStorage.setItem(KEY, locale);
      return (loaded[locale] ?? load(locale)) as unknown as TranslationMessages;
    },
    initial,
    LOCALES,
    { allowMissing: true },
  );

export type T = (text: string, values?: Record<string, unknown>) => string;

/**
 * Translates an English text: the application's own, or the server's labels,
 * help and summaries. What no dictionary has stays English, so that a new field
 * appears at once; tests/ui/i18n.test.mjs names what is missing.
 */
export function useT(): T {
  const translate = useTranslate();
  const [locale] = useLocaleState();
  return useMemo(() => {
    const t: T = (text, values) => translate(text, { _: text, ...values });
    return t;
  }, [translate, locale]);
}

/** The sentences of refusals in the person's language, by the English ones (i18n/refusals.ts); undefined in English. */
export const capturesNow = () => loaded[document.documentElement.lang]?.['refusals'] as Record<string, string> | undefined;

/** The text in the person's language, outside of components; undefined when it has none there. In English every text is as it is. */
export function translateNow(text: string, n?: string): string | undefined {
  const locale = document.documentElement.lang;
  const found = locale === 'en' ? text : loaded[locale]?.[text];
  return typeof found === 'string' ? (n === undefined ? found : found.replace('%{n}', n)) : undefined;
}
