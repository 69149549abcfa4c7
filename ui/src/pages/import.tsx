import { Alert, Box, Button, LinearProgress, MenuItem, Paper, Table, TableBody, TableCell, TableHead, TableRow, TextField, Typography } from '@mui/material';
import Download from '@mui/icons-material/Download';
import { useEffect, useRef, useState } from 'react';
import { useNotify, type HttpError } from 'react-admin';
import { Link, useSearchParams } from 'react-router-dom';
import { call, callRaw } from '../api/http';
import { pathOf } from '../api/data';
import { useT } from '../i18n';
import { useFormat } from '../i18n/format';
import { useMeta, useResource } from '../meta/store';
import type { Field, Resource } from '../meta/types';
import { PageTitle } from '../shared';
import { Scrolling } from '../shared/Scrolling';

type Sheet = { file: File; titles: string[]; rows: string[][]; columns: string[] };
type Issue = { row: number; field: string; code: string; message: string };
type Job = { id: number; status: string; dry_run: boolean; rows: number | null; done: number; created: number; updated: number; failed: number; percent: number | null; rows_per_second: number | null; seconds_left: number | null; message: string | null; errors?: Issue[] };
const LEFT_OUT = '-';

/** The first rows of a CSV file, whatever separates its columns; the server reads it all. */
export function firstRows(text: string, most = 4): string[][] {
  const head = text.replace(/^\ufeff/, '');
  const line = head.split(/\r?\n/, 1)[0] ?? '';
  const separator = [',', ';', '\t'].reduce((best, s) => (line.split(s).length > line.split(best).length ? s : best), ',');
  const rows: string[][] = [[]];
  let [cell, quoted] = ['', false];
  for (let i = 0; i < head.length && rows.length <= most; i++) {
    const c = head[i] as string;
    if (quoted && c === '"' && head[i + 1] === '"') cell += head[++i];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === separator) {
      rows.at(-1)?.push(cell);
      cell = '';
    } else if (!quoted && (c === '\n' || c === '\r')) {
      if (c === '\r' && head[i + 1] === '\n') i++;
      rows.at(-1)?.push(cell);
      cell = '';
      rows.push([]);
    } else cell += c;
  }
  if (cell || rows.at(-1)?.length) rows.at(-1)?.push(cell);
  return rows.filter((r) => r.some((v) => v.trim())).slice(0, most);
}

const plain = (s: string) => s.toLocaleLowerCase().normalize('NFKD').replace(/[^\p{L}\p{N}]/gu, '');
/** What people call the same thing. */
const ALSO: Record<string, string[]> = {
  name: ['company', 'companyname', 'customer', 'customername', 'firma', 'kunde', 'vendor', 'supplier', 'product', 'productname', 'bezeichnung', 'title'],
  email: ['mail', 'emailaddress', 'e-mail'],
  phone: ['telephone', 'tel', 'mobile', 'telefon', 'phonenumber'],
  postal_code: ['zip', 'zipcode', 'plz', 'postcode'],
  city: ['town', 'ort', 'stadt'],
  address: ['street', 'strasse', 'anschrift'],
  country: ['land'],
  sku: ['item', 'itemno', 'artikelnummer', 'code', 'productcode'],
  price: ['salesprice', 'unitprice', 'preis'],
  cost: ['purchaseprice', 'einkaufspreis'],
  quantity: ['stock', 'onhand', 'bestand', 'qty'],
};

export function guess(title: string, fields: Field[], label: (f: Field) => string): string {
  const wanted = plain(title);
  const exact = fields.find((f) => [f.name, f.label, label(f)].some((n) => plain(n) === wanted));
  return (exact ?? fields.find((f) => ALSO[f.name]?.some((n) => plain(n) === wanted)))?.name ?? LEFT_OUT;
}

const FINISHED = ['done', 'failed', 'cancelled'];

/** Asks for a job until it has ended. */
function useJob(started: Job | null): Job | null {
  const [job, setJob] = useState<Job | null>(null);
  useEffect(() => {
    setJob(started);
    if (!started) return undefined;
    let stopped = false;
    const ask = async () => {
      while (!stopped) {
        await new Promise((r) => setTimeout(r, 400));
        const { json } = await call<Job>('GET', `/jobs/${started.id}`).catch(() => ({ json: null }));
        if (stopped) return;
        if (json) setJob(json);
        if (json && FINISHED.includes(json.status)) return;
      }
    };
    void ask();
    return () => {
      stopped = true;
    };
  }, [started]);
  return job;
}

