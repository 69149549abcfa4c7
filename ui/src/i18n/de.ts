import en from 'ra-language-english';
import app from './de/app';
import calendar from './de/calendar';
import floor from './de/floor';
import help from './de/help';
import issues from './de/issues';
import labels from './de/labels';
import office from './de/office';
import stock from './de/stock';
import ra from './de/ra';
import refusals from './de/refusals';
import kinds from './de/kinds';

/** German, by the English text; `ra` are react-admin's own texts, `refusals` the server's sentences. */
const de: Record<string, unknown> = { ...floor, ...labels, ...help, ...app, ...office, ...issues, ...stock, ...calendar, ...kinds, refusals, ra: { ...(en as unknown as { ra: object }).ra, ...ra } };
export default de;
