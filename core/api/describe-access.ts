import { ACCESS, type Access, type RouteName } from './access.ts';

/** What an operation says of who may use it. */
interface Described {
  readonly operationId?: string | undefined;
  description?: string;
  security?: Record<string, string[]>[];
}

/** How one comes in, as OpenAPI says it. */
export const SECURITY_SCHEMES = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A key of this workspace (`astrid keys create`, or Settings > Access); the token that `astrid serve` printed; or, ' +
      'where it was started so, a JSON Web Token of its sign-in.',
  },
} as const;

/** Say of an operation who may use it: its least role, and the scope that a key kept to scopes must have. */
export function describeAccess(operation: Described): void {
  const entry: Access | undefined = ACCESS[operation.operationId as RouteName];
  if (entry === undefined) throw new Error(`no access is written down for ${operation.operationId}`);
  const { role, scope } = entry;
  const words =
    role === 'nobody'
      ? 'Open to all.'
      : `Least role: ${role}${scope === undefined ? '' : `; scope: \`${scope}\``}.`;
  operation.description = [operation.description, words].filter(Boolean).join(' ');
  operation.security = role === 'nobody' ? [] : [{ bearer: scope === undefined ? [] : [scope] }];
}
