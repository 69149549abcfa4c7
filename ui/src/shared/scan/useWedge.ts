import { useEffect, useRef } from 'react';

/** A hand scanner types a code faster than a person does, and ends it with Enter. */
const LEAST = 4;
const MOST_MS_EACH = 45;

type Burst = { text: string; began: number; last: number; field: HTMLInputElement | HTMLTextAreaElement | null; before: string };

function restore(field: Burst['field'], value: string) {
  if (!field) return;
  const kind = field instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
  Object.getOwnPropertyDescriptor(kind, 'value')?.set?.call(field, value);
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

const fieldOf = (target: EventTarget | null) => (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null);

/**
 * Hands over what a hand scanner types, wherever the focus is. Where it was
 * in a field, the field gets back what it had. Fields that take codes
 * themselves are marked with data-takes-codes.
 */
export function useWedge(onCode: (code: string) => void, active = true) {
  const handler = useRef(onCode);
  handler.current = onCode;
  useEffect(() => {
    if (!active) return undefined;
    let burst: Burst | null = null;
    const ends = (e: KeyboardEvent, b: Burst) => b.text.length >= LEAST && (e.timeStamp - b.began) / b.text.length <= MOST_MS_EACH;
    const listen = (e: KeyboardEvent) => {
      if (e.ctrlKey || e.metaKey || e.altKey || fieldOf(e.target)?.dataset['takesCodes'] !== undefined) {
        burst = null;
      } else if (e.key === 'Enter') {
        const done = burst && ends(e, burst) ? burst : null;
        burst = null;
        if (!done) return;
        e.preventDefault();
        e.stopPropagation();
        restore(done.field, done.before);
        handler.current(done.text);
      } else if (e.key.length === 1) {
        const field = fieldOf(e.target);
        if (!burst || e.timeStamp - burst.last > 4 * MOST_MS_EACH) burst = { text: '', began: e.timeStamp, last: 0, field, before: field?.value ?? '' };
        burst.text += e.key;
        burst.last = e.timeStamp;
      }
    };
    document.addEventListener('keydown', listen, true);
    return () => document.removeEventListener('keydown', listen, true);
  }, [active]);
}
