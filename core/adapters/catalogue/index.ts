export * from './administer.ts';
export type { CatalogueAddress } from './connect.ts';
export * from './list-projects.ts';
export { MEMBER_ROLES, type MemberRole, type ProjectMember, type ProjectTeam } from './manage-members.ts';
export { type CatalogueMigration, readCatalogueMigrations } from './migrate-catalogue.ts';
export * from './open-catalogue.ts';
