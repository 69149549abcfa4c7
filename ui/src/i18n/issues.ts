import { translateNow } from './index';

type Issue = { code: string; message: string };

/** What a code of a wrong value means, for whom the server's English sentence is none. */
const BY_CODE: Record<string, string> = {
  required: 'is required',
  duplicate: 'is taken',
  unknown_reference: 'refers to nothing that exists',
  unknown_field: 'is not known here',
  read_only: 'cannot be changed',
  frozen: 'cannot be changed in this state',
  choice: 'is none of the choices',
  type: 'has the wrong form',
  format: 'has the wrong form',
  zone: 'is no time zone',
  range: 'is out of range',
  past: 'must not be in the past',
  same: 'must be another one',
  too_precise: 'has too many decimals',
  min: 'is too small',
  max: 'is too large',
  min_length: 'is too short',
  max_length: 'is too long',
  positive: 'must be above zero',
};
/** Where the sentence has a number, it is said. */
const WITH_NUMBER: Record<string, [RegExp, string]> = {
  min: [/^must be at least (-?[\d.]+)$/, 'must be at least %{n}'],
  max: [/^must be at most (-?[\d.]+)/, 'must be at most %{n}'],
  min_length: [/at least (\d+) /, 'has at least %{n} characters'],
  max_length: [/at most (\d+) /, 'has at most %{n} characters'],
};

/** Why a value is wrong, in the person's language: the server's sentence where it is translated, else by its code. */
export function issueText({ code, message }: Issue): string {
  const whole = translateNow(message);
  if (whole !== undefined) return whole;
  const [pattern, text] = WITH_NUMBER[code] ?? [];
  const n = pattern?.exec(message)?.[1];
  if (n !== undefined && text) return translateNow(text, n) ?? message;
  return (BY_CODE[code] && translateNow(BY_CODE[code])) ?? message;
}
