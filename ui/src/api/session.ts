import { refusalText } from '../i18n/refusals';

/**
 * Who is signed in. The access token is in this module's memory and nowhere
 * else; what outlives a reload is a cookie that no script can read.
 */
let access: string | null = null;
/** Whether a cookie may be there: asking without one would be refused at every first visit. */
const HINT = 'millwright.session';
let refreshing: Promise<boolean> | null = null;

export const token = () => access;

type SignedIn = { access_token: string };

async function post(path: string, body?: unknown, bearer?: string | null): Promise<Response> {
  return fetch(`/api/v1/auth${path}`, {
    method: 'POST',
    credentials: 'same-origin',
    headers: {
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(bearer ? { Authorization: `Bearer ${bearer}` } : {}),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

async function take(response: Response): Promise<boolean> {
  access = response.ok ? ((await response.json()) as SignedIn).access_token : null;
  if (access) localStorage.setItem(HINT, '1');
  else localStorage.removeItem(HINT);
  return response.ok;
}

/** The text of what went wrong, or null when it did not. */
export async function signIn(username: string, password: string): Promise<string | null> {
  const response = await post('/login', { username, password, cookie: true });
  if (await take(response.clone())) return null;
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  return refusalText(problem.detail ?? problem.title ?? `${response.status}`, problem.title);
}

/** A new access token by the cookie; false when there is no session any more. Calls share one request. */
export function refresh(): Promise<boolean> {
  if (!localStorage.getItem(HINT)) return Promise.resolve(false);
  refreshing ??= post('/refresh')
    .then(take, () => false)
    .finally(() => {
      refreshing = null;
    });
  return refreshing;
}

export async function signOut(): Promise<void> {
  const bearer = access;
  access = null;
  localStorage.removeItem(HINT);
  if (bearer) await post('/logout', undefined, bearer).catch(() => undefined);
}

/** Of an answer that signs in anew: another organization, another password. */
export function takeToken(next: string): void {
  access = next;
}
