import { implement } from '@orpc/server';
import { AstridError } from '../../utils/index.ts';
import { contract } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.team).$context<Asking>();

/** Answer what is asked of projects and of who is in them. */
export function answerTeam({ sync: { team } }: Services) {
  return {
    createProject: os.createProject.handler(({ input }) => team.createProject(input)),
    listMembers: os.listMembers.handler(async () => {
      const { members, ...facts } = await team.read();
      return { ...facts, items: [...members] };
    }),
    getMember: os.getMember.handler(async ({ input: { login } }) => {
      const found = (await team.read()).members.find((member) => member.login === login);
      if (found !== undefined) return found;
      throw new AstridError('sync/member-not-found', `${login} is no member of this project.`, { login });
    }),
    putMember: os.putMember.handler(async ({ input: { login, role } }) => ({
      login,
      role,
      password: await team.letIn(login, role),
    })),
    removeMember: os.removeMember.handler(async ({ input: { login } }) => {
      await team.shutOut(login);
      return { login, isMember: false as const };
    }),
  };
}
