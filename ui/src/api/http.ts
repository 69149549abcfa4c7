import { HttpError } from 'react-admin';
import { issueText } from '../i18n/issues';
import { refusalText } from '../i18n/refusals';
import { refresh, token } from './session';

export const API = '/api/v1';

export type Answer<T> = { status: number; headers: Headers; json: T };
export type Problem = { title?: string; detail?: string; code?: string; errors?: { field: string; code: string; message: string }[] };
export type CallOptions = {
  query?: Record<string, unknown>;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

/** Digits that a double may not hold stay as they were written. */
type Source = { source?: string };
const long = /\d[\d.]{15}/;
export function parseJson(text: string): unknown {
  if (!long.test(text)) return JSON.parse(text);
  const exact = (_key: string, value: unknown, context?: Source) =>
    typeof value === 'number' && context?.source && String(value) !== context.source && !/[eE]/.test(context.source) ? context.source : value;
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
}

export function queryText(query: Record<string, unknown> | undefined): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)) continue;
    params.append(name, Array.isArray(value) ? value.join(',') : String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

async function send(method: string, path: string, { query, body, headers, signal }: CallOptions): Promise<Response> {
  const all = new Headers(headers);
  const bearer = token();
  if (bearer) all.set('Authorization', `Bearer ${bearer}`);
  const raw = typeof body === 'string' || body instanceof Blob;
  if (body !== undefined && !all.has('Content-Type')) all.set('Content-Type', 'application/json');
  return fetch(API + path + queryText(query), {
    method,
    headers: all,
    body: body === undefined ? undefined : raw ? (body as BodyInit) : JSON.stringify(body),
    signal,
    credentials: 'same-origin',
  });
}

/** The answer to a call that succeeded; the access token is renewed once when it has run out. */
export async function callRaw(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  let response = await send(method, path, options);
  if (response.status === 401 && token() && (await refresh())) response = await send(method, path, options);
  if (!response.ok) throw await failure(response);
  return response;
}

/** The same with its JSON. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
  const response = await callRaw(method, path, options);
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: (text ? parseJson(text) : null) as T };
}

/** `lines[0].quantity` as forms name it: `lines.0.quantity`. */
export const formPath = (field: string) => field.replace(/\[(\d+)\]/g, '.$1');

async function failure(response: Response): Promise<HttpError> {
  const text = await response.text();
  let problem: Problem = {};
  try {
    problem = JSON.parse(text) as Problem;
  } catch {
    // an answer of something between here and the program
  }
  const message = refusalText(problem.detail || problem.title || `${response.status}`, problem.title);
  const errors = problem.errors?.length ? Object.fromEntries(problem.errors.map((e) => [formPath(e.field), issueText(e)])) : undefined;
  return new HttpError(message, response.status, { ...problem, errors, issues: problem.errors });
}
