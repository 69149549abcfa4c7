// Random changes to good requests, from a seeded source: see random() in
// samples.mjs.

const TEXTS = ['', ' ', '\t', '\u0000', 'a\u0000b', '\u{1F600}', '\u202e\u0000', 'é'.repeat(300), 'x'.repeat(5000), "'; DROP TABLE users; --", '" OR ""="', '%s%n%x', '../../etc/passwd',
  '${7*7}', '{{7*7}}', '<script>', '=1+1', '-1', '1e309', 'NaN', 'null', 'true', '0x10', '1_000', '١٢', '2026-02-30', '2026-13-01', '9999-12-31', '0000-00-00', '2026-01-15T25:00:00Z',
  'draft', 'IN PROGRESS', 'in-progress', '\ud800', '\\u0000', 'me', '*', 'a,b', '\r\nX-Injected: 1', '\ufeff', 'ﬃ', 'ß', 'İ'];
const NUMBERS = [0, -0, 1, -1, 0.0001, 0.00001, 1e15, 1e16, 922337203685477.5807, 9007199254740993, 1e308, -1e308, 1e-320, 2147483648, 4294967296, -2147483649, 100.0001, 99999999999.9999];
const RAW_NUMBERS = ['1e400', '-1e400', '9223372036854775808', '-9223372036854775809', '1'.repeat(400), '0.' + '1'.repeat(400), '01', '1.', '.5', '+1', '1e', 'NaN', 'Infinity', '0x1', '1e999999999999'];

export function mutator(rng) {
  const value = () => rng.pick([
    () => rng.pick(TEXTS), () => rng.pick(NUMBERS), () => null, () => rng.chance(0.5), () => [], () => ({}), () => [value()], () => ({ [rng.pick(TEXTS)]: value() }),
    () => rng.below(50), () => Array(rng.below(40)).fill(rng.pick([1, 'a', {}, null, []])), () => rng.pick(TEXTS).repeat(3),
  ])();

  const key = (object) => {
    const keys = Object.keys(object);
    return keys.length ? rng.pick(keys) : undefined;
  };

  /** Changes one member somewhere in a JSON value. */
  function mutate(node, depth = 0) {
    if (node === null || typeof node !== 'object' || rng.chance(0.08)) return value();
    const copy = Array.isArray(node) ? [...node] : { ...node };
    const at = key(copy);
    const what = rng.next();
    if (at === undefined || what < 0.1) copy[Array.isArray(copy) ? copy.length : rng.pick([...TEXTS, 'id', 'version', 'status', 'organization_id', '__proto__', 'constructor', 'lines'])] = value();
    else if (what < 0.2) Array.isArray(copy) ? copy.splice(Number(at), 1) : delete copy[at];
    else if (what < 0.25 && !Array.isArray(copy)) { copy[rng.pick([at.toUpperCase(), `${at} `, at.replace('_id', ''), `${at}_name`])] = copy[at]; delete copy[at]; }
    else if (what < 0.3 && Array.isArray(copy)) copy.push(...Array(rng.below(600)).fill(copy[at]));
    else copy[at] = depth < 6 ? mutate(copy[at], depth + 1) : value();
    return copy;
  }

  /** Spoils the text of a body. */
  function spoil(text) {
    const bytes = Buffer.from(text);
    const at = rng.below(bytes.length + 1);
    const insert = (what) => Buffer.concat([bytes.subarray(0, at), Buffer.from(what, 'latin1'), bytes.subarray(at)]);
    return rng.pick([
      () => bytes.subarray(0, at), () => insert('\x00'), () => insert('\xff\xfe'), () => insert('\xc0\xaf'), () => insert('\xed\xa0\x80'), () => insert(','), () => insert('}'),
      () => Buffer.from(`${'['.repeat(rng.below(200))}${text}`), () => Buffer.from(`\ufeff${text}`), () => Buffer.concat([bytes, bytes]), () => Buffer.from(text.replace('{', '{"a":1,"a":2,')),
      () => Buffer.from(text.replace(/\d+/, rng.pick(RAW_NUMBERS))), () => Buffer.from(`{"a":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`), () => Buffer.from(rng.pick(['null', '1', '"x"', '[]', 'true', '', ' ', '//', '{}{}'])),
      () => { const b = Buffer.from(bytes); for (let i = 0; i < 3 && b.length; i++) b[rng.below(b.length)] = rng.below(256); return b; },
      () => Buffer.from(Array.from({ length: rng.below(300) }, () => rng.below(256))),
    ])();
  }

  const OPS = ['', '__gt', '__gte', '__lt', '__lte', '__ne', '__in', '__contains', '__startswith', '__isnull', '__regex', '__', '__gt__lt'];
  const QUERY = ['page', 'page_size', 'skip', 'limit', 'cursor', 'sort_by', 'order', 'ordering', 'search', 'fields', 'expand', 'count', 'format', 'key', 'dry_run', 'nothing', ''];

  /** A query string, most of it wrong. */
  function query(names) {
    const one = () => {
      const name = rng.chance(0.5) && names.length ? rng.pick(names).split('__')[0] + rng.pick(OPS) : rng.pick(QUERY);
      const text = rng.pick([...TEXTS, ...NUMBERS.map(String), 'id', '-id', 'id,-name,status', 'created_by,lines.product', 'exact', 'none', 'csv', 'true', '2', '1000', 'a,'.repeat(200)]);
      return rng.chance(0.9) ? `${encodeURIComponent(name)}=${encodeURIComponent(text.toWellFormed?.() ?? text.replace(/[\ud800-\udfff]/g, '?')).slice(0, 1500)}` : rng.pick(['%', '%zz', '%00=1', 'a=%ff', '=', '&&', 'a', '%61=%c0%af', '+', 'x=1;y=2']);
    };
    return Array.from({ length: rng.chance(0.03) ? 70 : rng.below(4) }, one).join('&');
  }

  return { value, mutate, spoil, query };
}
