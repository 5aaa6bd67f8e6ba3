import type { Schema } from './make-value.ts';

/** Numbers in [0, 1). */
export type Random = () => number;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface MediaType {
  readonly schema?: Schema;
}

/** One operation of an OpenAPI document. */
export interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, MediaType>> }>>;
}

export interface OpenApi {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, Operation>> & { readonly servers?: readonly { url: string }[] }>
  >;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** An operation with where it is. */
export interface Route {
  /** Upper case. */
  readonly method: string;
  /** As asked for, e.g. `/api/v1/runs/{id}`. */
  readonly path: string;
  readonly operation: Operation;
}

/** A request exactly as it goes over the line. */
export interface Asked {
  readonly route: Route;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | undefined;
}

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
  readonly milliseconds: number;
}

const METHODS = ['get', 'put', 'post', 'patch', 'delete'];

/** All operations of a document. */
export function listRoutes({ paths, servers }: OpenApi): readonly Route[] {
  return Object.entries(paths).flatMap(([path, item]) => {
    const base = (item.servers ?? servers)[0]!.url.replace(/\/$/, '');
    return METHODS.filter((method) => item[method] !== undefined).map((method) => ({
      method: method.toUpperCase(),
      path: base + path,
      operation: item[method]!,
    }));
  });
}
