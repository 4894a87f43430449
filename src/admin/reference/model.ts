/** A schema of the OpenAPI document, as far as the page reads it. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
  description?: string;
  title?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  additionalProperties?: Schema | boolean;
  patternProperties?: Record<string, Schema>;
}

/** A field of a request or an answer: `steps[].options[].idp`. */
export interface Field {
  path: string;
  type: string;
  required: boolean;
  description: string;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}

/** One method of one path. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  tag: string;
  summary: string;
  description: string | null;
  parameters: Parameter[];
  content: Schema | null;
  /** JSON that the request may hold. */
  example: unknown;
  answer: { status: string; schema: Schema | null };
}

interface Document {
  paths?: Record<string, Record<string, unknown>>;
}

interface OperationObject {
  operationId?: string;
  tags?: string[];
  summary?: string;
  description?: string;
  parameters?: Parameter[];
  requestBody?: {
    content: Record<string, { schema?: Schema; example?: unknown; examples?: Record<string, { value: unknown }> }>;
  };
  responses?: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}

/** The operations of an OpenAPI document, in its order. */
export function readOperations(document: object): Operation[] {
  const { paths = {} } = document as Document;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => readOperation(method, path, raw as OperationObject)),
  );
}

function readOperation(method: string, path: string, raw: OperationObject): Operation {
  const media = raw.requestBody?.content['application/json'];
  const [status = '', answer] = Object.entries(raw.responses ?? {})[0] ?? [];
  const schema = Object.values(answer?.content ?? {})[0]?.schema ?? null;
  return {
    id: raw.operationId ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    tag: raw.tags?.[0] ?? '',
    summary: raw.summary ?? '',
    description: raw.description ?? null,
    parameters: raw.parameters ?? [],
    content: media?.schema ?? null,
    example: media?.example ?? Object.values(media?.examples ?? {})[0]?.value ?? null,
    answer: { status, schema: schema?.type === 'null' ? null : schema },
  };
}
