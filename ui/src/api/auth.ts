import type { AuthProvider } from 'react-admin';
import { forgetMeta, loadMeta, may } from '../meta/store';
import { refresh, signIn, signOut, token } from './session';

const VERBS: Record<string, string> = { list: 'list', show: 'get', create: 'create', edit: 'update', delete: 'delete', export: 'export' };

export const authProvider: AuthProvider = {
  async login({ username, password }: { username: string; password: string }) {
    const problem = await signIn(username, password);
    if (problem) throw new Error(problem);
    forgetMeta();
    await loadMeta();
  },
  async logout() {
    await signOut();
    forgetMeta();
  },
  async checkAuth() {
    if (!token() && !(await refresh())) throw new Error();
    await loadMeta();
  },
  async checkError(error: { status?: number }) {
    if (error.status === 401) throw new Error();
  },
  async getIdentity() {
    const { caller } = await loadMeta();
    return { id: caller.id, fullName: caller.full_name || caller.username };
  },
  async getPermissions() {
    return token() || (await refresh()) ? loadMeta() : null;
  },
  async canAccess({ action, resource }) {
    return may(resource, VERBS[action] ?? action);
  },
};
