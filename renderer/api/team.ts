import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Member, NewProject, Team } from '../../core/api/contract/index.ts';
import { client } from './client.ts';
import { keys } from './queries.ts';

const teamKey = [...keys.sync, 'team'] as const;

/** The connected project and who is in it, asked of the catalogue. */
export function useTeam() {
  return useQuery({
    queryKey: teamKey,
    queryFn: ({ signal }): Promise<Team> => client.team.listMembers(undefined, { signal }),
    retry: false,
  });
}

/** Lets somebody in, or gives a member another role; a password that it answers is kept nowhere. */
export function usePutMember() {
  const queries = useQueryClient();
  return useMutation({
    gcTime: 0,
    mutationFn: (member: Pick<Member, 'login' | 'role'>) => client.team.putMember(member),
    onSettled: () => queries.invalidateQueries({ queryKey: teamKey }),
  });
}

/** Shuts somebody out. */
export function useRemoveMember() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (login: string) => client.team.removeMember({ login }),
    onSettled: () => queries.invalidateQueries({ queryKey: teamKey }),
  });
}

/** Begins a project; a password that it answers is kept nowhere. */
export function useCreateProject() {
  return useMutation({
    gcTime: 0,
    mutationFn: (wanted: NewProject) => client.team.createProject(wanted),
  });
}
