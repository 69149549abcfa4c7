import { Box, Button } from '@mui/material';
import { DataTable, Pagination, ReferenceManyField, useListContext, type RaRecord } from 'react-admin';
import { Link } from 'react-router-dom';
import { useT } from '../i18n';
import type { Resource } from '../meta/types';
import { EmptyState } from '../shared/EmptyState';
import { FieldValue, isNumeric } from './values';

function More({ resource, field, record }: { resource: Resource; field: string; record: RaRecord }) {
  const t = useT();
  const { total } = useListContext();
  const filter = encodeURIComponent(JSON.stringify({ [field]: record.id }));
  const source = encodeURIComponent(JSON.stringify({ [field]: record.id }));
  return (
    <Box sx={{ display: 'flex', gap: 1, mb: 1 }}>
      {!!total && (
        <Button component={Link} to={`/${resource.name}?filter=${filter}`} size="small">
          {t('Open as a list')}
        </Button>
      )}
      {resource.may.create && (
        <Button component={Link} to={`/${resource.name}/create?source=${source}`} size="small">
          {t('New')}
        </Button>
      )}
    </Box>
  );
}

/** The records of a resource that refer to this one. */
export function Related({ resource, field, record }: { resource: Resource; field: string; record: RaRecord }) {
  const t = useT();
  const columns = (resource.fields ?? []).filter((f) => f.column && f.name !== field);
  return (
    <ReferenceManyField reference={resource.name} target={field} record={record} perPage={10} sort={{ field: 'id', order: 'DESC' }} pagination={<Pagination rowsPerPageOptions={[10, 25]} />}>
      <More resource={resource} field={field} record={record} />
      <DataTable bulkActionButtons={false} rowClick={(id) => `/${resource.name}/${id}/show`} size="small" empty={<EmptyState title={t('There are none.')} />} sx={{ '& .RaDataTable-tableWrapper': { overflowX: 'auto' } }}>
        {columns.map((f) => (
          <DataTable.Col key={f.name} source={f.name} label={t(f.label)} disableSort={!f.sort} align={isNumeric(f) ? 'right' : 'left'} render={(row: RaRecord) => <FieldValue field={f} record={row} />} />
        ))}
      </DataTable>
    </ReferenceManyField>
  );
}
