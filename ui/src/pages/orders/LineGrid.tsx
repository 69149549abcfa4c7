import { Autocomplete, Box, Button, IconButton, TextField, Typography, useMediaQuery, type Theme } from '@mui/material';
import Add from '@mui/icons-material/Add';
import Close from '@mui/icons-material/Close';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useController, useFieldArray, useFormContext, useWatch } from 'react-hook-form';
import { decimalText, parseDecimal } from '../../api/decimal';
import { lineAmount, type TotalsLine } from '../../api/totals';
import type { Lines } from '../../meta/types';
import { DecimalInput } from '../../shared/DecimalInput';
import { lookUp, productsById, useProductSearch, type Product } from '../../shared/products';
import { fieldOf, Money, Quantity, useFormat, useResource, useT } from '../../shared';
import { columnsOf, focusCell, isEmptyLine, useGridKeys, type Cell, type Columns } from './grid';

type Line = Record<string, unknown> & { product_id?: number };
type RowProps = { lines: Lines; columns: Columns; row: number; disabled: boolean; known: Product | undefined; small: boolean; sells: boolean; onProduct: (row: number, product: Product) => void; onNext: (row: number) => void; onRemove: () => void };

const template = { sm: '1.75rem minmax(7rem, 1.1fr) minmax(9rem, 2fr) 6.5rem 7.5rem 7.5rem 2.25rem' };

/** A cell's value and its problem: said here while typing, or by the server. */
function useCell({ lines, row }: RowProps, name: string, check: (v: string) => string | undefined) {
  const t = useT();
  const { control, getValues } = useFormContext();
  const required = lines.fields.find((f) => f.name === name)?.required;
  const { field, fieldState } = useController({
    control,
    name: `${lines.name}.${row}.${name}`,
    rules: {
      validate: (v: unknown) => {
        if (isEmptyLine(getValues(`${lines.name}.${row}`) as Line)) return true;
        const text = v === null || v === undefined ? '' : String(v);
        if (!text) return required ? t('is required') : true;
        return check(text) ?? true;
      },
    },
  });
  return { field, value: field.value === null || field.value === undefined ? '' : String(field.value), problem: fieldState.error?.message };
}

function useCheckDecimal(least: 'zero' | 'above') {
  const t = useT();
  return (text: string) => {
    const d = parseDecimal(text);
    if (d === null) return t('must be a number with at most four decimals');
    if (least === 'above' && d <= 0n) return t('must be above zero');
    return d < 0n ? t('must be at least %{n}', { n: 0 }) : undefined;
  };
}

function useLabel(props: RowProps, name: string) {
  const t = useT();
  const label = t(props.lines.fields.find((f) => f.name === name)?.label ?? name);
  const cell = (at: Cell) => ({ 'data-cell': at, 'aria-label': t('%{field}, line %{n}', { field: label, n: props.row + 1 }) });
  return { label: props.small ? label : undefined, cell };
}

function CodeCell(props: RowProps) {
  const { columns, row, disabled, onProduct, onNext } = props;
  const { field, value, problem } = useCell(props, columns.code, () => undefined);
  const { label, cell } = useLabel(props, columns.code);
  const [text, setText] = useState('');
  const lit = useRef<Product | null>(null);
  const { found, busy } = useProductSearch(text);
  const pick = (product: Product) => {
    setText('');
    onProduct(row, product);
  };
  /** Without a choice in the list: the first that was found, or whose very code it is; else it is a text of its own. */
  const enter = async () => {
    const first = text && !busy ? found[0] : undefined;
    const product = first ?? (text ? (await lookUp(value).catch(() => null))?.product : undefined);
    if (product) pick(product);
    else onNext(row);
  };
  return (
    <Autocomplete<Product, false, true, true>
      freeSolo
      disableClearable
      onHighlightChange={(_, option) => (lit.current = option)}
      onKeyDown={(e) => {
        if (e.key !== 'Enter' || (lit.current && (e.target as HTMLElement).getAttribute('aria-expanded') === 'true')) return;
        e.preventDefault();
        e.defaultMuiPrevented = true;
        void enter();
      }}
      disabled={disabled}
      options={text ? found : []}
      filterOptions={(x) => x}
      getOptionLabel={(o) => (typeof o === 'string' ? o : o.sku)}
      getOptionKey={(o) => (typeof o === 'string' ? o : o.id)}
      inputValue={value}
      value={value as never}
      onInputChange={(_, v, reason) => {
        if (reason !== 'input') return;
        setText(v);
        field.onChange(v);
      }}
      onChange={(_, picked) => {
        if (typeof picked !== 'string') pick(picked);
      }}
      slotProps={{ popper: { style: { width: 'min(24rem, calc(100vw - 2rem))' }, placement: 'bottom-start' } }}
      renderOption={({ key, ...rest }, p) => (
        <li key={key} {...rest}>
          <Box sx={{ minWidth: 0 }}>
            <Box sx={{ overflowWrap: 'anywhere' }}>
              <b>{p.sku}</b> · {p.name}
            </Box>
            <Typography variant="body2" color="text.secondary">
              <Money value={props.sells ? p.price : p.cost} />
              {p.product_type === 'goods' && (
                <>
                  {' · '}
                  <Quantity value={p.available} unit={p.unit} />
                </>
              )}
            </Typography>
          </Box>
        </li>
      )}
      renderInput={(params) => (
        <TextField {...params} label={label} error={!!problem} helperText={problem} inputRef={field.ref} onBlur={field.onBlur} slotProps={{ htmlInput: { ...params.inputProps, ...cell('code') } }} />
      )}
    />
  );
}

