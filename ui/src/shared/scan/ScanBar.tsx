import { Autocomplete, Box, Button, TextField, Typography } from '@mui/material';
import CameraIcon from '@mui/icons-material/PhotoCameraOutlined';
import { lazy, Suspense, useCallback, useState, type Ref } from 'react';
import { useT } from '../../i18n';
import { Money, Quantity } from '../Money';
import { lookUp, useProductSearch, type Lot, type Product, type Scanned } from '../products';
import { useWedge } from './useWedge';

const CameraDialog = lazy(() => import('./CameraDialog'));

type Props = {
  label: string;
  /** What became of it, to be told: what was added, or why not. */
  onProduct: (product: Product, lot: Lot | undefined) => string;
  /** A code that is no product: true when it was taken care of. */
  onOther?: (found: Scanned) => string | null;
  /** A code that nobody has, such as a new lot: what became of it, or null. */
  onUnknown?: (code: string) => string | null;
  inputRef?: Ref<HTMLInputElement>;
  disabled?: boolean;
  /** What a hand scanner reads is for this bar; not while a dialog is open. */
  listening?: boolean;
  price?: boolean;
};

type Said = { text: string; bad: boolean } | null;

/** Finds what a code is, whoever read it, and says what became of it. */
function useCodes({ onProduct, onOther, onUnknown }: Props) {
  const t = useT();
  const [said, setSaid] = useState<Said>(null);
  const pick = useCallback((product: Product, lot?: Lot) => setSaid({ text: onProduct(product, lot), bad: false }), [onProduct]);
  const take = async (code: string, otherwise?: Product) => {
    try {
      const found = await lookUp(code);
      const product = found?.product ?? (found ? undefined : otherwise);
      const other = product ? null : found ? onOther?.(found) : onUnknown?.(code);
      if (product) pick(product, found?.lot);
      else if (other) setSaid({ text: other, bad: false });
      else setSaid({ text: t('Nothing has the code %{code}.', { code }), bad: true });
    } catch (error) {
      setSaid({ text: (error as Error).message, bad: true });
    }
  };
  return { said, pick, take };
}

const Option = ({ product, price }: { product: Product; price: boolean }) => (
  <Box sx={{ display: 'flex', gap: 1.5, width: '100%', alignItems: 'baseline', minWidth: 0 }}>
    <Box sx={{ flex: 1, minWidth: 0 }}>
      <Box sx={{ overflowWrap: 'anywhere' }}>{product.name}</Box>
      <Typography variant="body2" color="text.secondary" sx={{ overflowWrap: 'anywhere' }}>
        {product.sku}
        {product.product_type === 'goods' && (
          <>
            {' · '}
            <Quantity value={product.available} unit={product.unit} />
          </>
        )}
      </Typography>
    </Box>
    {price && <Money value={product.price} sx={{ fontWeight: 600 }} />}
  </Box>
);

/** One field for everything that names a product: a hand scanner, the camera, typing a code or words. */
export function ScanBar(props: Props) {
  const { label, inputRef, disabled, listening = true, price = true } = props;
  const t = useT();
  const [text, setText] = useState('');
  const [camera, setCamera] = useState(false);
  const { found, busy } = useProductSearch(text);
  const { said, pick, take } = useCodes(props);
  useWedge((code) => void take(code), listening && !disabled);

  const enter = (value: string | Product | null) => {
    if (!value) return;
    setText('');
    if (typeof value === 'string') void take(value.trim(), !busy && found.length === 1 ? found[0] : undefined);
    else pick(value);
  };
  return (
    <Box>
      <Box sx={{ display: 'flex', gap: 1, alignItems: 'flex-start' }}>
        <Autocomplete<Product, false, true, true>
          freeSolo
          disableClearable
          fullWidth
          disabled={disabled}
          options={found}
          filterOptions={(x) => x}
          getOptionLabel={(o) => (typeof o === 'string' ? o : o.name)}
          getOptionKey={(o) => (typeof o === 'string' ? o : o.id)}
          inputValue={text}
          value={'' as never}
          onInputChange={(_, value, reason) => reason !== 'selectOption' && reason !== 'reset' && setText(value)}
          onChange={(_, value) => enter(value as string | Product)}
          renderOption={({ key, ...rest }, option) => (
            <li key={key} {...rest}>
              <Option product={option} price={price} />
            </li>
          )}
          renderInput={(params) => (
            <TextField {...params} label={label} inputRef={inputRef} sx={{ my: 0 }} slotProps={{ htmlInput: { ...params.inputProps, 'data-takes-codes': '', enterKeyHint: 'search', autoCapitalize: 'off', spellCheck: false } }} />
          )}
        />
        <Button variant="outlined" disabled={disabled} onClick={() => setCamera(true)} startIcon={<CameraIcon />} sx={{ height: 40, flex: 'none' }}>
          {t('Scan')}
        </Button>
      </Box>
      <Typography role="status" variant="body2" sx={{ minHeight: '1.5em', mt: 0.5, fontWeight: 600, color: said?.bad ? 'error.main' : 'text.secondary' }}>
        {said?.text ?? ''}
      </Typography>
      {camera && (
        <Suspense fallback={null}>
          <CameraDialog onCode={(code) => void take(code)} onClose={() => setCamera(false)} said={said?.text} />
        </Suspense>
      )}
    </Box>
  );
}
