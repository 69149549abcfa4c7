// Sanitizer builds are several times slower: tests that go by volume do less
// of it there, and tests that measure time are left out.
export const kind = process.env.MILLWRIGHT_KIND ?? 'release';
export const fast = kind === 'release';

/** So many, or a part of that in a slow build. */
export const scaled = (n, part = 0.2) => (fast ? n : Math.max(1, Math.ceil(n * part)));