function NameCell(props: RowProps) {
  const { field, value, problem } = useCell(props, props.columns.name, () => undefined);
  const { label, cell } = useLabel(props, props.columns.name);
  return <TextField {...field} value={value} label={label} disabled={props.disabled} error={!!problem} helperText={problem} fullWidth slotProps={{ htmlInput: { ...cell('name'), maxLength: 255 } }} />;
}

function NumberCell({ name, at, ...props }: RowProps & { name: string; at: Cell }) {
  const f = useFormat();
  const t = useT();
  const { field, value, problem } = useCell(props, name, useCheckDecimal(at === 'quantity' ? 'above' : 'zero'));
  const { label, cell } = useLabel(props, name);
  const { known } = props;
  const short = at === 'quantity' && props.sells && known?.product_type === 'goods' && (parseDecimal(value) ?? 0n) > (parseDecimal(known.available) ?? 0n);
  const told = problem ?? (short ? t('%{n} available', { n: f.quantity(known.available) }) : undefined);
  return (
    <DecimalInput
      value={value}
      onChange={(v) => field.onChange(v)}
      onBlur={field.onBlur}
      inputRef={field.ref}
      label={label}
      disabled={props.disabled}
      error={!!problem}
      helperText={told}
      fullWidth
      slotProps={{ htmlInput: cell(at), formHelperText: { sx: { mx: 0, color: short && !problem ? 'warning.main' : undefined } } }}
    />
  );
}

function Row(props: RowProps) {
  const { lines, row, disabled, onRemove, small } = props;
  const t = useT();
  const { control } = useFormContext();
  const line = useWatch({ control, name: `${lines.name}.${row}` }) as Line | undefined;
  return (
    <Box
      role="group"
      aria-label={t('Line %{n}', { n: row + 1 })}
      data-row={row}
      sx={{ display: 'grid', gridTemplateColumns: { xs: '1fr 1fr', ...template }, gap: { xs: 1, sm: 0.75 }, px: 1, py: { xs: 1.5, sm: 0.5 }, borderTop: 1, borderColor: 'divider', alignItems: 'start', '& .MuiFormControl-root': { my: 0 }, '& .MuiFormHelperText-root': { mx: 0 } }}
    >
      {small ? (
        <Box sx={{ gridColumn: '1 / -1', display: 'flex', justifyContent: 'space-between', alignItems: 'center' }}>
          <b>{t('Line %{n}', { n: row + 1 })}</b>
          <Money value={decimalText(lineAmount((line ?? {}) as TotalsLine))} sx={{ fontWeight: 600 }} />
        </Box>
      ) : (
        <Box sx={{ color: 'text.secondary', pt: 1.25, textAlign: 'center' }}>{row + 1}</Box>
      )}
      <CodeCell {...props} />
      <NameCell {...props} />
      <NumberCell {...props} name="quantity" at="quantity" />
      <NumberCell {...props} name="unit_price" at="price" />
      {!small && (
        <Box sx={{ textAlign: 'right', pt: 1.25 }}>
          <Money value={decimalText(lineAmount((line ?? {}) as TotalsLine))} />
        </Box>
      )}
      <Box sx={{ gridColumn: { xs: '1 / -1', sm: 'auto' }, textAlign: 'right' }}>
        <IconButton size="small" disabled={disabled} aria-label={t('Remove line %{n}', { n: row + 1 })} title={t('Ctrl+Delete')} onClick={onRemove}>
          <Close fontSize="small" />
        </IconButton>
      </Box>
    </Box>
  );
}

