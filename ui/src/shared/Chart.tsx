import { Box, Button, Link, Paper, Skeleton, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import { lazy, Suspense, useId, useState, type ReactNode } from 'react';
import { Link as RouterLink, useNavigate } from 'react-router-dom';
import { useT } from '../i18n';
import { Scrolling } from './Scrolling';

const ChartCanvas = lazy(() => import('./ChartCanvas'));

export type Series = { name: string; values: (number | string)[] };
export type ChartProps = {
  kind: 'bar' | 'line';
  labels: string[];
  series: Series[];
  format: (value: number | string) => string;
  /** For the axis: 1.2 M. Without it values are whole numbers. */
  short?: (value: number) => string;
  onPick?: (index: number, series: number) => void;
  stacked?: boolean;
  /** Bars that lie: for names that are words. */
  sideways?: boolean;
};

/** A part of a page with its heading. */
export function Panel({ title, action, children, wide }: { title: string; action?: ReactNode; children: ReactNode; wide?: boolean }) {
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} sx={{ p: { xs: 1.5, sm: 2 }, border: 1, borderColor: 'divider', minWidth: 0, gridColumn: wide ? { md: 'span 2' } : undefined }}>
      <Box sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', gap: 1, mb: 1, minHeight: 32 }}>
        <Typography variant="h2" id={id}>
          {title}
        </Typography>
        {action}
      </Box>
      {children}
    </Paper>
  );
}

type Props = Omit<ChartProps, 'onPick'> & {
  title: string;
  /** What the rows are: Month, Stage. */
  by: string;
  /** Where a bar leads. */
  to?: (index: number, series: number) => string | undefined;
  loading?: boolean;
  empty?: ReactNode;
  wide?: boolean;
};

/** Numbers as a drawing that can be clicked, and as a table with links for who reads or works by keyboard. */
export function Chart({ title, by, to, loading, empty, wide, ...chart }: Props) {
  const t = useT();
  const navigate = useNavigate();
  const [table, setTable] = useState(false);
  const nothing = chart.series.every((s) => s.values.every((v) => Number(v) === 0));
  const pick = (i: number, s: number) => {
    const path = to?.(i, s);
    if (path) navigate(path);
  };
  const height = chart.sideways ? Math.max(120, chart.labels.length * 34 + 30) : 240;
  return (
    <Panel
      title={title}
      wide={wide}
      action={
        !nothing &&
        !loading && (
          <Button size="small" onClick={() => setTable(!table)} aria-label={`${title}: ${table ? t('as a chart') : t('as a table')}`} sx={{ whiteSpace: 'nowrap' }}>
            {table ? t('Chart') : t('Table')}
          </Button>
        )
      }
    >
      {loading && <Skeleton variant="rectangular" height={height} />}
      {!loading && nothing && (empty ?? <Typography color="text.secondary">{t('Nothing to show yet.')}</Typography>)}
      {!loading && !nothing && table && <Numbers {...chart} by={by} to={to} title={title} />}
      {!loading && !nothing && !table && (
        <Suspense fallback={<Skeleton variant="rectangular" height={height} />}>
          <ChartCanvas {...chart} height={height} onPick={to ? pick : undefined} />
        </Suspense>
      )}
    </Panel>
  );
}

function Numbers({ labels, series, format, by, to, title }: Pick<Props, 'labels' | 'series' | 'format' | 'by' | 'to' | 'title'>) {
  return (
    <Scrolling label={title}>
      <Table size="small">
        <TableHead>
          <TableRow>
            <TableCell>{by}</TableCell>
            {series.map((s) => (
              <TableCell key={s.name} align="right">
                {s.name}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {labels.map((label, i) => (
            <TableRow key={label}>
              <TableCell component="th" scope="row">
                {label}
              </TableCell>
              {series.map((s, j) => {
                const path = to?.(i, j);
                const text = format(s.values[i] ?? 0);
                return (
                  <TableCell key={s.name} align="right">
                    {path ? (
                      <Link component={RouterLink} to={path}>
                        {text}
                      </Link>
                    ) : (
                      text
                    )}
                  </TableCell>
                );
              })}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Scrolling>
  );
}
