import { Admin, CustomRoutes, localStorageStore, Resource as RaResource } from 'react-admin';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { Navigate, Route, useParams } from 'react-router-dom';
import { authProvider } from './api/auth';
import { adminDataProvider } from './api/data';
import { CreatePage, EditPage } from './generic/FormPage';
import { ListPage } from './generic/ListPage';
import { ShowPage } from './generic/ShowPage';
import { makeI18nProvider } from './i18n';
import type { Meta, Resource } from './meta/types';
import { Home, overrides, pages, usable } from './pages';
import { Layout } from './shell/Layout';
import { Lost } from './shell/Lost';
import { Login } from './shell/Login';
import { darkTheme, lightTheme } from './theme';

const store = localStorageStore('1', 'millwright');

const Loaded = ({ children }: { children: ReactNode }) => <Suspense fallback={null}>{children}</Suspense>;
const Dashboard = () => (
  <Loaded>
    <Home />
  </Loaded>
);

const ById = ({ of: Page, resource }: { of: typeof ShowPage; resource: string }) => <Page resource={resource} id={useParams()['id']} />;

/** A resource's pages: its own where pages/ has some, else the generic ones; only those the caller may use. */
function pagesOf(r: Resource): ReactNode {
  const { list: List, create: Create, edit: Edit, show: Show } = overrides[r.name] ?? {};
  if (r.singleton)
    return <RaResource key={r.name} name={r.name} options={{ label: r.label }} list={<Loaded>{List ? <List /> : r.may.update ? <EditPage resource={r.name} id="1" /> : <ShowPage resource={r.name} id="1" />}</Loaded>} />;
  return (
    <RaResource
      key={r.name}
      name={r.name}
      options={{ label: r.label_plural }}
      recordRepresentation={r.title ?? 'id'}
      list={r.may.list && <Loaded>{List ? <List /> : <ListPage resource={r.name} />}</Loaded>}
      create={r.may.create && <Loaded>{Create ? <Create /> : <CreatePage resource={r.name} />}</Loaded>}
      edit={r.may.update ? <Loaded>{Edit ? <Edit /> : <ById of={EditPage} resource={r.name} />}</Loaded> : <Navigate to="show" relative="path" />}
      show={r.may.get && <Loaded>{Show ? <Show /> : <ById of={ShowPage} resource={r.name} />}</Loaded>}
    />
  );
}

/** For who is not signed in yet: the first start, and an invitation. */
const Start = lazy(() => import('./pages/start'));
const starting = (
  <CustomRoutes noLayout>
    {['/setup', '/join'].map((path) => (
      <Route
        key={path}
        path={path}
        element={
          <Loaded>
            <Start />
          </Loaded>
        }
      />
    ))}
  </CustomRoutes>
);

const allowed = () => pages.filter(usable);

const routes = (meta: Meta | null): ReactNode => [
  ...(meta?.resources ?? []).filter((r) => !r.virtual).map(pagesOf),
  <CustomRoutes key="pages">
    {allowed().map(({ path, component: Component }) => (
      <Route
        key={path}
        path={path}
        element={
          <Loaded>
            <Component />
          </Loaded>
        }
      />
    ))}
  </CustomRoutes>,
];

export function App() {
  const [i18nProvider] = useState(makeI18nProvider); // once the person's language is known
  return (
    <Admin
      title="Millwright"
      authProvider={authProvider}
      dataProvider={adminDataProvider}
      i18nProvider={i18nProvider}
      store={store}
      layout={Layout}
      loginPage={Login}
      dashboard={Dashboard}
      catchAll={Lost}
      accessDenied={Lost}
      theme={lightTheme}
      darkTheme={darkTheme}
      requireAuth
      disableTelemetry
    >
      {starting}
      {(permissions: Meta | null) => <>{routes(permissions)}</>}
    </Admin>
  );
}
