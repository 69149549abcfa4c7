import { useParams } from 'react-router-dom';
import { useGetOne, useResourceContext, type RaRecord } from 'react-admin';
import { CreatePage, EditPage } from '../../generic/FormPage';
import { useResource } from '../../shared';
import { OrderFields } from './OrderFields';

/** What is sold has the tax of the settings, until somebody says otherwise. */
function NewOrder({ resource }: { resource: string }) {
  const asks = useResource(resource)?.area === 'sales' && !!useResource('system-settings')?.may.get;
  const { data, isLoading } = useGetOne<RaRecord>('system-settings', { id: 1 }, { enabled: asks, retry: false });
  if (isLoading) return null;
  return <CreatePage resource={resource} fields={OrderFields} usual={data && { tax_rate: data['tax_rate'] }} />;
}

/** New orders and changes of orders, whatever kind they are of. */
export default function OrderPage() {
  const resource = useResourceContext() as string;
  const { id } = useParams();
  return id ? <EditPage resource={resource} id={id} fields={OrderFields} /> : <NewOrder resource={resource} />;
}
