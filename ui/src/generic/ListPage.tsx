import { Box, Button, ThemeProvider, Tooltip, useMediaQuery, type Theme } from '@mui/material';
import Add from '@mui/icons-material/Add';
import Download from '@mui/icons-material/Download';
import { BulkDeleteWithConfirmButton, ColumnsButton, DataTable, FilterButton, FilterForm, List, Pagination, TopToolbar, useListContext, useNotify, type RaRecord } from 'react-admin';
import { Link } from 'react-router-dom';
import { useMemo, useState, type ReactNode } from 'react';
import { callRaw } from '../api/http';
import { filterQuery, ordering, pathOf } from '../api/data';
import { useT } from '../i18n';
import { useResource } from '../meta/store';
import type { Field, Resource } from '../meta/types';
import { EmptyState } from '../shared/EmptyState';
import { PageTitle } from '../shared/PageTitle';
import { BulkActions } from './BulkActions';
import { Cards } from './Cards';
import { listFilters } from './filters';
import { FieldValue, isNumeric } from './values';

const NOT_A_COLUMN = new Set(['json', 'password']);

/** The columns that can be chosen, those shown at first before the others. */
export function columnsOf(r: Resource): { fields: Field[]; hidden: string[] } {
  const all = (r.fields ?? []).filter((f) => !f.hidden && !NOT_A_COLUMN.has(f.widget));
  const title = all.filter((f) => f.name === r.title);
  const fields = [...title, ...all.filter((f) => f.name !== r.title)];
  return { fields, hidden: fields.filter((f) => !f.column).map((f) => f.name) };
}

