import { capturesNow, translateNow } from './index';

type Pattern = { is: RegExp; text: string; weight: number };
const compiled = new WeakMap<object, Pattern[]>();
const quoted = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The sentences with a figure or a name at each %s; the one that says most comes first. */
function patternsOf(texts: Record<string, string>): Pattern[] {
  let patterns = compiled.get(texts);
  if (!patterns) {
    patterns = Object.entries(texts).map(([english, text]) => ({ is: new RegExp(`^${english.split('%s').map(quoted).join('([^]*?)')}$`), text, weight: english.replaceAll('%s', '').length }));
    compiled.set(texts, patterns.sort((a, b) => b.weight - a.weight));
  }
  return patterns;
}

/** A state or a resource is called as it is elsewhere; a name stays as it is. */
function word(text: string): string {
  if (/^-?\d+\.\d+$/.test(text)) return new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 4 }).format(text as unknown as number);
  return text
    .split(', ')
    .map((part) => (/^[a-z][a-z_ -]*$/.test(part) ? translateNow(part.charAt(0).toUpperCase() + part.slice(1).replaceAll('_', ' ')) : undefined) ?? part)
    .join(', ');
}

/** Why something was refused, in the person's language: the server's sentence where it is translated, else its kind with the sentence behind it. */
export function refusalText(detail: string, title?: string): string {
  const texts = capturesNow();
  if (!texts) return detail;
  for (const { is, text } of patternsOf(texts)) {
    const found = is.exec(detail);
    if (found) return text.replace(/%(\d)/g, (_, n: string) => word(found[Number(n)] ?? ''));
  }
  const kind = title && translateNow(title);
  return translateNow(detail) ?? (kind && title !== detail ? `${kind}: ${detail}` : detail);
}