function Mapping({ sheet, fields, onChange }: { sheet: Sheet; fields: Field[]; onChange: (columns: string[]) => void }) {
  const t = useT();
  const twice = new Set(sheet.columns.filter((c, i) => c !== LEFT_OUT && sheet.columns.indexOf(c) !== i));
  return (
    <Scrolling label={t('Columns')} role="region">
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>{t('Column of the file')}</TableCell>
            <TableCell>{t('is')}</TableCell>
            <TableCell>{t('First rows')}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {sheet.titles.map((title, i) => (
            <TableRow key={`${i} ${title}`}>
              <TableCell sx={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{title}</TableCell>
              <TableCell sx={{ py: 0, minWidth: '10rem' }}>
                <TextField
                  select
                  margin="none"
                  fullWidth
                  value={sheet.columns[i]}
                  error={twice.has(sheet.columns[i] as string)}
                  helperText={twice.has(sheet.columns[i] as string) ? t('is chosen twice') : undefined}
                  onChange={(e) => onChange(sheet.columns.map((c, j) => (i === j ? e.target.value : c)))}
                  slotProps={{ htmlInput: { 'aria-label': t('What “%{title}” is', { title }) } }}
                >
                  <MenuItem value={LEFT_OUT}>
                    <i>{t('left out')}</i>
                  </MenuItem>
                  {fields.map((f) => (
                    <MenuItem key={f.name} value={f.name}>
                      {t(f.label)}
                      {f.required ? ' *' : ''}
                    </MenuItem>
                  ))}
                </TextField>
              </TableCell>
              <TableCell sx={{ color: 'text.secondary', overflowWrap: 'anywhere' }}>{sheet.rows.map((r) => r[i]).filter(Boolean).join(' · ')}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Scrolling>
  );
}

function Result({ job, resource, onCancel }: { job: Job; resource: Resource; onCancel: () => void }) {
  const t = useT();
  const f = useFormat();
  const notify = useNotify();
  const running = !FINISHED.includes(job.status);
  const download = async () => {
    try {
      const url = URL.createObjectURL(await (await callRaw('GET', `/jobs/${job.id}/errors.csv`)).blob());
      Object.assign(document.createElement('a'), { href: url, download: `${resource.name}-errors.csv` }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (error) {
      notify((error as Error).message, { type: 'error' });
    }
  };
  const counts = t(job.dry_run ? '%{created} would be created, %{updated} changed, %{failed} are wrong' : '%{created} created, %{updated} changed, %{failed} wrong', { created: f.integer(job.created), updated: f.integer(job.updated), failed: f.integer(job.failed) });
  return (
    <Box sx={{ mt: 2 }}>
      {running && (
        <>
          <LinearProgress variant={job.percent === null ? 'indeterminate' : 'determinate'} value={job.percent ?? 0} aria-label={t('Progress')} sx={{ height: 8, borderRadius: 1 }} />
          <Box sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: 1, my: 1 }}>
            <Typography variant="body2">
              {t('%{done} rows', { done: f.integer(job.done) })}
              {job.rows_per_second !== null && ` · ${t('%{n} rows/s', { n: f.integer(job.rows_per_second) })}`}
              {job.seconds_left !== null && ` · ${t('%{n} s left', { n: f.integer(job.seconds_left) })}`}
            </Typography>
            <Button size="small" color="error" onClick={onCancel}>
              {t('Stop')}
            </Button>
          </Box>
        </>
      )}
      {!running && (
        <Alert severity={job.status !== 'done' || job.failed ? 'warning' : 'success'} role="status">
          {job.status === 'done' ? counts : (job.message ?? t(job.status))}
        </Alert>
      )}
      {!!job.errors?.length && (
        <Box sx={{ overflowX: 'auto', mt: 1.5 }} tabIndex={0} role="region" aria-label={t('What is wrong')}>
          <Table size="small" aria-label={t('What is wrong')}>
            <TableHead>
              <TableRow>
                <TableCell align="right">{t('Row')}</TableCell>
                <TableCell>{t('Field')}</TableCell>
                <TableCell>{t('What is wrong')}</TableCell>
              </TableRow>
            </TableHead>
            <TableBody>
              {job.errors.slice(0, 50).map((e, i) => (
                <TableRow key={i}>
                  <TableCell align="right">{e.row}</TableCell>
                  <TableCell>{t(resource.fields?.find((x) => x.name === e.field)?.label ?? e.field)}</TableCell>
                  <TableCell sx={{ overflowWrap: 'anywhere' }}>{t(e.message)}</TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        </Box>
      )}
      {!running && job.failed > 0 && (
        <Box sx={{ mt: 1 }}>
          {job.failed > 50 && <Typography variant="body2">{t('All wrong rows are in the file.')}</Typography>}
          <Button size="small" startIcon={<Download />} onClick={() => void download()}>
            {t('Download the wrong rows')}
          </Button>
        </Box>
      )}
    </Box>
  );
}

/** A CSV file becomes records: choose it, say what its columns are, see what would happen, let it happen. */
export default function Import() {
  const t = useT();
  const { resources } = useMeta();
  const [params, setParams] = useSearchParams();
  const offered = resources.filter((r) => r.may['import-jobs']);
  const resource = useResource(params.get('resource') ?? '') ?? offered.find((r) => r.name === 'customers') ?? offered[0];
  const input = useRef<HTMLInputElement>(null);
  const [sheet, setSheet] = useState<Sheet | null>(null);
  const [key, setKey] = useState('');
  const [started, setStarted] = useState<Job | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const job = useJob(started);
  if (!resource) return null;
  const fields = (resource.fields ?? []).filter((f) => f.create && f.widget !== 'json');
  const label = (f: Field) => t(f.label);
  const reset = () => {
    setStarted(null);
    setProblem(null);
  };
  const choose = async (file: File | undefined) => {
    reset();
    setSheet(null);
    if (!file) return;
    const [titles, ...rows] = firstRows(await file.slice(0, 65_536).text());
    if (!titles) return setProblem(t('The file is empty.'));
    const guessed = titles.map((x) => guess(x, fields, label));
    setSheet({ file, titles, rows, columns: guessed.map((c, i) => (guessed.indexOf(c) === i ? c : LEFT_OUT)) });
    return undefined;
  };
  const run = async (dry: boolean) => {
    if (!sheet) return;
    reset();
    const map = sheet.titles.map((title, i) => `${title}:${sheet.columns[i]}`).join(',');
    try {
      const { json } = await call<Job>('POST', `${pathOf(resource.name)}/import-jobs`, { query: { map, key: key || undefined, ...(dry && { dry_run: true }) }, body: sheet.file, headers: { 'Content-Type': 'text/csv' } });
      setStarted(json);
    } catch (error) {
      const { body, message } = error as HttpError;
      setProblem(body?.errors ? Object.entries(body.errors as Record<string, string>).map(([k, v]) => `${k}: ${v}`).join('; ') : message);
    }
  };
  const missing = sheet ? fields.filter((f) => f.required && !sheet.columns.includes(f.name)) : [];
  const running = !!job && !FINISHED.includes(job.status);
  const imported = job?.status === 'done' && !job.dry_run;
  return (
    <>
      <PageTitle title={t('Import')} subtitle={t('From a CSV file, as spreadsheets save it.')} />
      <Paper sx={{ p: { xs: 1.5, sm: 2.5 }, border: 1, borderColor: 'divider', maxWidth: '60rem' }}>
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 2, alignItems: 'center' }}>
          <TextField
            select
            label={t('What it has')}
            value={resource.name}
            onChange={(e) => {
              setParams({ resource: e.target.value }, { replace: true });
              setSheet(null);
              reset();
            }}
            sx={{ minWidth: '14rem' }}
          >
            {offered.map((r) => (
              <MenuItem key={r.name} value={r.name}>
                {t(r.label_plural)}
              </MenuItem>
            ))}
          </TextField>
          <Button variant={sheet ? 'outlined' : 'contained'} disabled={running} onClick={() => input.current?.click()}>
            {sheet ? t('Another file') : t('Choose a file')}
          </Button>
          <input ref={input} hidden key={sheet ? sheet.file.name + sheet.file.lastModified : ''} type="file" accept=".csv,.tsv,.txt,text/csv" aria-label={t('File to import')} onChange={(e) => void choose(e.target.files?.[0])} />
          {sheet && <Typography sx={{ overflowWrap: 'anywhere' }}>{sheet.file.name}</Typography>}
        </Box>
        {problem && (
          <Alert severity="error" role="alert" sx={{ mt: 2 }}>
            {problem}
          </Alert>
        )}
        {!sheet && !problem && (
          <Typography color="text.secondary" sx={{ mt: 2 }}>
            {t('The first row has the names of the columns. You then say what each one is, and see what would happen before anything does.')}
          </Typography>
        )}
        {sheet && !imported && (
          <Box sx={{ mt: 2 }}>
            <Mapping
              sheet={sheet}
              fields={fields}
              onChange={(columns) => {
                reset();
                setSheet({ ...sheet, columns });
              }}
            />
            <TextField select label={t('Rows are recognized by')} value={key} onChange={(e) => setKey(e.target.value)} sx={{ mt: 2, minWidth: '14rem' }} helperText={t('Records that are there already are then changed instead of made again.')} slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}>
              <MenuItem value="">{t('nothing: every row is new')}</MenuItem>
              {fields
                .filter((f) => sheet.columns.includes(f.name) && f.filter && ['text', 'email'].includes(f.widget))
                .map((f) => (
                  <MenuItem key={f.name} value={f.name}>
                    {t(f.label)}
                  </MenuItem>
                ))}
            </TextField>
            {!!missing.length && (
              <Alert severity="warning" sx={{ mt: 1 }}>
                {t('No column is: %{fields}', { fields: missing.map(label).join(', ') })}
              </Alert>
            )}
            <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, mt: 2 }}>
              <Button variant={job?.dry_run && !running ? 'outlined' : 'contained'} disabled={running} onClick={() => void run(true)}>
                {t('See what would happen')}
              </Button>
              {job?.status === 'done' && job.dry_run && job.created + job.updated > 0 && (
                <Button variant="contained" onClick={() => void run(false)}>
                  {t('Import %{n} rows', { n: job.created + job.updated })}
                </Button>
              )}
            </Box>
          </Box>
        )}
        <Box aria-live="polite">{job && <Result job={job} resource={resource} onCancel={() => void call('POST', `/jobs/${job.id}/cancel`, { body: {} }).catch((e: Error) => setProblem(e.message))} />}</Box>
        {imported && (
          <Button component={Link} to={`/${resource.name}`} variant="contained" sx={{ mt: 2 }}>
            {t('Open the list')}
          </Button>
        )}
      </Paper>
    </>
  );
}