/** A CSV file of what the filters leave, made by the server. */
function ExportButton({ resource }: { resource: Resource }) {
  const t = useT();
  const notify = useNotify();
  const { filterValues, sort, total } = useListContext();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    try {
      const query = { ...filterQuery(filterValues), ...ordering(resource.name, sort) };
      const response = await callRaw('GET', `${pathOf(resource.name)}/export`, { query });
      const url = URL.createObjectURL(await response.blob());
      Object.assign(document.createElement('a'), { href: url, download: `${resource.name}.csv` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button size="small" startIcon={<Download />} disabled={busy || !total} onClick={() => void run()}>
      {t('Export')}
    </Button>
  );
}

export const CreateButton = ({ resource, contained }: { resource: Resource; contained?: boolean }) => {
  const t = useT();
  return (
    <Button component={Link} to={`/${resource.name}/create`} size="small" variant={contained === false ? 'outlined' : 'contained'} startIcon={<Add />}>
      {t('New')}
    </Button>
  );
};

function Empty({ resource }: { resource: Resource }) {
  const t = useT();
  const { filterValues, setFilters } = useListContext();
  const filtered = Object.values(filterValues ?? {}).some((v) => v !== undefined && v !== '' && v !== null);
  if (filtered)
    return (
      <EmptyState
        title={t('Nothing matches')}
        text={t('No record has all of what the search and the filters ask for.')}
        action={
          <Button variant="outlined" onClick={() => setFilters({}, {})}>
            {t('Clear the filters')}
          </Button>
        }
      />
    );
  return (
    <EmptyState
      title={t('Nothing here yet')}
      text={resource.summary ? t(resource.summary) : undefined}
      action={resource.may.create ? <CreateButton resource={resource} /> : undefined}
    />
  );
}

/** Nothing while no row is chosen: react-admin only folds the bar away, and its buttons would lie below the head of the table. */
function Bulk({ resource }: { resource: Resource }) {
  const { selectedIds } = useListContext();
  if (!selectedIds?.length) return null;
  return (
    <>
      <BulkActions resource={resource} />
      {resource.may.delete && <BulkDeleteWithConfirmButton mutationMode="pessimistic" />}
    </>
  );
}

/** react-admin names a row's checkbox on an element that can have no name: name the input instead. */
function NamedCheckboxes({ children }: { children: ReactNode }) {
  const t = useT();
  const label = t('Select this row');
  const theme = useMemo(
    () => (outer: Theme) => ({
      ...outer,
      components: { ...outer.components, MuiCheckbox: { defaultProps: { slotProps: { root: { 'aria-label': undefined }, input: { 'aria-label': label } } } } },
    }),
    [label],
  );
  return <ThemeProvider theme={theme}>{children}</ThemeProvider>;
}

function Table({ resource }: { resource: Resource }) {
  const t = useT();
  const { fields, hidden } = useMemo(() => columnsOf(resource), [resource]);
  const selectable = resource.may.delete || resource.actions.some((a) => a.kind === 'transition');
  return (
    <DataTable
      rowClick={(id) => `/${resource.name}/${id}/show`}
      hiddenColumns={hidden}
      bulkActionButtons={selectable ? <Bulk resource={resource} /> : false}
      empty={<Empty resource={resource} />}
      size="small"
      sx={{ '& .RaDataTable-tableWrapper': { overflowX: 'auto' }, '& td': { maxWidth: '22rem' }, [`& td.column-${resource.title}`]: { minWidth: '12rem', fontWeight: 600 } }}
    >
      {fields.map((f) => (
        <DataTable.Col
          key={f.name}
          source={f.name}
          label={t(f.label)}
          disableSort={!f.sort}
          align={isNumeric(f) ? 'right' : 'left'}
          render={(record: RaRecord) => <FieldValue field={f} record={record} />}
        />
      ))}
    </DataTable>
  );
}

function Actions({ resource, filters, small }: { resource: Resource; filters: React.ReactElement[]; small: boolean }) {
  const t = useT();
  return (
    <TopToolbar sx={{ flexWrap: 'wrap', gap: 0.5, p: 0, minHeight: 0, alignItems: 'center', '&&': { backgroundColor: 'transparent' } }}>
      {filters.length > 1 && <FilterButton filters={filters} />}
      {!small && (
        <Tooltip title={t('Choose the columns')}>
          <span>
            <ColumnsButton />
          </span>
        </Tooltip>
      )}
      {resource.may.export && <ExportButton resource={resource} />}
      {resource.may.create && <CreateButton resource={resource} />}
    </TopToolbar>
  );
}

/** No field's: the server sorts as the resource says. */
const SERVERS_ORDER = { field: 'default', order: 'ASC' } as const;

/** The list of any resource. */
export function ListPage({ resource: name }: { resource: string }) {
  const t = useT();
  const resource = useResource(name);
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  const filters = useMemo(() => (resource ? listFilters(resource, t) : []), [resource, t]);
  if (!resource) return null;
  return (
    <List
      key={name}
      resource={name}
      title={' '}
      empty={false}
      exporter={false}
      actions={false}
      filters={undefined}
      perPage={25}
      sort={SERVERS_ORDER}
      pagination={<Pagination rowsPerPageOptions={[25, 50, 100]} />}
      component={Box}
      queryOptions={{ retry: false }}
      sx={{ '& .RaList-main': { minWidth: 0 }, '& .RaList-noActions': { mt: 0 } }}
      storeKey={`${name}.list`}
    >
      <PageTitle title={t(resource.label_plural)} subtitle={resource.summary ? t(resource.summary) : undefined} actions={<Actions resource={resource} filters={filters} small={small} />} />
      <Box sx={{ minHeight: { sm: 48 }, '& form': { minHeight: 0, pb: 1 }, '& .filter-field, & .filter-field .MuiFormControl-root': { width: { xs: '100%', sm: 'auto' } } }}>
        <FilterForm filters={filters} />
      </Box>
      {/* What can be done with chosen rows lies over the filters: this must not cut it off. */}
      <Box sx={{ backgroundColor: 'background.paper', border: 1, borderColor: 'divider', borderRadius: 1, '& .RaDataTable-tableWrapper': { borderRadius: 1 } }}>
        {small ? <Cards resource={resource} empty={<Empty resource={resource} />} /> : <NamedCheckboxes><Table resource={resource} /></NamedCheckboxes>}
      </Box>
    </List>
  );
}
