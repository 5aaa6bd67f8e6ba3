import { oc } from '@orpc/contract';
import { z } from 'zod';
import { Id, Instant } from './shared.ts';
import { ConnectionRequest, MemberProject } from './sync.ts';

/** What a login may be called; those that were there before may be called otherwise. */
export const NewLogin = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, { error: 'a login is small letters, digits and _, a letter first' });
const Login = z.string().min(1).max(63);

/** Somebody who is in the connected project. */
export const Member = z.object({ login: z.string(), role: MemberProject.shape.role, since: Instant });
export type Member = z.infer<typeof Member>;

/** The connected project and who is in it. */
export const Team = z.object({
  project: z.object({ id: Id, name: z.string() }),
  login: z.string().describe('whom this workstation is connected as'),
  role: MemberProject.shape.role,
  items: z.array(Member),
});
export type Team = z.infer<typeof Team>;

const password = z
  .string()
  .optional()
  .describe('of a login that was made for it: told this once and kept nowhere');

/** What is given to begin a project. */
export const NewProject = ConnectionRequest.pick({ catalogueUrl: true, authority: true }).extend({
  name: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^\P{Cc}*$/u, { error: 'a name has no control characters' }),
  login: NewLogin.optional().describe('its first admin, made where it is not there; not given: whoever asks'),
});
export type NewProject = z.infer<typeof NewProject>;

/** A project that was begun. */
export const FoundedProject = z.object({ project: MemberProject, login: z.string(), password });
export type FoundedProject = z.infer<typeof FoundedProject>;

const tags = ['sync'];

export const team = {
  createProject: oc
    .route({
      method: 'POST',
      path: '/sync/projects/new',
      summary: 'Begin a project in a catalogue, as its owner or as an admin of another project',
      description: 'An empty database is made a catalogue first, where the login may do that.',
      successStatus: 201,
      tags,
    })
    .input(NewProject)
    .output(FoundedProject),
  listMembers: oc
    .route({ method: 'GET', path: '/sync/members', summary: 'Who is in the connected project', tags })
    .output(Team),
  getMember: oc
    .route({
      method: 'GET',
      path: '/sync/members/{login}',
      summary: 'One member; its ETag may be sent as If-Match when it is changed',
      tags,
    })
    .input(z.object({ login: Login }))
    .output(Member),
  putMember: oc
    .route({
      method: 'PUT',
      path: '/sync/members/{login}',
      summary: 'Let a person into the connected project, or give one who is in another role',
      tags,
    })
    .input(z.object({ login: Login, role: MemberProject.shape.role }))
    .output(z.object({ login: z.string(), role: MemberProject.shape.role, password })),
  removeMember: oc
    .route({
      method: 'DELETE',
      path: '/sync/members/{login}',
      summary: 'Shut a person out of the connected project; what was shared stays',
      tags,
    })
    .input(z.object({ login: Login }))
    .output(z.object({ login: z.string(), isMember: z.literal(false) })),
};
