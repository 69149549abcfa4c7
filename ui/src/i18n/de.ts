import en from 'ra-language-english';

/** German, by the English text; `ra` are react-admin's own texts. */
const de: Record<string, unknown> = { ...(en as unknown as Record<string, unknown>) };
export default de;
