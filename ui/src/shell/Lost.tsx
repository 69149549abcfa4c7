import { Button } from '@mui/material';
import { Link } from 'react-router-dom';
import { useT } from '../i18n';
import { EmptyState } from '../shared/EmptyState';
import { PageTitle } from '../shared/PageTitle';

/** In the place of a page that is none, or not for who is signed in. */
export function Lost() {
  const t = useT();
  return (
    <>
      <PageTitle title={t('Not here')} />
      <EmptyState
        title={t('There is no such page, or it is not for your role')}
        text={t('Who administers your organization can see and change what each role may do.')}
        action={
          <Button component={Link} to="/" variant="outlined">
            {t('Home')}
          </Button>
        }
      />
    </>
  );
}
