/**
 * Reads codes from pictures: by the browser where it can, else by ZXing
 * (barcode-detector), which is loaded from this program when it is needed.
 */
export type Detector = { detect: (source: HTMLVideoElement) => Promise<{ rawValue: string }[]> };
type Native = { new (options: { formats: string[] }): Detector; getSupportedFormats: () => Promise<string[]> };

const FORMATS = ['ean_13', 'ean_8', 'upc_a', 'upc_e', 'code_128', 'code_39', 'itf', 'codabar', 'qr_code', 'data_matrix'];

async function native(): Promise<Detector | null> {
  const Class = (globalThis as unknown as { BarcodeDetector?: Native }).BarcodeDetector;
  const supported = await Class?.getSupportedFormats().catch((): string[] => []);
  const formats = FORMATS.filter((f) => supported?.includes(f));
  return Class && formats.includes('ean_13') && formats.includes('qr_code') ? new Class({ formats }) : null;
}

async function zxing(): Promise<Detector> {
  const [{ BarcodeDetector, prepareZXingModule }, { default: wasm }] = await Promise.all([import('barcode-detector/ponyfill'), import('zxing-wasm/reader/zxing_reader.wasm?url')]);
  prepareZXingModule({ overrides: { locateFile: () => wasm } });
  return new BarcodeDetector({ formats: FORMATS as never }) as unknown as Detector;
}

export const makeDetector = async (): Promise<Detector> => (await native()) ?? zxing();
