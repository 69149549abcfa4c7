/** What GET /api/v1/meta answers (src/api/meta.c). A flag that is absent is false. */

export type Scope = 'all' | 'own';
export type Tone = 'neutral' | 'info' | 'warning' | 'success' | 'danger';
export type Choice = { name: string; label: string; tone: Tone };
export type Operator = 'eq' | 'ne' | 'in' | 'isnull' | 'gt' | 'gte' | 'lt' | 'lte' | 'contains' | 'startswith';

export type Field = {
  name: string;
  label: string;
  type: string;
  /** text, textarea, email, phone, url, select, reference, integer, money, quantity, percent, checkbox, date, datetime, zone, tags, json, password, id */
  widget: string;
  help?: string;
  choices?: Choice[];
  /** A reference: the resource it leads to, when the caller may read it. */
  resource?: string;
  /** Where the answer prints the referenced record's name. */
  name_field?: string;
  min?: number;
  max?: number;
  max_length?: number;
  default?: unknown;
  snapshot_of?: string;
  filter?: Operator[];
  /** Not printed: input only (a password). */
  hidden?: boolean;
  /** One of those that every record has: id, version, created_… */
  common?: boolean;
  create?: boolean;
  update?: boolean;
  required?: boolean;
  /** May still change when the record's state has frozen it. */
  late?: boolean;
  sort?: boolean;
  search?: boolean;
  sum?: boolean;
  /** The server gives the next number when it is left out. */
  numbered?: boolean;
  /** In a list by default. */
  column?: boolean;
};

export type Lines = { name: string; label: string; max: number; update?: boolean; fields: Field[] };

export type Action = {
  name: string;
  label: string;
  summary?: string;
  /** transition: of a record's state; call: another change; read: an answer of its own; list: a part of the resource's list. */
  kind: 'transition' | 'call' | 'read' | 'list';
  method: 'get' | 'post' | 'patch' | 'delete';
  may: Scope;
  collection?: boolean;
  /** Moves stock or money: show what a dry run says before. */
  preview?: boolean;
  from?: string[];
  to?: string;
  fields?: Field[];
  lines?: Lines;
};

export type Verb = 'list' | 'create' | 'get' | 'replace' | 'update' | 'delete' | 'stats' | 'bulk' | 'export' | 'import' | 'import-jobs';

export type Resource = {
  name: string;
  path: string;
  label: string;
  label_plural: string;
  summary?: string;
  area: string;
  singleton?: boolean;
  /** No records: only actions. */
  virtual?: boolean;
  /** Making one moves stock or money. */
  preview?: boolean;
  as_of?: boolean;
  title?: string;
  status?: string;
  due?: string;
  owner?: string;
  order?: string;
  searchable?: boolean;
  /** States in which every field may change; absent: always, but for never_open. */
  open?: string[];
  never_open?: boolean;
  done?: string[];
  fields?: Field[];
  lines?: Lines;
  related?: { resource: string; field: string }[];
  may: Partial<Record<Verb, Scope>>;
  actions: Action[];
};

export type Caller = {
  id: number;
  email: string;
  username: string;
  full_name: string | null;
  role: string;
  max_amount: number | string | null;
  organization: { id: number; name: string; currency: string; time_zone: string };
  organizations?: { id: number; name: string; role: string }[];
};

export type Meta = { version: string; demo: boolean; caller: Caller; resources: Resource[] };