/** The products of the lines that have one, by their codes. */
function useKnown(lines: Line[], code: string) {
  const [known, setKnown] = useState<Map<string, Product>>(new Map());
  const first = useRef(lines.map((l) => l.product_id).filter((id): id is number => typeof id === 'number'));
  useEffect(() => {
    productsById([...new Set(first.current)]).then(
      (products) => setKnown((old) => new Map([...products.map((p) => [p.sku, p] as const), ...old])),
      () => undefined,
    );
  }, []);
  const learn = (p: Product) => setKnown((old) => new Map(old).set(p.sku, p));
  return { of: (line: Line | undefined) => known.get(String(line?.[code] ?? '')), learn };
}

function Head({ lines, columns }: { lines: Lines; columns: Columns }) {
  const t = useT();
  const label = (name: string) => t(lines.fields.find((f) => f.name === name)?.label ?? name);
  const right = { textAlign: 'right' } as const;
  return (
    <Box aria-hidden sx={{ display: 'grid', gridTemplateColumns: template, gap: 0.75, px: 1, py: 0.75, fontSize: '0.8125rem', fontWeight: 650, color: 'text.secondary' }}>
      <Box sx={{ textAlign: 'center' }}>#</Box>
      <span>{label(columns.code)}</span>
      <span>{label(columns.name)}</span>
      <Box sx={right}>{label('quantity')}</Box>
      <Box sx={right}>{label('unit_price')}</Box>
      <Box sx={right}>{label('amount')}</Box>
      <span />
    </Box>
  );
}

/** The lines of an order as a grid for the keyboard alone. */
export function LineGrid({ resource, lines, disabled, sells }: { resource: string; lines: Lines; disabled: boolean; sells: boolean }) {
  const t = useT();
  const r = useResource(resource);
  const small = useMediaQuery<Theme>((theme) => theme.breakpoints.down('sm'));
  const grid = useRef<HTMLDivElement>(null);
  const { control, setValue, getValues, clearErrors } = useFormContext();
  const columns = useMemo(() => columnsOf(lines), [lines]);
  const { fields: rows, append, remove } = useFieldArray({ control, name: lines.name, keyName: 'key' });
  const known = useKnown((getValues(lines.name) as Line[] | undefined) ?? [], columns.code);
  const add = () => rows.length < lines.max && append({}, { shouldFocus: false });
  const onKeyDown = useGridKeys({ rows: rows.length, append: add, remove: (i) => remove(i), grid: () => grid.current });
  const onProduct = (row: number, p: Product) => {
    known.learn(p);
    const at = `${lines.name}.${row}`;
    const set = (name: string, v: unknown) => setValue(`${at}.${name}`, v, { shouldDirty: true });
    set(columns.code, p.sku);
    set(columns.name, p.name);
    set('unit_price', String(sells ? p.price : p.cost));
    clearErrors(at);
    focusCell(grid.current, row, 'quantity');
  };
  return (
    <Box component="section" aria-label={t(lines.label)} sx={{ mt: 2 }}>
      <Typography variant="h2" sx={{ mb: 1 }}>
        {t(fieldOf(r, lines.name)?.label ?? lines.label)}
      </Typography>
      <Box ref={grid} onKeyDown={disabled ? undefined : onKeyDown} sx={{ border: 1, borderColor: 'divider', borderRadius: 1 }}>
        {!small && <Head lines={lines} columns={columns} />}
        {rows.map((row, i) => (
          <Row key={row.key} lines={lines} columns={columns} row={i} disabled={disabled} small={small} sells={sells} known={known.of(getValues(`${lines.name}.${i}`) as Line)} onProduct={onProduct} onNext={(at) => focusCell(grid.current, at, 'name')} onRemove={() => remove(i)} />
        ))}
      </Box>
      <Box sx={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: 1.5, mt: 1 }}>
        <Button
          startIcon={<Add />}
          size="small"
          disabled={disabled || rows.length >= lines.max}
          onClick={() => {
            add();
            focusCell(grid.current, rows.length, 'code');
          }}
        >
          {t('Add a line')}
        </Button>
        <Typography variant="body2" color="text.secondary" sx={{ display: { xs: 'none', sm: 'block' } }}>
          {t('Enter goes on and adds a line behind the last one; Ctrl+Delete removes one.')}
        </Typography>
      </Box>
    </Box>
  );
}
