import { visuallyHidden } from '@mui/utils';
import { Box, Button, IconButton, Table, TableBody, TableCell, TableHead, TableRow, Typography } from '@mui/material';
import Add from '@mui/icons-material/Add';
import Close from '@mui/icons-material/Close';
import { useFieldArray, useFormContext } from 'react-hook-form';
import type { RaRecord } from 'react-admin';
import { useT } from '../i18n';
import type { Field, Lines } from '../meta/types';
import { FieldInput } from './inputs';
import { FieldValue, isNumeric } from './values';
import { Scrolling } from '../shared/Scrolling';

/** The column's head is the label; that of the input is there for those who hear the page. */
const inCells = {
  '& .MuiFormControl-root': { my: 0 },
  '& .MuiInputLabel-root': visuallyHidden,
  '& fieldset': { top: 0 },
  '& legend': { display: 'none' },
};

type Props = {
  lines: Lines;
  /** Of an action's dialog: the record whose lines may be named. */
  parent?: RaRecord;
  parentLines?: Lines;
  disabled?: boolean;
};

const entered = (f: Field) => f.create && !f.hidden && f.widget !== 'json';
const widths: Record<string, number> = { money: 110, quantity: 100, percent: 90, integer: 90, date: 150, select: 140, checkbox: 80, reference: 220 };
const widthOf = (f: Field) => widths[f.widget] ?? 160;

/** The lines of a document as a grid: Enter in the last one adds another. */
export function LinesInput({ lines, parent, parentLines, disabled }: Props) {
  const t = useT();
  const { control, setValue } = useFormContext();
  const { fields: rows, append, remove } = useFieldArray({ control, name: lines.name, keyName: 'key' });
  const columns = lines.fields.filter((f) => (parent ? true : entered(f))).sort((a, b) => Number(b.widget === 'reference') - Number(a.widget === 'reference'));
  const add = () => append(Object.fromEntries(columns.filter((f) => f.default !== undefined).map((f) => [f.name, f.default])));
  const offered = parent && parentLines ? ((parent[parentLines.name] as RaRecord[] | undefined) ?? []) : null;
  if (offered) return <NamedLines lines={lines} offered={offered} parentLines={parentLines as Lines} onPick={(values) => setValue(lines.name, values)} />;
  return (
    <Box component="section" aria-label={t(lines.label)} sx={{ mt: 2 }}>
      <Typography variant="h2" sx={{ mb: 1 }}>
        {t(lines.label)}
      </Typography>
      <Scrolling label={t(lines.label)} framed>
        <Table size="small" sx={{ '& td': { p: 0.5, verticalAlign: 'top' }, ...inCells }}>
          <TableHead>
            <TableRow>
              <TableCell sx={{ width: 32 }}>#</TableCell>
              {columns.map((f) => (
                <TableCell key={f.name} align={isNumeric(f) ? 'right' : 'left'} sx={{ minWidth: widthOf(f) }} title={f.help ? t(f.help) : undefined}>
                  {t(f.label)}
                  {f.required ? ' *' : ''}
                </TableCell>
              ))}
              <TableCell component="td" sx={{ width: 44 }} />
            </TableRow>
          </TableHead>
          <TableBody
            onKeyDown={(e) => {
              if (e.key !== 'Enter' || disabled || !(e.target instanceof HTMLInputElement) || e.target.getAttribute('role') === 'combobox') return;
              e.preventDefault();
              add();
            }}
          >
            {rows.map((row, i) => (
              <TableRow key={row.key}>
                <TableCell sx={{ color: 'text.secondary', pt: '14px !important', textAlign: 'center' }}>{i + 1}</TableCell>
                {columns.map((f) => (
                  <TableCell key={f.name}>
                    <FieldInput field={f} source={`${lines.name}.${i}.${f.name}`} side="create" disabled={disabled} dense />
                  </TableCell>
                ))}
                <TableCell>
                  <IconButton aria-label={t('Remove line %{n}', { n: i + 1 })} size="small" disabled={disabled} onClick={() => remove(i)}>
                    <Close fontSize="small" />
                  </IconButton>
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Scrolling>
      <Button startIcon={<Add />} size="small" sx={{ mt: 1 }} onClick={add} disabled={disabled || rows.length >= lines.max}>
        {t('Add a line')}
      </Button>
    </Box>
  );
}

/** In a dialog: the record's own lines with how much of each; nothing entered means all. */
function NamedLines({ lines, offered, parentLines, onPick }: { lines: Lines; offered: RaRecord[]; parentLines: Lines; onPick: (v: Record<string, unknown>[]) => void }) {
  const t = useT();
  const { watch } = useFormContext();
  const columns = lines.fields.filter((f) => !['line_id', 'id'].includes(f.name));
  const shown = parentLines.fields.filter((f) => !f.hidden && ['text', 'quantity'].includes(f.widget) && !['description', 'notes'].includes(f.name)).slice(0, 6);
  const [names, figures] = [shown.filter((f) => !isNumeric(f)), shown.filter(isNumeric)];
  const values = (watch(lines.name) as Record<string, unknown>[] | undefined) ?? [];
  if (!values.length && offered.length) onPick(offered.map((line) => ({ line_id: line.id })));
  return (
    <Box component="section" aria-label={t(lines.label)} sx={{ mt: 2 }}>
      <Typography variant="h3" component="h3" sx={{ mb: 0.5 }}>
        {t(lines.label)}
      </Typography>
      <Typography variant="body2" color="text.secondary" sx={{ mb: 1 }}>
        {t('Enter quantities to name lines; leave all empty for everything that is open.')}
      </Typography>
      <Scrolling label={t(lines.label)} framed>
        <Table size="small" sx={inCells}>
          <TableHead>
            <TableRow>
              <TableCell>{names[0] && t(names[0].label)}</TableCell>
              {columns.map((f) => (
                <TableCell key={f.name} sx={{ minWidth: widthOf(f) }}>
                  {t(f.label)}
                </TableCell>
              ))}
              {figures.map((f) => (
                <TableCell key={f.name} align="right">
                  {t(f.label)}
                </TableCell>
              ))}
            </TableRow>
          </TableHead>
          <TableBody>
            {offered.map((line, i) => (
              <TableRow key={String(line.id)}>
                <TableCell sx={{ minWidth: 120 }}>
                  {names.map((f, n) => (
                    <Box key={f.name} sx={{ fontWeight: n ? undefined : 600, overflowWrap: 'anywhere' }}>
                      <FieldValue field={f} record={line} plain />
                    </Box>
                  ))}
                </TableCell>
                {columns.map((f) => (
                  <TableCell key={f.name}>
                    <FieldInput field={{ ...f, required: false }} source={`${lines.name}.${i}.${f.name}`} side="create" dense />
                  </TableCell>
                ))}
                {figures.map((f) => (
                  <TableCell key={f.name} align="right">
                    <FieldValue field={f} record={line} plain />
                  </TableCell>
                ))}
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </Scrolling>
    </Box>
  );
}
