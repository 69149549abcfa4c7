export { EmptyState } from './EmptyState';
export { Money, Quantity } from './Money';
export { newKey } from './key';
export { PageTitle } from './PageTitle';
export { RecordActions } from './RecordActions';
export { ChoiceChip, StatusChip, ToneChip } from './StatusChip';
export { useT } from '../i18n';
export { useFormat } from '../i18n/format';
export { fieldOf, may, statusOf, useMeta, useResource } from '../meta/store';
