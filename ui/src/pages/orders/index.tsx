import { useParams } from 'react-router-dom';
import { useResourceContext } from 'react-admin';
import { CreatePage, EditPage } from '../../generic/FormPage';
import { OrderFields } from './OrderFields';

/** New orders and changes of orders, whatever kind they are of. */
export default function OrderPage() {
  const resource = useResourceContext() as string;
  const { id } = useParams();
  return id ? <EditPage resource={resource} id={id} fields={OrderFields} /> : <CreatePage resource={resource} fields={OrderFields} />;
}
