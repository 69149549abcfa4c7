// The routes of a running server, as its own /openapi.json tells them, and the
// fields of its resources. What is added to the program is tested by that.

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

class Route {
  constructor(document, template, method, operation) {
    Object.assign(this, { document, template, method: method.toUpperCase(), operation });
    [this.resource, this.action] = (operation['x-permission'] ?? '').split(':');
    this.permission = operation['x-permission'];
    this.isPublic = operation.security?.length === 0 || Boolean(operation.security?.some((way) => Object.keys(way).length === 0));
    this.onRecord = template.includes('{id}');
    [, this.collection] = template.split('/');
    this.media = operation.requestBody?.content ?? {};
    this.takesCsv = 'text/csv' in this.media;
    this.takesJson = 'application/json' in this.media;
    this.name = `${this.method} ${template}`;
  }

  path(id) {
    return `/api/v1${this.template.replace(/\{\w+\}/, id)}`;
  }

  /** The documented body, which the server takes as it stands. */
  example() {
    const media = this.media['application/json'];
    if (!media) return undefined;
    const shown = media.example ?? resolve(this.document, media.examples.example).value;
    return structuredClone(shown);
  }

  /** Its query parameters by name, without their schemas. */
  parameters() {
    return (this.operation.parameters ?? []).map((p) => resolve(this.document, p))
      .filter((p) => p.in === 'query').map((p) => p.name);
  }

  /** The properties of the JSON body: {name: schema}. */
  fields() {
    const media = this.media['application/json'];
    return media ? properties(this.document, media.schema) : {};
  }
}

export function resolve(document, node) {
  if (!node?.$ref) return node;
  return node.$ref.slice(2).split('/').reduce((at, key) => at[key], document);
}

export function properties(document, schema) {
  const s = resolve(document, schema);
  const parts = (s.allOf ?? []).map((part) => properties(document, part));
  return Object.assign({}, ...parts, s.properties ?? {});
}

const types = (schema) => [schema.type].flat();

/** The resource a field refers to, as its description says: "users". */
export const referenceOf = (schema) => /Refers to `\/([a-z-]+)`/.exec(schema.description ?? '')?.[1];

/** The way of customers' own users, who come by no other and are tested apart (portal.test.mjs). */
const isOurs = (operation) => !operation['x-client'];

/** A field that takes any text. */
export function isFreeText(schema) {
  const t = types(schema);
  return t.includes('string') && !t.includes('number') && !t.includes('integer') &&
    !schema.format && !schema.enum && !schema.pattern && !referenceOf(schema);
}

export async function readRoutes(client) {
  const document = await client.ok(client.get('/openapi.json'));
  const routes = [];
  for (const [template, item] of Object.entries(document.paths))
    for (const method of METHODS)
      if (item[method] && isOurs(item[method])) routes.push(new Route(document, template, method, item[method]));
  return { document, routes };
}
