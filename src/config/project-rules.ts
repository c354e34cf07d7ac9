// How what files say about projects becomes one. Rule: a repository says nothing about them, since it may be the client's own; of two
// files that may, the outer one's project stands.
import type { Project } from '../domain/project.ts';
import type { Finding, Layer } from './layer.ts';

/** Takes over what a file says, or refuses it. `origins` gains the path of each project. */
export function mergeProjects(
  outer: readonly Project[],
  { file, kind, settings }: Layer,
  origins: Record<string, string>,
): { readonly projects: readonly Project[]; readonly findings: readonly Finding[] } {
  const said = settings.projects ?? [];
  if (said.length > 0 && kind !== 'managed' && kind !== 'user') {
    const message = 'Of "projects" in a repository\'s file only the limits count.';
    const hint = 'Put "projects" into your own file, ~/.config/tollgate/config.json.';
    return {
      projects: outer,
      findings: [{ file, segments: ['projects'], kind: 'refused', message, hint }],
    };
  }
  const isNew = ({ id }: Project) => !outer.some((each) => each.id === id);
  const added = said.filter(isNew);
  for (const { id } of added) origins[`projects.${id}`] = file;
  const findings = said
    .filter((project) => !isNew(project))
    .map(({ id }): Finding => {
      const setBy = origins[`projects.${id}`] ?? 'an outer file';
      return {
        ...{ file, segments: ['projects', id], kind: 'refused' },
        message: `The project "${id}" stays as it is set in ${setBy}.`,
        hint: `Change ${setBy}, or give this project another id.`,
      };
    });
  return { projects: [...outer, ...added], findings };
}
