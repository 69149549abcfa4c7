import { useLocation } from 'react-router-dom';
import { signIn } from '../../api/session';
import { useT } from '../../i18n';
import { StartForm, type Asked } from './frame';

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

function usePerson(): Asked[] {
  const t = useT();
  return [{ name: 'password', label: t('Password'), type: 'password', required: true, complete: 'new-password', help: t('At least 10 characters; a sentence is easiest to remember.') }];
}

/** The application was begun for somebody unknown, and knows only these pages: it begins anew, signed in by the cookie. */
async function enter(username = '', password = '') {
  const problem = await signIn(username, password);
  if (problem) throw new Error(problem);
  window.location.replace('/'); // without a fragment, so that it is loaded: another route here would sign out at once
}

/** The first start: the company and its administrator, by the link that the program printed. */
function Setup({ token }: { token: string }) {
  const t = useT();
  const fields: Asked[] = [
    { name: 'organization', label: t('Name of the company'), required: true, complete: 'organization' },
    { name: 'name', label: t('Your name'), required: true, complete: 'name' },
    { name: 'email', label: t('Your e-mail address'), type: 'email', required: true, complete: 'email' },
    ...usePerson(),
    { name: 'currency', label: t('Currency'), value: 'EUR', help: t('Three letters: EUR, USD, INR') },
    { name: 'time_zone', label: t('Time zone'), value: zone },
  ];
  return (
    <StartForm
      title={t('Set up Millwright')}
      text={t('This is the first start: name the company and make yourself its administrator.')}
      fields={fields}
      button={t('Set up')}
      path="/setup"
      extra={{ token }}
      onDone={(v) => enter(v['email'], v['password'])}
    />
  );
}

/** Somebody who was invited takes a name and a password. */
function Join({ invitation, email }: { invitation: string; email: string }) {
  const t = useT();
  const fields: Asked[] = [{ name: 'full_name', label: t('Your name'), required: true, complete: 'name' }, { name: 'username', label: t('User name'), required: true, complete: 'username', help: t('To sign in with: letters, digits, dots') }, ...usePerson()];
  return (
    <StartForm
      title={t('Join on Millwright')}
      text={email ? t('You were invited as %{email}.', { email }) : t('You were invited.')}
      fields={fields}
      button={t('Join')}
      path="/auth/register"
      extra={{ invitation }}
      onDone={(v) => enter(v['username'], v['password'])}
    />
  );
}

export default function Start() {
  const { pathname, search } = useLocation();
  const params = new URLSearchParams(search);
  if (pathname === '/join') return <Join invitation={params.get('invitation') ?? ''} email={params.get('email') ?? ''} />;
  return <Setup token={params.get('token') ?? ''} />;
}
